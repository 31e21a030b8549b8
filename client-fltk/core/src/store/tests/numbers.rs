//! Messages with numbers: told apart by them, and by nothing else.

use super::*;
use crate::arrived::{Arrived, Place};

fn numbered(number: u64, time: u64, text: &str) -> Arrived {
    let place = Some(Place { conversation: 4, number });
    Arrived { place, ..Arrived::new(from_bob(time, text)) }
}

fn numbers(store: &LocalStore) -> Vec<Option<u64>> {
    store.newest(BOB, 50).unwrap().rows.iter().map(|row| row.number).collect()
}

#[test]
fn a_message_with_a_number_is_stored_once_however_it_comes() {
    let (_dir, mut store) = store();
    store.record_live_all(&[numbered(1, 10, "hi"), numbered(2, 10, "hi")]).unwrap();
    assert_eq!(store.record_bundle(&[numbered(2, 10, "hi")]).unwrap(), []);
    assert_eq!(store.record_live_all(&[numbered(1, 10, "hi"), numbered(3, 10, "hi")]).unwrap().len(), 1);
    assert_eq!(numbers(&store), [Some(1), Some(2), Some(3)], "three equal messages of one moment");
}

#[test]
fn what_came_without_a_number_gets_it_when_it_comes_with_one() {
    let (_dir, mut store) = store();
    store.record_live_all(&[from_bob(10, "hi"), from_bob(10, "hi")]).unwrap();
    assert_eq!(store.record_bundle(&[numbered(1, 10, "hi"), numbered(2, 10, "hi")]).unwrap(), []);
    assert_eq!(numbers(&store), [Some(1), Some(2)]);
    assert_eq!(store.oldest_number(BOB).unwrap(), Some(1));
}

#[test]
fn a_number_that_another_message_has_loses_no_message() {
    let (_dir, mut store) = store();
    store.record_live_all(&[numbered(1, 10, "before the server was made anew")]).unwrap();
    assert_eq!(store.record_live_all(&[numbered(1, 20, "after it")]).unwrap().len(), 1);
    assert_eq!(numbers(&store), [Some(1), None]);
}

#[test]
fn up_to_where_everything_is_here_is_known_after_a_restart() {
    let (dir, mut store) = store();
    store.record_live_all(&[numbered(1, 10, "hi")]).unwrap();
    store.set_safe(BOB, 4, 1).unwrap();
    drop(store);
    let mut store = LocalStore::open(dir.path()).unwrap();
    assert_eq!(store.safe().unwrap(), [(4, 1)]);
    store.forget_numbers().unwrap();
    assert_eq!((store.safe().unwrap(), numbers(&store)), (vec![], vec![None]));
}
