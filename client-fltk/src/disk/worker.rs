//! The thread of the disk.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender};

use bytes::Bytes;
use uchat_client_core::store::{LocalStore, Page, Position as Place, StoreError, Stored, Wanted};
use uchat_client_core::{Arrived, ConversationId, Home};

use super::{Found, Job, Position, Reply};
use crate::conversation::{Delivery, Row, RowKey};
use crate::network::Bell;

/// A larger file is not sent: more does not fit into a frame.
const MAX_FILE: u64 = 32 * 1024 * 1024;
/// How many messages are shown before and after a found one.
const AROUND: usize = 60;

/// Does one job after another.
pub(super) struct Worker {
    home: Home,
    replies: Sender<Reply>,
    bell: Bell,
    store: Option<LocalStore>,
}

impl Worker {
    pub(super) fn new(home: Home, replies: Sender<Reply>, bell: Bell) -> Self {
        Self { home, replies, bell, store: None }
    }

    /// Works until the window has gone.
    pub(super) fn run(mut self, jobs: &Receiver<Job>) {
        for job in jobs {
            match job {
                Job::Finish => return,
                job => {
                    if let Err(error) = self.work(job) {
                        self.tell(Reply::Failed(error.to_string()));
                    }
                }
            }
        }
    }

    fn tell(&self, reply: Reply) {
        // Nobody listens any more when the window has gone; then the loop ends too.
        let _ = self.replies.send(reply);
        self.bell.ring();
    }

    fn work(&mut self, job: Job) -> Result<(), StoreError> {
        match job {
            Job::Open(dir) => return self.open(&dir),
            Job::Close => self.store = None,
            Job::SaveFile { name, data } => match self.home.save_file(&name, &data) {
                Ok(_) => self.tell(Reply::Saved(name)),
                Err(error) => self.tell(Reply::Failed(error.to_string())),
            },
            Job::ReadFile { to, path } => self.tell(Reply::Read(to, read_file(&path))),
            Job::Copy { from, to } => match fs::copy(&from, &to) {
                Ok(_) => self.tell(Reply::Copied(to)),
                Err(error) => self.tell(Reply::Failed(format!("{}: {error}", to.display()))),
            },
            Job::Finish => {}
            job => {
                if let Some(mut store) = self.store.take() {
                    let done = self.with_store(&mut store, job);
                    self.store = Some(store);
                    return done;
                }
            }
        }
        Ok(())
    }

    fn open(&mut self, dir: &Path) -> Result<(), StoreError> {
        let store = LocalStore::open(dir)?;
        if let Some(aside) = store.damaged() {
            self.tell(Reply::Failed(format!("history.db → {}", aside.display())));
        }
        let snapshot = store.load()?;
        if let Some(me) = snapshot.me {
            let (unsent, have) = (store.outgoing()?, store.safe()?);
            let (contacts, drafts) = (snapshot.contacts, snapshot.drafts);
            let (uploads, wanted) = (store.uploads()?, store.wanted()?);
            self.tell(Reply::Restored { me, contacts, drafts, unsent, have, uploads, wanted });
        }
        self.store = Some(store);
        Ok(())
    }

