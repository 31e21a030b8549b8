//! What was observed of the existing server, replayed against ours: every connection receives the same, in the same order.
//!
//! Numbers of users and rooms are compared as they are: a fresh server of ours counts as the existing one does. Not
//! compared: times, and ports (ours are those of the real connections). E-mails are made unique, since ours must be.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use md5::{Digest, Md5};
use serde_json::{Value as Json, json};
use support::{Server, Wire};
use uchat_codec::{Dict, Limits, Opcode, Value, opcode};

/// Where our server answers and the existing one was silent, on purpose: scenario, opcode, reason.
const WE_ANSWER: &[(&str, Opcode, &str)] =
    &[("11_rooms", opcode::QUERY_ROOM_USERS_RESULT, "the existing server failed inside and never answered")];

/// The keys of a stored message, which are those of `on_new_message`.
const STORED: [&str; 6] = ["message", "sender_id", "sender_name", "target_type", "time", "target_id"];

/// A server, and the connections of one scenario.
struct Stage<'a> {
    scenario: &'a str,
    server: Server,
    actors: HashMap<String, Actor>,
    pictures: Pictures,
    /// How many have gone offline, and which of [`WE_ANSWER`] came.
    gone: usize,
    answered: Vec<Opcode>,
}

/// One connection.
struct Actor {
    wire: Wire,
    /// Came before the transcript asks for it.
    early: VecDeque<(Opcode, Value)>,
}

impl<'a> Stage<'a> {
    fn new(scenario: &'a str) -> Self {
        Self {
            scenario,
            server: Server::start(),
            actors: HashMap::new(),
            pictures: Pictures::default(),
            gone: 0,
            answered: Vec::new(),
        }
    }

    fn enter(&mut self, who: &str) {
        let actor = Actor { wire: Wire::connect(&self.server), early: VecDeque::new() };
        self.actors.insert(who.to_owned(), actor);
    }

    fn actor(&mut self, who: &str) -> &mut Actor {
        self.actors.get_mut(who).unwrap()
    }

    fn send(&mut self, who: &str, event: &Json) {
        let code = Opcode(u8::try_from(event["no"].as_u64().unwrap()).unwrap());
        let parameters = to_wire(&with_unique_email(event), &mut self.pictures);
        self.actor(who).wire.send(code, &parameters);
    }

    /// Waits until all requests of this connection have been served.
    fn served(&mut self, who: &str) {
        let actor = self.actor(who);
        let early = actor.wire.settle();
        actor.early.extend(early);
    }

    fn receive(&mut self, who: &str, event: &Json, context: &str) {
        let (code, value) = loop {
            let actor = self.actor(who);
            let (code, value) = actor.early.pop_front().unwrap_or_else(|| actor.wire.recv());
            if !is_deviation(self.scenario, code) {
                break (code, value);
            }
            self.answered.push(code);
        };
        assert_eq!(u64::from(code.0), event["no"].as_u64().unwrap(), "{context}: {value:?}");
        compare(&event["parameters"], &value, &mut self.pictures, context);
    }

    /// The server has closed the connection, and sent nothing more before.
    fn ends(&mut self, who: &str) {
        let mut actor = self.actors.remove(who).unwrap();
        assert!(actor.early.is_empty());
        assert_eq!(actor.wire.try_recv(), None, "{}: {who} got too much", self.scenario);
    }

    /// Who leaves has received nothing beyond what was observed, and is offline when this returns.
    fn leave(&mut self, who: &str) {
        // It may have left already, where the transcript is out of order.
        if self.actors.contains_key(who) {
            self.has_received_all(who);
            self.actors.remove(who);
            self.gone += 1;
            self.server.wait_for_log(": offline", self.gone);
        }
    }

    fn has_received_all(&mut self, who: &str) {
        self.served(who);
        for (code, value) in std::mem::take(&mut self.actor(who).early) {
            assert!(
                is_deviation(self.scenario, code),
                "{}: {who} got too much: {code}, {value:?}",
                self.scenario
            );
            self.answered.push(code);
        }
    }

