//! Dialogues with the whole server: each file of `tests/plays` in memory and over both suites, on each store, and with the
//! real program.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::fs;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

use support::{PASSWORD, Server, registration};
use uchat_codec::certificate::{Authority, Validity};
use uchat_codec::chat::Login;
use uchat_codec::{StrongIdentity, opcode};
use uchat_config::Settings;
use uchat_db::{Db, PluginTables, SqliteStore};
use uchat_framework::testkit::{Circle, Entrance, Peer, Play, Stage, Way};
use uchat_framework::{Keep, Result, UserId};

// So that the handlers are linked into this test too.
use uchat_accounts as _;
use uchat_announcements as _;
use uchat_certificates as _;
use uchat_dice as _;
use uchat_echo as _;
use uchat_friends as _;
use uchat_messages as _;
use uchat_nudge as _;
use uchat_presence as _;
use uchat_recall as _;
use uchat_rooms as _;
use uchat_status as _;
use uchat_word_filter as _;

/// With a password, as everybody does; who comes first makes an account.
struct Password;

impl Entrance for Password {
    fn enter<'a>(
        &'a self,
        peer: &'a mut Peer,
        name: &'a str,
        number: UserId,
    ) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>> {
        Box::pin(async move {
            peer.request(opcode::REGISTER, &registration(name)).await?;
            match peer.receive().await?.unwrap() {
                (opcode::REGISTER_SUCCESSFUL, id) => assert_eq!(id.as_u64(), Some(number), "{name}"),
                (opcode::USERNAME_TAKEN, _) => {}
                other => panic!("{name} got {other:?}"),
            }
            peer.request(opcode::LOGIN, &Login(name.into(), PASSWORD.into())).await?;
            while let Some((opcode, value)) = peer.receive().await? {
                assert_ne!(opcode, opcode::GENERAL_FAILURE, "{name}: {value:?}");
                if opcode == opcode::LOGIN_BUNDLE {
                    break;
                }
            }
            Ok(())
        })
    }
}

fn plays() -> Vec<(String, Play)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plays");
    let mut plays = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let play = Play::parse(&fs::read_to_string(&path).unwrap());
        plays.push((name.clone(), play.unwrap_or_else(|error| panic!("{name}, {error}"))));
    }
    assert!(plays.len() > 2, "the plays were not found");
    plays
}

fn authority() -> Authority {
    let identity = StrongIdentity::generate(&mut rand::rng());
    let validity = Validity { serial: [1; 16], not_before: 0, not_after: u64::from(u32::MAX) };
    let certificate = Authority::self_certificate(&identity, validity).unwrap();
    Authority::new(Arc::new(identity.with_certificate(certificate).unwrap()), 1).unwrap()
}

async fn stage(way: Way, store: SqliteStore) -> Stage {
    let mut settings = Settings::default();
    (settings.accounts.argon2_memory_kib, settings.accounts.argon2_passes) = (64, 1);
    let db: Db = Arc::new(store);
    let with = |builder: uchat_framework::ServerBuilder| {
        let rights = Circle::default().rights();
        let builder = builder.service(settings).service(db).service(authority()).service(rights);
        builder.service(Keep::in_memory(100, 10_000)).service(PluginTables::in_memory())
    };
    Stage::with_entrance(way, Password, with).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_play_goes_the_same_in_memory_and_over_each_suite_on_each_store() {
    for (name, play) in plays() {
        for way in Way::ALL.into_iter().filter(|way| play.runs(*way)) {
            let stores = [
                ("file", uchat_db::testkit::temporary as fn() -> SqliteStore),
                ("memory", uchat_db::testkit::in_memory),
            ];
            for (kind, store) in stores {
                let done = play.perform(&stage(way, store()).await).await;
                done.unwrap_or_else(|error| panic!("{name}, {way:?}, store in {kind}, {error}"));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_play_goes_the_same_with_the_real_program() {
    for (name, play) in plays() {
        for way in [Way::Classic, Way::Strong].into_iter().filter(|way| play.runs(*way)) {
            let server = Server::start();
            let done = play.perform(&Stage::at(server.address(), way, Password)).await;
            done.unwrap_or_else(|error| panic!("{name}, the program, {way:?}, {error}"));
            assert!(server.errors().is_empty(), "{name}: {:?}", server.errors());
        }
    }
}
