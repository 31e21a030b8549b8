//! The same dialogue in memory and over a socket of each suite; and what an author reads when it goes otherwise.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use uchat_framework::codec::Opcode;
use uchat_framework::prelude::*;
use uchat_framework::testkit::{Play, Stage, Way};

const SHOUT: Opcode = Opcode(70);
const SHOUTED: Opcode = Opcode(170);

rejections! { Hoarse = "you are hoarse" }

/// Tells everybody else something.
#[handler(SHOUT, outcome = SHOUTED)]
async fn shout(me: User, Args(text): Args<String>, online: Online) -> Result<()> {
    ensure!(text != "aaah", Hoarse);
    let others = online.users().into_iter().filter(|user| *user != me.id);
    online.send_all(others, SHOUTED, &(me.id, text));
    Ok(())
}

/// Whispers into somebody's ear.
#[handler("play.whisper")]
async fn whisper(me: User, Args((to, text)): Args<(UserId, String)>, online: Online) -> Result<bool> {
    Ok(online.tell(to, "play.whispered", &(me.id, text)))
}

/// Throws somebody out.
#[handler("play.throw_out")]
async fn throw_out(caller: Caller, Args(whom): Args<UserId>) -> Result<bool> {
    Ok(caller.end_other_session(whom, []).await)
}

async fn perform(text: &str, way: Way) -> Result<(), String> {
    let play = Play::parse(text).map_err(|error| error.to_string())?;
    let stage = Stage::new(way, |builder| builder).await.map_err(|error| error.to_string())?;
    if play.runs(way) { play.perform(&stage).await.map_err(|error| error.to_string()) } else { Ok(()) }
}

const SHOUTING: &str = r#"
# Everybody hears it but the one who shouts.
ann enters as 1
bob enters as 2
ann > 70 "hello # everybody"
ann < 170 [true, ""]
bob < 170 [1, $text]
bob > 70 $text
bob < 170 [true, ""]
ann < 170 [2, ~"every"]
bob < nothing
bob leaves
strong: ann > play.whisper [9, "anybody?"]
strong: ann < ok false
ann > 70 "aaah"
ann < 170 [false, "you are hoarse"]
"#;

const WHISPERING: &str = r#"
only strong
ann enters as 1
bob enters as 2
ann > play.whisper [2, "psst"]
ann < ok true
bob < play.whispered [1, "psst"]
ann > play.nobody
ann < err "unknown_operation"
bob > play.throw_out 1
bob < ok true
ann is closed
"#;

#[tokio::test]
async fn a_play_runs_in_memory_and_over_each_suite() {
    for way in Way::ALL {
        perform(SHOUTING, way).await.unwrap_or_else(|error| panic!("{way:?}: {error}"));
        perform(WHISPERING, way).await.unwrap_or_else(|error| panic!("{way:?}: {error}"));
    }
}

#[tokio::test]
async fn what_goes_otherwise_is_told_with_the_line_and_what_came() {
    let begin = "ann enters as 1\nbob enters as 2\nann > 70 \"hi\"\n";
    for (end, reason) in [
        ("ann < 170 [false, _]", "line 4: ann got 170"),
        ("ann < 171 _", "line 4: ann got 170"),
        ("ann < 170 _\nbob < nothing", "line 5: bob got 170"),
        ("ann < 170 _", "line 5: bob got 170"),
        ("eve < nothing", "line 4: eve is not there"),
        ("ann whistles", "line 4: `ann` can `>` send"),
        ("ann > add_freind 1", "line 4: there is no operation `add_freind`"),
        ("ann > 70 [1", "line 4: `,` was expected"),
    ] {
        for way in [Way::Memory, Way::Strong] {
            let error = perform(&format!("{begin}{end}\n"), way).await.unwrap_err();
            assert!(error.contains(reason), "{way:?}, {end}: {error}");
        }
    }
}
