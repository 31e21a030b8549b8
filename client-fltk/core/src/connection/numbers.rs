//! What this client has of each conversation: asks for what is missing, and confirms what is safe (PROTOCOL.md §5.8).

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use serde::Serialize;
use serde::de::DeserializeOwned;
use uchat_codec::chat::{
    CURSOR_EVENT, CallError, HISTORY, HistoryAsked, MESSAGE_EVENT, NUMBERS, Numbered, READ, RECEIVED, RESUME,
    Resume, Resumed, Standing, UpTo,
};
use uchat_codec::{Limits, Value, from_value, to_value};

use crate::arrived::{Arrived, Place};
use crate::event::Fetched;
use crate::{Bundle, Event, Request};

/// The calls of this part have the numbers from here on.
const CALLS: u64 = 1 << 60;
const NUMBERS_CALL: u64 = CALLS;
const RESUME_CALL: u64 = CALLS + 1;
const GAP_CALL: u64 = CALLS + 2;
const RECEIVED_CALL: u64 = CALLS + 3;
const READ_CALL: u64 = CALLS + 4;
const OLDER_CALL: u64 = CALLS + 5;

/// Messages of one conversation in one answer.
const PAGE: usize = 100;
/// A hole of more messages than this is filled only from its newer end; what is older is fetched when it is looked for.
const MOST_MISSED: u64 = 10_000;
/// Messages that are confirmed while older ones are not, of one conversation; more are confirmed again later.
const MOST_AHEAD: usize = 20_000;

/// What follows from something that was heard.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Outcome {
    /// To be told in place of what was heard.
    pub(super) tell: Vec<Event>,
    /// To be asked.
    pub(super) ask: Vec<Request>,
    /// Nothing can go on without what was to be asked.
    pub(super) broken: bool,
}

impl Outcome {
    fn tell(event: Event) -> Self {
        Self { tell: vec![event], ..Self::default() }
    }

    fn ask(request: Option<Request>) -> Self {
        Self { ask: request.into_iter().collect(), ..Self::default() }
    }
}

/// The knowledge of one account; it outlives connections.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    /// Whether this connection has numbers.
    on: bool,
    /// Whose conversations these are.
    user: Option<u64>,
    /// A login is complete when it is known what is new.
    held: Option<Bundle>,
    /// Up to where each conversation is safe here.
    safe: HashMap<u64, Safe>,
    /// Up to where the user has read, as the server knows it, and up to where it was said in this connection that
    /// others may know.
    read: HashMap<u64, u64>,
    shown: HashMap<u64, u64>,
    /// What is still to be fetched, one after the other; the first is on its way.
    gaps: VecDeque<Gap>,
    /// Older messages that were asked for, in the order of asking.
    older: VecDeque<u64>,
    /// Cursors that have moved and were not told.
    moved: BTreeMap<u64, u64>,
    /// Whether one was told and is not answered.
    telling: bool,
}

/// What is safe of a conversation.
#[derive(Debug, Default)]
struct Safe {
    /// From behind here on, everything is known to be here or was never looked for.
    start: u64,
    /// Everything up to here.
    up_to: u64,
    /// And these beyond it.
    ahead: BTreeSet<u64>,
}

/// Numbers that are missing: behind the first, up to the last.
#[derive(Debug, PartialEq)]
struct Gap {
    conversation: u64,
    after: u64,
    until: u64,
}

impl Numbers {
    /// What an earlier time has left of this account's conversations: up to where each is safe. If the login was quicker,
    /// what is missing between is asked for.
    pub(super) fn remember(
        &mut self,
        user: u64,
        have: impl IntoIterator<Item = (u64, u64)>,
    ) -> Option<Request> {
        if self.user.is_some_and(|known| known != user) {
            return None;
        }
        self.user = Some(user);
        let idle = self.gaps.is_empty();
        for (conversation, up_to) in have {
            let safe = self.safe.entry(conversation).or_default();
            if safe.up_to == 0 {
                (safe.up_to, safe.start) = (up_to, up_to);
            } else if up_to < safe.start {
                let gap = (up_to.max(safe.start.saturating_sub(MOST_MISSED)), safe.start);
                safe.ahead.extend((safe.start + 1..=safe.up_to).take(MOST_AHEAD));
                (safe.up_to, safe.start) = (gap.0, gap.0);
                self.gaps.push_back(Gap { conversation, after: gap.0, until: gap.1 });
            }
        }
        if idle && self.on && self.held.is_none() { self.next_gap() } else { None }
    }

    /// A connection begins: what has to be said before the login.
    pub(super) fn begin(&mut self) -> Request {
        (self.on, self.telling) = (false, false);
        self.held = None;
        self.shown.clear();
        self.gaps.clear();
        self.older.clear();
        Request::Call { id: NUMBERS_CALL, name: NUMBERS.into(), args: Value::None }
    }

