//! The dialogue of `dice.play`, in memory and over sockets.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use uchat_framework::prelude::*;
use uchat_framework::testkit::{Circle, Play, Stage, Way};

// So that the handlers are linked into this test.
use uchat_dice as _;

#[tokio::test]
async fn members_play_and_see_each_other() {
    let play = Play::parse(include_str!("dice.play")).unwrap();
    for way in Way::ALL.into_iter().filter(|way| play.runs(*way)) {
        let people = Circle::default().thing("room", 7, &[1, 2]);
        let stage = Stage::new(way, |builder| {
            builder.service(people.rights()).service(settings()).service(Keep::in_memory(10, 200))
        })
        .await
        .unwrap();
        play.perform(&stage).await.unwrap_or_else(|error| panic!("{way:?}: {error}"));
    }
}

/// Dice of which three are rolled.
fn settings() -> PluginSettings {
    PluginSettings::new("dice = { sides = 4, dice = 3 }".parse().unwrap())
}
