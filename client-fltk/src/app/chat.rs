//! The open conversation: showing it, writing into it, files.

use std::path::PathBuf;

use bytes::Bytes;
use uchat_client_core::state::{Content, Outgoing, Preview, SendState};
use uchat_client_core::{Command, ConversationId, Request};
use uchat_codec::chat::{RECALL, RecallAsked};
use uchat_codec::to_value;

use super::order::Order;
use super::{App, Page, now};
use crate::conversation::inside::instead;
use crate::conversation::{Asked, Delivery, Row, RowKey};
use crate::disk::{Position, Reply};

/// How many messages one page has.
pub(super) const PAGE: usize = 120;
/// No longer draft is kept.
const MAX_DRAFT: usize = 64 * 1024;
/// No longer text is written and sent at once, in bytes.
pub const MAX_TEXT: usize = 1024 * 1024;

impl App {
    pub(super) fn open(&mut self, id: ConversationId) {
        self.page = Page::Chat;
        self.asks_delete = false;
        self.changes.page = true;
        self.changes.contacts = true;
        self.changes.head = true;
        if self.state.open_conversation() != Some(id) {
            let unread = self.state.contact(id).map_or(0, |contact| contact.unread);
            self.command(Command::Open(id));
            self.asked_older = None;
            self.disk.show(id, PAGE, unread);
            self.ask_members(id);
            let draft = self.drafts.get(&id).cloned().unwrap_or_default();
            self.orders.push(Order::Write(draft));
        }
        self.orders.push(Order::FocusMessage);
    }

    /// Loads the newest page again: after a reconnect something may have come in between.
    pub(super) fn show_conversation(&mut self, id: ConversationId) {
        self.disk.show(id, PAGE, 0);
    }

    pub(super) fn reply(&mut self, reply: Reply) {
        let open = self.state.open_conversation();
        match reply {
            Reply::Shown { id, rows, more_before, oldest, more_after, unread_from, reveal }
                if open == Some(id) =>
            {
                let more_before = self.has_older(id, more_before, oldest);
                let names = matches!(id, ConversationId::Room(_));
                let rows = self.own(id, rows);
                self.orders.push(Order::Show { rows, more_before, more_after, names, unread_from });
                self.show_outgoing();
                if let Some(key) = reveal {
                    self.orders.push(Order::Reveal(key));
                }
            }
            Reply::Older { id, rows, more, oldest } if open == Some(id) => {
                let more = self.has_older(id, more, oldest);
                let rows = self.own(id, rows);
                self.orders.push(Order::Prepend(rows, more));
            }
            Reply::Newer { id, rows, more } if open == Some(id) => {
                let rows = self.own(id, rows);
                self.orders.push(Order::Append(rows, more));
            }
            Reply::Arrived { id, rows } if open == Some(id) => {
                self.disk.mark_read(id);
                let rows = self.own(id, rows);
                self.orders.push(Order::Arrived(rows));
            }
            Reply::Restored { me, contacts, drafts, unsent, have, uploads, wanted } => {
                self.drafts = drafts.into_iter().collect();
                if let Some(client) = self.network.current() {
                    client.remember(me.id, have);
                }
                self.command(Command::Restore { me, contacts });
                self.outbox = unsent.iter().map(|unsent| unsent.id).collect();
                self.command(Command::RestoreOutgoing(unsent));
                self.restore_files(uploads, wanted);
            }
            Reply::Safe(places) => self.safe(&places),
            Reply::Read(to, Ok((name, content))) => self.send_to(to, content, Some(name)),
            Reply::Read(_, Err(why)) | Reply::Failed(why) => {
                let text = self.texts.with("t-disk-failed", &[("why", why.into())]);
                self.tell(text);
            }
            Reply::Saved(name) => self.orders.push(Order::FileReady(name)),
            Reply::Copied(path) => {
                let text = self.texts.with("t-saved", &[("path", path.display().to_string().into())]);
                self.tell(text);
            }
            Reply::Found { text, found } if text == self.searched => {
                self.found = found;
                self.changes.page = true;
            }
            _ => {}
        }
    }

