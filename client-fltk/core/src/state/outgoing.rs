//! Own messages on their way: sending until the server has sent them back.
//!
//! Over the strong suite each has a name, under which the server stores it once: one that was on its way when the
//! connection broke, or was written without one, is sent again by itself. Over classic it has failed then, and the user
//! decides.

use std::time::Duration;

use bytes::BytesMut;
use uchat_codec::Value;
use uchat_codec::chat::{CallError, NewMessage};

use super::{Content, ConversationId, Effect, Entry, State};
use crate::Request;
use crate::connection::RequestError;
use crate::request::SEND_CALLS;
use crate::store::Unsent;

/// A server's clock may be so far behind ours before an old message is taken for the one just sent.
const CLOCK_SKEW: Duration = Duration::from_mins(10);
/// Bytes of a message's name that number it; the others are those of the run.
const NUMBER_BYTES: usize = 6;

/// Where an own message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendState {
    /// Handed to the connection; the server has not sent it back yet.
    Sending,
    /// The connection broke or the server refused before it came back. It may have arrived all the same: then the
    /// next login shows it, and this entry goes.
    Failed,
}

/// An own message that the server has not confirmed.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    /// Which one; never used twice.
    pub id: u64,
    /// The conversation.
    pub to: ConversationId,
    /// When it was sent, by our clock, in milliseconds since 1970 UTC.
    pub time: u64,
    /// What is sent, as it is shown.
    pub content: Content,
    /// How far it is.
    pub state: SendState,
    /// Under which name the server stores it once; all zero where it doesn't.
    pub name: [u8; 16],
    /// What is sent.
    pub message: Value,
    /// Whether the connection had no room for it: it is sent when there is some, before any later one.
    held: bool,
    /// Whether it was sent before: then its copy may be far back in the history, and the answer counts.
    again: bool,
}

impl State {
    /// Own messages that are not confirmed, the oldest first.
    pub fn outgoing(&self) -> impl Iterator<Item = &Outgoing> {
        self.outgoing.iter()
    }

    /// Whether one more own message may wait for its confirmation.
    pub fn can_send(&self) -> bool {
        self.outgoing.len() < self.bounds.outgoing
    }

    pub(super) fn send(&mut self, to: ConversationId, message: Value, time: u64) -> Vec<Effect> {
        if !self.can_send() {
            return Vec::new();
        }
        let shown = NewMessage {
            message: message.clone(),
            sender_id: self.me.as_ref().map_or(0, |me| me.id),
            sender_name: String::new(),
            target_type: 0,
            time,
            target_id: 0,
        };
        let (entry, file) = Entry::of(shown, None);
        self.next_outgoing += 1;
        let state = if self.ready || self.names() { SendState::Sending } else { SendState::Failed };
        let id = self.next_outgoing;
        let name = if self.names() { self.name_of(id) } else { [0; 16] };
        let content = entry.content;
        self.outgoing.push(Outgoing {
            id,
            to,
            time,
            content,
            state,
            name,
            message,
            held: false,
            again: false,
        });
        let mut effects = vec![Effect::OutgoingChanged(to)];
        if let Some((attachment, data)) = file {
            effects.push(Effect::SaveFile { name: attachment.file_name(), data });
        }
        if self.outgoing.iter().any(|outgoing| outgoing.held) {
            self.hold(id);
        } else if self.ready {
            effects.extend(self.request_for(id));
        }
        effects
    }

