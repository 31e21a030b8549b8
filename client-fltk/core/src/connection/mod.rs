//! The connection to a server: it keeps itself up, takes requests without blocking, and tells what it hears.
//!
//! ```text
//! Client ── queue of requests ──> writer task ──┐
//!   │                                           ├── stream
//!   └ wish (online?) ─> supervisor      reader task ──> EventStream
//! ```

mod account;
mod backoff;
mod calls;
mod events;
mod handshake;
mod incoming;
mod link;
mod notary;
mod numbers;
mod options;
mod session;
mod strong;
mod supervisor;
mod trust;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::watch;
use uchat_codec::chat::CallError;
use uchat_codec::{EncodeError, Value};

pub use backoff::Backoff;
pub use calls::{Answer, AskError};
pub use events::EventStream;
pub use options::{Connector, Dialled, Dialling, Options, Stream, Suite, Tcp};
pub use trust::VerifyError;

use self::link::Shared;
use self::supervisor::{Supervisor, Wish};
use crate::event::Safety;
use crate::request::Registration;
use crate::state::ConversationId;
use crate::{Home, Place, Request, Secret};

/// Why a request was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// There is no connection now.
    #[error("not connected")]
    NotConnected,
    /// The server takes requests more slowly than they come.
    #[error("too many requests are waiting to be sent")]
    QueueFull,
    /// It would not fit into one frame.
    #[error("a message of {length} bytes where {max} are allowed")]
    TooLong {
        /// How long it is.
        length: usize,
        /// How long it may be.
        max: usize,
    },
    /// Only a connection over the strong suite knows keys.
    #[error("this needs the strong suite")]
    NotStrong,
    /// The wire has no place for such a value.
    #[error("this can't be sent: {0}")]
    Unsendable(#[from] EncodeError),
}

impl RequestError {
    /// Whether the same request may be taken later.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::NotConnected | Self::QueueFull)
    }
}

/// A handle to the connection; clones share it. When the last one is dropped, what is queued is sent and the
/// connection ends.
#[derive(Clone, Debug)]
pub struct Client {
    shared: Arc<Shared>,
    wish: Arc<watch::Sender<Wish>>,
    calls: Arc<AtomicU64>,
    home: Home,
    server: Arc<str>,
}

impl Client {
    /// Begins to connect, on the current tokio runtime.
    pub fn start(options: Options) -> (Self, EventStream) {
        let (sink, stream) = events::EventSink::new(options.queued_events, options.queued_event_bytes);
        let (wish, wishes) = watch::channel(Wish::Online);
        let shared = Arc::new(Shared::default());
        if let Some(username) = &options.account {
            shared.account().remember(username);
        }
        let (home, server) = (options.home.clone(), options.server.as_str().into());
        tokio::spawn(Supervisor::new(options, Arc::clone(&shared), wishes, sink).run());
        let client = Self { shared, wish: Arc::new(wish), calls: Arc::new(AtomicU64::new(1)), home, server };
        (client, stream)
    }

    /// Queues a request. Never waits.
    pub fn request(&self, request: &Request) -> Result<(), RequestError> {
        self.shared.request(request)
    }

    /// Makes an account.
    pub fn register(&self, registration: Registration) -> Result<(), RequestError> {
        self.request(&Request::Register(registration))
    }

    /// Logs in. After a connection that ended unwanted the client does it again by itself.
    pub fn login(&self, username: &str, password: impl Into<Secret>) -> Result<(), RequestError> {
        self.request(&Request::Login { username: username.into(), password: password.into() })
    }

    /// Logs in without a password, over the strong suite, to an account that has logged in from this home before. It
    /// is also what the client does by itself after a connection that ended unwanted.
    pub fn login_with_key(&self, username: &str) -> Result<(), RequestError> {
        self.request(&Request::LoginWithKey { username: username.into() })
    }

    /// Changes the password; the answer carries the number that this gives. The client comes back with the new one.
    pub fn change_password(
        &self,
        old: impl Into<Secret>,
        new: impl Into<Secret>,
    ) -> Result<u64, RequestError> {
        let id = self.next_call();
        self.request(&Request::ChangePassword { id, old: old.into(), new: new.into() })?;
        Ok(id)
    }

    /// Asks a user, by name, to become a friend.
    pub fn add_friend(&self, username: &str) -> Result<(), RequestError> {
        self.request(&Request::AddFriend(username.into()))
    }

    /// Ends a friendship, by name.
    pub fn delete_friend(&self, username: &str) -> Result<(), RequestError> {
        self.request(&Request::DeleteFriend(username.into()))
    }

    /// Accepts or refuses a friend request.
    pub fn resolve_friend_request(&self, requester: u64, accept: bool) -> Result<(), RequestError> {
        self.request(&Request::ResolveFriendRequest { requester, accept })
    }

    /// Sends text in the given size (points) and colour (`#rrggbb`).
    pub fn send_text(
        &self,
        to: ConversationId,
        text: &str,
        size: u32,
        colour: &str,
    ) -> Result<(), RequestError> {
        self.request(&Request::text(to, text, size, colour)?)
    }

    /// Sends an image, or any other file.
    pub fn send_image(&self, to: ConversationId, content: Bytes) -> Result<(), RequestError> {
        self.request(&Request::image(to, content, None)?)
    }

    /// Sends a message of any content.
    pub fn send_raw(&self, to: ConversationId, message: Value) -> Result<(), RequestError> {
        self.request(&Request::Send { to, message })
    }

