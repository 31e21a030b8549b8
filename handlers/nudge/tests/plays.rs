//! The dialogue of `nudge.play`, in memory and over sockets.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use uchat_framework::testkit::{Circle, Play, Stage, Way};

// So that the handlers are linked into this test.
use uchat_nudge as _;

#[tokio::test]
async fn a_friend_is_nudged_and_a_stranger_is_not() {
    let play = Play::parse(include_str!("nudge.play")).unwrap();
    for way in Way::ALL.into_iter().filter(|way| play.runs(*way)) {
        let people = Circle::default().pair(1, 2);
        let stage = Stage::new(way, |builder| builder.service(people.rights())).await.unwrap();
        play.perform(&stage).await.unwrap_or_else(|error| panic!("{way:?}: {error}"));
    }
}
