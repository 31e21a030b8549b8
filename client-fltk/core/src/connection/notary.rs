//! Whose key is whose: our own certificate, safety numbers, and a warning when a verified key changes.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::Serialize;
use uchat_codec::certificate::{
    Certificate, CertificateCheck as _, CertificateError, IssuedBy, certificate_request, from_pem,
};
use uchat_codec::chat::{
    CERTIFICATE, CallError, CertificateOf, Certificates, Contact, REQUEST_CERTIFICATE, RequestCertificate,
};
use uchat_codec::safety::safety_number;
use uchat_codec::{StrongIdentity, Value, from_value, to_value};

use super::link::Shared;
use super::strong::now;
use crate::event::Safety;
use crate::home::Verified;
use crate::{Event, Home, Request};

/// The call for a certificate of our own. The calls of users are counted from 1 and never come so far.
const OWN_CALL: u64 = u64::MAX;
/// With a user's number: the call for a certificate that the user has asked for.
const ASKED_CALLS: u64 = 1 << 62;
/// With a user's number: the call for a certificate by which a verified key is watched.
const WATCH_CALLS: u64 = 1 << 61;
/// How many verified friends may wait to be looked at; as many as a home remembers.
const MAX_WATCHED: usize = 1024;

/// One strong connection's knowledge of keys.
pub(super) struct Notary {
    pub(super) identity: Arc<StrongIdentity>,
    /// The key that the server has proved.
    pub(super) authority: [u8; 32],
    pub(super) server: String,
    pub(super) home: Home,
    pub(super) shared: Arc<Shared>,
    /// Who is logged in.
    pub(super) username: String,
    /// Verified friends whose key is still to be looked at; the first one is on its way.
    pub(super) watched: VecDeque<u64>,
}

/// What an answer to a call is about, if the call was one of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Own,
    Asked(u64),
    Watched(u64),
}

impl Purpose {
    /// Of an answer that carries this number.
    pub(super) fn of(call: u64) -> Option<Self> {
        match call {
            OWN_CALL => Some(Self::Own),
            _ if call & ASKED_CALLS != 0 => Some(Self::Asked(call & (WATCH_CALLS - 1))),
            _ if call & WATCH_CALLS != 0 => Some(Self::Watched(call & (WATCH_CALLS - 1))),
            _ => None,
        }
    }
}

/// The request whose answer becomes a safety number. No user has a number that would not fit.
pub(super) fn ask(user: u64) -> Option<Request> {
    friend_call(ASKED_CALLS, user)
}

fn friend_call(base: u64, user: u64) -> Option<Request> {
    let id = (user < WATCH_CALLS).then_some(base | user)?;
    call(id, CERTIFICATE, &CertificateOf { user })
}

fn call<T: Serialize>(id: u64, name: &str, args: &T) -> Option<Request> {
    Some(Request::Call { id, name: name.into(), args: to_value(args).ok()? })
}

/// What a key that a server shows for somebody is, to who has verified some before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Unknown,
    Verified,
    /// There was a verified one of this number or this name, and it is not this key of this person.
    Changed,
}

impl Standing {
    fn of(verified: &[Verified], user: u64, name: &str, key: &[u8; 32]) -> Self {
        let mut standing = Self::Unknown;
        for known in verified.iter().filter(|known| known.is_about(user, name)) {
            // Number and name both: the key of one friend must not pass for that of another.
            if known.is_of(user, name) && known.key == *key {
                return Self::Verified;
            }
            standing = Self::Changed;
        }
        standing
    }
}

impl Notary {
    /// Looks at what has happened, and asks the server for what follows from it.
    pub(super) async fn heard(&mut self, event: &Event) {
        match event {
            Event::LoggedIn(user) => self.certify(&user.username).await,
            Event::Bundle(bundle) => {
                for friend in &bundle.friends {
                    self.watch(friend.id, Some(&friend.username));
                }
            }
            Event::ContactAdded(Contact::Friend(friend)) => self.watch(friend.id, Some(&friend.username)),
            Event::Presence { user, online: true } => self.watch(*user, None),
            _ => {}
        }
    }

    /// Asks for a certificate, if there is none that will do for some time.
    async fn certify(&mut self, username: &str) {
        username.clone_into(&mut self.username);
        let (home, server, name) = (self.home.clone(), self.server.clone(), username.to_owned());
        let (key, check) = (self.identity.public_key(), self.check());
        let kept = move || home.valid_certificate(&server, Some(&name), &key, check);
        match tokio::task::spawn_blocking(kept).await {
            Ok(Ok(Some(certificate))) if !certificate.is_worn(check.now) => return,
            Ok(Err(error)) => tracing::warn!(%error, "the certificate can't be read"),
            _ => {}
        }
        let csr = match certificate_request(&self.identity, username) {
            Ok(csr) => csr,
            Err(error) => return tracing::warn!(%error, "no certificate can be asked for"),
        };
        self.send(call(OWN_CALL, REQUEST_CERTIFICATE, &RequestCertificate { csr }));
    }

    /// Puts a friend on the list of those to be looked at, if the friend's key was verified.
    fn watch(&mut self, user: u64, name: Option<&str>) {
        let is_verified = self
            .shared
            .trust()
            .verified
            .iter()
            .any(|known| known.user == user || name.is_some_and(|name| known.is_about(user, name)));
        if is_verified && self.watched.len() < MAX_WATCHED && !self.watched.contains(&user) {
            self.watched.push_back(user);
            if self.watched.len() == 1 {
                self.look_at_first();
            }
        }
    }

