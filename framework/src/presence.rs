//! Who is online, with which session, and the way to them.

use std::net::SocketAddr;
use std::sync::Arc;

use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use serde::Serialize;
use tokio::sync::Mutex;
use uchat_codec::chat::NamedEvent;
use uchat_codec::{Opcode, opcode};

use crate::context::Context;
use crate::events::{Events, UserOffline, UserOnline};
use crate::reply::Push;
use crate::session::{Session, SharedSession};
use crate::user::{User, UserId};

/// Sign-ins and sign-outs of one user happen one after the other, hooks included, so that the last "online" or
/// "offline" that others hear is the true one. Users share this many locks.
const SIGN_IN_LOCKS: usize = 64;

/// Who is online, and sending to them. A copy is cheap.
#[derive(Clone)]
pub struct Online {
    inner: Arc<Inner>,
}

struct Inner {
    sessions: DashMap<UserId, SharedSession>,
    locks: Vec<Mutex<()>>,
    #[cfg(feature = "testkit")]
    recorder: Option<crate::testkit::Recorder>,
}

impl Online {
    pub(crate) fn new() -> Self {
        Self {
            inner: Arc::new(Inner {
                sessions: DashMap::new(),
                locks: (0..SIGN_IN_LOCKS).map(|_| Mutex::new(())).collect(),
                #[cfg(feature = "testkit")]
                recorder: None,
            }),
        }
    }

    /// An `Online` outside a server that records what is sent, for unit tests of handlers.
    #[cfg(feature = "testkit")]
    pub fn recorder() -> Self {
        Self {
            inner: Arc::new(Inner {
                sessions: DashMap::new(),
                locks: Vec::new(),
                recorder: Some(crate::testkit::Recorder::default()),
            }),
        }
    }

    /// What was sent through a recording `Online` since the last call; empty for a real one.
    #[cfg(feature = "testkit")]
    pub fn sent(&self) -> Vec<(UserId, uchat_codec::Message)> {
        self.inner.recorder.as_ref().map(crate::testkit::Recorder::take).unwrap_or_default()
    }

    /// Whether the user has a session.
    pub fn is_online(&self, user: UserId) -> bool {
        self.inner.sessions.contains_key(&user)
    }

    /// Where the user's session comes from.
    pub fn address(&self, user: UserId) -> Option<SocketAddr> {
        self.session(user).map(|session| session.address())
    }

    /// Who is online over a connection that has proved an identity key, with that key.
    pub fn proved_keys(&self) -> Vec<(UserId, [u8; 32])> {
        let proved = |session: &Session| session.identity().identity_key;
        self.inner.sessions.iter().filter_map(|entry| Some((*entry.key(), proved(entry.value())?))).collect()
    }

    /// How many users are online.
    pub fn count(&self) -> usize {
        self.inner.sessions.len()
    }

    /// Everybody who is online, in no order: a copy, which may be old when it is looked at.
    pub fn users(&self) -> Vec<UserId> {
        self.inner.sessions.iter().map(|entry| *entry.key()).collect()
    }

    /// Sends to a user if online; says whether it was queued. A user that is offline misses it: what must not be
    /// lost goes through the store and [`publish`](Self::publish).
    pub fn send<T: Serialize + ?Sized>(&self, user: UserId, opcode: Opcode, parameters: &T) -> bool {
        self.send_all([user], opcode, parameters) == 1
    }

    /// Sends the same to several users, encoded once; says to how many it was queued.
    pub fn send_all<T: Serialize + ?Sized>(
        &self,
        users: impl IntoIterator<Item = UserId>,
        opcode: Opcode,
        parameters: &T,
    ) -> usize {
        match Push::new(opcode, parameters) {
            Ok(push) => {
                users.into_iter().filter(|user| self.push(*user, Push::encoded(push.bytes.clone()))).count()
            }
            Err(error) => {
                tracing::error!(%opcode, %error, "a push can't be encoded");
                0
            }
        }
    }

    /// Tells a user something by name, such as `acme.poked` (PROTOCOL.md §5): only over the strong suite, since the existing
    /// program knows nothing of it. Says whether it was queued; a user that is offline misses it.
    pub fn tell<T: Serialize + ?Sized>(&self, user: UserId, name: &str, args: &T) -> bool {
        if !self.hears_names(user) {
            return false;
        }
        match uchat_codec::to_value(args) {
            Ok(args) => self.send(user, opcode::NAMED_EVENT, &NamedEvent { name: name.to_owned(), args }),
            Err(error) => {
                tracing::error!(name, %error, "an event can't be encoded");
                false
            }
        }
    }

    /// Whether a user is online with a client that knows named events.
    pub fn hears_names(&self, user: UserId) -> bool {
        #[cfg(feature = "testkit")]
        if self.inner.recorder.is_some() {
            return true;
        }
        self.session(user).is_some_and(|session| session.identity().identity_key.is_some())
    }

    /// Whether a user is online with a client that understands this: see [`Caller::enable`](crate::Caller::enable).
    pub fn has(&self, user: UserId, feature: &str) -> bool {
        self.session(user).is_some_and(|session| session.has(feature))
    }

