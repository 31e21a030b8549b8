//! What a search finds.

use proptest::prelude::*;

use super::*;

fn record(store: &mut LocalStore, texts: &[&str]) {
    let messages: Vec<_> = (1..).zip(texts).map(|(time, text)| from_bob(time, text)).collect();
    store.record_live_all(&messages).unwrap();
}

#[test]
fn a_part_of_a_word_is_found_in_any_script() {
    let (_dir, mut store) = store();
    record(
        &mut store,
        &["今天天气很好，我们去公园散步吧", "Hello World", "价格是100%", "公司", "园公", "Žižka"],
    );
    assert_eq!(found(&store, "公园"), ["今天天气很好，我们去公园散步吧"]);
    assert_eq!(found(&store, "气很好，我们"), ["今天天气很好，我们去公园散步吧"]);
    assert_eq!(found(&store, "hell"), ["Hello World"]);
    assert_eq!(found(&store, "ELLO w"), ["Hello World"]);
    assert_eq!(found(&store, "žiž"), ["Žižka"]);
    assert_eq!(found(&store, "吧"), ["今天天气很好，我们去公园散步吧"]);
    assert_eq!(found(&store, "是1"), ["价格是100%"]);
    assert_eq!(found(&store, "没有"), [""; 0]);
    assert_eq!(
        found(&store, "公"),
        ["园公", "公司", "今天天气很好，我们去公园散步吧"],
        "one character, newest first"
    );
}

#[test]
fn marks_are_found_and_a_search_is_never_a_query() {
    let (_dir, mut store) = store();
    record(&mut store, &["100%", "say \"yes\" OR \"no\"", "a*b", "NEAR(a b)", "c:\\temp", "(；´д｀)", "\0x"]);
    for (needle, text) in [
        ("%", "100%"),
        ("0%", "100%"),
        ("\"yes\" or \"", "say \"yes\" OR \"no\""),
        ("a*", "a*b"),
        ("near(a", "NEAR(a b)"),
        (":\\t", "c:\\temp"),
        ("；´", "(；´д｀)"),
        ("\0", "\0x"),
    ] {
        assert_eq!(found(&store, needle), [text], "{needle}");
    }
    for needle in ["\" OR \"x", "*", "NOT", "rowid", "   ", ""] {
        assert!(
            found(&store, needle).iter().all(|text| text.to_lowercase().contains(&needle.to_lowercase()))
        );
    }
    assert_eq!(found(&store, "  "), [""; 0]);
}

#[test]
fn the_letters_of_a_search_in_another_order_are_no_find() {
    let (_dir, mut store) = store();
    record(&mut store, &["公园 园去 去公", "去公园", "abcd bcab"]);
    assert_eq!(found(&store, "去公园"), ["去公园"]);
    assert_eq!(found(&store, "bcabc"), [""; 0]);
}

#[test]
fn a_find_has_its_place_in_the_text_and_what_stands_around_it() {
    let (_dir, mut store) = store();
    record(&mut store, &["İ 明天\n去公园 OK"]);
    let found = store.search("去公园 ok", None, 10).unwrap();
    assert_eq!(&found[0].stored.content.text().unwrap()[found[0].range.clone()], "去公园 OK");
    assert_eq!(found[0].snippet, "İ 明天 去公园 OK");
}

#[test]
fn a_search_can_stay_within_a_conversation() {
    let (_dir, mut store) = store();
    store.record_live(&from_bob(1, "match")).unwrap();
    store.record_live(&message(3, 3, 2, "match")).unwrap();
    // Its number begins with the one of another conversation.
    for target in 4..30 {
        store.record_live(&message(target, 3, 3, "match")).unwrap();
    }
    let found = store.search("match", Some(BOB), 10).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].stored.conversation, BOB);
    assert_eq!(store.search("match", Some(ConversationId::Room(2)), 10).unwrap(), []);
}

#[test]
fn a_limited_search_goes_on_where_it_stopped() {
    let (_dir, mut store) = store();
    let texts: Vec<_> = (0..50).map(|n| format!("match {n}")).collect();
    record(&mut store, &texts.iter().map(String::as_str).collect::<Vec<_>>());
    let mut found = Vec::new();
    let mut next = None;
    loop {
        let hits = store.search_from(next, "match", None, 7).unwrap();
        assert!(hits.found.len() <= 7);
        found.extend(hits.found.into_iter().map(|found| found.stored.content.text().unwrap().to_owned()));
        next = hits.next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!(found, texts.into_iter().rev().collect::<Vec<_>>());
}

#[test]
fn what_came_late_is_found_at_its_time() {
    let (_dir, mut store) = store();
    store.record_live(&from_bob(9, "match new")).unwrap();
    store.record_bundle(&[from_bob(1, "match old")]).unwrap();
    assert_eq!(found(&store, "match"), ["match new", "match old"]);
}

fn some_text() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop::sample::select(vec!["公", "园", "去", "a", "B", "c", " ", "%", "\"", "É"]),
        0..12,
    )
    .prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_search_finds_what_looking_at_every_message_finds(
        texts in prop::collection::vec(some_text(), 1..40),
        needles in prop::collection::vec(some_text(), 1..20),
    ) {
        let (_dir, mut store) = store();
        record(&mut store, &texts.iter().map(String::as_str).collect::<Vec<_>>());
        for needle in needles {
            let lower = needle.trim().to_lowercase();
            let holds = |text: &&String| !lower.is_empty() && text.to_lowercase().contains(&lower);
            let expected: Vec<_> = texts.iter().rev().filter(holds).cloned().collect();
            prop_assert_eq!(found(&store, &needle), expected, "{}", needle);
        }
    }
}