    /// Marks the rows that are the user's own, with how far they have come.
    fn own(&self, id: ConversationId, mut rows: Vec<Row>) -> Vec<Row> {
        let me = self.state.me().map(|me| me.id);
        for row in &mut rows {
            row.own = me == Some(row.sender_id);
            if row.own {
                row.delivery = self.delivery(id, row);
            }
        }
        rows
    }

    pub(super) fn show_outgoing(&mut self) {
        let Some(open) = self.state.open_conversation() else { return };
        let me = self.state.me();
        let row = |outgoing: &Outgoing| Row {
            key: RowKey::Outgoing(outgoing.id),
            sender_id: me.map_or(0, |me| me.id),
            sender_name: me.map(|me| me.username.clone()).unwrap_or_default(),
            own: true,
            time: outgoing.time,
            content: outgoing.content.clone(),
            delivery: match outgoing.state {
                SendState::Sending => Delivery::Sending,
                SendState::Failed => Delivery::Failed,
            },
            number: None,
        };
        let mut rows: Vec<Row> =
            self.state.outgoing().filter(|outgoing| outgoing.to == open).map(row).collect();
        rows.extend(self.rows_of_files(open));
        self.orders.push(Order::Outgoing(rows));
    }

    pub(super) fn send_text(&mut self, text: &str) {
        let Some(open) = self.state.open_conversation() else { return };
        let text = text.trim_end();
        if text.trim().is_empty() {
            return;
        }
        if text.len() > MAX_TEXT {
            return self.too_long();
        }
        if !self.state.can_send() {
            let said = self.texts.get("t-too-many-waiting");
            return self.tell(said);
        }
        let (size, colour) = (self.settings.text_size, self.settings.text_colour.clone());
        match Request::text(open, text, size, colour) {
            Ok(Request::Send { to, message }) => self.command(Command::Send { to, message, time: now() }),
            Ok(_) => {}
            Err(error) => return self.tell(error.to_string()),
        }
        self.drafts.remove(&open);
        self.disk.save_draft(open, String::new());
        self.orders.push(Order::Write(String::new()));
    }

    pub(super) fn too_long(&mut self) {
        let said = self.texts.get("t-text-too-long");
        self.tell(said);
    }