    /// Looks at what has come. Most of it is passed on as it is.
    pub(super) fn heard(&mut self, event: Event, limits: &Limits) -> Outcome {
        match event {
            Event::CallAnswer { id, outcome } if (NUMBERS_CALL..=OLDER_CALL).contains(&id) => {
                self.answered(id, outcome, limits)
            }
            Event::LoggedIn(user) => {
                if self.user.is_some_and(|known| known != user.id) {
                    (self.safe, self.moved, self.gaps) = Default::default();
                }
                self.user = Some(user.id);
                Outcome::tell(Event::LoggedIn(user))
            }
            Event::Bundle(bundle) if self.on => {
                self.held = Some(bundle);
                let have = self.safe.iter().map(|(conversation, safe)| (*conversation, safe.up_to)).collect();
                let request = call(RESUME_CALL, RESUME, &Resume { have, page: PAGE });
                Outcome { broken: request.is_none(), ..Outcome::ask(request) }
            }
            Event::Named { name, args } if self.on && name == MESSAGE_EVENT => {
                let arrived = from_value(args).ok().and_then(|new| self.arrived(&new, limits));
                Outcome::tell(arrived.map_or_else(unreadable, Event::Message))
            }
            Event::Named { name, args } if self.on && name == CURSOR_EVENT => {
                Outcome::tell(from_value(args).map_or_else(|_| unreadable(), Event::Cursor))
            }
            event => Outcome::tell(event),
        }
    }

    fn answered(&mut self, id: u64, outcome: Result<Value, CallError>, limits: &Limits) -> Outcome {
        match id {
            NUMBERS_CALL => {
                // A server of before knows nothing of it.
                self.on = outcome.is_ok();
                Outcome::default()
            }
            RESUME_CALL => self.resumed(read(outcome), limits),
            GAP_CALL => self.filled(&read::<Vec<_>>(outcome).unwrap_or_default(), limits),
            OLDER_CALL => {
                let Some(conversation) = self.older.pop_front() else { return Outcome::default() };
                let found: Vec<Numbered> = read(outcome).unwrap_or_default();
                let messages = found.iter().filter_map(|new| self.arrived(new, limits)).collect();
                Outcome::tell(Event::Fetched(Fetched { conversation, messages, asked: true }))
            }
            RECEIVED_CALL => {
                self.telling = false;
                Outcome::ask(self.next_moved())
            }
            _ => Outcome::default(),
        }
    }

    /// It is known what is new.
    fn resumed(&mut self, found: Option<Resumed>, limits: &Limits) -> Outcome {
        let Some(mut bundle) = self.held.take() else { return Outcome::default() };
        let Some(Resumed { conversations, messages }) = found else {
            return Outcome { tell: vec![Event::Bundle(bundle)], ask: Vec::new(), broken: true };
        };
        let mut oldest: HashMap<u64, u64> = HashMap::new();
        for new in &messages {
            let number = oldest.entry(new.conversation).or_insert(new.number);
            *number = new.number.min(*number);
        }
        self.read = conversations.iter().map(|found| (found.conversation, found.read)).collect();
        for standing in &conversations {
            self.stand(standing, oldest.get(&standing.conversation).copied());
        }
        for new in &messages {
            match self.arrived(new, limits) {
                Some(arrived) => bundle.messages.push(arrived),
                None => bundle.undecodable += 1,
            }
        }
        bundle.messages.sort_by_key(|arrived| arrived.message.time);
        bundle.standings = conversations;
        let ask = self.next_gap().into_iter().chain(self.next_moved()).collect();
        Outcome { tell: vec![Event::Bundle(bundle)], ask, broken: false }
    }

    /// Finds what is missing in a conversation of which the messages from `oldest` on have come.
    fn stand(&mut self, standing: &Standing, oldest: Option<u64>) {
        let Standing { conversation, latest, received, first, .. } = *standing;
        let until = oldest.map_or(latest, |oldest| oldest.saturating_sub(1));
        // A server that has fewer messages than it had is not what it was.
        let known = self.safe.get(&conversation).is_some_and(|safe| safe.up_to <= latest);
        let safe = self.safe.entry(conversation).or_default();
        if !known {
            *safe = Safe::default();
        }
        let start = if known { safe.up_to } else { received.min(until) };
        // What the user can't see does not have to be waited for.
        let start = start.max(first).max(until.saturating_sub(MOST_MISSED));
        if !known {
            safe.start = start;
        }
        safe.up_to = safe.up_to.max(start);
        safe.settle();
        if safe.up_to < until {
            self.gaps.push_back(Gap { conversation, after: safe.up_to, until });
        }
        if safe.up_to > received {
            // Confirmed before, and the server has forgotten it.
            self.moved.insert(conversation, safe.up_to);
        }
    }

