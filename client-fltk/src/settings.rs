//! What the user has chosen, kept in a file between two starts.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::design::ThemeName;
use crate::design::theme::Accent;
use crate::texts::Language;

/// No settings file of ours is longer than this.
const MAX_FILE: u64 = 64 * 1024;
/// Older sign-in names than these are forgotten.
const MAX_SERVERS: usize = 16;

/// Which key sends what is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SendKey {
    /// Enter sends; Shift+Enter begins a line.
    #[default]
    Enter,
    /// Ctrl+Enter sends; Enter begins a line.
    CtrlEnter,
}

/// How a connection is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SuiteName {
    /// The sound one.
    #[default]
    Strong,
    /// That of the existing programs; chosen by hand for one server.
    Classic,
}

/// Everything that is remembered. A file of an older version keeps its values; unknown ones are ignored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Settings {
    /// The window's language; the system's when it was never chosen.
    pub language: Option<Language>,
    /// Light, dark, or as the system has it.
    pub theme: ThemeName,
    /// The colour of what can be clicked.
    pub accent: Accent,
    /// The family of all text; the one that fits the system when empty.
    pub font: String,
    /// Which key sends.
    pub send_key: SendKey,
    /// Whether messages make a desktop notice while the window is not in front.
    pub notify: bool,
    /// Whether they make a sound.
    pub sound: bool,
    /// Whether those who wrote hear that a message was read.
    pub tell_read: bool,
    /// Whether the contact list shows addresses.
    pub addresses: bool,
    /// Where a file was saved last: the next dialog begins there.
    pub downloads: String,
    /// Size of written text, in points.
    pub text_size: u32,
    /// Colour of written text, `#rrggbb`.
    pub text_colour: String,
    /// `host:port` of the last sign-in.
    pub server: String,
    /// The user who signed in last.
    pub username: String,
    /// Whether the next start signs in by itself.
    pub stay_signed_in: bool,
    /// The server at which `username` is signed in; empty after signing out.
    pub signed_in_at: String,
    /// Servers for which the classic suite was chosen by hand.
    pub classic_servers: Vec<String>,
    /// Place and size of the window: x, y, width, height.
    pub window: Option<[i32; 4]>,
    /// What else was in the file: kept for a newer version.
    #[serde(flatten)]
    pub rest: BTreeMap<String, toml::Value>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: None,
            theme: ThemeName::default(),
            accent: Accent::default(),
            font: String::new(),
            send_key: SendKey::default(),
            notify: true,
            sound: false,
            tell_read: true,
            addresses: true,
            downloads: String::new(),
            text_size: 15,
            text_colour: "#000000".into(),
            server: "127.0.0.1:2333".into(),
            username: String::new(),
            stay_signed_in: true,
            signed_in_at: String::new(),
            classic_servers: Vec::new(),
            window: None,
            rest: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// The file within a home.
    pub fn path(home: &Path) -> PathBuf {
        home.join("client.toml")
    }

    /// Reads the file. One that is missing or can't be read gives the defaults: settings are never worth a refusal to
    /// start.
    pub fn load(path: &Path) -> Self {
        let small = fs::metadata(path).is_ok_and(|found| found.len() <= MAX_FILE);
        let text = if small { fs::read_to_string(path).unwrap_or_default() } else { String::new() };
        toml::from_str(&text).unwrap_or_default()
    }

    /// Writes the file so that a reader sees the old or the new one, never a part.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        let text = toml::to_string_pretty(self).map_err(io::Error::other)?;
        let beside = path.with_extension("toml.new");
        fs::write(&beside, text)?;
        fs::rename(&beside, path)
    }

    /// Which suite this server is spoken to with.
    pub fn suite(&self, server: &str) -> SuiteName {
        if self.classic_servers.iter().any(|known| known == server) {
            SuiteName::Classic
        } else {
            SuiteName::Strong
        }
    }

    /// Remembers the suite for a server.
    pub fn set_suite(&mut self, server: &str, suite: SuiteName) {
        self.classic_servers.retain(|known| known != server);
        if suite == SuiteName::Classic {
            self.classic_servers.push(server.to_owned());
            let surplus = self.classic_servers.len().saturating_sub(MAX_SERVERS);
            self.classic_servers.drain(..surplus);
        }
    }

    /// The language that the window speaks.
    pub fn language(&self) -> Language {
        self.language.unwrap_or_else(Language::of_system)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_survive_a_restart_and_keep_what_they_do_not_know() {
        let dir = tempfile::tempdir().unwrap();
        let path = Settings::path(dir.path());
        fs::write(&path, "theme = \"dark\"\nfrom_the_future = 3\n").unwrap();
        let mut settings = Settings::load(&path);
        assert_eq!(settings.theme, ThemeName::Dark);
        settings.language = Some(Language::Zh);
        settings.window = Some([1, 2, 800, 600]);
        settings.set_suite("10.0.0.1:2333", SuiteName::Classic);
        settings.save(&path).unwrap();
        let again = Settings::load(&path);
        assert_eq!(again, settings);
        assert_eq!(again.suite("10.0.0.1:2333"), SuiteName::Classic);
        assert!(again.rest.contains_key("from_the_future"));
    }

    #[test]
    fn a_damaged_file_gives_the_defaults() {
        let dir = tempfile::tempdir().unwrap();
        let path = Settings::path(dir.path());
        fs::write(&path, "theme = = dark").unwrap();
        assert_eq!(Settings::load(&path), Settings::default());
    }
}