    fn end(mut self) {
        for who in self.actors.keys().cloned().collect::<Vec<_>>() {
            self.has_received_all(&who);
        }
        let wanted = WE_ANSWER.iter().filter(|(place, ..)| *place == self.scenario).map(|(_, code, _)| *code);
        assert_eq!(self.answered, wanted.collect::<Vec<_>>(), "{}", self.scenario);
        assert!(self.server.errors().is_empty(), "{}: {:?}", self.scenario, self.server.errors());
    }
}

fn is_deviation(scenario: &str, code: Opcode) -> bool {
    WE_ANSWER.iter().any(|(place, ours, _)| *place == scenario && *ours == code)
}

/// The pictures of a scenario: the files hold only length and digest, so the test makes its own and knows them again.
#[derive(Default)]
struct Pictures {
    by_md5: HashMap<String, Bytes>,
}

impl Pictures {
    fn get(&mut self, length: usize, md5: &str) -> Bytes {
        let make =
            || (0..length).map(|at| u8::try_from((at * 7 + at / 251) % 256).unwrap()).collect::<Vec<u8>>();
        self.by_md5.entry(md5.to_owned()).or_insert_with(|| Bytes::from(make())).clone()
    }
}

#[test]
fn every_connection_receives_what_it_received_from_the_existing_server() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/transcripts");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 11, "the transcripts are missing");
    for file in files {
        let transcript: Json = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        replay(&transcript);
    }
}

fn replay(transcript: &Json) {
    let scenario = transcript["scenario"].as_str().unwrap();
    let mut stage = Stage::new(scenario);
    let events: Vec<&Json> =
        transcript["events"].as_array().unwrap().iter().filter(|event| event["who"].is_string()).collect();
    for (number, event) in events.iter().enumerate() {
        let who = event["who"].as_str().unwrap();
        let context = format!("{scenario}, event {number}: {event}");
        match (event["event"].as_str(), event["dir"].as_str()) {
            (Some(text), _) if text.starts_with("connected") => stage.enter(who),
            (Some("closed by client"), _) => stage.leave(who),
            (Some("connection ended"), _) => stage.ends(who),
            (_, Some("client->server")) => {
                stage.send(who, event);
                // Nobody but its sender knows when a request without an answer has been served.
                if events.get(number + 1).is_some_and(|next| is_request(next) && next["who"] != event["who"])
                {
                    stage.served(who);
                }
            }
            (_, Some("server->client")) => {
                // What follows from a closed connection may have been written down before the closing itself.
                if says_offline(event) && !events[..number].iter().any(|event| closing(event)) {
                    let closed = events[number..].iter().find(|event| closing(event)).unwrap();
                    stage.leave(closed["who"].as_str().unwrap());
                }
                stage.receive(who, event, &context);
            }
            _ => panic!("{context}"),
        }
    }
    stage.end();
}

fn is_request(event: &Json) -> bool {
    event["dir"] == "client->server"
}

fn closing(event: &Json) -> bool {
    event["event"] == "closed by client"
}

/// `friend_on_off_line` or `room_user_on_off_line` of somebody who went.
fn says_offline(event: &Json) -> bool {
    (event["no"] == 107 && event["parameters"][0] == false)
        || (event["no"] == 112 && event["parameters"][2] == false)
}

fn with_unique_email(event: &Json) -> Json {
    let mut parameters = event["parameters"].clone();
    if event["no"] == 2 {
        let name = parameters[0].as_str().unwrap().trim().to_lowercase();
        // The second registration of one name keeps an e-mail of its own, so that the name is what is refused.
        parameters[2] = json!(format!("{name}{}@mail.com", parameters[1].as_str().unwrap()));
    }
    parameters
}