    pub(super) fn draft(&mut self, mut text: String) {
        let Some(open) = self.state.open_conversation() else { return };
        let end = (0..=MAX_DRAFT.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        self.disk.save_draft(open, text.clone());
        if text.is_empty() {
            self.drafts.remove(&open);
        } else {
            self.drafts.insert(open, text);
        }
    }

    /// Texts that did not get out are drafts from now on: nothing that was written goes with the window. (A file is
    /// still where it was.)
    pub(super) fn keep_unsent(&mut self) {
        let unsent: Vec<_> = self
            .state
            .outgoing()
            .filter(|outgoing| outgoing.state == SendState::Failed)
            .filter_map(|outgoing| Some((outgoing.to, outgoing.content.text()?.to_owned())))
            .collect();
        for (to, text) in unsent {
            let draft = self.drafts.entry(to).or_default();
            *draft = if draft.is_empty() { text } else { format!("{text}\n{draft}") };
            self.disk.save_draft(to, draft.clone());
        }
    }

    pub(super) fn attach(&mut self, path: PathBuf) {
        let Some(open) = self.state.open_conversation() else { return };
        if !self.send_in_pieces(open, &path) {
            self.disk.read_file(open, path);
        }
    }

    pub(super) fn send_file(&mut self, content: Vec<u8>) {
        if let Some(open) = self.state.open_conversation() {
            // What was pasted has no name.
            self.send_to(open, content.into(), None);
        }
    }

    fn send_to(&mut self, to: ConversationId, content: Bytes, name: Option<String>) {
        if !self.state.can_send() {
            let said = self.texts.get("t-too-many-waiting");
            return self.tell(said);
        }
        match Request::image(to, content, name) {
            Ok(Request::Send { to, message }) => self.command(Command::Send { to, message, time: now() }),
            Ok(_) => {}
            Err(error) => self.tell(error.to_string()),
        }
    }

    pub(super) fn asked(&mut self, asked: Asked) {
        let Some(open) = self.state.open_conversation() else { return };
        match asked {
            Asked::Older(key) => self.ask_older(open, key),
            Asked::Newer(key) => self.disk.newer(open, Position::of(key), PAGE),
            Asked::Link(link) => self.orders.push(Order::OpenOutside(link)),
            Asked::OpenImage(attachment) => self.go(Page::Image(attachment)),
            Asked::OpenFile(attachment) => {
                let path = self.home.files_dir().join(attachment.file_name());
                self.orders.push(Order::OpenOutside(path.display().to_string()));
            }
            Asked::SaveFile(attachment) => {
                let path = self.home.files_dir().join(attachment.file_name());
                let ours = || format!("uchat-{}.{}", &attachment.sha256[..8], attachment.extension);
                let name = if attachment.name.is_empty() { ours() } else { attachment.name.clone() };
                self.orders.push(Order::SaveAs(path, name));
            }
            Asked::GetFile(file) => self.fetch_file(file.sha256, &file.name),
            Asked::CancelFile(sha256) => self.cancel_file(sha256),
            Asked::OpenFetched(sha256) => self.open_fetched(sha256, false),
            Asked::OpenFolder(sha256) => self.open_fetched(sha256, true),
            Asked::ResendFile(id) => self.resend_file(id),
            Asked::DropFile(id) => self.drop_file(id),
            Asked::Retry(id) => self.command(Command::Retry { id, time: now() }),
            Asked::TakeBack(number) => self.take_back(open, number),
            Asked::Discard(id) => self.command(Command::Discard(id)),
            Asked::Person(id, name) => self.member(id, &name),
            Asked::AtNewest => self.disk.mark_read(open),
            Asked::ToNewest => self.show_conversation(open),
        }
    }

    /// Takes back an own message; that it is done comes as a message.
    fn take_back(&mut self, id: ConversationId, number: u64) {
        let numbering = self.state.contact(id).and_then(|contact| contact.numbering.as_ref());
        let Some(conversation) = numbering.map(|numbering| numbering.conversation) else { return };
        let Ok(args) = to_value(&RecallAsked { conversation, number }) else { return };
        let call = self.network.current().map(|client| client.call(RECALL, args));
        self.recall_call = call.and_then(Result::ok);
    }

    /// The last message as one line of the list.
    pub fn preview(&self, last: &Preview, id: ConversationId) -> String {
        if let Some(line) = self.texts.of_line(&last.sender_name, &last.content) {
            return line;
        }
        let text = match &last.content {
            Content::Text { text, .. } => text.split_whitespace().collect::<Vec<_>>().join(" "),
            Content::File(file) if file.is_image() => self.texts.get("t-preview-image"),
            Content::File(file) => {
                format!("{} {}", self.texts.get("t-preview-file"), file.name).trim_end().to_owned()
            }
            Content::Shared(file) => {
                format!("{} {}", self.texts.get("t-preview-file"), file.name).trim_end().to_owned()
            }
            other @ Content::Other(_) if other.taken_back().is_some() => instead(&self.texts, other),
            Content::System { .. } | Content::Other(_) => self.texts.get("t-preview-other"),
        };
        let own = self.state.me().is_some_and(|me| me.username == last.sender_name);
        match (id, own) {
            (_, true) => self.texts.with("t-preview-own", &[("text", text.into())]),
            (ConversationId::Room(_), false) if !last.sender_name.is_empty() => {
                format!("{}: {text}", last.sender_name)
            }
            _ => text,
        }
    }
}
