//! Tests as dialogues: who sends what, who receives what; the same text runs in memory and over sockets of each suite.
//!
//! ```text
//! # A line says who does what. Numbers are those of the users.
//! ann enters as 1
//! bob enters as 2
//! ann > add_friend "bob"
//! ann < add_friend_result [true, ""]
//! bob < incoming_friend_request {name: "ann"}
//! ann > my.poke {who: 2}          # a named call …
//! ann < ok "poked"                # … is answered by `ok` or by `err "code"`
//! bob < my.poked {by: 1}          # a named event (over classic there are none: see `only`)
//! bob < nothing
//! bob leaves
//! ```
//!
//! What is expected may hold `_` (anything), `~"part"` (a text with this in it) and `$name` (anything at first, later the
//! same; it can be sent, too); a dict needs at least the entries that are named. Each one receives in this order, save that `<~`
//! takes a message out of the order in which it comes, where the server promises none; and at the end nobody may have received anything that the play doesn't say. `only strong` in front leaves the classic suite out.
//! `bob is closed` expects that the server has ended the connection. `ann@phone enters as 1` is ann once more.

use std::collections::BTreeMap;
use std::fmt;

use uchat_codec::{Opcode, Value, opcode};

use super::Received;
use super::pattern::{Names, Pattern};
use super::peer::Peer;
use super::stage::{Stage, Way};

/// A dialogue.
#[derive(Debug)]
pub struct Play {
    acts: Vec<(usize, Act)>,
    only_strong: bool,
}

#[derive(Debug)]
enum Act {
    Enters { name: String, number: u64 },
    Leaves { name: String },
    Sends { name: String, what: What, value: Pattern },
    Receives { name: String, what: What, value: Pattern, in_order: bool },
    Nothing { name: String },
    Closed { name: String },
}

/// What a message is.
#[derive(Debug, PartialEq)]
enum What {
    Opcode(Opcode),
    /// A named call, or an event with a name.
    Named(String),
    Ok,
    Err,
}

/// Why a play can't be performed, or did not go as it should.
pub struct PlayError {
    line: usize,
    message: String,
}

impl PlayError {
    fn new(line: usize, message: impl fmt::Display) -> Self {
        Self { line, message: message.to_string() }
    }
}

impl fmt::Display for PlayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

// Tests unwrap it: then it should be read easily.
impl fmt::Debug for PlayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for PlayError {}

impl Play {
    /// Reads a play.
    ///
    /// # Errors
    ///
    /// The line that makes no sense.
    pub fn parse(text: &str) -> Result<Self, PlayError> {
        let mut play = Self { acts: Vec::new(), only_strong: false };
        for (number, line) in (1..).zip(text.lines()) {
            let line = without_comment(line).trim();
            match line {
                "" => {}
                "only strong" => play.only_strong = true,
                _ => {
                    let act = act(line).map_err(|message| PlayError::new(number, message))?;
                    play.acts.push((number, act));
                }
            }
        }
        Ok(play)
    }

    /// Whether it can be performed in this way.
    pub fn runs(&self, way: Way) -> bool {
        way != Way::Classic || !self.only_strong
    }

    /// Performs it.
    ///
    /// # Errors
    ///
    /// The line where something else came, and what.
    pub async fn perform(&self, stage: &Stage) -> Result<(), PlayError> {
        let mut cast = Cast { stage, people: BTreeMap::new(), names: Names::new() };
        for (line, act) in &self.acts {
            cast.act(act).await.map_err(|message| PlayError::new(*line, message))?;
        }
        let end = self.acts.last().map_or(0, |(line, _)| line + 1);
        let people: Vec<String> = cast.people.keys().cloned().collect();
        for name in people {
            cast.nothing(&name).await.map_err(|message| PlayError::new(end, message))?;
        }
        Ok(())
    }
}

/// The line up to a `#` outside of quotes.
fn without_comment(line: &str) -> &str {
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in line.char_indices() {
        match c {
            '#' if !quoted => return &line[..at],
            '"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = c == '\\' && !escaped;
    }
    line
}

fn act(line: &str) -> Result<Act, String> {
    let (name, rest) = line.split_once(' ').ok_or_else(|| format!("who does what? `{line}`"))?;
    let (verb, rest) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
    let (name, rest) = (name.to_owned(), rest.trim());
    match (verb, rest) {
        ("enters", _) => {
            let number = rest.strip_prefix("as ").and_then(|number| number.trim().parse().ok());
            number
                .map(|number| Act::Enters { name, number })
                .ok_or_else(|| "somebody `enters as 1`, with a number".to_owned())
        }
        ("leaves", "") => Ok(Act::Leaves { name }),
        ("is", "closed") => Ok(Act::Closed { name }),
        ("<", "nothing") => Ok(Act::Nothing { name }),
        (">" | "<" | "<~", _) => {
            let (what, value) = rest.split_once(' ').unwrap_or((rest, ""));
            let value = Pattern::parse(value).map_err(|error| error.to_string())?;
            let what = what.parse()?;
            Ok(if verb == ">" {
                Act::Sends { name, what, value }
            } else {
                Act::Receives { name, what, value, in_order: verb == "<" }
            })
        }
        _ => Err(format!("`{name}` can `>` send, `<` receive, `enters as 1`, `leaves`, `is closed`: {line}")),
    }
}

impl std::str::FromStr for What {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let by_name =
            || (0..=255).map(Opcode).find(|opcode| opcode.name() == Some(&text.to_ascii_lowercase()));
        match text {
            "ok" => Ok(Self::Ok),
            "err" => Ok(Self::Err),
            _ if text.contains('.') => Ok(Self::Named(text.to_owned())),
            _ => match text.parse().ok().map(Opcode).or_else(by_name) {
                Some(opcode) => Ok(Self::Opcode(opcode)),
                None => Err(format!(
                    "there is no operation `{text}`: write its name or number, or a name with a dot"
                )),
            },
        }
    }
}

