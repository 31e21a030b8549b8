//! Walking through a conversation.

use proptest::prelude::*;

use super::*;

/// All positions, walked from the end to the beginning.
fn backwards(store: &LocalStore, limit: usize) -> Vec<Position> {
    let mut page = store.page(BOB, Around::Newest, limit).unwrap();
    assert!(!page.more_after);
    let mut walked = Vec::new();
    loop {
        walked.splice(0..0, page.rows.iter().map(|row| row.position));
        if !page.more_before {
            return walked;
        }
        page = store.page(BOB, Around::Before(walked[0]), limit).unwrap();
        assert!(page.more_after);
    }
}

/// All positions, walked from the beginning to the end.
fn forwards(store: &LocalStore, limit: usize) -> Vec<Position> {
    let mut walked: Vec<Position> = Vec::new();
    let mut place = Position { time: 0, row: 0 };
    loop {
        let page = store.page(BOB, Around::After(place), limit).unwrap();
        assert_eq!(page.more_before, !walked.is_empty());
        walked.extend(page.rows.iter().map(|row| row.position));
        if !page.more_after {
            return walked;
        }
        place = walked[walked.len() - 1];
    }
}

fn record(store: &mut LocalStore, times: &[u64]) {
    let messages: Vec<_> = (0..).zip(times).map(|(n, time)| from_bob(*time, &i32::to_string(&n))).collect();
    store.record_live_all(&messages).unwrap();
    // Another conversation in between is in nobody's way.
    store.record_live(&message(3, 3, 5, "other")).unwrap();
}

#[test]
fn a_walk_shows_each_of_a_thousand_messages_of_few_moments_once() {
    let (_dir, mut store) = store();
    let times: Vec<u64> = (0..1_000).map(|n| n * 7 % 10).collect();
    record(&mut store, &times);
    let walked = backwards(&store, 37);
    assert_eq!(walked.len(), 1_000);
    assert!(walked.is_sorted());
    assert_eq!(forwards(&store, 37), walked);
}

#[test]
fn a_page_is_never_larger_than_the_largest_and_never_empty_without_need() {
    let (_dir, mut store) = store();
    record(&mut store, &[1; 600]);
    assert_eq!(store.newest(BOB, usize::MAX).unwrap().rows.len(), MAX_PAGE);
    assert_eq!(store.newest(BOB, 0).unwrap().rows.len(), 1);
    assert_eq!(store.newest(ConversationId::Room(2), 10).unwrap(), Page::default());
}

#[test]
fn at_an_end_a_page_is_empty_and_knows_what_is_on_the_other_side() {
    let (_dir, mut store) = store();
    record(&mut store, &[1, 2]);
    let walked = backwards(&store, 10);
    let page = store.before(BOB, walked[0], 10).unwrap();
    assert_eq!((page.rows.len(), page.more_before, page.more_after), (0, false, true));
    let page = store.after(BOB, walked[1], 10).unwrap();
    assert_eq!((page.rows.len(), page.more_before, page.more_after), (0, true, false));
}

#[test]
fn a_scroll_bar_knows_where_a_message_is_and_which_one_is_at_a_place() {
    let (_dir, mut store) = store();
    record(&mut store, &[5, 5, 5, 1, 9]);
    let walked = backwards(&store, 10);
    assert_eq!(store.count(BOB).unwrap(), 5);
    for (before, place) in (0..).zip(&walked) {
        assert_eq!(store.count_before(BOB, *place).unwrap(), before);
        assert_eq!(store.position_at(BOB, before).unwrap(), Some(*place));
    }
    assert_eq!(store.position_at(BOB, 5).unwrap(), None);
}

#[test]
fn no_page_reads_more_of_the_database_than_it_shows_and_what_came_in_one_millisecond() {
    let (_dir, store) = store();
    for sql in [
        "SELECT 1 FROM message WHERE conversation = 1 AND (time, id) < (2, 3) ORDER BY time DESC, id DESC LIMIT 4",
        "SELECT 1 FROM message WHERE conversation = 1 AND (time, id) > (2, 3) ORDER BY time, id LIMIT 4",
        "SELECT count(*) FROM message WHERE conversation = 1 AND (time, id) < (2, 3)",
    ] {
        let mut statement = store.db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let plan: String =
            statement.query_map([], |row| row.get::<_, String>(3)).unwrap().map(Result::unwrap).collect();
        assert!(plan.contains("COVERING INDEX message_order"), "{plan}");
        assert!(plan.contains("conversation=? AND time") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn pages_in_both_directions_show_every_message_once(
        times in prop::collection::vec(0_u64..20, 1..60),
        limit in 1_usize..9,
    ) {
        let (_dir, mut store) = store();
        record(&mut store, &times);
        let walked = backwards(&store, limit);
        prop_assert_eq!(walked.len(), times.len());
        prop_assert!(walked.windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert_eq!(forwards(&store, limit), walked);
    }
}
