//! Messages that were taken back.

use uchat_codec::chat::TakenBack;

use super::*;
use crate::arrived::Place;
use crate::event::Fetched;

fn numbered(number: u64, sender: u64, text: &str) -> Arrived {
    let place = Some(Place { conversation: 7, number });
    Arrived { place, ..Arrived::new(new_message(0, 2, sender, number, text)) }
}

fn saying(said: TakenBack, number: u64, sender: u64) -> Arrived {
    let mut arrived = numbered(number, sender, "");
    arrived.message.message = said.content("gone").unwrap();
    arrived
}

fn shown(state: &State) -> Vec<&str> {
    let entries = state.history(BOB).unwrap().entries();
    entries.map(|entry| entry.content.text().unwrap_or("-")).collect()
}

fn with_messages() -> State {
    let mut state = logged_in(vec![friend(2, true)], vec![], vec![]);
    for (number, sender, text) in [(1, 2, "one"), (2, 2, "two"), (3, ME, "three")] {
        state.update(Event::Message(numbered(number, sender, text)));
    }
    state
}

#[test]
fn what_was_taken_back_is_forgotten_and_only_its_sender_takes_it_back() {
    let mut state = with_messages();
    state.update(Event::Message(saying(TakenBack::Other(3), 4, 2)));
    assert_eq!(shown(&state), ["one", "two", "three", "-"], "bob takes nothing of mine back");
    let effects = state.update(Event::Message(saying(TakenBack::Other(2), 5, 2)));
    assert_eq!(shown(&state), ["one", "-", "three", "-", "-"]);
    assert_eq!(state.last_said(BOB), Some(Place { conversation: 7, number: 3 }));
    state.update(Event::Message(saying(TakenBack::Other(3), 6, ME)));
    assert_eq!(state.last_said(BOB), None);
    assert!(effects.contains(&Effect::ConversationChanged(BOB)));
}

#[test]
fn what_was_taken_back_meanwhile_is_forgotten_when_it_is_seen_again() {
    let mut state = with_messages();
    let messages = vec![saying(TakenBack::This, 1, 2), saying(TakenBack::Other(3), 4, ME)];
    state.update(Event::Fetched(Fetched { conversation: 7, messages, asked: false }));
    assert_eq!(shown(&state), ["-", "two", "-", "-"]);
    assert_eq!(
        state.contact(BOB).unwrap().last.as_ref().unwrap().content.taken_back(),
        Some(TakenBack::Other(3))
    );
}
