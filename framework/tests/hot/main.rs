//! Plug-ins in WebAssembly: loaded, called, replaced and taken away; and those that mean harm.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod modules;
mod support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use support::{Grants, asks, manifest, module, module_of, outcome, server};
use uchat_framework::hot::LoadError;
use uchat_framework::prelude::*;

/// Rounds of loading, calling and unloading; another number with `UCHAT_HOT_ROUNDS`.
const ROUNDS: usize = 10_000;
/// Kilobytes by which the process may grow meanwhile.
#[cfg(target_os = "linux")]
const SLACK_KB: usize = 8 * 1024;

/// Is here from the start.
#[handler("native.here")]
async fn here() -> Result<bool> {
    Ok(true)
}

#[tokio::test]
async fn a_module_is_loaded_called_and_taken_away_again() {
    let server = server();
    let ann = server.connect();
    assert_eq!(outcome(&ann, "acme.poke").await, "unknown_operation");
    let told = server.hot().load(&module(&manifest("acme", "acme.poke"), "(call $yes)")).unwrap();
    assert_eq!((told.name.as_str(), told.operations.len()), ("acme", 1));
    assert_eq!((told.operations[0].name.as_str(), told.operations[0].login), ("acme.poke", false));
    assert_eq!(outcome(&ann, "acme.poke").await, "ok true");
    assert_eq!(server.hot().list().len(), 1);
    server.hot().unload("acme").unwrap();
    assert_eq!(outcome(&ann, "acme.poke").await, "unknown_operation");
    assert!(matches!(server.hot().unload("acme"), Err(LoadError::NotLoaded(_))));
}

#[tokio::test]
async fn an_operation_that_needs_a_login_is_refused_without_one_like_a_native_one() {
    let server = server();
    let mut declared = manifest("acme", "acme.mine");
    declared.operations[0].login = true;
    server.hot().load(&module(&declared, "(call $yes)")).unwrap();
    assert_eq!(outcome(&server.connect(), "acme.mine").await, "not_logged_in");
    assert_eq!(outcome(&server.user(1, "ann").await, "acme.mine").await, "ok true");
}

#[tokio::test]
async fn what_somebody_serves_already_is_refused_with_both_owners() {
    let server = server();
    let native = server.hot().load(&module(&manifest("thief", "native.here"), "(call $yes)"));
    let text = native.unwrap_err().to_string();
    assert!(text.contains("`here` of uchat-framework") && text.contains("thief.wasm"), "{text}");
    server.hot().load(&module(&manifest("one", "acme.poke"), "(call $yes)")).unwrap();
    let text = server.hot().load(&module(&manifest("two", "acme.poke"), "(call $yes)")).unwrap_err();
    assert!(text.to_string().contains("one.wasm") && text.to_string().contains("two.wasm"), "{text}");
    server.hot().load(&module(&manifest("one", "acme.poke"), "(call $yes)")).unwrap();
    assert_eq!(server.hot().list().len(), 1, "the same again changes nothing");
    let again = server.hot().load(&module(&manifest("one", "acme.other"), "(call $yes)"));
    assert!(matches!(again, Err(LoadError::Loaded(_))));
}

#[tokio::test]
async fn a_module_of_an_older_minor_version_loads_and_one_of_the_future_does_not() {
    let server = server();
    let acme = manifest("acme", "acme.poke");
    server.hot().load(&module_of(&acme, (1, 0), "(call $yes)")).unwrap();
    assert_eq!(outcome(&server.connect(), "acme.poke").await, "ok true");
    server.hot().replace(&module_of(&acme, (1, 1), "(call $yes)")).unwrap();
    assert_eq!(outcome(&server.connect(), "acme.poke").await, "ok true");
    for version in [(1, 3), (2, 0), (0, 9)] {
        let refused = server.hot().replace(&module_of(&acme, version, "(call $yes)"));
        assert!(matches!(refused, Err(LoadError::Abi { .. })));
    }
    assert_eq!(outcome(&server.connect(), "acme.poke").await, "ok true");
}

