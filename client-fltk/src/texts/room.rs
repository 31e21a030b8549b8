//! What has changed in a room, in the window's language.

use uchat_client_core::state::Content;

use super::Texts;

/// The lines of the server that this window has words for, with their keys.
const LINES: [(&str, &str); 9] = [
    ("joined", "t-line-joined"),
    ("left", "t-line-left"),
    ("removed", "t-line-removed"),
    ("renamed", "t-line-renamed"),
    ("handed_over", "t-line-handed-over"),
    ("entry", "t-line-entry"),
    ("muted", "t-line-muted"),
    ("voice", "t-line-voice"),
    ("closed", "t-line-closed"),
];

impl Texts {
    /// A line of the server about a change that `actor` has made; none if the content is something else. A change that this
    /// window has no words for is said in the server's.
    pub fn of_line(&self, actor: &str, content: &Content) -> Option<String> {
        let Content::System { line, text } = content else { return None };
        let Some((_, key)) = LINES.iter().find(|(event, _)| *event == line.event) else {
            return Some(format!("{actor} {text}"));
        };
        // The same words for what somebody does alone, and for what is done to somebody else.
        let whether = |so: bool| if so { "yes" } else { "no" };
        let args = [
            ("actor", actor.to_owned().into()),
            ("name", line.name.clone().into()),
            ("alone", whether(line.name == actor).into()),
            ("known", whether(!line.detail.is_empty()).into()),
            ("detail", line.detail.clone().into()),
        ];
        Some(self.with(key, &args))
    }
}

#[cfg(test)]
mod tests {
    use uchat_codec::chat::room::SystemLine;

    use super::super::Language;
    use super::*;

    fn said(language: Language, event: &str, name: &str, detail: &str) -> String {
        let text = "说了什么".to_owned();
        let line = SystemLine { event: event.into(), user: 2, name: name.into(), detail: detail.into() };
        Texts::new(language).of_line("ann", &Content::System { line, text }).unwrap()
    }

    #[test]
    fn every_change_has_words_of_its_own_in_both_languages() {
        let changes = [
            ("joined", "ann", "ann"),
            ("joined", "bob", "bob"),
            ("left", "ann", ""),
            ("left", "ann", "eve"),
            ("removed", "bob", ""),
            ("renamed", "ann", "tea"),
            ("handed_over", "bob", ""),
            ("entry", "ann", "open"),
            ("entry", "ann", "invitation"),
            ("entry", "ann", "approval"),
            ("muted", "ann", "on"),
            ("muted", "ann", "off"),
            ("voice", "bob", "on"),
            ("voice", "bob", "off"),
            ("closed", "ann", ""),
        ];
        for language in [Language::En, Language::Zh] {
            let all: std::collections::BTreeSet<_> =
                changes.iter().map(|(event, name, detail)| said(language, event, name, detail)).collect();
            assert_eq!(all.len(), changes.len(), "{all:?}");
            for words in all {
                assert!(
                    words.starts_with("ann") && !words.contains("t-line") && !words.contains('{'),
                    "{words}"
                );
            }
        }
        assert_eq!(said(Language::En, "removed", "bob", ""), "ann removed bob");
        assert_eq!(said(Language::Zh, "left", "ann", "eve"), "ann 退出了群，群主现为 eve");
        assert_eq!(said(Language::En, "painted", "bob", ""), "ann 说了什么", "a change of times to come");
    }
}
