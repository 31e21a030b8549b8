//! Events: one JSON object a line.

use std::path::Path;

use serde_json::{Value as Json, json};
use uchat_codec::chat::{TARGET_ROOM, TakenBack, UserInfo};
use uchat_codec::{SuiteName, Value};

use crate::attachment::Attachment;
use crate::state::{Contact, Content, Entry, Link};
use crate::transfer::{News, Step};
use crate::{Arrived, Bundle, ConversationId, Event, Fetched, Member, Safety, SharedFile, State};

/// An event as it is printed. Images are named by the path under `files` where their content was saved.
pub fn event(event: &Event, state: &State, files: &Path) -> Json {
    match event {
        Event::Connecting { server, attempt } => {
            json!({"event": "connecting", "server": server, "attempt": attempt})
        }
        Event::Connected { server, suite, server_key, .. } => {
            let suite = match suite {
                SuiteName::Classic => "classic",
                SuiteName::Strong => "strong",
                _ => "other",
            };
            let fingerprint = server_key.as_ref().map(crate::event::fingerprint);
            json!({"event": "connected", "server": server, "suite": suite, "fingerprint": fingerprint})
        }
        Event::Disconnected { reason, retry_in, unsent } => json!({
            "event": "disconnected", "reason": reason.code(), "text": reason.to_string(),
            "retry_in_ms": retry_in.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
            "unsent": unsent,
        }),
        Event::QueueHasRoom => json!({"event": "queue_has_room"}),
        Event::LoggedIn(info) => json!({"event": "logged_in", "user": user(info)}),
        Event::LoginFailed => json!({"event": "login_failed"}),
        Event::Registered(id) => json!({"event": "registered", "id": id}),
        Event::UsernameTaken => json!({"event": "username_taken"}),
        Event::Failure(text) => json!({"event": "failure", "text": text}),
        Event::Notice(text) => json!({"event": "notice", "text": text}),
        Event::FriendRequest(info) => json!({"event": "friend_request", "user": user(info)}),
        Event::FriendRequestResult { ok, text } => {
            json!({"event": "friend_request_result", "ok": ok, "text": text})
        }
        Event::ContactAdded(info) => json!({"event": "contact_added", "contact": serialized(info)}),
        Event::FriendDeleteResult { ok, text } => {
            json!({"event": "friend_delete_result", "ok": ok, "text": text})
        }
        Event::FriendDeleted(info) => json!({"event": "friend_deleted", "user": user(info)}),
        Event::Presence { user, online } => json!({"event": "presence", "user": user, "online": online}),
        Event::RoomPresence { room, user, online } => {
            json!({"event": "room_presence", "room": room, "user": user, "online": online})
        }
        Event::RoomUsers { room, members } => json!({
            "event": "room_users", "room": room, "members": members.iter().map(member).collect::<Vec<_>>(),
        }),
        Event::RoomDetails(_)
        | Event::RoomChanged(_)
        | Event::Invited(_)
        | Event::Invitations(_)
        | Event::RoomRequested(_)
        | Event::RoomRequests(_) => super::rooms::event(event),
        Event::Message(new) => with(json!({"event": "message"}), message(new, state, files)),
        Event::Fetched(fetched) => self::fetched(fetched, state, files),
        Event::Cursor(moved) => json!({
            "event": "cursor", "conversation_number": moved.conversation, "user": moved.user, "received": moved.received,
            "read": moved.read,
        }),
        Event::Bundle(bundle) => self::bundle(bundle, state, files),
        Event::Kicked => json!({"event": "kicked"}),
        Event::Echo(value) => json!({"event": "echo", "value": serialized(value)}),
        Event::CallAnswer { id, outcome: Ok(value) } => {
            json!({"event": "call_result", "id": id, "ok": serialized(value)})
        }
        Event::CallAnswer { id, outcome: Err(error) } => {
            json!({"event": "call_result", "id": id, "err": serialized(error)})
        }
        Event::Named { name, args } => {
            json!({"event": "named", "name": name, "args": serialized(args)})
        }
        Event::Certified { username, not_after, path } => json!({
            "event": "certified", "username": username, "not_after": not_after, "file": path.to_string_lossy(),
        }),
        Event::SafetyNumber(safety) => safety_number(safety),
        Event::KeyChanged { user, name, key } => json!({
            "event": "key_changed", "user": user, "name": name, "fingerprint": crate::event::fingerprint(key),
        }),
        Event::Undecodable { opcode, why } => {
            json!({"event": "undecodable", "opcode": opcode.map(|code| code.0), "text": why})
        }
    }
}

