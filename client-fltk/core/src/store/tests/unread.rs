//! What counts as unread.

use proptest::prelude::*;

use super::*;

fn mine(store: &mut LocalStore) {
    store.save_contacts(&me(), &[contact(BOB, "bob")]).unwrap();
}

#[test]
fn messages_of_others_after_what_was_read_are_unread() {
    let (dir, mut store) = store();
    mine(&mut store);
    let bundle =
        [from_bob(1, "one"), message(2, ME, 2, "mine"), from_bob(3, "two"), message(3, 3, 4, "other")];
    store.record_bundle(&bundle).unwrap();
    assert_eq!((store.unread(BOB).unwrap(), store.unread_all().unwrap()), (2, 3));
    store.mark_read(BOB).unwrap();
    assert_eq!((store.unread(BOB).unwrap(), store.unread_all().unwrap()), (0, 1));
    store.record_live(&from_bob(5, "three")).unwrap();
    let store = reopened(&dir, store);
    assert_eq!((store.unread(BOB).unwrap(), store.unread_all().unwrap()), (1, 2));
}

#[test]
fn a_mark_in_the_middle_leaves_the_rest_unread_and_never_goes_back() {
    let (_dir, mut store) = store();
    mine(&mut store);
    let bundle: Vec<_> = (0..10).map(|n| from_bob(7, &n.to_string())).collect();
    let stored = store.record_bundle(&bundle).unwrap();
    store.mark_read_up_to(BOB, stored[3].position).unwrap();
    assert_eq!(store.unread(BOB).unwrap(), 6, "all of one millisecond");
    store.mark_read_up_to(BOB, stored[1].position).unwrap();
    assert_eq!(store.unread(BOB).unwrap(), 6);
}

#[test]
fn what_was_delivered_before_is_not_new_to_its_reader_on_a_new_computer() {
    let (_dir, mut store) = store();
    mine(&mut store);
    let bundle = [(from_bob(1, "read elsewhere"), true), (from_bob(2, "new"), false)];
    store.record_bundle(&bundle).unwrap();
    assert_eq!(store.unread(BOB).unwrap(), 1);
}

#[test]
fn own_messages_that_came_before_one_was_known_do_not_count() {
    let (_dir, mut store) = store();
    store.record_bundle(&[from_bob(1, "his"), message(2, ME, 2, "mine")]).unwrap();
    mine(&mut store);
    assert_eq!(store.unread(BOB).unwrap(), 1);
}

#[test]
fn the_same_login_twice_counts_once() {
    let (_dir, mut store) = store();
    mine(&mut store);
    for _ in 0..2 {
        store.record_bundle(&[from_bob(1, "one")]).unwrap();
    }
    assert_eq!(store.unread(BOB).unwrap(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn the_count_is_always_what_counting_gives(
        steps in prop::collection::vec((0_u64..6, 1_u64..4, prop::option::weighted(0.2, 0_u64..6)), 1..40),
        bound in 5_u64..40,
    ) {
        let (_dir, mut store) = store_with(Bounds { messages_total: bound, ..Bounds::default() });
        mine(&mut store);
        let mut read = Position { time: 0, row: 0 };
        for (time, sender, mark) in steps {
            if let Some(time) = mark {
                let place = Position { time, row: i64::MAX };
                store.mark_read_up_to(BOB, place).unwrap();
                read = if store.count(BOB).unwrap() > 0 { read.max(place) } else { read };
            }
            store.record_live(&message(2, sender, time, "x")).unwrap();
            let rows = store.newest(BOB, MAX_PAGE).unwrap().rows;
            prop_assert_eq!(store.count(BOB).unwrap(), rows.len() as u64);
            let unread = rows.iter().filter(|row| row.sender_id != ME && row.position > read).count();
            prop_assert_eq!(store.unread(BOB).unwrap(), unread as u64);
        }
    }
}