    /// Messages of an earlier time that the server has not confirmed: they are sent again, as soon as that is possible.
    pub(super) fn restore_outgoing(&mut self, unsent: Vec<Unsent>) -> Vec<Effect> {
        let mut effects = Vec::new();
        for Unsent { id, to, time, name, body, .. } in unsent {
            let Some(name) = name.filter(|_| self.can_send()) else { continue };
            let shown = NewMessage {
                message: body.clone(),
                sender_id: 0,
                sender_name: String::new(),
                target_type: 0,
                time,
                target_id: 0,
            };
            let content = Entry::of(shown, None).0.content;
            self.next_outgoing = self.next_outgoing.max(id);
            let is_taken = self.outgoing.iter().any(|outgoing| outgoing.id == id);
            let id = if is_taken { self.next_outgoing + 1 } else { id };
            self.next_outgoing = self.next_outgoing.max(id);
            let state = SendState::Sending;
            self.outgoing.push(Outgoing {
                id,
                to,
                time,
                content,
                state,
                name,
                message: body,
                held: false,
                again: true,
            });
            effects.push(Effect::OutgoingChanged(to));
            if self.ready && self.names() {
                effects.extend(self.request_for(id));
            }
        }
        effects
    }

    pub(super) fn retry(&mut self, id: u64, time: u64) -> Vec<Effect> {
        let (ready, names) = (self.ready, self.names());
        let Some(outgoing) = self.outgoing.iter_mut().find(|outgoing| outgoing.id == id) else {
            return Vec::new();
        };
        if outgoing.state != SendState::Failed || !(ready || names) {
            return Vec::new();
        }
        (outgoing.state, outgoing.again) = (SendState::Sending, true);
        outgoing.time = time;
        let changed = Effect::OutgoingChanged(outgoing.to);
        let request = if ready { self.request_for(id) } else { None };
        [changed].into_iter().chain(request).collect()
    }

    pub(super) fn discard(&mut self, id: u64) -> Vec<Effect> {
        let Some(at) = self.outgoing.iter().position(|outgoing| outgoing.id == id) else { return Vec::new() };
        vec![Effect::OutgoingChanged(self.outgoing.remove(at).to)]
    }

    /// The connection did not take this one. Where it has a name, it may only have to wait; those that were handed over
    /// behind it are refused too, and what is handed over from now on is of the next round.
    pub(super) fn not_sent(&mut self, id: u64, why: &RequestError) -> Vec<Effect> {
        if !self.names() || !why.is_passing() {
            return self.fail(id);
        }
        self.turn.round += 1;
        self.hold(id);
        Vec::new()
    }

    fn hold(&mut self, id: u64) {
        if let Some(outgoing) = self.outgoing.iter_mut().find(|outgoing| outgoing.id == id) {
            outgoing.held = true;
        }
    }

    /// The server has taken something, so there is room for the oldest that waits.
    fn send_held(&mut self) -> Option<Effect> {
        let held = self.outgoing.iter_mut().find(|outgoing| outgoing.held).filter(|_| self.ready)?;
        held.held = false;
        let id = held.id;
        self.request_for(id)
    }

    /// The connection has room again for all that wait.
    pub(super) fn send_all_held(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        while let Some(effect) = self.send_held() {
            effects.push(effect);
        }
        effects
    }

    /// This one did not get out.
    pub(super) fn fail(&mut self, id: u64) -> Vec<Effect> {
        self.fail_where(|outgoing| outgoing.id == id)
    }

    /// The connection broke: nothing that is on its way comes back any more. What has a name is sent again when the
    /// connection is there again, if it comes back.
    pub(super) fn fail_all(&mut self, comes_back: bool) -> Vec<Effect> {
        if comes_back && self.names() {
            return Vec::new();
        }
        self.fail_where(|_| true)
    }

    /// Whether messages are sent under names: so that they may be sent again.
    fn names(&self) -> bool {
        self.strong && self.seed != [0; 16]
    }

    /// The name of a message: as unlikely to be had by another one of this user as the first ten bytes of the seed. Names
    /// that follow one another lie side by side at the server, which spares it work.
    fn name_of(&self, id: u64) -> [u8; 16] {
        let mut name = self.seed;
        let number = id.to_be_bytes();
        name.iter_mut().rev().zip(number.iter().rev()).take(NUMBER_BYTES).for_each(|(to, from)| *to = *from);
        name
    }

