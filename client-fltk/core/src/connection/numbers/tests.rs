//! A server that is played by hand: what the client asks, tells and confirms.

use bytes::BytesMut;
use uchat_codec::chat::{Blob, MessageBody, NewMessage, UserInfo};
use uchat_codec::encode_to;

use super::*;

const C: u64 = 7;

fn limits() -> Limits {
    Limits::default()
}

fn numbered(number: u64) -> Numbered {
    let message = NewMessage {
        message: MessageBody::text(format!("m{number}")).into_value().unwrap(),
        sender_id: 2,
        sender_name: "bob".into(),
        target_type: 0,
        time: number,
        target_id: 2,
    };
    let mut bytes = BytesMut::new();
    encode_to(&message, &mut bytes).unwrap();
    Numbered { conversation: C, number, said: Blob(bytes.freeze()) }
}

fn standing(latest: u64, received: u64, read: u64) -> Standing {
    let others = vec![(2, 0, 0)];
    Standing { conversation: C, target_type: 0, target_id: 2, first: 0, latest, received, read, others }
}

fn answer<T: Serialize>(id: u64, value: &T) -> Event {
    Event::CallAnswer { id, outcome: Ok(to_value(value).unwrap()) }
}

fn at(number: u64) -> Place {
    Place { conversation: C, number }
}

/// What the requests ask: their names and arguments.
fn asked(requests: impl IntoIterator<Item = Request>) -> Vec<(String, Value)> {
    let one = |request| match request {
        Request::Call { name, args, .. } => (name, args),
        other => panic!("{other:?}"),
    };
    requests.into_iter().map(one).collect()
}

fn up_to(number: u64) -> Vec<(String, Value)> {
    vec![(RECEIVED.to_owned(), to_value(&UpTo { conversation: C, number, quiet: false }).unwrap())]
}

/// A login of a connection, up to the question what is new.
fn log_in(numbers: &mut Numbers) -> Vec<(String, Value)> {
    assert_eq!(asked([numbers.begin()])[0].0, NUMBERS);
    assert_eq!(numbers.heard(answer(NUMBERS_CALL, &true), &limits()), Outcome::default());
    numbers.heard(Event::LoggedIn(UserInfo { id: 1, ..UserInfo::default() }), &limits());
    let outcome = numbers.heard(Event::Bundle(Bundle::default()), &limits());
    assert_eq!(outcome.tell, [], "the login is not complete yet");
    asked(outcome.ask)
}

/// The numbers of the messages that an event brings, and whether they were seen.
fn told(outcome: &Outcome) -> Vec<(u64, bool)> {
    let messages = |event: &Event| match event {
        Event::Bundle(bundle) => bundle.messages.clone(),
        Event::Fetched(fetched) => fetched.messages.clone(),
        Event::Message(arrived) => vec![arrived.clone()],
        other => panic!("{other:?}"),
    };
    let all = outcome.tell.iter().flat_map(messages);
    all.map(|arrived| (arrived.place.unwrap().number, arrived.seen)).collect()
}

fn resumed(standing: Standing, messages: &[u64]) -> Event {
    let messages = messages.iter().copied().map(numbered).collect();
    answer(RESUME_CALL, &Resumed { conversations: vec![standing], messages })
}

fn confirm(numbers: &mut Numbers, all: &[u64]) -> Vec<(String, Value)> {
    asked(numbers.confirm(&all.iter().copied().map(at).collect::<Vec<_>>()))
}

#[test]
fn what_is_new_comes_with_the_login_and_what_is_missing_before_it_is_fetched() {
    let mut numbers = Numbers::default();
    numbers.remember(1, [(C, 3)]);
    let have = to_value(&Resume { have: vec![(C, 3)], page: PAGE }).unwrap();
    assert_eq!(log_in(&mut numbers), [(RESUME.to_owned(), have)]);
    let outcome = numbers.heard(resumed(standing(9, 3, 4), &[8, 9]), &limits());
    assert_eq!(told(&outcome), [(8, false), (9, false)]);
    let gap = |after, limit| {
        let asked = HistoryAsked { conversation: C, after: Some(after), before: None, limit };
        vec![(HISTORY.to_owned(), to_value(&asked).unwrap())]
    };
    assert_eq!(asked(outcome.ask), gap(3, 4));
    let live = event_of(&numbered(10));
    assert_eq!(told(&numbers.heard(live, &limits())), [(10, false)]);
    let part = numbers.heard(answer(GAP_CALL, &vec![numbered(4), numbered(5)]), &limits());
    assert_eq!((told(&part), asked(part.ask.clone())), (vec![(4, true), (5, false)], gap(5, 2)));
    let rest = numbers.heard(answer(GAP_CALL, &vec![numbered(6), numbered(7)]), &limits());
    assert_eq!((told(&rest), rest.ask.len()), (vec![(6, false), (7, false)], 0));
}

