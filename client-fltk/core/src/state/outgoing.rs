//! Own messages on their way: sending until the server has sent them back, failed when the connection broke before.

use std::time::Duration;

use bytes::BytesMut;
use uchat_codec::Value;
use uchat_codec::chat::NewMessage;

use super::{Content, ConversationId, Effect, Entry, State};
use crate::Request;

/// A server's clock may be so far behind ours before an old message is taken for the one just sent.
const CLOCK_SKEW: Duration = Duration::from_mins(10);

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
    message: Value,
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
        let (entry, file) = Entry::of(shown);
        self.next_outgoing += 1;
        let state = if self.ready { SendState::Sending } else { SendState::Failed };
        let id = self.next_outgoing;
        self.outgoing.push(Outgoing {
            id,
            to,
            time,
            content: entry.content,
            state,
            message: message.clone(),
        });
        let mut effects = vec![Effect::OutgoingChanged(to)];
        if let Some((attachment, data)) = file {
            effects.push(Effect::SaveFile { name: attachment.file_name(), data });
        }
        if state == SendState::Sending {
            effects.push(Effect::Send { id, request: Request::Send { to, message } });
        }
        effects
    }

    pub(super) fn retry(&mut self, id: u64, time: u64) -> Vec<Effect> {
        let ready = self.ready;
        let Some(outgoing) = self.outgoing.iter_mut().find(|outgoing| outgoing.id == id) else {
            return Vec::new();
        };
        if outgoing.state != SendState::Failed || !ready {
            return Vec::new();
        }
        outgoing.state = SendState::Sending;
        outgoing.time = time;
        let request = Request::Send { to: outgoing.to, message: outgoing.message.clone() };
        vec![Effect::OutgoingChanged(outgoing.to), Effect::Send { id, request }]
    }

    pub(super) fn discard(&mut self, id: u64) -> Vec<Effect> {
        let Some(at) = self.outgoing.iter().position(|outgoing| outgoing.id == id) else { return Vec::new() };
        vec![Effect::OutgoingChanged(self.outgoing.remove(at).to)]
    }

    /// This one did not get out.
    pub(super) fn fail(&mut self, id: u64) -> Vec<Effect> {
        self.fail_where(|outgoing| outgoing.id == id)
    }

    /// The connection broke: nothing that is on its way comes back any more.
    pub(super) fn fail_all(&mut self) -> Vec<Effect> {
        self.fail_where(|_| true)
    }

    /// The server has refused something. It answers in order, so that is the oldest message on its way, if it was a
    /// message at all; if not, the message comes back and is confirmed all the same.
    pub(super) fn fail_oldest(&mut self) -> Vec<Effect> {
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