/// A safety number, asked for or just verified.
pub fn safety_number(safety: &Safety) -> Json {
    let Safety { user, name, key, number, verified } = safety;
    json!({
        "event": "safety_number", "user": user, "name": name, "number": number, "verified": verified,
        "fingerprint": crate::event::fingerprint(key),
    })
}

/// A command was taken; `more` says what else is to know, like the number of a call.
pub fn accepted(command: &str, tag: Option<&Json>, more: Json) -> Json {
    let mut line = json!({"event": "accepted", "command": command});
    if let Some(tag) = tag {
        line["tag"] = tag.clone();
    }
    with(line, more)
}

/// What happens to a file on its way.
pub fn transfer(news: &News) -> Json {
    let line = json!({"event": "transfer", "transfer": news.transfer});
    with(
        line,
        match &news.what {
            Step::Moved { done, size } => json!({"state": "moving", "done": done, "size": size}),
            Step::Sent(file) => {
                json!({"state": "sent", "sha256": file.sha256.to_string(), "size": file.size})
            }
            Step::Fetched(path) => json!({"state": "fetched", "file": path.to_string_lossy()}),
            Step::Failed(error) => {
                json!({"state": "failed", "code": error.code(), "text": error.to_string()})
            }
        },
    )
}

/// A command was not taken, or something went wrong here.
pub fn error(command: Option<&str>, tag: Option<&Json>, code: &str, text: &str) -> Json {
    let mut line = json!({"event": "error", "code": code, "text": text});
    if let Some(command) = command {
        line["command"] = command.into();
    }
    if let Some(tag) = tag {
        line["tag"] = tag.clone();
    }
    line
}

/// The list of contacts in its order.
pub fn contacts(state: &State) -> Json {
    let list: Vec<_> = state.contacts().map(contact).collect();
    let former: Vec<_> = state.former_contacts().map(contact).collect();
    json!({"event": "contacts", "contacts": list, "former": former, "unread": state.unread()})
}

/// The friend requests.
pub fn requests(state: &State) -> Json {
    json!({
        "event": "requests", "requests": state.requests().iter().map(user).collect::<Vec<_>>(),
        "invitations": serialized(state.invitations()), "room_requests": serialized(state.room_requests()),
    })
}

/// The newest messages of a conversation, the oldest of them first.
pub fn history(id: ConversationId, limit: usize, state: &State, files: &Path) -> Json {
    let entries = state.history(id).map_or_else(Vec::new, |history| {
        let skipped = history.len().saturating_sub(limit);
        history.entries().skip(skipped).map(|entry| self::entry(entry, state, files)).collect()
    });
    json!({"event": "history", "conversation": conversation(id, state), "messages": entries})
}

/// How things are.
pub fn status(state: &State, server: &str) -> Json {
    let link = match state.link() {
        Link::Idle => "idle",
        Link::Connecting => "connecting",
        Link::Connected => "connected",
        Link::Disconnected { .. } => "disconnected",
        Link::Kicked => "kicked",
    };
    json!({
        "event": "status", "link": link, "server": server, "me": state.me().map(user), "ready": state.is_ready(),
        "open": state.open_conversation().map(|id| conversation(id, state)),
        "contacts": state.contacts().count(), "requests": state.requests().len(), "unread": state.unread(),
    })
}

fn bundle(bundle: &Bundle, state: &State, files: &Path) -> Json {
    let messages: Vec<_> = bundle
        .messages
        .iter()
        .map(|new| with(json!({"sent": u8::from(new.seen)}), message(new, state, files)))
        .collect();
    json!({
        "event": "bundle", "rooms": serialized(&bundle.rooms), "friends": serialized(&bundle.friends),
        "messages": messages, "undecodable": bundle.undecodable,
    })
}

fn fetched(fetched: &Fetched, state: &State, files: &Path) -> Json {
    let messages: Vec<_> = fetched.messages.iter().map(|new| message(new, state, files)).collect();
    json!({
        "event": "fetched", "conversation_number": fetched.conversation, "asked": fetched.asked, "messages": messages,
    })
}

