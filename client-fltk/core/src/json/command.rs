//! Commands: one JSON object a line.

use serde::Deserialize;
use serde_json::{Map, Value as Json};
use uchat_codec::Value;
use uchat_codec::chat::room::Entry;

use super::Target;
use crate::request::Registration;

/// A command, and the mark that its answer carries again.
#[derive(Debug, PartialEq)]
pub struct Line {
    /// What was under `tag`.
    pub tag: Option<Json>,
    /// The command's name.
    pub name: String,
    /// What is to be done.
    pub command: JsonCommand,
}

/// Why a line is no command. The text never quotes the line: there may be a password in it.
#[derive(Debug, PartialEq)]
pub struct BadLine {
    /// What was under `tag`, if that could be read.
    pub tag: Option<Json>,
    /// The command's name, if that could be read.
    pub name: Option<String>,
    /// What is wrong.
    pub why: String,
}

/// What `--json` understands. The name of a variant in snake case is the value of `command`.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum JsonCommand {
    /// Makes an account.
    Register {
        /// The name.
        username: String,
        /// The password.
        password: HiddenText,
        /// The e-mail.
        email: String,
        /// `保密`, `男` or `女`.
        #[serde(default = "unsaid")]
        sex: String,
        /// `保密`, or `0` to `100`.
        #[serde(default = "unsaid")]
        age: String,
    },
    /// Logs in. Further commands wait until the bundle has come or the login has failed.
    Login {
        /// The name.
        username: String,
        /// The password; without it the key of this home logs in.
        #[serde(default)]
        password: Option<HiddenText>,
    },
    /// Changes the password of the account that is logged in.
    ChangePassword {
        /// The password that it has.
        old: HiddenText,
        /// The one that it is to have.
        new: HiddenText,
    },
    /// Asks a user to become a friend.
    AddFriend {
        /// The name.
        username: String,
    },
    /// Ends a friendship.
    DeleteFriend {
        /// Name or number.
        username: Target,
    },
    /// Accepts a friend request.
    Accept {
        /// Name or number of who asked.
        from: Target,
    },
    /// Refuses a friend request.
    Refuse {
        /// Name or number of who asked.
        from: Target,
    },
    /// Sends text.
    SendText {
        /// To whom.
        to: Target,
        /// What.
        text: String,
        /// In which size.
        #[serde(default = "usual_size")]
        fontsize: u32,
        /// In which colour.
        #[serde(default = "usual_colour")]
        fontcolor: String,
    },
    /// Sends a file's content as an image.
    SendImage {
        /// To whom.
        to: Target,
        /// Its path here.
        file: std::path::PathBuf,
    },
    /// Brings a file of any kind to the server in pieces, then sends the message that refers to it.
    SendFile {
        /// To whom.
        to: Target,
        /// Its path here.
        file: std::path::PathBuf,
    },
    /// Fetches a file that a message refers to.
    FetchFile {
        /// Its SHA-256 in hexadecimal.
        sha256: String,
        /// What it is to be called here.
        #[serde(default)]
        name: String,
        /// Where it goes; without it into `files` of the home.
        #[serde(default)]
        folder: Option<std::path::PathBuf>,
    },
    /// Ends the transfer of a file where it is.
    CancelTransfer {
        /// Its number.
        transfer: u64,
    },
    /// Sends a message of any content.
    SendRaw {
        /// To whom.
        to: Target,
        /// The content.
        message: Value,
    },
    /// Becomes a member of a room.
    JoinRoom {
        /// Its number.
        room: Target,
    },
    /// Makes a room.
    CreateRoom {
        /// Its name.
        name: String,
    },
    /// Asks who is in a room.
    RoomUsers {
        /// Which one.
        room: Target,
    },
    /// Asks for a room with its rules, and who is what in it.
    Room {
        /// Which one.
        room: Target,
    },
    /// Leaves a room.
    LeaveRoom {
        /// Which one.
        room: Target,
    },
    /// Invites a friend into a room.
    Invite {
        /// Which one.
        room: Target,
        /// Name or number.
        user: Target,
    },
    /// Takes an invitation, or doesn't.
    AnswerInvitation {
        /// Where to.
        room: Target,
        /// Whether it is taken.
        accept: bool,
    },
    /// Gives a room another name.
    RenameRoom {
        /// Which one.
        room: Target,
        /// The name.
        name: String,
    },
    /// Puts a member out of a room.
    RemoveMember {
        /// Which one.
        room: Target,
        /// Name or number.
        user: Target,
    },
    /// Makes another member the owner of a room.
    HandOver {
        /// Which one.
        room: Target,
        /// Name or number.
        user: Target,
    },
    /// Sets how one comes into a room.
    SetEntry {
        /// Which one.
        room: Target,
        /// How.
        entry: Entry,
    },
    /// Lets in who asks to come into a room, or doesn't.
    AnswerRequest {
        /// Which one.
        room: Target,
        /// Name or number of who asks.
        user: Target,
        /// Whether the user comes in.
        accept: bool,
    },
    /// Sets whether only the owner of a room speaks, and who has a voice.
    SetMuted {
        /// Which one.
        room: Target,
        /// Whether it is so.
        muted: bool,
    },
    /// Gives a member a voice in a muted room, or takes it.
    SetVoice {
        /// Which one.
        room: Target,
        /// Name or number.
        user: Target,
        /// Whether the member may speak.
        voice: bool,
    },
    /// Ends a room for all.
    CloseRoom {
        /// Which one.
        room: Target,
    },
    /// Asks for a value to be sent back.
    Echo {
        /// The value.
        value: Value,
    },
    /// A named call.
    Call {
        /// Which operation.
        name: String,
        /// What it needs.
        #[serde(default)]
        args: Value,
    },
    /// Searches users by the beginning of their name.
    Search {
        /// The beginning.
        prefix: String,
        /// How many at most.
        #[serde(default = "usual_limit")]
        limit: u32,
    },
    /// Asks for the safety number of a friend.
    Safety {
        /// Name or number.
        with: Target,
    },
    /// Remembers that the safety number that was shown for a friend is right.
    Verify {
        /// Name or number.
        with: Target,
    },
    /// Looks at a conversation: its messages are not unread any more.
    Open {
        /// Which one.
        to: Target,
    },
    /// Looks at none.
    Close {},
    /// Prints the contacts.
    Contacts {},
    /// Prints the friend requests, the invitations, and who asks to come into a room.
    Requests {},
    /// Prints a conversation.
    History {
        /// Which one.
        with: Target,
        /// How many messages at most, the newest ones.
        #[serde(default = "usual_history")]
        limit: usize,
    },
    /// Asks the server for messages before those that are here.
    Older {
        /// Of which conversation.
        with: Target,
        /// How many at most.
        #[serde(default = "usual_history")]
        limit: usize,
    },
    /// Prints how things are.
    Status {},
    /// Connects again now.
    Connect {},
    /// Ends the connection and does not come back by itself.
    Disconnect {},
    /// Ends the program.
    Quit {},
}

