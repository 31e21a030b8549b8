//! To whom a command goes: by name, by user number, or by room number.

use serde::de::{self, Deserialize, Deserializer};

use crate::{ConversationId, State};

/// What a command calls a friend or a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A number: of a user, or of a room where only rooms make sense.
    Number(u64),
    /// `{"user": 3}`
    User(u64),
    /// `"#3"` or `{"room": 3}`
    Room(u64),
    /// A friend's name, or else a room's.
    Name(String),
}

/// Nobody here is called so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownTarget {
    /// No contact has the name.
    #[error("no friend or room is called {0:?}")]
    Nobody(String),
    /// Several rooms have it.
    #[error("several rooms are called {0:?}; use the number, like \"#3\"")]
    Several(String),
    /// A room was needed.
    #[error("{0} is not a room")]
    NoRoom(String),
    /// A user was needed.
    #[error("{0} is not a user")]
    NoUser(String),
}

impl Target {
    /// As a person types it: `#3` is a room, anything else a name.
    pub fn typed(text: &str) -> Self {
        let room = text.strip_prefix('#').and_then(|number| number.parse().ok());
        room.map_or_else(|| Self::Name(text.to_owned()), Self::Room)
    }

    /// Which conversation is meant. A name of digits only is a number when nobody is called so.
    pub fn conversation(&self, state: &State) -> Result<ConversationId, UnknownTarget> {
        match self {
            Self::Number(user) | Self::User(user) => Ok(ConversationId::Friend(*user)),
            Self::Room(room) => Ok(ConversationId::Room(*room)),
            Self::Name(name) => by_name(name, state),
        }
    }

    /// Which room is meant, where only rooms make sense.
    pub fn room(&self, state: &State) -> Result<u64, UnknownTarget> {
        match self {
            Self::Number(room) | Self::Room(room) => Ok(*room),
            Self::User(user) => Err(UnknownTarget::NoRoom(user.to_string())),
            Self::Name(name) => match (name.parse(), rooms_called(name, state)?) {
                (_, Some(room)) | (Ok(room), None) => Ok(room),
                (Err(_), None) => Err(UnknownTarget::NoRoom(name.clone())),
            },
        }
    }

    /// Which of the users who want to be friends is meant.
    pub fn requester(&self, state: &State) -> Result<u64, UnknownTarget> {
        match self {
            Self::Number(user) | Self::User(user) => Ok(*user),
            Self::Room(room) => Err(UnknownTarget::NoUser(format!("#{room}"))),
            Self::Name(name) => {
                let found = state.requests().iter().find(|user| user.username == normal(name));
                let number = || name.parse().map_err(|_| UnknownTarget::NoUser(name.clone()));
                found.map(|user| user.id).map_or_else(number, Ok)
            }
        }
    }

    /// Which member of a room is meant, or who of those who ask to come in.
    pub fn member(&self, room: u64, state: &State) -> Result<u64, UnknownTarget> {
        let Self::Name(name) = self else { return self.requester(state) };
        let wanted = normal(name);
        let member = state.members(room).into_iter().flatten().find(|member| member.name == wanted);
        let asking = state.room_requests().iter().find(|asks| asks.room == room && asks.username == wanted);
        let found = member.map(|member| member.id).or(asking.map(|asks| asks.user));
        found.map_or_else(|| self.friend(state), Ok)
    }

    /// Which room is meant of those that the user is invited to.
    pub fn invitation(&self, state: &State) -> Result<u64, UnknownTarget> {
        let called = |name: &String| state.invitations().iter().find(|to| to.name == *name);
        match self {
            Self::Name(name) => called(name).map_or_else(|| self.room(state), |to| Ok(to.room)),
            _ => self.room(state),
        }
    }

    /// Which friend is meant, where only friends make sense.
    pub fn friend(&self, state: &State) -> Result<u64, UnknownTarget> {
        match self.conversation(state)? {
            ConversationId::Friend(user) => Ok(user),
            ConversationId::Room(room) => Err(UnknownTarget::NoUser(format!("#{room}"))),
        }
    }

    /// The name of the user that is meant; a name is taken as it is, for it need not be a friend's.
    pub fn username(&self, state: &State) -> Result<String, UnknownTarget> {
        match self {
            Self::Name(name) => Ok(name.clone()),
            Self::Number(user) | Self::User(user) => state
                .contact(ConversationId::Friend(*user))
                .map(|contact| contact.name.clone())
                .ok_or_else(|| UnknownTarget::Nobody(user.to_string())),
            Self::Room(room) => Err(UnknownTarget::NoUser(format!("#{room}"))),
        }
    }
}

fn by_name(name: &str, state: &State) -> Result<ConversationId, UnknownTarget> {
    let wanted = normal(name);
    let is_it =
        |id: ConversationId, called: &str| matches!(id, ConversationId::Friend(_)) && called == wanted;
    let friend =
        state.contacts().chain(state.former_contacts()).find(|contact| is_it(contact.id, &contact.name));
    if let Some(friend) = friend {
        return Ok(friend.id);
    }
    match (rooms_called(name, state)?, name.parse()) {
        (Some(room), _) => Ok(ConversationId::Room(room)),
        (None, Ok(user)) => Ok(ConversationId::Friend(user)),
        (None, Err(_)) => Err(UnknownTarget::Nobody(name.to_owned())),
    }
}

fn rooms_called(name: &str, state: &State) -> Result<Option<u64>, UnknownTarget> {
    let mut found =
        state.contacts().filter(|contact| contact.name == name).filter_map(|contact| match contact.id {
            ConversationId::Room(room) => Some(room),
            ConversationId::Friend(_) => None,
        });
    match (found.next(), found.next()) {
        (Some(_), Some(_)) => Err(UnknownTarget::Several(name.to_owned())),
        (room, _) => Ok(room),
    }
}

/// The server takes user names this way.
fn normal(name: &str) -> String {
    name.trim().to_lowercase()
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = serde_json::Value::deserialize(deserializer)?;
        let number = |key: &str| json.get(key).and_then(serde_json::Value::as_u64);
        match (&json, json.as_u64(), json.as_str(), number("user"), number("room")) {
            (_, Some(number), ..) => Ok(Self::Number(number)),
            (_, _, Some(text), ..) => Ok(Self::typed(text)),
            (_, _, _, Some(user), None) => Ok(Self::User(user)),
            (_, _, _, None, Some(room)) => Ok(Self::Room(room)),
            _ => {
                Err(de::Error::custom("expected a name, a number, \"#room\", {\"user\": n} or {\"room\": n}"))
            }
        }
    }
}