/// Each of them is stopped, told as an internal error, set aside after five times; what else there is goes on.
#[tokio::test]
async fn a_plug_in_that_means_harm_is_stopped_and_set_aside_and_the_others_go_on() {
    let hostile = [
        ("loops", "(loop $again (br $again)) (call $yes)"),
        ("panics", "unreachable"),
        ("recurses", "(drop (call $deeper (i32.const 0))) (call $yes)"),
        ("reads outside", "(drop (i32.load (i32.const 0x7fffffff))) (call $yes)"),
        ("answers outside", "(call $pack (i32.const 0x7ffffff0) (i32.const 64))"),
        ("answers nothing", "(call $pack (i32.const 2048) (i32.const 0))"),
        ("answers too much", "(call $pack (i32.const 0) (i32.const 131072))"),
        (
            "answers garbage",
            "(i32.store8 (i32.const 0) (i32.const 77)) (call $pack (i32.const 0) (i32.const 7))",
        ),
        (
            "floods",
            "(loop $again (drop (call $host_call (i32.const 99) (i32.const 2049) (i32.const 1))) (br $again)) (call $yes)",
        ),
        ("asks outside", "(drop (call $host_call (i32.const 1) (i32.const -8) (i32.const 64))) (call $yes)"),
        ("takes what is not there", "(drop (call $host_take (i32.const 0) (i32.const 8))) (call $yes)"),
    ];
    let server = server();
    let ann = server.connect();
    server.hot().load(&module(&manifest("good", "good.one"), "(call $yes)")).unwrap();
    for (what, body) in hostile {
        server.hot().load(&module(&manifest("bad", "bad.one"), body)).unwrap();
        for _ in 0..5 {
            assert_eq!(outcome(&ann, "bad.one").await, "internal", "{what}");
            assert_eq!(outcome(&ann, "good.one").await, "ok true", "{what}");
        }
        assert_eq!(outcome(&ann, "bad.one").await, "plugin_set_aside", "{what}");
        assert!(server.hot().list().iter().any(|one| one.name == "bad" && one.set_aside));
        server.hot().replace(&module(&manifest("bad", "bad.one"), "(call $yes)")).unwrap();
        assert_eq!(outcome(&ann, "bad.one").await, "ok true", "{what}: the mended version");
        server.hot().unload("bad").unwrap();
    }
}

#[tokio::test]
async fn a_plug_in_gets_no_more_memory_than_its_limit() {
    let server = server();
    // Takes page after page until it gets no more, and says how many it has.
    let body = "(loop $again (br_if $again (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
                (if (i32.gt_u (memory.size) (i32.const 256)) (then unreachable)) (call $yes)";
    server.hot().load(&module(&manifest("eats", "eats.memory"), body)).unwrap();
    assert_eq!(outcome(&server.connect(), "eats.memory").await, "ok true");
}

#[tokio::test]
async fn a_loop_gives_way_to_others_while_it_lasts() {
    let server = Arc::new(server());
    server.hot().load(&module(&manifest("bad", "bad.one"), "(loop $again (br $again)) (call $yes)")).unwrap();
    let ended = Arc::new(AtomicBool::new(false));
    let looping = tokio::spawn({
        let (server, ended) = (Arc::clone(&server), Arc::clone(&ended));
        async move {
            assert_eq!(outcome(&server.connect(), "bad.one").await, "internal");
            ended.store(true, Ordering::SeqCst);
        }
    });
    // One thread for all: whoever asks meanwhile is answered before the loop is at its end.
    tokio::task::yield_now().await;
    assert_eq!(outcome(&server.connect(), "native.here").await, "ok true");
    assert!(!ended.load(Ordering::SeqCst));
    looping.await.unwrap();
}