    /// One after the other, so that many friends don't fill the queue of requests.
    fn look_at_first(&mut self) {
        if let Some(user) = self.watched.front()
            && !self.send(friend_call(WATCH_CALLS, *user))
        {
            self.watched.clear();
        }
    }

    /// What can't be sent now is asked for again after the next login.
    fn send(&self, request: Option<Request>) -> bool {
        let sent = request.map(|request| self.shared.request(&request));
        if let Some(Err(error)) = &sent {
            tracing::warn!(%error, "a certificate could not be asked for");
        }
        matches!(sent, Some(Ok(())))
    }

    fn check(&self) -> IssuedBy {
        IssuedBy { authority: self.authority, now: now() }
    }

    /// What the answer to a call of ours tells.
    pub(super) async fn answered(
        &mut self,
        purpose: Purpose,
        outcome: Result<Value, CallError>,
    ) -> Vec<Event> {
        if let Purpose::Watched(_) = purpose {
            self.watched.pop_front();
            self.look_at_first();
        }
        match (purpose, outcome) {
            (Purpose::Own, Ok(value)) => vec![self.keep(value).await],
            (Purpose::Asked(user), Ok(value)) => self.compare(user, value, true).await,
            (Purpose::Watched(user), Ok(value)) => self.compare(user, value, false).await,
            (Purpose::Watched(_), Err(error)) => {
                tracing::info!(code = error.code, "a verified friend has no certificate to show");
                Vec::new()
            }
            // A server that issues no certificates is no fault.
            (Purpose::Own, Err(error)) if error.code == "unknown_operation" => Vec::new(),
            (_, Err(error)) => vec![Event::Failure(error.message)],
        }
    }

    /// Keeps a certificate of our own, if it is one.
    async fn keep(&self, answer: Value) -> Event {
        let (pem, certificate) = match self.read(answer, Some(&self.identity.public_key())) {
            Ok(read) => read,
            Err(error) => return Event::Failure(error.to_string()),
        };
        let (home, server, username) = (self.home.clone(), self.server.clone(), self.username.clone());
        let save = move || home.save_certificate(&server, &username, &pem);
        match tokio::task::spawn_blocking(save).await {
            Ok(Ok(path)) => {
                let username = self.username.clone();
                Event::Certified { username, not_after: certificate.not_after, path }
            }
            Ok(Err(error)) => Event::Failure(error.to_string()),
            Err(error) => Event::Failure(error.to_string()),
        }
    }

    /// The certificate of an answer, which must be about `key` if that is known, and its text.
    fn read(&self, answer: Value, key: Option<&[u8; 32]>) -> Result<(String, Certificate), CertificateError> {
        let found: Result<Certificates, _> = from_value(answer);
        let pem = found.map_err(|_| CertificateError::Malformed("it is another answer"))?.pem;
        let first = from_pem(&pem)?.into_iter().next();
        let certificate = Certificate::read(first.unwrap_or_default())?;
        self.check().check(key.unwrap_or(&certificate.key), &certificate.der)?;
        Ok((pem, certificate))
    }

    /// Looks whether a friend's key is the verified one; tells the safety number if it was asked for.
    async fn compare(&self, user: u64, answer: Value, is_asked: bool) -> Vec<Event> {
        let Certificate { key, name, .. } = match self.read(answer, None) {
            Ok((_, certificate)) => certificate,
            Err(error) => return vec![Event::Failure(error.to_string())],
        };
        let standing = Standing::of(&self.shared.trust().verified, user, &name, &key);
        let verified = standing == Standing::Verified;
        let mut events = Vec::new();
        if standing == Standing::Changed {
            events.push(Event::KeyChanged { user, name: name.clone(), key });
        }
        if is_asked {
            let own = self.identity.public_key();
            // Thousands of hashes: not for an async thread.
            let number = tokio::task::spawn_blocking(move || safety_number(&own, &key)).await;
            let safety = Safety { user, name, key, number: number.unwrap_or_default(), verified };
            self.shared.trust().show(safety.clone());
            events.push(Event::SafetyNumber(safety));
        }
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_calls_of_our_own_are_taken_for_such() {
        for call in [0, 1, 99, 1 << 60] {
            assert_eq!(Purpose::of(call), None);
        }
        assert_eq!(Purpose::of(OWN_CALL), Some(Purpose::Own));
        let id = |request| match request {
            Some(Request::Call { id, .. }) => id,
            other => panic!("{other:?}"),
        };
        assert_eq!(Purpose::of(id(ask(7))), Some(Purpose::Asked(7)));
        assert_eq!(Purpose::of(id(friend_call(WATCH_CALLS, 7))), Some(Purpose::Watched(7)));
        assert_eq!(ask(u64::MAX), None);
    }

    #[test]
    fn the_verified_key_of_one_friend_does_not_pass_for_that_of_another() {
        let bob = Verified { user: 2, name: "bob".into(), key: [2; 32] };
        let standing = |user, name, key| Standing::of(std::slice::from_ref(&bob), user, name, &[key; 32]);
        assert_eq!(standing(2, "bob", 2), Standing::Verified);
        assert_eq!(standing(2, "bob", 3), Standing::Changed);
        // The server answers a question about number 3 with bob's certificate, or one about bob with another name in it.
        assert_eq!(standing(3, "bob", 2), Standing::Changed);
        assert_eq!(standing(2, "eve", 2), Standing::Changed);
        assert_eq!(standing(3, "eve", 2), Standing::Unknown);
    }
}
