//! The arithmetic of unread messages agrees with a plain model of it, whatever happens.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

/// The arithmetic of unread messages, written down a second time in the simplest way.
#[derive(Default)]
struct Model {
    me: Option<u64>,
    open: Option<ConversationId>,
    unread: HashMap<ConversationId, u64>,
    known: HashMap<(ConversationId, u64, u64), usize>,
}

impl Model {
    fn apply(&mut self, input: &Input) {
        match input {
            Input::Command(Command::Open(id)) => {
                self.open = Some(*id);
                self.unread.remove(id);
            }
            Input::Command(Command::Close) => self.open = None,
            Input::Event(Event::LoggedIn(user)) => {
                if self.me.is_some_and(|me| me != user.id) {
                    *self = Self::default();
                }
                self.me = Some(user.id);
            }
            Input::Event(Event::Message(message)) => {
                let message = &message.message;
                let Some(id) = ConversationId::of(message) else { return };
                *self.known.entry((id, message.sender_id, message.time)).or_default() += 1;
                self.count(id, message.sender_id);
            }
            Input::Event(Event::Bundle(bundle)) => {
                let mut seen: HashMap<_, usize> = HashMap::new();
                for Arrived { message, seen: sent, .. } in &bundle.messages {
                    let Some(id) = ConversationId::of(message) else { continue };
                    let key = (id, message.sender_id, message.time);
                    let seen = seen.entry(key).or_default();
                    *seen += 1;
                    let known = self.known.entry(key).or_default();
                    if *seen > *known {
                        *known = *seen;
                        if !sent {
                            self.count(id, message.sender_id);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    fn count(&mut self, id: ConversationId, sender: u64) {
        if self.me != Some(sender) && self.open != Some(id) {
            *self.unread.entry(id).or_default() += 1;
        }
    }
}

fn some_message() -> impl Strategy<Value = NewMessage> {
    (0_u8..3, 1_u64..5, 1_u64..5, 0_u64..6)
        .prop_map(|(kind, target, sender, time)| new_message(kind, target, sender, time, "text"))
}

fn some_conversation() -> impl Strategy<Value = ConversationId> {
    prop_oneof![(1_u64..5).prop_map(ConversationId::Friend), (1_u64..5).prop_map(ConversationId::Room)]
}

fn some_bundle() -> impl Strategy<Value = Event> {
    let friends = prop::collection::vec((1_u64..5, any::<bool>()), 0..4);
    let rooms = prop::collection::vec(1_u64..5, 0..3);
    let messages = prop::collection::vec((some_message(), any::<bool>()), 0..8);
    (friends, rooms, messages).prop_map(|(friends, rooms, messages)| {
        let friends = friends.into_iter().map(|(id, online)| friend(id, online)).collect();
        bundle(friends, rooms.into_iter().map(|id| RoomInfo::new(id, format!("r{id}"))).collect(), messages)
    })
}

fn some_input() -> impl Strategy<Value = Input> {
    prop_oneof![
        6 => some_message().prop_map(|message| Event::Message(message.into()).into()),
        2 => some_conversation().prop_map(|id| Command::Open(id).into()),
        1 => Just(Command::Close.into()),
        1 => prop_oneof![Just(ME), Just(9)].prop_map(|id| Event::LoggedIn(user(id)).into()),
        2 => some_bundle().prop_map(Input::from),
        2 => (1_u64..5, any::<bool>()).prop_map(|(user, online)| Event::Presence { user, online }.into()),
        1 => (1_u64..5).prop_map(|id| Event::FriendDeleted(user(id)).into()),
        1 => (1_u64..5).prop_map(|id| Event::FriendRequest(user(id)).into()),
        1 => (1_u64..5, any::<bool>())
            .prop_map(|(id, online)| Event::ContactAdded(ContactInfo::Friend(friend(id, online))).into()),
        1 => (1_u64..5).prop_map(|id| Event::ContactAdded(ContactInfo::Room(RoomInfo::new(id, "r"))).into()),
        1 => Just(Event::Disconnected {
            reason: DisconnectReason::Closed,
            retry_in: Some(Duration::from_secs(1)),
            unsent: 0,
        }.into()),
    ]
}

proptest! {
    #[test]
    fn whatever_happens_the_list_is_in_order_and_unread_is_arithmetic(
        inputs in prop::collection::vec(some_input(), 0..60),
    ) {
        let (mut state, mut model) = (State::default(), Model::default());
        for input in inputs {
            model.apply(&input);
            state.update(input);
            let rank = |contact: &Contact| (!contact.online, u64::MAX - contact.last_time(), contact.name.clone());
            prop_assert!(state.contacts().is_sorted_by_key(rank));
            prop_assert_eq!(state.contacts().chain(state.former_contacts()).count(), state.contacts.len());
            for contact in state.contacts.values() {
                prop_assert_eq!(contact.unread, model.unread.get(&contact.id).copied().unwrap_or(0), "{:?}", contact);
            }
            for history in state.histories.values() {
                prop_assert!(history.entries().is_sorted_by_key(|entry| entry.time));
            }
        }
    }
}
