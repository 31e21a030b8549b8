//! A history does not grow for ever.

use super::*;

fn bounds(messages_total: u64, bytes: u64) -> Bounds {
    Bounds { messages_total, bytes }
}

#[test]
fn the_oldest_messages_make_room_in_all_conversations_and_in_the_search() {
    let (_dir, mut store) = store_with(bounds(3, u64::MAX));
    store.record_live(&message(3, 3, 1, "oldest 公园")).unwrap();
    // It came last but is not the newest.
    for time in [5, 6, 7, 2] {
        store.record_live(&from_bob(time, &format!("number {time} 公园"))).unwrap();
    }
    assert_eq!(all_texts(&store), ["number 5 公园", "number 6 公园", "number 7 公园"]);
    assert_eq!(found(&store, "公园"), ["number 7 公园", "number 6 公园", "number 5 公园"]);
    assert_eq!(store.count(ConversationId::Friend(3)).unwrap(), 0);
    assert_eq!((store.unread(BOB).unwrap(), store.unread_all().unwrap()), (3, 3));
}

#[test]
fn tighter_bounds_hold_from_the_next_start_on() {
    let (dir, mut store) = store();
    let bundle: Vec<_> = (0..100).map(|time| from_bob(time, "text")).collect();
    store.record_bundle(&bundle).unwrap();
    drop(store);
    let store = LocalStore::open_with(dir.path(), bounds(10, u64::MAX)).unwrap();
    assert_eq!((store.count(BOB).unwrap(), found(&store, "text").len()), (10, 10));
    assert_eq!(store.newest(BOB, 1).unwrap().rows[0].position.time, 99);
}

#[test]
fn a_removed_message_never_gives_its_number_to_another_one() {
    let (_dir, mut store) = store_with(bounds(1, u64::MAX));
    let first = store.record_live(&from_bob(9, "first")).unwrap().unwrap();
    // Removed at once, since it is the oldest.
    let late = store.record_live(&from_bob(1, "late")).unwrap().unwrap();
    let next = store.record_live(&from_bob(10, "next")).unwrap().unwrap();
    assert!(first.position.row < late.position.row && late.position.row < next.position.row);
}

#[test]
fn the_file_stays_near_its_bound_and_keeps_a_good_part_of_it_filled() {
    const BOUND: u64 = 2 * 1024 * 1024;
    let (dir, mut store) = store_with(bounds(u64::MAX, BOUND));
    let mut time = 0;
    for _ in 0..120 {
        let bundle: Vec<_> = (0..200)
            .map(|n| {
                time += 1;
                let hanzi = char::from_u32(0x4e00 + time * 31 % 3_000).unwrap();
                from_bob(time.into(), &format!("{hanzi}{n} 今天我们去公园 {time} and more {}", time * 7))
            })
            .collect();
        store.record_bundle(&bundle).unwrap();
    }
    let left = store.count(BOB).unwrap();
    assert_eq!(store.newest(BOB, 1).unwrap().rows[0].position.time, u64::from(time));
    assert_eq!(store.search("公园", None, 1).unwrap().len(), 1);
    let used = prune::used_bytes(&store.db).unwrap();
    assert!((BOUND / 2..BOUND * 3 / 2).contains(&used), "{used} of {BOUND} bytes in use, {left} messages");
    drop(store);
    let size = fs::metadata(dir.path().join(FILE)).unwrap().len();
    assert!(size < BOUND * 2, "{size}");
}
