//! What was observed of the existing server, replayed against ours: every connection receives the same, in the same order.
//!
//! Numbers of users and rooms are mapped as they appear. Not compared: times, and ports (ours are those of the real
//! connections). E-mails are made unique, since ours must be.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::collections::HashMap;

use bytes::Bytes;
use md5::{Digest, Md5};
use serde_json::{Value as Json, json};
use support::{Server, Wire};
use uchat_codec::{Dict, Limits, Opcode, Value, opcode};

/// Where our server answers and the existing one was silent, on purpose: scenario, opcode, reason.
const WE_ANSWER: &[(&str, Opcode, &str)] =
    &[("11_rooms", opcode::QUERY_ROOM_USERS_RESULT, "the existing server failed inside and never answered")];

/// One connection of the scenario.
struct Actor {
    wire: Wire,
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
    let server = Server::start();
    let mut actors: HashMap<String, Actor> = HashMap::new();
    let mut pictures = Pictures::default();
    let events = transcript["events"].as_array().unwrap();
    for (number, event) in events.iter().enumerate() {
        let Some(who) = event["who"].as_str() else { continue };
        let context = || format!("{scenario}, event {number}: {event}");
        match (event["event"].as_str(), event["dir"].as_str()) {
            (Some(text), _) if text.starts_with("connected") => {
                actors.insert(who.to_owned(), Actor { wire: Wire::connect(&server) });
            }
            (Some("closed by client"), _) => {
                actors.remove(who);
            }
            (Some("connection ended"), _) => actors.get_mut(who).unwrap().wire.expect_closed(),
            (_, Some("client->server")) => {
                let code = Opcode(u8::try_from(event["no"].as_u64().unwrap()).unwrap());
                let parameters = to_wire(&with_unique_email(event), &mut pictures);
                actors.get_mut(who).unwrap().wire.send(code, &parameters);
            }
            (_, Some("server->client")) => {
                // What follows from a closed connection may have been written down before the closing itself.
                if says_offline(event) && !events[..number].iter().any(closing) {
                    let closed = events[number..].iter().find(|event| closing(event)).unwrap();
                    actors.remove(closed["who"].as_str().unwrap());
                }
                let (code, value) = next(&mut actors.get_mut(who).unwrap().wire, scenario);
                assert_eq!(u64::from(code.0), event["no"].as_u64().unwrap(), "{}", context());
                compare(&event["parameters"], &value, &mut pictures, &context());
            }
            _ => panic!("{}", context()),
        }
    }
    assert!(server.errors().is_empty(), "{scenario}: {:?}", server.errors());
}

fn closing(event: &Json) -> bool {
    event["event"] == "closed by client"
}

/// `friend_on_off_line` or `room_user_on_off_line` of somebody who went.
fn says_offline(event: &Json) -> bool {
    (event["no"] == 107 && event["parameters"][0] == false)
        || (event["no"] == 112 && event["parameters"][2] == false)
}

/// The next message, past those that the existing server failed to send.
fn next(wire: &mut Wire, scenario: &str) -> (Opcode, Value) {
    loop {
        let (code, value) = wire.recv();
        if !WE_ANSWER.iter().any(|(where_, ours, _)| *where_ == scenario && *ours == code) {
            return (code, value);
        }
    }
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
    if let Some(observed) = expected.get("hex").and_then(Json::as_str) {
        let observed =
            Value::decode(Bytes::from(hex::decode(observed).unwrap()), &Limits::default()).unwrap();
        let Value::Dict(observed) = &observed else { panic!("{context}: {observed:?}") };
        assert_eq!(
            stored.iter().map(|(key, _)| key).collect::<Vec<_>>(),
            observed.iter().map(|(key, _)| key).collect::<Vec<_>>()
        );
        for (key, value) in observed.iter().filter(|(key, _)| *key != "time") {
            assert_eq!(stored.get(key), Some(value), "{context}: {key}");
        }
    }
}