fn event_of(new: &Numbered) -> Event {
    Event::Named { name: MESSAGE_EVENT.to_owned(), args: to_value(new).unwrap() }
}

#[test]
fn only_what_is_whole_from_the_beginning_is_confirmed() {
    let mut numbers = Numbers::default();
    log_in(&mut numbers);
    numbers.heard(resumed(standing(3, 0, 0), &[1, 2, 3]), &limits());
    assert_eq!(confirm(&mut numbers, &[2, 3]), [], "the first one is not safe yet");
    assert_eq!(numbers.safe_up_to(C), Some(0));
    assert_eq!(confirm(&mut numbers, &[1]), up_to(3));
    assert_eq!(confirm(&mut numbers, &[4]), [], "one confirmation at a time");
    assert_eq!(confirm(&mut numbers, &[5]), []);
    let answered = numbers.heard(answer(RECEIVED_CALL, &true), &limits());
    assert_eq!(asked(answered.ask), up_to(5));
    assert_eq!(numbers.heard(answer(RECEIVED_CALL, &true), &limits()).ask, []);
}

#[test]
fn after_a_reconnect_it_goes_on_from_what_is_safe() {
    let mut numbers = Numbers::default();
    log_in(&mut numbers);
    numbers.heard(resumed(standing(2, 0, 0), &[1, 2]), &limits());
    confirm(&mut numbers, &[1, 2]);
    let have = to_value(&Resume { have: vec![(C, 2)], page: PAGE }).unwrap();
    assert_eq!(log_in(&mut numbers), [(RESUME.to_owned(), have)]);
    let outcome = numbers.heard(resumed(standing(2, 0, 0), &[]), &limits());
    assert_eq!(asked(outcome.ask), up_to(2), "the confirmation was lost");
}

#[test]
fn a_new_device_waits_for_nothing_older_than_its_first_page_but_misses_nothing_new() {
    let mut numbers = Numbers::default();
    log_in(&mut numbers);
    let outcome = numbers.heard(resumed(standing(500, 500, 500), &[499, 500]), &limits());
    assert_eq!((told(&outcome), outcome.ask.len()), (vec![(499, true), (500, true)], 0));
    let mut numbers = Numbers::default();
    log_in(&mut numbers);
    let outcome = numbers.heard(resumed(standing(500, 490, 490), &[499, 500]), &limits());
    assert_eq!(asked(outcome.ask)[0].1.get("after"), Some(&Value::from(490)));
}

#[test]
fn a_server_without_numbers_is_as_before() {
    let mut numbers = Numbers::default();
    numbers.begin();
    let error = CallError { code: "unknown_operation".into(), message: String::new() };
    numbers.heard(Event::CallAnswer { id: NUMBERS_CALL, outcome: Err(error) }, &limits());
    let bundle = Event::Bundle(Bundle::default());
    assert_eq!(numbers.heard(bundle.clone(), &limits()), Outcome::tell(bundle));
    assert_eq!((numbers.read(at(1), false), numbers.older(at(1), 5)), (None, None));
}

#[test]
fn what_is_read_is_said_once_and_aloud_also_after_quietly() {
    let mut numbers = Numbers::default();
    log_in(&mut numbers);
    numbers.heard(resumed(standing(3, 3, 1), &[]), &limits());
    assert_eq!(numbers.read(at(1), true), None);
    let read = |number, quiet| (READ.to_owned(), to_value(&UpTo { conversation: C, number, quiet }).unwrap());
    assert_eq!(asked(numbers.read(at(3), true)), [read(3, true)]);
    assert_eq!(asked(numbers.read(at(3), false)), [read(3, false)]);
    assert_eq!(numbers.read(at(3), false), None);
}

#[test]
fn what_is_remembered_too_late_for_the_login_is_made_up_for() {
    let mut numbers = Numbers::default();
    log_in(&mut numbers);
    numbers.heard(resumed(standing(9, 9, 9), &[8, 9]), &limits());
    confirm(&mut numbers, &[8, 9]);
    assert_eq!(numbers.safe_up_to(C), Some(9));
    let asked = asked(numbers.remember(1, [(C, 6)]));
    assert_eq!((asked[0].0.as_str(), asked[0].1.get("after")), (HISTORY, Some(&Value::from(6))));
    assert_eq!(numbers.safe_up_to(C), Some(6));
    numbers.heard(answer(GAP_CALL, &vec![numbered(7)]), &limits());
    confirm(&mut numbers, &[7]);
    assert_eq!(numbers.safe_up_to(C), Some(9));
}

#[test]
fn a_server_that_has_lost_messages_is_taken_as_it_is() {
    let mut numbers = Numbers::default();
    numbers.remember(1, [(C, 900)]);
    log_in(&mut numbers);
    let outcome = numbers.heard(resumed(standing(3, 1, 1), &[]), &limits());
    assert_eq!(asked(outcome.ask)[0].1.get("after"), Some(&Value::from(1)));
}