#[tokio::test]
async fn what_is_no_module_or_has_a_bad_manifest_is_refused_and_changes_nothing() {
    let server = server();
    assert!(matches!(server.hot().load(b"not wasm"), Err(LoadError::Module(_))));
    assert!(matches!(server.hot().load(&vec![0; 2 << 20]), Err(LoadError::TooLarge { .. })));
    let foreign = wat::parse_str("(module (import \"env\" \"open\" (func)))").unwrap();
    assert!(matches!(server.hot().load(&foreign), Err(LoadError::Fault(_))));
    for (name, operation) in [("Acme", "acme.poke"), ("acme", "poke"), ("acme", "acme..poke"), ("", "a.b")] {
        let refused = server.hot().load(&module(&manifest(name, operation), "(call $yes)"));
        assert!(matches!(refused, Err(LoadError::Manifest(_))), "{name} {operation}");
    }
    assert!(server.hot().list().is_empty());
}

fn place(kind: &str, id: u64) -> BTreeMap<&'static str, uchat_framework::codec::Value> {
    let text = uchat_framework::codec::Value::from;
    BTreeMap::from([
        ("kind", text(kind)),
        ("id", uchat_framework::codec::to_value(&id).unwrap()),
        ("key", text("k")),
        ("value", text("v")),
    ])
}

#[tokio::test]
async fn a_plug_in_may_do_what_its_manifest_says_with_the_rights_of_its_caller() {
    let limits = uchat_config::Hot::default();
    let server = uchat_framework::testkit::TestServer::new(|builder| {
        builder.hot(limits).service(Keep::in_memory(10, 100))
    })
    .unwrap();
    let ann = server.user(1, "ann").await;
    let cases = [
        ("kept.own", place("user", 1), "ok true"),
        ("kept.others", place("user", 2), "forbidden"),
        ("kept.ungranted", place("room", 1), "not_granted"),
    ];
    for (index, (operation, at, expected)) in cases.into_iter().enumerate() {
        let mut declared = manifest(["a", "b", "c"][index], operation);
        declared.grants = Grants { keep: vec!["user"], ..Grants::default() };
        server.hot().load(&module(&declared, &asks(2, &at))).unwrap();
        assert_eq!(outcome(&ann, operation).await, expected, "{operation}");
    }
    server.hot().load(&module(&manifest("none", "none.random"), &asks(6, &true))).unwrap();
    assert_eq!(outcome(&ann, "none.random").await, "not_granted");
    let mut declared = manifest("some", "some.random");
    declared.grants.random = true;
    server.hot().load(&module(&declared, &asks(6, &true))).unwrap();
    assert!(outcome(&ann, "some.random").await.starts_with("ok "));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_a_plug_in_is_replaced_under_load_each_call_is_answered_once() {
    let server = Arc::new(server());
    let one = module(&manifest("acme", "acme.poke"), "(call $yes)");
    let slow = "(local $left i32) (local.set $left (i32.const 100000))
                (loop $again (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
                (call $yes)";
    let two = module(&manifest("acme", "acme.poke"), slow);
    server.hot().load(&one).unwrap();
    let callers: Vec<_> = (0..4)
        .map(|_| {
            let server = Arc::clone(&server);
            tokio::spawn(async move {
                let client = server.connect();
                for _ in 0..100 {
                    assert_eq!(outcome(&client, "acme.poke").await, "ok true");
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for round in 0..50 {
        server.hot().replace(if round % 2 == 0 { &two } else { &one }).unwrap();
        tokio::task::yield_now().await;
    }
    for caller in callers {
        caller.await.unwrap();
    }
}

#[tokio::test]
async fn loading_calling_and_unloading_again_and_again_takes_no_memory() {
    let server = server();
    let ann = server.connect();
    let wasm = module(&manifest("acme", "acme.poke"), "(call $yes)");
    let rounds = std::env::var("UCHAT_HOT_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(ROUNDS);
    let mut before = None;
    for round in 0..rounds {
        server.hot().load(&wasm).unwrap();
        assert_eq!(outcome(&ann, "acme.poke").await, "ok true");
        server.hot().unload("acme").unwrap();
        if round == rounds / 10 {
            before = resident();
        }
    }
    #[cfg(target_os = "linux")]
    {
        let (before, after) = (before.unwrap(), resident().unwrap());
        println!("{rounds} rounds: {before} kB, then {after} kB");
        assert!(after < before + SLACK_KB, "{before} kB, then {after} kB");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = before;
}

/// Kilobytes of this process, where the system says.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok())
}