/// A password in a command: taken over without a trace.
#[derive(PartialEq, Deserialize)]
#[serde(from = "String")]
pub struct HiddenText(pub crate::Secret);

impl From<String> for HiddenText {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl std::fmt::Debug for HiddenText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

fn unsaid() -> String {
    Registration::UNSAID.into()
}

fn usual_size() -> u32 {
    16
}

fn usual_colour() -> String {
    "#000000".into()
}

fn usual_limit() -> u32 {
    20
}

fn usual_history() -> usize {
    50
}

impl Line {
    /// Reads one line.
    pub fn parse(line: &str) -> Result<Self, BadLine> {
        let bad = |tag, name, why: &str| BadLine { tag, name, why: why.to_owned() };
        // serde_json's own text names line and column, never content.
        let json: Json =
            serde_json::from_str(line).map_err(|error| bad(None, None, &format!("no JSON: {error}")))?;
        let Json::Object(mut fields) = json else { return Err(bad(None, None, "not a JSON object")) };
        let tag = fields.remove("tag");
        let Some(Json::String(name)) = fields.remove("command") else {
            return Err(bad(tag, None, "no \"command\" in it"));
        };
        // As {"name": {fields}}: serde would buffer an enum tagged from inside, and lose long numbers on the way.
        let tagged = Json::Object(Map::from_iter([(name.clone(), Json::Object(fields))]));
        match serde_json::from_value(tagged) {
            Ok(command) => Ok(Self { tag, name, command }),
            Err(error) => {
                let why = explained(&error.to_string());
                Err(BadLine { tag, name: Some(name), why })
            }
        }
    }
}

/// Serde quotes a value of the wrong type, which may be a password: only what was expected is kept.
fn explained(error: &str) -> String {
    match (error.starts_with("invalid"), error.rfind("expected")) {
        (true, Some(at)) => format!("a value of the wrong type: {}", &error[at..]),
        _ => error.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_takes_its_usual_values() {
        let line = Line::parse(r##"{"command":"send_text","to":"#3","text":"hi","tag":7}"##).unwrap();
        assert_eq!(line.tag, Some(Json::from(7)));
        let expected = JsonCommand::SendText {
            to: Target::Room(3),
            text: "hi".into(),
            fontsize: 16,
            fontcolor: "#000000".into(),
        };
        assert_eq!(line.command, expected);
    }

    #[test]
    fn numbers_of_any_size_arrive_unchanged() {
        let line = Line::parse(r#"{"command":"echo","value":{"n":18446744073709551615}}"#).unwrap();
        let JsonCommand::Echo { value } = line.command else { panic!("no echo") };
        assert_eq!(value.get("n").and_then(Value::as_u64), Some(u64::MAX));
    }

    #[test]
    fn a_bad_line_is_explained_with_its_tag_and_without_its_content() {
        let bad = Line::parse(r#"{"command":"login","username":"a","password":["hunter2"],"tag":"t"}"#)
            .unwrap_err();
        assert_eq!((bad.tag, bad.name.as_deref()), (Some(Json::from("t")), Some("login")));
        assert!(!bad.why.contains("hunter2"), "{}", bad.why);
        let bad = Line::parse(r#"{"command":"login","username":"a","password":12345678}"#).unwrap_err();
        assert!(!bad.why.contains("12345678"), "{}", bad.why);
        for line in ["", "{", "[]", "{}", r#"{"command":"fly"}"#, r#"{"command":"quit","now":true}"#] {
            assert!(Line::parse(line).is_err(), "{line}");
        }
    }

    #[test]
    fn a_password_does_not_show_in_a_command() {
        let line = Line::parse(r#"{"command":"login","username":"a","password":"hunter2"}"#).unwrap();
        assert!(!format!("{line:?}").contains("hunter2"));
    }
}
