//! The modules of `hot/`, real plug-ins from the source of those that are linked in: the same plays, their settings, their values.

use std::path::Path;

use uchat_framework::codec::Value;
use uchat_framework::hot::LoadError;
use uchat_framework::prelude::*;
use uchat_framework::testkit::{Circle, Play, Stage, TestServer, Way};

use super::support::{said, server};

/// A module that was built: the one of `UCHAT_MODULES`, else the copy that comes with the source.
fn built(name: &str) -> Vec<u8> {
    let copies = Path::new(env!("CARGO_MANIFEST_DIR")).join("../hot/modules");
    let folder = std::env::var_os("UCHAT_MODULES").map_or(copies, Into::into);
    let path = folder.join(format!("{name}.wasm"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn circle() -> Circle {
    Circle::default().pair(1, 2).thing("room", 7, &[1, 2])
}

/// Settings as the configuration has them.
fn settings(text: &str) -> PluginSettings {
    PluginSettings::new(text.parse().unwrap())
}

#[tokio::test]
async fn a_module_plays_the_same_play_as_the_plug_in_that_is_linked_in() {
    for (name, play) in [
        ("nudge", include_str!("../../../handlers/nudge/tests/nudge.play")),
        ("dice", include_str!("../../../handlers/dice/tests/dice.play")),
    ] {
        let play = Play::parse(play).unwrap();
        for way in Way::ALL.into_iter().filter(|way| play.runs(*way)) {
            let tables = settings("dice = { sides = 4, dice = 3 }");
            tables.expect("dice");
            let stage = Stage::new(way, |builder| {
                let keep = Keep::in_memory(10, 200);
                builder.service(circle().rights()).service(keep).service(tables)
            })
            .await
            .unwrap();
            stage.hot().unwrap().load(&built(name)).unwrap();
            play.perform(&stage).await.unwrap_or_else(|error| panic!("{name}, {way:?}: {error}"));
        }
    }
}

#[tokio::test]
async fn settings_that_a_module_does_not_take_are_told_when_it_is_loaded() {
    for (text, reason) in [
        ("dice = { sides = 1 }", "must be 2 to 1000"),
        ("dice = { side = 6 }", "side"),
        ("dice = { sides = 'six' }", "[plugins.dice] is refused"),
    ] {
        let tables = settings(text);
        tables.expect("dice");
        let server = TestServer::new(|builder| builder.service(tables)).unwrap();
        let refused = server.hot().load(&built("dice")).unwrap_err();
        assert!(matches!(refused, LoadError::Settings(_)), "{refused}");
        assert!(refused.to_string().contains(reason), "{refused}");
        assert!(server.hot().list().is_empty());
    }
}

#[tokio::test]
async fn what_a_module_keeps_is_there_for_its_next_version_and_for_nobody_else() {
    let keep = Keep::in_memory(10, 200);
    let server = TestServer::new(|builder| builder.service(circle().rights()).service(keep.clone())).unwrap();
    let ann = server.user(1, "ann").await;
    let at = std::collections::BTreeMap::from([("room", 7_u64)]);
    server.hot().load(&built("dice")).unwrap();
    assert!(said(&ann, "uchat.dice.roll", &at).await.starts_with("ok "));
    server.hot().replace(&built("dice")).unwrap();
    assert!(said(&ann, "uchat.dice.table", &at).await.contains("ann"));
    let (its, linked) = (keep.namespace("hot.dice"), keep.namespace("dice"));
    assert!(its.get::<Value>(Scope::of("room", 7), "1").await.unwrap().is_some());
    assert!(linked.get::<Value>(Scope::of("room", 7), "1").await.unwrap().is_none());
}

#[tokio::test]
async fn any_value_goes_through_a_module_and_comes_back_as_it_was() {
    let server = server();
    server.hot().load(&built("echo")).unwrap();
    let client = server.connect();
    for value in [Value::Bool(false), Value::from("你好 \u{1f3b2}"), Value::from("x".repeat(60_000).as_str())]
    {
        assert_eq!(said(&client, "hot.echo", &value).await, format!("ok {value:?}"));
    }
    assert_eq!(said(&client, "hot.echo", &Value::from("x".repeat(70_000).as_str())).await, "bad_args");
}

#[test]
fn the_sdk_speaks_the_interface_of_this_host() {
    for name in ["nudge", "dice", "echo"] {
        let told = server().hot().load(&built(name)).unwrap();
        assert_eq!((told.name.as_str(), told.abi), (name, uchat_framework::hot::ABI));
        assert_eq!(told.version, env!("CARGO_PKG_VERSION"));
    }
}
