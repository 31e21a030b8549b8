//! What the window says, in Chinese and English. No text stands in the code.

mod room;
mod server;

use std::borrow::Cow;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use serde::{Deserialize, Serialize};
use unic_langid::LanguageIdentifier;

/// A language of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Simplified Chinese.
    Zh,
    /// English.
    En,
}

impl Language {
    /// What the system is set to; English unless that is Chinese.
    pub fn of_system() -> Self {
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
        if set.is_some_and(|name| name.to_lowercase().starts_with("zh")) { Self::Zh } else { Self::En }
    }

    /// The other one of the two.
    #[must_use]
    pub fn other(self) -> Self {
        if self == Self::Zh { Self::En } else { Self::Zh }
    }

    /// Its name for other programs.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    fn sources(self) -> [&'static str; 2] {
        match self {
            Self::En => {
                [include_str!("../../locales/en/main.ftl"), include_str!("../../locales/en/conversation.ftl")]
            }
            Self::Zh => {
                [include_str!("../../locales/zh/main.ftl"), include_str!("../../locales/zh/conversation.ftl")]
            }
        }
    }
}

/// The texts of one language.
pub struct Texts {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Texts").field(&self.language).finish()
    }
}

impl Texts {
    /// Reads the texts of a language; they are part of the program.
    pub fn new(language: Language) -> Self {
        let mut bundle =
            FluentBundle::new(vec![language.tag().parse::<LanguageIdentifier>().unwrap_or_default()]);
        // The marks around inserted texts would be drawn as boxes.
        bundle.set_use_isolating(false);
        for source in language.sources() {
            // A line that can't be read is left out; a test finds it.
            let resource =
                FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource);
            bundle.add_resource_overriding(resource);
        }
        Self { language, bundle }
    }

    /// Which language this is.
    pub fn language(&self) -> Language {
        self.language
    }

    /// A text without anything to fill in.
    pub fn get(&self, key: &str) -> String {
        self.with(key, &[])
    }

    /// A text with names and numbers filled in. An unknown key shows itself.
    pub fn with(&self, key: &str, args: &[(&str, FluentValue<'_>)]) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            return key.to_owned();
        };
        let args: FluentArgs<'_> =
            args.iter().map(|(name, value)| (Cow::from((*name).to_owned()), value.clone())).collect();
        self.bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn keys(language: Language) -> BTreeSet<String> {
        let is_key = |line: &&str| line.starts_with(|c: char| c.is_ascii_lowercase()) && line.contains('=');
        let all = language.sources().concat();
        all.lines()
            .filter(is_key)
            .filter_map(|line| line.split_once('='))
            .map(|(key, _)| key.trim().to_owned())
            .collect()
    }

    /// Every quoted word after a `text`, `get(` or `with(` in the sources of the window.
    fn used() -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let source = std::fs::read_to_string(&path).unwrap();
                    let source = source.split("#[cfg(test)]").next().unwrap();
                    for (at, _) in source.match_indices("\"t-") {
                        let rest = &source[at + 1..];
                        let key = &rest[..rest.find('"').unwrap()];
                        if key != "t-" {
                            found.insert(key.to_owned());
                        }
                    }
                }
            }
        }
        found
    }

    #[test]
    fn both_languages_have_every_text_that_is_used_and_no_other() {
        let used = used();
        for language in [Language::En, Language::Zh] {
            let there = keys(language);
            assert_eq!(
                used.difference(&there).collect::<Vec<_>>(),
                Vec::<&String>::new(),
                "missing in {language:?}"
            );
            assert_eq!(
                there.difference(&used).collect::<Vec<_>>(),
                Vec::<&String>::new(),
                "unused in {language:?}"
            );
        }
    }

    #[test]
    fn every_line_can_be_read() {
        for language in [Language::En, Language::Zh] {
            for source in language.sources() {
                if let Err((_, errors)) = FluentResource::try_new(source.to_owned()) {
                    panic!("{language:?}: {errors:?}");
                }
            }
        }
    }
}