fn message(arrived: &Arrived, state: &State, files: &Path) -> Json {
    let new = &arrived.message;
    let id = if new.target_type == TARGET_ROOM {
        ConversationId::Room(new.target_id)
    } else {
        ConversationId::Friend(new.target_id)
    };
    let (entry, _) = Entry::of(new.clone(), arrived.place.map(|place| place.number));
    let head = json!({
        "conversation": conversation(id, state), "sender": {"id": new.sender_id, "name": new.sender_name},
        "own": is_own(new.sender_id, state), "time": new.time, "target_type": new.target_type,
        "target_id": new.target_id, "number": arrived.place.map(|place| place.number),
        "conversation_number": arrived.place.map(|place| place.conversation),
    });
    with(head, content(&entry.content, files))
}

fn entry(entry: &Entry, state: &State, files: &Path) -> Json {
    let head = json!({
        "sender": {"id": entry.sender_id, "name": entry.sender_name}, "own": is_own(entry.sender_id, state),
        "time": entry.time,
    });
    with(head, content(&entry.content, files))
}

fn content(content: &Content, files: &Path) -> Json {
    match content {
        Content::Text { text, size, colour } => self::text(text, *size, colour),
        Content::File(attachment) => file(attachment, files),
        Content::Shared(file) => shared_file(file, files),
        Content::System { line, text } => super::rooms::line(line, text),
        Content::Other(value) => other(value),
    }
}

fn text(text: &str, size: u32, colour: &str) -> Json {
    json!({"kind": "text", "text": text, "fontsize": size, "fontcolor": colour})
}

fn file(attachment: &Attachment, files: &Path) -> Json {
    json!({
        "kind": "image", "file": files.join(attachment.file_name()).to_string_lossy(), "bytes": attachment.bytes,
        "sha256": attachment.sha256, "name": attachment.name,
    })
}

/// A file that the server has; `thumbnail` is the path of its small picture.
fn shared_file(file: &SharedFile, files: &Path) -> Json {
    let thumbnail = file.thumbnail.as_ref().map(|made| files.join(made.file_name()));
    json!({
        "kind": "file", "sha256": file.sha256.to_string(), "bytes": file.size, "name": file.name,
        "thumbnail": thumbnail.map(|path| path.to_string_lossy().into_owned()),
    })
}

fn other(value: &Value) -> Json {
    match TakenBack::of(value) {
        Some(TakenBack::This) => return json!({"kind": "taken_back"}),
        Some(TakenBack::Other(number)) => return json!({"kind": "takes_back", "takes_back": number}),
        None => {}
    }
    json!({"kind": "other", "message": serialized(value)})
}

fn contact(contact: &Contact) -> Json {
    let (kind, id) = numbered(contact.id);
    let last = contact.last.as_ref().map(|last| {
        with(json!({"time": last.time, "sender": last.sender_name}), content(&last.content, Path::new("")))
    });
    json!({
        "type": kind, "id": id, "name": contact.name, "ip": contact.ip, "port": contact.port,
        "online": contact.online, "unread": contact.unread, "last": last,
    })
}

fn conversation(id: ConversationId, state: &State) -> Json {
    let (kind, number) = numbered(id);
    json!({"type": kind, "id": number, "name": state.contact(id).map(|contact| contact.name.as_str())})
}

fn numbered(id: ConversationId) -> (&'static str, u64) {
    match id {
        ConversationId::Friend(user) => ("friend", user),
        ConversationId::Room(room) => ("room", room),
    }
}

fn is_own(sender: u64, state: &State) -> bool {
    state.me().is_some_and(|me| me.id == sender)
}

fn user(info: &UserInfo) -> Json {
    serialized(info)
}

fn member(member: &Member) -> Json {
    json!({"id": member.id, "name": member.name, "online": member.online})
}

/// Values of the wire always have a form in JSON; `null` stands in should that ever fail.
fn serialized<T: serde::Serialize + ?Sized>(value: &T) -> Json {
    serde_json::to_value(value).unwrap_or(Json::Null)
}

/// The fields of both objects in one.
fn with(mut first: Json, second: Json) -> Json {
    if let (Json::Object(fields), Json::Object(more)) = (&mut first, second) {
        fields.extend(more);
    }
    first
}