    /// Like [`tell`](Self::tell), but what finds no room in the user's queue is left out: for what is said again later, or
    /// can be asked for.
    pub fn hint<T: Serialize + ?Sized>(&self, user: UserId, name: &str, args: &T) -> bool {
        let event = uchat_codec::to_value(args)
            .map_err(crate::Error::from)
            .and_then(|args| Push::new(opcode::NAMED_EVENT, &NamedEvent { name: name.to_owned(), args }));
        let push = match event {
            Ok(push) => push,
            Err(error) => {
                tracing::error!(name, %error, "an event can't be encoded");
                return false;
            }
        };
        #[cfg(feature = "testkit")]
        if let Some(recorder) = &self.inner.recorder {
            return recorder.record(user, &push);
        }
        self.session(user).is_some_and(|session| session.outbound.send(push).is_ok())
    }

    /// Sends an encoded push to a user if online.
    pub fn push(&self, user: UserId, push: Push) -> bool {
        #[cfg(feature = "testkit")]
        if let Some(recorder) = &self.inner.recorder {
            return recorder.record(user, &push);
        }
        self.session(user).is_some_and(|session| session.send(push))
    }

    /// Hands an item of the feed to a user's session: see [`Feed`](crate::Feed). Must be called in the order of the
    /// positions. `push` makes it as this client understands it; it isn't called when there is no session.
    pub fn publish(&self, user: UserId, position: u64, push: impl FnOnce(Client<'_>) -> Push) {
        #[cfg(feature = "testkit")]
        if let Some(recorder) = &self.inner.recorder {
            recorder.record(user, &push(Client(None)));
            return;
        }
        if let Some(session) = self.session(user) {
            session.outbound.publish(position, push(Client(Some(&session))));
        }
    }

    /// Has the session of a user read what is new in its feed, for an item that is not [`publish`](Self::publish)ed. An item
    /// that is read this way is not sent again when it is published later.
    pub fn catch_up(&self, user: UserId) {
        if let Some(session) = self.session(user) {
            session.outbound.catch_up();
        }
    }

    /// Closes a user's session after a last push.
    pub fn close(&self, user: UserId, last: Option<Push>) -> bool {
        self.session(user).is_some_and(|session| {
            session.close(last);
            true
        })
    }

    fn session(&self, user: UserId) -> Option<SharedSession> {
        self.inner.sessions.get(&user).map(|entry| Arc::clone(&entry))
    }

    fn lock(&self, user: UserId) -> Option<&Mutex<()>> {
        let count = u64::try_from(self.inner.locks.len()).ok().filter(|n| *n > 0)?;
        usize::try_from(user % count).ok().and_then(|index| self.inner.locks.get(index))
    }
}

/// The client of a session, as who sends to it may know it.
#[derive(Clone, Copy)]
pub struct Client<'a>(Option<&'a Session>);

impl Client<'_> {
    /// Whether it understands this: see [`Caller::enable`](crate::Caller::enable).
    pub fn has(self, feature: &str) -> bool {
        self.0.is_some_and(|session| session.has(feature))
    }
}

/// See [`Caller::sign_in`](crate::Caller::sign_in).
pub(crate) async fn sign_in(
    server: &Arc<Context>,
    session: &Arc<Session>,
    user: User,
    farewell: Push,
) -> User {
    if session.user().is_some_and(|before| before.id != user.id) {
        sign_out(server, session).await;
    }
    let online = &server.online;
    let _turn = match online.lock(user.id) {
        Some(lock) => Some(lock.lock().await),
        None => None,
    };
    let replaced = online.inner.sessions.insert(user.id, Arc::clone(session));
    session.set_user(Some(user.clone()));
    if let Some(old) = replaced.filter(|old| old.id() != session.id()) {
        tracing::info!(user = ?user, old = old.id(), new = session.id(), "kicked: logged in elsewhere");
        old.set_user(None);
        old.close(Some(farewell));
    }
    tracing::info!(user = ?user, session = session.id(), online = online.count(), "online");
    Events::notify(server, UserOnline { user: user.clone(), address: session.address() }).await;
    user
}

/// Ends the session that a user has, unless it is `spared`: writes `last`, takes no more requests, and signs the user out.
pub(crate) async fn end(
    server: &Arc<Context>,
    user: UserId,
    spared: Option<u64>,
    last: impl IntoIterator<Item = Push>,
) -> bool {
    let Some(session) = server.online.session(user).filter(|session| Some(session.id()) != spared) else {
        return false;
    };
    for push in last {
        session.send(push);
    }
    session.close(None);
    sign_out(server, &session).await;
    true
}

/// Signs the session's user out, unless another session has taken over.
pub(crate) async fn sign_out(server: &Arc<Context>, session: &Arc<Session>) {
    let Some(user) = session.user() else { return };
    let online = &server.online;
    let _turn = match online.lock(user.id) {
        Some(lock) => Some(lock.lock().await),
        None => None,
    };
    // It may have been replaced while this waited for its turn.
    let Some(user) = session.user() else { return };
    session.set_user(None);
    if let Entry::Occupied(entry) = online.inner.sessions.entry(user.id)
        && entry.get().id() == session.id()
    {
        entry.remove();
    }
    tracing::info!(user = ?user, session = session.id(), online = online.count(), "offline");
    Events::notify(server, UserOffline { user }).await;
}
