//! What must hold while messages come and go and the view moves.

use proptest::prelude::*;
use uchat_client_core::attachment::Attachment;
use uchat_client_core::state::Content;

use super::super::measure::{Fixed, Measure};
use super::super::row::Delivery;
use super::*;

impl Surroundings for Fixed {
    fn line(&mut self, _: &Row) -> String {
        "bob left".into()
    }

    fn image(&mut self, _: &Row) -> Option<(i32, i32)> {
        None
    }

    fn time_width(&mut self, _: &Row) -> i32 {
        30
    }

    fn other_width(&mut self) -> i32 {
        200
    }
}

/// Knows the size of every image.
struct Decoded;

impl Measure for Decoded {
    fn width(&mut self, text: &str, size: i32) -> f32 {
        Fixed.width(text, size)
    }
}

impl Surroundings for Decoded {
    fn line(&mut self, _: &Row) -> String {
        String::new()
    }

    fn image(&mut self, _: &Row) -> Option<(i32, i32)> {
        Some((300, 257))
    }

    fn time_width(&mut self, row: &Row) -> i32 {
        Fixed.time_width(row)
    }

    fn other_width(&mut self) -> i32 {
        Fixed.other_width()
    }
}

fn row(number: i64) -> Row {
    let time = u64::try_from(number).unwrap() * 60_000;
    let text = "word ".repeat(1 + usize::try_from(number).unwrap() % 40);
    Row {
        key: RowKey::Stored { time, row: number },
        sender_id: u64::try_from(number % 3).unwrap(),
        sender_name: "Bob".into(),
        own: number % 3 == 0,
        time,
        content: Content::Text { text, size: 15, colour: String::new() },
        delivery: Delivery::Sent,
        number: None,
    }
}

fn rows(range: std::ops::Range<i64>) -> Vec<Row> {
    range.map(row).collect()
}

fn sending(number: u64) -> Row {
    Row { key: RowKey::Outgoing(number), own: true, delivery: Delivery::Sending, ..row(0) }
}

fn shown(range: std::ops::Range<i64>, more: (bool, bool)) -> Timeline {
    let mut timeline = Timeline::default();
    timeline.resize(600, 500, &mut Fixed);
    timeline.show(rows(range), more, false, None, &mut Fixed);
    timeline
}

fn place(timeline: &Timeline, number: i64) -> i32 {
    timeline.top(timeline.index(row(number).key).unwrap())
}

/// The message in the middle of the view.
fn middle(timeline: &Timeline) -> i64 {
    let at = timeline.visible().find(|at| timeline.top(at + 1) > 250).unwrap();
    match timeline.row(at).unwrap().key {
        RowKey::Stored { row, .. } => row,
        RowKey::Outgoing(_) | RowKey::Upload(_) => panic!("a stored one"),
    }
}

#[test]
fn a_conversation_begins_at_its_newest_message() {
    let timeline = shown(0..100, (false, false));
    assert!(timeline.is_at_newest());
    assert!(timeline.visible().contains(&99));
    assert_eq!(timeline.top(100), 500 - MARGIN);
}

#[test]
fn only_what_comes_into_sight_is_laid_out() {
    let timeline = shown(0..1_000, (false, false));
    let laid_out = (0..1_000).filter(|at| timeline.bubble(*at).is_some()).count();
    assert!(laid_out < 40, "{laid_out}");
    assert!(timeline.visible().all(|at| timeline.bubble(at).is_some()));
}

#[test]
fn a_short_conversation_stands_at_the_bottom() {
    let timeline = shown(0..2, (false, false));
    assert_eq!(timeline.top(2), 500 - MARGIN);
    assert_eq!(timeline.visible(), 0..2);
}

#[test]
fn older_messages_move_nothing_that_is_in_sight() {
    let mut timeline = shown(500..620, (true, false));
    timeline.scroll_by(-100_000, &mut Fixed);
    timeline.scroll_by(300, &mut Fixed);
    let number = middle(&timeline);
    let before = place(&timeline, number);
    timeline.prepend(rows(380..500), true, &mut Fixed);
    assert_eq!(place(&timeline, number), before);
}

