//! What plug-ins keep.

#![allow(missing_docs, reason = "tests: their names say what they mean")]

use bytes::Bytes;

use crate::model::{Swapped, ValuePlace};
use crate::store::Db;

fn place(plugin: &str, scope_id: u64, key: &str) -> ValuePlace {
    ValuePlace { plugin: plugin.into(), scope: "room".into(), scope_id, key: key.into() }
}

async fn swap(db: &Db, at: &ValuePlace, old: Option<&'static str>, new: Option<&'static str>) -> Swapped {
    let bytes = |text: Option<&'static str>| text.map(|text| Bytes::from_static(text.as_bytes()));
    db.swap_plugin_value(at.clone(), bytes(old), bytes(new), 3).await.unwrap()
}

pub async fn a_value_is_changed_only_by_who_knows_it(db: &Db) {
    let at = place("dice", 7, "best");
    assert_eq!(swap(db, &at, Some("1"), Some("2")).await, Swapped::Changed);
    assert_eq!(swap(db, &at, None, Some("1")).await, Swapped::Done);
    assert_eq!(swap(db, &at, None, Some("2")).await, Swapped::Changed);
    assert_eq!(swap(db, &at, Some("1"), Some("2")).await, Swapped::Done);
    assert_eq!(db.plugin_value(at.clone()).await.unwrap().as_deref(), Some(&b"2"[..]));
    for other in [place("other", 7, "best"), place("dice", 8, "best"), place("dice", 7, "worst")] {
        assert_eq!(db.plugin_value(other).await.unwrap(), None);
    }
    assert_eq!(swap(db, &at, Some("2"), None).await, Swapped::Done);
    assert_eq!(db.plugin_value(at).await.unwrap(), None);
}

pub async fn a_plug_in_has_a_bounded_number_of_values_listed_in_order(db: &Db) {
    for key in ["c", "a", "b"] {
        assert_eq!(swap(db, &place("dice", 7, key), None, Some(key)).await, Swapped::Done);
    }
    assert_eq!(swap(db, &place("dice", 8, "d"), None, Some("x")).await, Swapped::Full);
    assert_eq!(swap(db, &place("other", 8, "d"), None, Some("x")).await, Swapped::Done);
    let keys = |found: Vec<(String, Bytes)>| found.into_iter().map(|(key, _)| key).collect::<Vec<_>>();
    assert_eq!(keys(db.plugin_values(place("dice", 7, ""), 2).await.unwrap()), ["a", "b"]);
    assert_eq!(keys(db.plugin_values(place("dice", 7, "b"), 9).await.unwrap()), ["c"]);
    assert_eq!(swap(db, &place("dice", 7, "a"), Some("a"), None).await, Swapped::Done);
    assert_eq!(swap(db, &place("dice", 8, "d"), None, Some("x")).await, Swapped::Done);
}