    /// A part of a gap has come.
    fn filled(&mut self, found: &[Numbered], limits: &Limits) -> Outcome {
        let Some(mut gap) = self.gaps.pop_front() else { return Outcome::default() };
        let last = found.last().map_or(gap.until, |last| last.number);
        let messages: Vec<_> = found.iter().filter_map(|new| self.arrived(new, limits)).collect();
        let conversation = gap.conversation;
        if last < gap.until {
            gap.after = last;
            self.gaps.push_front(gap);
        }
        let ask = self.next_gap().into_iter().collect();
        let fetched = Event::Fetched(Fetched { conversation, messages, asked: false });
        Outcome { tell: vec![fetched], ask, broken: false }
    }

    fn next_gap(&self) -> Option<Request> {
        let gap = self.gaps.front()?;
        let (conversation, after) = (gap.conversation, Some(gap.after));
        let missing = usize::try_from(gap.until.saturating_sub(gap.after)).unwrap_or(PAGE);
        call(GAP_CALL, HISTORY, &HistoryAsked { conversation, after, before: None, limit: missing.min(PAGE) })
    }

    fn arrived(&self, new: &Numbered, limits: &Limits) -> Option<Arrived> {
        let place = Place { conversation: new.conversation, number: new.number };
        let seen = self.read.get(&place.conversation).is_some_and(|read| place.number <= *read);
        Some(Arrived { message: new.message(limits)?, place: Some(place), seen })
    }

    /// The messages of these places are safe here: they need not come again. Gives what is to be asked.
    pub(super) fn confirm(&mut self, places: &[Place]) -> Option<Request> {
        for place in places {
            let Some(safe) = self.safe.get_mut(&place.conversation) else {
                // A conversation that has just begun, or that this user has just come into.
                let up_to = place.number;
                let safe = Safe { start: up_to - 1, up_to, ..Safe::default() };
                self.safe.insert(place.conversation, safe);
                self.moved.insert(place.conversation, place.number);
                continue;
            };
            let before = safe.up_to;
            if place.number > before && safe.ahead.len() < MOST_AHEAD {
                safe.ahead.insert(place.number);
            }
            safe.settle();
            if safe.up_to > before {
                self.moved.insert(place.conversation, safe.up_to);
            }
        }
        self.next_moved()
    }

    /// Up to where a conversation is safe.
    pub(super) fn safe_up_to(&self, conversation: u64) -> Option<u64> {
        self.safe.get(&conversation).map(|safe| safe.up_to)
    }

    /// One at a time: while it is on its way others gather.
    fn next_moved(&mut self) -> Option<Request> {
        if self.telling || !self.on || self.held.is_some() {
            return None;
        }
        let (conversation, number) = self.moved.pop_first()?;
        self.telling = true;
        call(RECEIVED_CALL, RECEIVED, &UpTo { conversation, number, quiet: false })
    }

    /// The user has read up to here.
    pub(super) fn read(&mut self, place: Place, quiet: bool) -> Option<Request> {
        if !self.on {
            return None;
        }
        let known = if quiet { &mut self.read } else { &mut self.shown };
        let known = known.entry(place.conversation).or_default();
        if place.number <= *known {
            return None;
        }
        *known = place.number;
        let Place { conversation, number } = place;
        call(READ_CALL, READ, &UpTo { conversation, number, quiet })
    }

    /// Asks for messages before this place.
    pub(super) fn older(&mut self, before: Place, limit: usize) -> Option<Request> {
        if !self.on {
            return None;
        }
        let Place { conversation, number } = before;
        let asked = HistoryAsked { conversation, after: None, before: Some(number), limit };
        let request = call(OLDER_CALL, HISTORY, &asked)?;
        self.older.push_back(conversation);
        Some(request)
    }
}

impl Safe {
    /// Takes in what has become contiguous.
    fn settle(&mut self) {
        while let Some(next) = self.ahead.first().copied().filter(|next| *next <= self.up_to + 1) {
            self.ahead.pop_first();
            self.up_to = self.up_to.max(next);
        }
    }
}

fn call<T: Serialize>(id: u64, name: &str, args: &T) -> Option<Request> {
    Some(Request::Call { id, name: name.into(), args: to_value(args).ok()? })
}

fn read<T: DeserializeOwned>(outcome: Result<Value, CallError>) -> Option<T> {
    from_value(outcome.ok()?).ok()
}

fn unreadable() -> Event {
    let opcode = Some(uchat_codec::opcode::NAMED_EVENT);
    Event::Undecodable { opcode, why: "a message with a number can't be read".into() }
}

#[cfg(test)]
mod tests;