#[test]
fn scrolling_moves_what_is_in_sight_by_just_that_much() {
    let mut timeline = shown(0..300, (false, false));
    for _ in 0..100 {
        let number = middle(&timeline);
        let before = place(&timeline, number);
        timeline.scroll_by(-37, &mut Fixed);
        assert_eq!(place(&timeline, number), before + 37);
    }
}

#[test]
fn the_beginning_is_reached_at_once() {
    let mut timeline = shown(0..1_000, (true, false));
    timeline.to_start(&mut Fixed);
    assert_eq!((timeline.offset(), timeline.top(0)), (0, ABOVE));
    timeline.to_end(&mut Fixed);
    assert!(timeline.is_at_newest());
    Timeline::default().to_start(&mut Fixed);
}

#[test]
fn a_decoded_image_above_moves_nothing_below() {
    let mut timeline = Timeline::default();
    timeline.resize(600, 500, &mut Fixed);
    let mut all = rows(0..60);
    let image = Attachment { sha256: "0".repeat(64), bytes: 1, extension: "png", name: String::new() };
    all[30].content = Content::File(image);
    timeline.show(all, (false, false), false, None, &mut Fixed);
    assert!(timeline.reveal(row(30).key, &mut Fixed));
    timeline.scroll_by(200, &mut Fixed);
    let number = middle(&timeline);
    assert!(number > 30 && timeline.visible().contains(&30));
    let before = place(&timeline, number);
    timeline.images_changed(&mut Decoded);
    assert_eq!(place(&timeline, number), before);
    assert!(timeline.top(31) - timeline.top(30) > 257);
}

#[test]
fn new_messages_are_followed_only_from_the_newest() {
    let mut timeline = shown(0..100, (false, false));
    assert!(timeline.arrived(rows(100..101), &mut Fixed));
    assert!(timeline.is_at_newest());
    timeline.scroll_by(-1_000, &mut Fixed);
    let (number, before) = (middle(&timeline), timeline.offset());
    let seen = place(&timeline, number);
    assert!(!timeline.arrived(rows(101..102), &mut Fixed));
    assert_eq!((timeline.offset(), place(&timeline, number)), (before, seen));
}

#[test]
fn an_own_message_brings_the_view_to_the_newest() {
    let mut timeline = shown(0..100, (false, false));
    timeline.scroll_by(-1_000, &mut Fixed);
    assert_eq!(timeline.set_outgoing(vec![sending(1)], &mut Fixed), Said::InSight);
    assert!(timeline.is_at_newest() && timeline.visible().contains(&100));
    timeline.scroll_by(-1_000, &mut Fixed);
    assert_eq!(timeline.set_outgoing(Vec::new(), &mut Fixed), Said::Nothing);
    assert!(!timeline.is_at_newest(), "its confirmation moves nothing");
}

#[test]
fn an_own_message_is_not_drawn_below_old_ones_when_the_newest_are_not_loaded() {
    let mut timeline = shown(0..100, (true, true));
    assert_eq!(timeline.set_outgoing(vec![sending(1)], &mut Fixed), Said::OutOfSight);
    assert_eq!(timeline.len(), 100);
    timeline.append(rows(100..110), false, &mut Fixed);
    assert_eq!(timeline.len(), 111);
}

#[test]
fn the_number_of_loaded_messages_is_bounded_on_both_sides() {
    let mut timeline = shown(5_000..5_120, (true, false));
    for page in (0..20).rev() {
        timeline.scroll_by(-1_000_000, &mut Fixed);
        timeline.prepend(rows(3_000 + page * 100..3_100 + page * 100), true, &mut Fixed);
    }
    assert_eq!(timeline.len(), MAX_ROWS);
    assert!(timeline.more_after() && !timeline.is_at_newest());
    timeline.append(rows(4_500..4_600), true, &mut Fixed);
    assert_eq!(timeline.len(), MAX_ROWS);
    assert!(timeline.more_before());
}