impl What {
    /// What a message holds, if it is one of this kind.
    fn of<'a>(&self, (opcode, parameters): &'a Received) -> Option<&'a Value> {
        let text = |key| parameters.get(key).and_then(Value::as_str);
        match self {
            Self::Opcode(wanted) => (wanted == opcode).then_some(parameters),
            Self::Named(name) => (*opcode == opcode::NAMED_EVENT && text("name") == Some(name))
                .then(|| parameters.get("args").unwrap_or(&Value::None)),
            Self::Ok => parameters.get("ok").filter(|_| *opcode == opcode::CALL_RESULT),
            Self::Err => parameters
                .get("err")
                .filter(|_| *opcode == opcode::CALL_RESULT)
                .and_then(|err| err.get("code")),
        }
    }
}

/// Who is there, and what has a name.
struct Cast<'a> {
    stage: &'a Stage,
    people: BTreeMap<String, Peer>,
    names: Names,
}

impl Cast<'_> {
    async fn act(&mut self, act: &Act) -> Result<(), String> {
        match act {
            Act::Enters { name, number } => {
                let peer = self
                    .stage
                    .enter(name.split('@').next().unwrap_or(name), *number)
                    .await
                    .map_err(|error| error.to_string())?;
                self.people.insert(name.clone(), peer);
                Ok(())
            }
            Act::Leaves { name } => {
                let peer = self.people.remove(name).ok_or_else(|| format!("{name} is not there"))?;
                peer.leave().await.map_err(|error| error.to_string())
            }
            Act::Sends { name, what, value } => self.send(name, what, value).await,
            Act::Receives { name, what, value, in_order } => self.receive(name, what, value, *in_order).await,
            Act::Nothing { name } => self.nothing(name).await,
            Act::Closed { name } => match self.next(name).await? {
                None => Ok(()),
                Some(other) => Err(format!("{name} should be closed, but got {}", told(&other))),
            },
        }
    }

    fn person(&mut self, name: &str) -> Result<&mut Peer, String> {
        self.people.get_mut(name).ok_or_else(|| format!("{name} is not there"))
    }

    async fn next(&mut self, name: &str) -> Result<Option<Received>, String> {
        let next = self.person(name)?.receive().await;
        next.map_err(|error| format!("{name} waited in vain: {error}"))
    }

    async fn send(&mut self, name: &str, what: &What, value: &Pattern) -> Result<(), String> {
        let value = value.value(&self.names).map_err(|error| error.to_string())?;
        let peer = self.person(name)?;
        let sent = match what {
            What::Opcode(opcode) => peer.request(*opcode, &value).await,
            What::Named(call) => peer.call(call, &value).await,
            What::Ok | What::Err => return Err("that is received, not sent".into()),
        };
        sent.map_err(|error| error.to_string())
    }

    async fn receive(
        &mut self,
        name: &str,
        what: &What,
        value: &Pattern,
        in_order: bool,
    ) -> Result<(), String> {
        let mut others = Vec::new();
        loop {
            let Some(received) = self.next(name).await? else {
                return Err(format!("{name}'s connection has ended"));
            };
            // What doesn't fit as a whole gives no names.
            let mut names = self.names.clone();
            if what.of(&received).is_some_and(|found| value.fits(found, &mut names)) {
                self.names = names;
                self.person(name)?.put_back(others);
                return Ok(());
            }
            if in_order {
                return Err(format!("{name} got {}", told(&received)));
            }
            others.push(received);
        }
    }

    /// Nothing has come to this person, whatever others have done so far.
    async fn nothing(&mut self, name: &str) -> Result<(), String> {
        let peer = self.person(name)?;
        peer.settle().await.map_err(|error| format!("{name}: {error}"))?;
        match peer.left().next() {
            None => Ok(()),
            Some(received) => Err(format!("{name} got {}, of which the play says nothing", told(received))),
        }
    }
}

/// A message for people.
fn told((opcode, parameters): &Received) -> String {
    let name = opcode.name().map_or_else(|| opcode.0.to_string(), ToOwned::to_owned);
    format!("{name} {parameters:?}")
}
