//! What the user can want of the window.

use std::path::PathBuf;

use uchat_client_core::{ConversationId, Secret};

use super::Page;
use super::form::FieldName;
use super::rooms::RoomMsg;
use crate::conversation::Asked;
use crate::design::ThemeName;
use crate::design::theme::Accent;
use crate::settings::SendKey;
use crate::texts::Language;

/// Something the user wants.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A field of the form was typed in.
    Typed(FieldName, String),
    /// Sex was chosen for a registration.
    Sex(&'static str),
    /// Age was typed for a registration.
    Age(String),
    /// The button of the form.
    Submit,
    /// To the other face of the form.
    SwitchFace,
    /// To the other suite, for the server in the form.
    SwitchSuite,
    /// The server's new key is right: its operator has said so.
    TrustServer,
    /// The safety number was compared and is right.
    Verify,
    /// The old password, a new one, and the new one once more.
    ChangePassword(Secret, Secret, Secret),
    /// To the other language.
    SwitchLanguage,
    /// A contact was clicked.
    Open(ConversationId),
    /// Back to the list, or from a page to the conversation.
    Back,
    /// The filter above the list.
    Filter(String),
    /// Accept, refuse (`Some`) or decide later.
    Answer(u64, Option<bool>),
    /// To a page.
    Go(Page),
    /// The search of users was typed in.
    FindUsers(String),
    /// Ask somebody to be a friend.
    AddFriend(String),
    /// Join a room by its number.
    JoinRoom(String),
    /// Make a room.
    CreateRoom(String),
    /// Shake the window of the open conversation's friend.
    Nudge,
    /// The first of two clicks that end a friendship.
    AskDelete(bool),
    /// The second one.
    DeleteFriend,
    /// Something about a room.
    Room(RoomMsg),
    /// A member of a room was clicked.
    Member(u64, String),
    /// Send what is written.
    Send(String),
    /// What is written so far.
    Draft(String),
    /// More was pasted than fits into one message.
    TooLong,
    /// Send this file.
    Attach(PathBuf),
    /// Send this image, as PNG.
    Paste(Vec<u8>),
    /// Something in the conversation.
    Asked(Asked),
    /// Copy a received file to where the user wants it: from, to.
    SaveAs(PathBuf, PathBuf),
    /// Search in all messages.
    Search(String),
    /// A found message was clicked.
    Reveal(usize),
    /// A setting.
    Set(Setting),
    /// The button of the bar.
    BarAction,
    /// The cross of the bar.
    BarClose,
    /// Choose the folder where files are saved.
    ChooseDownloads,
    /// To the sign-in form, and forget the password.
    SignOut,
}

/// One setting and its new value.
#[derive(Clone, Debug)]
pub enum Setting {
    /// The language.
    Language(Language),
    /// The theme.
    Theme(ThemeName),
    /// The accent colour.
    Accent(Accent),
    /// Which key sends.
    SendKey(SendKey),
    /// Desktop notices.
    Notify(bool),
    /// A sound.
    Sound(bool),
    /// Addresses in the list.
    Addresses(bool),
    /// The family of all text.
    Font(String),
    /// Where files are saved.
    Downloads(String),
    /// Whether the next start needs no password.
    StaySignedIn(bool),
    /// Whether others hear what was read.
    TellRead(bool),
    /// The size of written text.
    TextSize(u32),
    /// The colour of written text.
    TextColour(String),
}