fn to_wire(json: &Json, pictures: &mut Pictures) -> Value {
    match json {
        Json::Null => Value::None,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) => Value::from(number.as_u64().unwrap()),
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => Value::List(items.iter().map(|item| to_wire(item, pictures)).collect()),
        Json::Object(entries) => {
            if let Some(length) = entries.get("$bytearray") {
                let length = usize::try_from(length.as_u64().unwrap()).unwrap();
                Value::Bytes(pictures.get(length, entries["md5"].as_str().unwrap()))
            } else {
                let mut dict = Dict::new();
                for (key, value) in entries {
                    dict.insert(key.as_str(), to_wire(value, pictures));
                }
                Value::Dict(dict)
            }
        }
    }
}

fn compare(expected: &Json, found: &Value, pictures: &mut Pictures, context: &str) {
    match (expected, found) {
        (Json::Null, Value::None) => {}
        (Json::Bool(expected), Value::Bool(found)) => assert_eq!(expected, found, "{context}"),
        (Json::Number(expected), Value::Int(found)) => {
            assert_eq!(expected.as_u64(), found.to_u64(), "{context}");
        }
        (Json::String(expected), Value::Str(found)) => assert_eq!(expected, &found.to_string(), "{context}"),
        (Json::Array(expected), Value::List(found)) => {
            assert_eq!(expected.len(), found.len(), "{context}: {found:?}");
            for (expected, found) in expected.iter().zip(found) {
                compare(expected, found, pictures, context);
            }
        }
        (Json::Object(expected), Value::Bytes(found)) => compare_bytes(expected, found, pictures, context),
        (Json::Object(expected), Value::Dict(found)) => {
            let keys: Vec<&str> = found.iter().map(|(key, _)| key).collect();
            assert_eq!(expected.keys().map(String::as_str).collect::<Vec<_>>(), keys, "{context}");
            for (key, expected) in expected {
                match key.as_str() {
                    "time" => assert!(matches!(found.get(key), Some(Value::Int(_))), "{context}"),
                    "port" => assert!(matches!(found.get(key), Some(Value::Str(_))), "{context}"),
                    _ => compare(expected, found.get(key).unwrap(), pictures, context),
                }
            }
        }
        (expected, found) => panic!("{context}: expected {expected}, found {found:?}"),
    }
}

/// A picture is one of ours; a stored message has the length of the one observed, and is a dict in its own tag.
fn compare_bytes(
    expected: &serde_json::Map<String, Json>,
    found: &Bytes,
    pictures: &mut Pictures,
    context: &str,
) {
    let length = usize::try_from(expected["$bytearray"].as_u64().unwrap()).unwrap();
    assert_eq!(found.len(), length, "{context}");
    if let Some(picture) = pictures.by_md5.get(expected["md5"].as_str().unwrap()) {
        assert_eq!(hex::encode(Md5::digest(found)), hex::encode(Md5::digest(picture)), "{context}");
        return;
    }
    let stored = Value::decode(found.clone(), &Limits::default()).unwrap();
    let Value::Dict(stored) = &stored else { panic!("{context}: {stored:?}") };
    assert_eq!(stored.iter().map(|(key, _)| key).collect::<Vec<_>>(), STORED, "{context}");
    if let Some(Value::Bytes(picture)) = stored.get("message").and_then(|message| message.get("data")) {
        assert!(
            pictures.by_md5.values().any(|sent| sent == picture),
            "{context}: another picture than was sent"
        );
    }
    if let Some(observed) = expected.get("hex").and_then(Json::as_str) {
        let observed =
            Value::decode(Bytes::from(hex::decode(observed).unwrap()), &Limits::default()).unwrap();
        let Value::Dict(observed) = &observed else { panic!("{context}: {observed:?}") };
        for (key, value) in observed.iter().filter(|(key, _)| *key != "time") {
            assert_eq!(stored.get(key), Some(value), "{context}: {key}");
        }
    }
}