#[test]
fn a_page_without_anything_new_ends_the_asking() {
    let mut timeline = shown(100..200, (true, true));
    timeline.prepend(rows(100..120), true, &mut Fixed);
    timeline.append(rows(180..200), true, &mut Fixed);
    assert_eq!((timeline.len(), timeline.more_before(), timeline.more_after()), (100, false, false));
}

#[test]
fn the_first_new_message_is_shown_first() {
    let mut timeline = Timeline::default();
    timeline.resize(600, 500, &mut Fixed);
    timeline.show(rows(0..100), (false, false), false, Some(row(40).key), &mut Fixed);
    assert!(timeline.visible().contains(&40) && !timeline.is_at_newest());
    assert!(timeline.bubble(40).unwrap().fresh.is_some());
}

#[test]
fn a_found_message_is_revealed_wherever_it_is() {
    let mut timeline = shown(0..1_000, (false, false));
    for number in [3, 500, 997] {
        assert!(timeline.reveal(row(number).key, &mut Fixed));
        assert!(timeline.visible().contains(&usize::try_from(number).unwrap()));
    }
    assert!(!timeline.reveal(row(5_000).key, &mut Fixed));
}

#[test]
fn a_long_text_grows_below_its_beginning_and_not_without_end() {
    let mut long = rows(0..3);
    long[1].content =
        Content::Text { text: "一二三四五 ".repeat(60_000), size: 15, colour: String::new() };
    let mut timeline = Timeline::default();
    timeline.resize(600, 500, &mut Fixed);
    timeline.show(long, (false, false), false, None, &mut Fixed);
    assert!(timeline.reveal(row(1).key, &mut Fixed));
    let before = place(&timeline, 1);
    for _ in 0..20 {
        timeline.grow(row(1).key, &mut Fixed);
        assert_eq!(place(&timeline, 1), before);
    }
    assert!(timeline.content() < 60_000, "{}", timeline.content());
}

proptest! {
    #[test]
    fn whatever_is_done_the_view_stays_within_the_messages(
        steps in prop::collection::vec((0_u8..7, -2_000_i32..2_000), 0..40),
    ) {
        let mut timeline = shown(2_000..2_120, (true, true));
        let (mut first, mut last) = (2_000, 2_120);
        for (what, by) in steps {
            match what {
                0 => { timeline.prepend(rows(first - 50..first), true, &mut Fixed); first -= 50; }
                1 => { timeline.append(rows(last..last + 50), by < 0, &mut Fixed); last += 50; }
                2 => timeline.resize(300 + by.abs() / 4, 200 + by.abs() / 5, &mut Fixed),
                3 => { timeline.set_outgoing(vec![sending(1)], &mut Fixed); }
                4 => { timeline.arrived(rows(last..last + 1), &mut Fixed); }
                _ => { timeline.scroll_by(by, &mut Fixed); }
            }
            prop_assert!(timeline.offset() >= 0);
            prop_assert!(timeline.offset() <= (timeline.content() - timeline.height()).max(0));
            prop_assert!(timeline.tops.is_sorted());
            prop_assert_eq!(timeline.tops.len(), timeline.len() + 1);
            prop_assert!(timeline.visible().all(|at| timeline.bubble(at).is_some()));
        }
    }
}

#[test]
fn a_message_that_comes_again_is_shown_as_it_is_now_and_nothing_else_moves() {
    let mut timeline = shown(0..100, (false, true));
    timeline.scroll_by(-2000, &mut Fixed);
    let (before, len) = (middle(&timeline), timeline.len());
    let mut changed = row(3);
    changed.content = Content::Other(uchat_codec::Value::None);
    assert!(!timeline.arrived(vec![changed.clone()], &mut Fixed));
    assert_eq!((middle(&timeline), timeline.len()), (before, len));
    assert_eq!(timeline.row(timeline.index(changed.key).unwrap()), Some(&changed));
}
