//! What waits for an answer, above the contacts: friend requests, invitations into rooms, who wants to come into ours.

use super::Row;
use crate::app::rooms::RoomMsg;
use crate::app::{App, Msg};
use crate::widget::Item;

/// Keys of the buttons of a card.
const ACCEPT: u64 = 0;
const REFUSE: u64 = 1;
const LATER: u64 = 2;

/// Whom a card is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum Card {
    /// Somebody wants to be a friend.
    Friend(u64),
    /// We are invited into this room.
    Invitation(u64),
    /// Somebody wants to come into a room of ours: room, user.
    Request(u64, u64),
}

impl Card {
    /// What a press on one of its buttons means.
    pub(super) fn answered(self, button: u64) -> Msg {
        let accept = match button {
            ACCEPT => Some(true),
            REFUSE => Some(false),
            _ => None,
        };
        match self {
            Self::Friend(user) => Msg::Answer(user, accept),
            Self::Invitation(room) => Msg::Room(RoomMsg::Invitation(room, accept)),
            Self::Request(room, user) => Msg::Room(RoomMsg::Request(room, user, accept)),
        }
    }
}

/// The cards, in the order of the list.
pub(super) fn cards(app: &App) -> (Vec<Row>, Vec<Item>) {
    let (mut rows, mut items) = (Vec::new(), Vec::new());
    let mut add = |card: Card, item: Item| {
        items.push(Item { key: rows.len() as u64, ..item });
        rows.push(Row::Card(card));
    };
    for user in app.state.requests() {
        let name = format!("request:{}", user.username);
        add(Card::Friend(user.id), card(app, name, &user.username, app.texts.get("t-request")));
    }
    for to in app.state.invitations() {
        let note = app.texts.with("t-invites-you", &[("name", to.by_name.clone().into())]);
        let item = Item { is_room: true, ..card(app, format!("invitation:{}", to.name), &to.name, note) };
        add(Card::Invitation(to.room), item);
    }
    for asks in app.state.room_requests() {
        let room = app.state.contact(uchat_client_core::ConversationId::Room(asks.room));
        let room = room.map_or_else(|| format!("#{}", asks.room), |room| room.name.clone());
        let name = format!("room-request:{}:{}", asks.room, asks.username);
        let note = app.texts.with("t-wants-in", &[("room", room.into())]);
        add(Card::Request(asks.room, asks.user), card(app, name, &asks.username, note));
    }
    (rows, items)
}

/// A card with its three buttons.
fn card(app: &App, name: String, title: &str, note: String) -> Item {
    let action =
        |key, text: &str, first, word: &str| (key, app.texts.get(text), first, format!("{name}:{word}"));
    let actions = vec![
        action(ACCEPT, "t-accept", true, "accept"),
        action(REFUSE, "t-refuse", false, "refuse"),
        action(LATER, "t-later", false, "later"),
    ];
    Item { avatar: Some(title.to_owned()), title: title.to_owned(), note, actions, name, ..Item::default() }
}