    /// What sends this message.
    fn request_for(&self, id: u64) -> Option<Effect> {
        let outgoing = self.outgoing.iter().find(|outgoing| outgoing.id == id)?;
        let (to, message) = (outgoing.to, outgoing.message.clone());
        let request = if self.names() {
            let name = if outgoing.name == [0; 16] { self.name_of(id) } else { outgoing.name };
            Request::SendOnce { call: SEND_CALLS + id, name, turn: self.turn, to, message }
        } else {
            Request::Send { to, message }
        };
        Some(Effect::Send { id, request })
    }

    /// The login is complete: what the server has not confirmed is sent again, in its order.
    pub(super) fn send_again(&mut self) -> Vec<Effect> {
        if !self.names() {
            // What was to be sent under its name can't be, over classic.
            return self.fail_where(|outgoing| outgoing.name != [0; 16]);
        }
        let mut waiting = Vec::new();
        for outgoing in self.outgoing.iter_mut().filter(|outgoing| outgoing.state == SendState::Sending) {
            (outgoing.again, outgoing.held) = (true, false);
            waiting.push(outgoing.id);
        }
        waiting.into_iter().filter_map(|id| self.request_for(id)).collect()
    }

    /// The server has answered to a call: if it was a message of ours, it is stored, or refused.
    pub(super) fn answered(&mut self, call: u64, outcome: &Result<Value, CallError>) -> Vec<Effect> {
        let Some(id) = call.checked_sub(SEND_CALLS) else { return Vec::new() };
        let held = self.send_held();
        let mut effects = match outcome {
            Ok(_) if self.outgoing.iter().any(|outgoing| outgoing.id == id && outgoing.again) => {
                self.discard(id)
            }
            // The copy comes, or has come.
            Ok(_) => Vec::new(),
            Err(_) => self.fail(id),
        };
        effects.extend(held);
        effects
    }

    /// The server has refused something. It answers in order, so that is the oldest message on its way, if it was a
    /// message at all; if not, the message comes back and is confirmed all the same.
    pub(super) fn fail_oldest(&mut self) -> Vec<Effect> {
        if self.names() {
            // A refused message says so itself.
            return Vec::new();
        }
        let oldest = self.outgoing.iter().find(|outgoing| outgoing.state == SendState::Sending).map(|o| o.id);
        oldest.map_or_else(Vec::new, |id| self.fail(id))
    }

    fn fail_where(&mut self, which: impl Fn(&Outgoing) -> bool) -> Vec<Effect> {
        let mut effects = Vec::new();
        for outgoing in &mut self.outgoing {
            if outgoing.state == SendState::Sending && which(outgoing) {
                outgoing.state = SendState::Failed;
                effects.push(Effect::OutgoingChanged(outgoing.to));
            }
        }
        effects.dedup();
        effects
    }

    /// An own message came from the server: the oldest one like it is not on its way any more.
    pub(super) fn confirm(&mut self, to: ConversationId, message: &Value, time: u64) -> Vec<Effect> {
        let skew = u64::try_from(CLOCK_SKEW.as_millis()).unwrap_or(u64::MAX);
        let is_it = |outgoing: &Outgoing| {
            outgoing.to == to
                && outgoing.time <= time.saturating_add(skew)
                && same(&outgoing.message, message)
        };
        let Some(at) = self.outgoing.iter().position(is_it) else { return Vec::new() };
        self.outgoing.remove(at);
        vec![Effect::OutgoingChanged(to)]
    }
}

/// Whether two values are the same on the wire: a text and its bytes differ in memory only.
fn same(a: &Value, b: &Value) -> bool {
    let encoded = |value: &Value| {
        let mut bytes = BytesMut::new();
        value.encode(&mut bytes).is_ok().then_some(bytes)
    };
    a == b || encoded(a).is_some_and(|a| encoded(b) == Some(a))
}