    /// Becomes a member of a room.
    pub fn join_room(&self, room: u64) -> Result<(), RequestError> {
        self.request(&Request::JoinRoom(room))
    }

    /// Makes a room.
    pub fn create_room(&self, name: &str) -> Result<(), RequestError> {
        self.request(&Request::CreateRoom(name.into()))
    }

    /// Asks who is in a room.
    pub fn query_room_users(&self, room: u64) -> Result<(), RequestError> {
        self.request(&Request::QueryRoomUsers(room))
    }

    /// Asks for a value to be sent back.
    pub fn echo(&self, value: Value) -> Result<(), RequestError> {
        self.request(&Request::Echo(value))
    }

    /// Calls a named operation; the answer carries the number that this gives.
    pub fn call(&self, name: &str, args: Value) -> Result<u64, RequestError> {
        let id = self.next_call();
        self.request(&Request::Call { id, name: name.into(), args })?;
        Ok(id)
    }

    /// Calls a named operation and gives its answer, which is not told as an event.
    ///
    /// # Errors
    ///
    /// [`AskError`]; also an answer that is no `T` is a refusal, with the code `strange`.
    pub async fn ask<T: DeserializeOwned>(&self, name: &str, args: &impl Serialize) -> Result<T, AskError> {
        self.read_answer(self.begin_ask(name, args)?).await
    }

    /// The same in two steps: the call is queued when this returns.
    ///
    /// # Errors
    ///
    /// [`AskError::NotAsked`].
    pub fn begin_ask(&self, name: &str, args: &impl Serialize) -> Result<Answer, AskError> {
        let args = uchat_codec::to_value(args).map_err(RequestError::from)?;
        let id = self.next_call();
        Ok(self.shared.ask(&Request::Call { id, name: name.into(), args }, id)?)
    }

    /// Waits for the answer of a call.
    ///
    /// # Errors
    ///
    /// As [`ask`](Self::ask).
    pub async fn read_answer<T: DeserializeOwned>(&self, answer: Answer) -> Result<T, AskError> {
        let value = answer.get().await?;
        uchat_codec::from_value(value).map_err(|error| {
            AskError::Refused(CallError { code: "strange".into(), message: error.to_string() })
        })
    }

    /// Waits for the next login that works: of this connection, if it has none yet, or of the next one.
    pub async fn logged_in_again(&self) {
        self.shared.logged_in_again().await;
    }

    /// Searches users by the beginning of their name; the answer is that of a call.
    pub fn search_users(&self, prefix: &str, limit: u32) -> Result<u64, RequestError> {
        let id = self.next_call();
        self.request(&Request::search_users(id, prefix, limit)?)?;
        Ok(id)
    }

    /// Asks for the safety number of a friend, by number; the answer is [`Event::SafetyNumber`](crate::Event::SafetyNumber).
    pub fn ask_safety_number(&self, user: u64) -> Result<(), RequestError> {
        if self.is_connected() && !self.shared.is_strong() {
            return Err(RequestError::NotStrong);
        }
        notary::ask(user).map_or(Ok(()), |request| self.request(&request))
    }

    /// Remembers that the user has compared the safety number that was shown last for this friend. From then on another
    /// key of the friend gives a warning. Blocks while a small file is written.
    pub fn verify(&self, user: u64) -> Result<Safety, VerifyError> {
        self.shared.trust().verify(user, &self.home, &self.server)
    }

    /// Up to where the conversations of this account (the user's number) are safe from an earlier time. Said before the
    /// login, only what is new comes with it; what is missing between is fetched in any case.
    pub fn remember(&self, user: u64, have: impl IntoIterator<Item = (u64, u64)>) {
        let request = self.shared.numbers().remember(user, have);
        self.shared.say(request);
    }

    /// The messages of these places are safe here and need not come again. Without a connection it is said later.
    pub fn confirm(&self, places: &[Place]) {
        let request = self.shared.numbers().confirm(places);
        self.shared.say(request);
    }

    /// Up to where everything of a conversation (the server's number) is safe here.
    pub fn safe_up_to(&self, conversation: u64) -> Option<u64> {
        self.shared.numbers().safe_up_to(conversation)
    }

    /// The user has read up to this place; `quiet` if others are not to know. Without a connection it is forgotten.
    pub fn read(&self, up_to: Place, quiet: bool) {
        let request = self.shared.numbers().read(up_to, quiet);
        self.shared.say(request);
    }

    /// Asks for messages before a place; the answer is [`Event::Fetched`](crate::Event::Fetched). False if the server does
    /// not number messages, or there is no connection.
    pub fn older(&self, before: Place, limit: usize) -> bool {
        let request = self.shared.numbers().older(before, limit);
        request.is_some_and(|request| self.request(&request).is_ok())
    }

    /// A number for a call that this client has not used yet.
    pub fn next_call(&self) -> u64 {
        self.calls.fetch_add(1, Ordering::Relaxed)
    }

    /// Connects again now: after a kick, after [`disconnect`](Self::disconnect), or instead of waiting any longer.
    pub fn connect(&self) {
        self.wish.send_replace(Wish::Online);
    }

    /// Sends what is queued, ends the connection and forgets the password.
    pub fn disconnect(&self) {
        self.wish.send_replace(Wish::Offline);
    }

    /// Whether requests are taken now.
    pub fn is_connected(&self) -> bool {
        self.shared.is_connected()
    }
}
