//! The pages of the right pane, and the settings.

use std::rc::Rc;

use uchat_client_core::{Command, ConversationId};

use super::order::{Changes, Order};
use super::{App, Page, Setting, theme_of};
use crate::settings::Settings;
use crate::texts::Texts;

/// How many found messages are shown.
const FOUND: usize = 200;
/// The sizes of written text that can be chosen.
pub const TEXT_SIZES: [u32; 5] = [13, 15, 18, 22, 28];
/// The colours of written text that can be chosen.
pub const TEXT_COLOURS: [&str; 8] =
    ["#000000", "#c62828", "#d8730b", "#2e7d32", "#00838f", "#1d73c4", "#6d55c9", "#ad1a72"];

impl App {
    pub(super) fn go(&mut self, page: Page) {
        self.asks_delete = false;
        (self.desk.asks, self.desk.filter) = (None, String::new());
        self.desk.note.clear();
        if page == Page::New {
            self.friend_note.clear();
            self.room_note.clear();
            self.found_users.clear();
        }
        if let (Page::Details, Some(open)) = (&page, self.state.open_conversation()) {
            self.ask_members(open);
            self.ask_safety();
        }
        if page == Page::Password {
            self.password = super::trust::PasswordForm::default();
        }
        self.page = page;
        self.changes.page = true;
        self.changes.head = true;
    }

    pub(super) fn back(&mut self) {
        self.changes.head = true;
        self.changes.page = true;
        self.changes.contacts = true;
        if self.page == Page::Chat {
            self.command(Command::Close);
        } else if matches!(self.page, Page::Rules | Page::Invite | Page::Member(_)) {
            self.go(Page::Details);
        } else {
            self.page = Page::Chat;
            if self.state.open_conversation().is_some() {
                self.orders.push(Order::FocusMessage);
            }
        }
    }

    pub(super) fn search(&mut self, text: &str) {
        text.trim().clone_into(&mut self.searched);
        if self.searched.is_empty() {
            self.found.clear();
            self.changes.page = true;
        } else {
            self.disk.search(self.searched.clone(), FOUND);
        }
    }

    /// Shows a found message where it was said.
    pub(super) fn reveal(&mut self, at: usize) {
        let Some(found) = self.found.get(at).cloned() else { return };
        self.page = Page::Chat;
        self.changes = Changes { contacts: true, head: true, page: true, ..self.changes };
        self.command(Command::Open(found.id));
        self.disk.show_around(found.id, found.position);
        let draft = self.drafts.get(&found.id).cloned().unwrap_or_default();
        self.orders.push(Order::Write(draft));
    }

    pub(super) fn set(&mut self, setting: Setting) {
        let settings = &mut self.settings;
        match setting {
            Setting::Language(language) => {
                settings.language = Some(language);
                self.texts = Rc::new(Texts::new(language));
            }
            Setting::Theme(theme) => settings.theme = theme,
            Setting::Accent(accent) => settings.accent = accent,
            Setting::SendKey(key) => settings.send_key = key,
            Setting::Notify(on) => settings.notify = on,
            Setting::Sound(on) => settings.sound = on,
            Setting::Addresses(on) => settings.addresses = on,
            Setting::Font(family) => settings.font = family,
            Setting::Downloads(folder) => settings.downloads = folder,
            Setting::StaySignedIn(on) => settings.stay_signed_in = on,
            Setting::TellRead(on) => settings.tell_read = on,
            Setting::TextSize(size) => settings.text_size = size,
            Setting::TextColour(colour) => settings.text_colour = colour,
        }
        self.theme = theme_of(&self.settings, self.dark_system);
        self.save_settings();
        self.changes = Changes::all();
    }

    /// Writes the settings; one that can't be written is told once and changes nothing else.
    pub fn save_settings(&mut self) {
        if let Err(error) = self.settings.save(&Settings::path(self.home.dir())) {
            let text = self.texts.with("t-settings-unsaved", &[("why", error.to_string().into())]);
            self.tell(text);
        }
    }

    /// The name of the open conversation.
    pub fn open_name(&self) -> Option<String> {
        let id = self.state.open_conversation()?;
        Some(self.state.contact(id).map_or_else(|| id.to_string(), |contact| contact.name.clone()))
    }

    /// The second line of the head: presence and address, or the number of the room and its members.
    pub fn head_note(&self) -> String {
        let Some(id) = self.state.open_conversation() else { return String::new() };
        match (id, self.state.contact(id)) {
            (ConversationId::Room(_), Some(contact)) if !contact.listed => self.texts.get("t-head-left"),
            (ConversationId::Room(room), _) => {
                let members = self.state.members(room).unwrap_or_default();
                let online = members.iter().filter(|member| member.online).count();
                let args = [
                    ("room", room.to_string().into()),
                    ("members", members.len().into()),
                    ("online", online.into()),
                ];
                self.texts.with("t-head-room", &args)
            }
            (_, Some(contact)) if !contact.listed => self.texts.get("t-head-former"),
            (_, Some(contact)) => {
                let presence = self.texts.get(if contact.online { "t-online" } else { "t-offline" });
                if self.settings.addresses && !contact.ip.is_empty() {
                    format!("{presence} · {}:{}", contact.ip, contact.port)
                } else {
                    presence
                }
            }
            (_, None) => String::new(),
        }
    }
}