    fn with_store(&self, store: &mut LocalStore, job: Job) -> Result<(), StoreError> {
        match job {
            Job::Record { messages, live } => self.record(store, &messages, live)?,
            Job::SaveContacts { me, contacts } => store.save_contacts(&me, &contacts)?,
            Job::Show { id, limit, unread } => {
                let page =
                    store.newest(id, limit.max(usize::try_from(unread).unwrap_or(0).saturating_add(20)))?;
                store.mark_read(id)?;
                let unread_from = first_unread(&page, unread);
                let oldest = store.oldest_number(id)?;
                self.shown(id, page, oldest, unread_from, None);
            }
            Job::ShowAround { id, position } => {
                let place = place_of(position);
                let mut page = store.before(id, Place { row: place.row + 1, ..place }, AROUND)?;
                let after = store.after(id, place, AROUND)?;
                page.rows.extend(after.rows);
                page.more_after = after.more_after;
                let key = RowKey::Stored { time: position.time, row: position.row };
                let oldest = store.oldest_number(id)?;
                self.shown(id, page, oldest, None, Some(key));
            }
            Job::Older { id, position, limit } => {
                let page = store.before(id, place_of(position), limit)?;
                let oldest = store.oldest_number(id)?;
                self.tell(Reply::Older { id, more: page.more_before, rows: rows(page.rows), oldest });
            }
            Job::Newer { id, position, limit } => {
                let page = store.after(id, place_of(position), limit)?;
                self.tell(Reply::Newer { id, more: page.more_after, rows: rows(page.rows) });
            }
            Job::MarkRead(id) => store.mark_read(id)?,
            Job::SetSafe(safe) => {
                for (id, server, up_to) in safe {
                    store.set_safe(id, server, up_to)?;
                }
            }
            Job::ForgetNumbers => store.forget_numbers()?,
            Job::PutOutgoing(unsent) => store.put_outgoing(&unsent)?,
            Job::RemoveOutgoing(id) => store.remove_outgoing(id)?,
            Job::PutUpload(upload) => store.put_upload(&upload)?,
            Job::RemoveUpload(id) => store.remove_upload(id)?,
            Job::PutWanted(Wanted { sha256, name, path }) => {
                store.put_wanted(sha256, &name, path.as_deref())?;
            }
            Job::RemoveWanted(sha256) => store.remove_wanted(sha256)?,
            Job::Draft { id, text } => store.save_draft(id, &text)?,
            Job::Search { text, limit } => {
                let found = store.search(&text, None, limit)?.into_iter().map(found).collect();
                self.tell(Reply::Found { text, found });
            }
            _ => {}
        }
        Ok(())
    }

    fn record(&self, store: &mut LocalStore, messages: &[Arrived], live: bool) -> Result<(), StoreError> {
        if live {
            for stored in store.record_live_all(messages)? {
                self.tell(Reply::Arrived { id: stored.conversation, rows: rows(vec![stored]) });
            }
        } else {
            store.record_bundle(messages)?;
        }
        let place = |arrived: &Arrived| Some((ConversationId::of(&arrived.message)?, arrived.place?));
        let safe: Vec<_> = messages.iter().filter_map(place).collect();
        if !safe.is_empty() {
            self.tell(Reply::Safe(safe));
        }
        Ok(())
    }

    fn shown(
        &self,
        id: ConversationId,
        page: Page,
        oldest: Option<u64>,
        unread_from: Option<RowKey>,
        reveal: Option<RowKey>,
    ) {
        let (more_before, more_after) = (page.more_before, page.more_after);
        let rows = rows(page.rows);
        self.tell(Reply::Shown { id, rows, more_before, oldest, more_after, unread_from, reveal });
    }
}

fn place_of(position: Position) -> Place {
    Place { time: position.time, row: position.row }
}

fn key_of(stored: &Stored) -> RowKey {
    RowKey::Stored { time: stored.position.time, row: stored.position.row }
}

/// The first of the last so many messages. Own ones among them make the mark stand a little early, never too late.
fn first_unread(page: &Page, unread: u64) -> Option<RowKey> {
    let unread = usize::try_from(unread).ok().filter(|unread| *unread > 0)?;
    page.rows.get(page.rows.len().saturating_sub(unread)).map(key_of)
}

fn rows(stored: Vec<Stored>) -> Vec<Row> {
    let row = |stored: Stored| Row {
        key: key_of(&stored),
        sender_id: stored.sender_id,
        sender_name: stored.sender_name,
        // The window knows who it is.
        own: false,
        time: stored.position.time,
        content: stored.content,
        delivery: Delivery::Sent,
        number: stored.number,
    };
    stored.into_iter().map(row).collect()
}

fn found(found: uchat_client_core::store::Found) -> Found {
    let position = Position { time: found.stored.position.time, row: found.stored.position.row };
    Found {
        id: found.stored.conversation,
        position,
        sender: found.stored.sender_name,
        time: position.time,
        snippet: found.snippet,
    }
}

/// What a file is called, and what is in it.
fn read_file(path: &PathBuf) -> Result<(String, Bytes), String> {
    use std::io::Read as _;
    let told = |error: std::io::Error| format!("{}: {error}", path.display());
    let file = fs::File::open(path).map_err(told)?;
    let size = file.metadata().map_err(told)?;
    if !size.is_file() || size.len() > MAX_FILE {
        return Err(format!("{}: > {} MB", path.display(), MAX_FILE / 1024 / 1024));
    }
    let mut content = Vec::new();
    // A file that grows meanwhile is cut off here too.
    file.take(MAX_FILE).read_to_end(&mut content).map_err(told)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok((name, content.into()))
}
