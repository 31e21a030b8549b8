//! The strong suite: what two honest peers do works in any segmentation, and everything else is refused.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use proptest::prelude::*;
use tokio_util::codec::Decoder;
use uchat_codec::handshake::Acceptor;
use uchat_codec::{
    ClassicIdentity, DhParams, Established, Frame, FrameCodec, Handshake, HandshakeError, Limits, OpenError,
    Opener, Progress, Sealer, StrongClient, StrongIdentity, StrongServer, SuiteName,
};

const CLIENT_SEED: [u8; 32] = [1; 32];
const SERVER_SEED: [u8; 32] = [2; 32];

fn identity(seed: [u8; 32]) -> Arc<StrongIdentity> {
    Arc::new(StrongIdentity::from_secrets(&seed, seed.map(|byte| byte + 7)))
}

fn server_key() -> [u8; 32] {
    identity(SERVER_SEED).public_key()
}

fn client() -> StrongClient {
    StrongClient::new(identity(CLIENT_SEED), &Limits::default()).with_ephemeral_for_tests([3; 32])
}

fn server() -> StrongServer {
    StrongServer::new(identity(SERVER_SEED), &Limits::default()).with_ephemeral_for_tests([4; 32])
}

/// Feeds `bytes` in pieces of at most `piece` bytes.
fn feed(
    machine: &mut dyn Handshake,
    bytes: &[u8],
    piece: usize,
) -> Result<(Progress, BytesMut, BytesMut), HandshakeError> {
    let (mut input, mut output) = (BytesMut::new(), BytesMut::new());
    let mut progress = machine.advance(&mut input, &mut output)?;
    for chunk in bytes.chunks(piece.max(1)) {
        input.extend_from_slice(chunk);
        progress = machine.advance(&mut input, &mut output)?;
    }
    Ok((progress, output, input))
}

/// What each side sends in an honest handshake: the client's first flight, the server's, the client's second.
fn flights() -> [BytesMut; 3] {
    let (mut client, mut server) = (client(), server());
    let first = feed(&mut client, &[], 1).unwrap().1;
    let second = feed(&mut server, &first, first.len()).unwrap().1;
    let third = feed(&mut client, &second, second.len()).unwrap().1;
    [first, second, third]
}

fn shaken(piece: usize) -> (Established, Established) {
    let (mut client, mut server) = (Box::new(client()), Box::new(server()));
    let first = feed(&mut *client, &[], 1).unwrap().1;
    let second = feed(&mut *server, &first, piece).unwrap().1;
    let (progress, third, _) = feed(&mut *client, &second, piece).unwrap();
    assert_eq!(progress, Progress::Done);
    let (progress, nothing, _) = feed(&mut *server, &third, piece).unwrap();
    assert!(progress == Progress::Done && nothing.is_empty());
    (client.finish().unwrap(), server.finish().unwrap())
}

fn frame_of(bytes: &[u8]) -> Frame {
    FrameCodec::new(1 << 20).decode(&mut BytesMut::from(bytes)).unwrap().unwrap()
}

fn sealed(sealer: &mut dyn Sealer, plaintext: &[u8]) -> Bytes {
    let mut out = BytesMut::new();
    sealer.seal(plaintext, &mut out).unwrap();
    out.freeze()
}

fn open(opener: &mut dyn Opener, bytes: &[u8]) -> Result<Bytes, OpenError> {
    opener.open(frame_of(bytes))
}

#[test]
fn both_sides_prove_who_they_are() {
    let (client, server) = shaken(usize::MAX);
    assert_eq!((client.suite, server.suite), (SuiteName::Strong, SuiteName::Strong));
    assert_eq!(client.peer.identity_key, Some(server_key()));
    assert_eq!(server.peer.identity_key, Some(identity(CLIENT_SEED).public_key()));
    assert!(format!("{client:?}{:?}", identity(SERVER_SEED)).len() < 2000);
    assert!(!format!("{:?}", identity(SERVER_SEED)).contains("0202020202"));
}

#[test]
fn every_changed_bit_of_the_handshake_is_refused() {
    let [first, second, third] = flights();
    let mut tried = 0;
    for bit in 0..first.len() * 8 {
        let mut changed = first.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        // What a changed first message leads to shows at the latest when the client checks the answer.
        let answer =
            feed(&mut server(), &changed, changed.len()).map(|(_, answer, _)| answer).unwrap_or_default();
        let mut client = client();
        feed(&mut client, &[], 1).unwrap();
        assert!(
            !matches!(feed(&mut client, &answer, answer.len()), Ok((Progress::Done, _, _))),
            "bit {bit} of 1"
        );
        tried += 1;
    }
    for bit in 0..second.len() * 8 {
        let mut changed = second.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let mut client = client();
        assert!(
            !matches!(feed(&mut client, &changed, changed.len()), Ok((Progress::Done, _, _))),
            "bit {bit} of 2"
        );
        tried += 1;
    }
    for bit in 0..third.len() * 8 {
        let mut changed = third.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let mut server = server();
        feed(&mut server, &first, first.len()).unwrap();
        assert!(
            !matches!(feed(&mut server, &changed, changed.len()), Ok((Progress::Done, _, _))),
            "bit {bit} of 3"
        );
        tried += 1;
    }
    assert!(tried > 3000);
}

#[test]
fn every_changed_bit_of_a_frame_is_refused_and_nothing_is_opened_after_it() {
    let (mut client, _) = shaken(usize::MAX);
    let frame = sealed(&mut *client.sealer, b"attack at dawn, not at dusk");
    for bit in 0..frame.len() * 8 {
        let mut changed = frame.to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        let Ok(Some(parsed)) = FrameCodec::new(1 << 20).decode(&mut BytesMut::from(&changed[..])) else {
            continue;
        };
        // The server's half is made anew each time: after one error it opens nothing.
        let (_, mut server) = shaken(usize::MAX);
        assert_eq!(server.opener.open(parsed), Err(OpenError::Refused), "bit {bit}");
        assert_eq!(open(&mut *server.opener, &frame), Err(OpenError::Refused));
    }
}

#[test]
fn replayed_swapped_dropped_and_reflected_frames_are_refused() {
    let frames =
        |established: &mut Established| [b"one", b"two"].map(|text| sealed(&mut *established.sealer, text));
    let (mut client, mut server) = shaken(usize::MAX);
    let [one, two] = frames(&mut client);
    assert_eq!(open(&mut *server.opener, &one).unwrap(), "one");
    assert_eq!(open(&mut *server.opener, &one), Err(OpenError::Refused), "replayed");

    let (mut client, mut server) = shaken(usize::MAX);
    let [_, second] = frames(&mut client);
    assert_eq!(
        open(&mut *server.opener, &second),
        Err(OpenError::Refused),
        "swapped, or the first one dropped"
    );

    let (mut client, _) = shaken(usize::MAX);
    let [one_back, _] = frames(&mut client);
    assert_eq!(open(&mut *client.opener, &one_back), Err(OpenError::Refused), "reflected");

    let (_, mut server) = shaken(usize::MAX);
    assert_eq!(open(&mut *server.opener, &one).unwrap(), "one");
    assert_eq!(open(&mut *server.opener, &two).unwrap(), "two");
}

#[test]
fn a_server_with_another_key_does_not_learn_who_asks() {
    let mut client = client().expect_server([9; 32]);
    let first = feed(&mut client, &[], 1).unwrap().1;
    let second = feed(&mut server(), &first, first.len()).unwrap().1;
    let (mut input, mut output) = (second, BytesMut::new());
    assert_eq!(
        client.advance(&mut input, &mut output),
        Err(HandshakeError::WrongServerKey { found: server_key() })
    );
    assert!(output.is_empty());
}

#[test]
fn a_man_in_the_middle_with_an_identity_of_his_own_is_not_the_expected_server() {
    let mallory = StrongServer::new(identity([8; 32]), &Limits::default());
    let mut client = client().expect_server(server_key());
    let first = feed(&mut client, &[], 1).unwrap().1;
    let mut mallory = mallory;
    let second = feed(&mut mallory, &first, first.len()).unwrap().1;
    assert!(matches!(feed(&mut client, &second, 7), Err(HandshakeError::WrongServerKey { .. })));
}

#[test]
fn nobody_is_turned_to_a_suite_that_he_did_not_ask_for() {
    let classic = Arc::new(ClassicIdentity::generate(&DhParams::default(), &mut rand::rng()).unwrap());
    let both =
        || Acceptor::new(&Limits::default()).classic(Arc::clone(&classic)).strong(identity(SERVER_SEED));
    let [first, ..] = flights();
    let strong = feed(&mut both(), &first, 1).unwrap().1;
    assert!(!strong.starts_with(b"server ") && !strong.is_empty());
    assert!(feed(&mut both(), b"127.0.0.1", 100).unwrap().1.starts_with(b"server "));
    // A strong client that gets a classic certificate instead.
    let certificate = classic.certificate();
    assert!(feed(&mut client(), certificate.as_bytes(), 1000).is_err());
    // A version that somebody has changed on the way.
    let mut other = first;
    other[6] = b'3';
    assert_eq!(feed(&mut both(), &other, 100).err(), Some(HandshakeError::UnsupportedSuite));
    // What is not offered is not answered at all.
    let mut classic_only = Acceptor::new(&Limits::default()).classic(classic);
    assert_eq!(feed(&mut classic_only, b"UCHAT/2\n", 3).err(), Some(HandshakeError::UnsupportedSuite));
    let mut strong_only = Acceptor::new(&Limits::default()).strong(identity(SERVER_SEED));
    assert_eq!(feed(&mut strong_only, b"127.0.0.1", 3).err(), Some(HandshakeError::UnsupportedSuite));
}

#[test]
fn new_keys_come_on_both_sides_at_the_same_frame() {
    let keys = || uchat_codec::suite::StrongKeys::new(&[1; 32], &[2; 32], &[3; 32]).rekey_sooner(3, 1 << 30);
    let ((mut sealer, _), (_, mut opener)) = (keys().client(1 << 20), keys().server(1 << 20));
    for number in 0..20u8 {
        let frame = sealed(&mut sealer, &[number; 40]);
        assert_eq!(open(&mut opener, &frame).unwrap(), vec![number; 40]);
    }
}

proptest! {
    #[test]
    fn any_segmentation_gives_the_same_connection(piece in 1usize..80, texts in prop::collection::vec(".{0,100}", 0..5)) {
        let (mut client, mut server) = shaken(piece);
        for text in texts {
            let there = sealed(&mut *client.sealer, text.as_bytes());
            prop_assert_eq!(open(&mut *server.opener, &there).unwrap(), text.clone());
            let back = sealed(&mut *server.sealer, text.as_bytes());
            prop_assert_eq!(open(&mut *client.opener, &back).unwrap(), text);
        }
    }

    #[test]
    fn garbage_never_finishes_a_handshake(garbage in prop::collection::vec(any::<u8>(), 0..600), piece in 1usize..100) {
        let mut client = client();
        feed(&mut client, &[], 1).unwrap();
        prop_assert!(!matches!(feed(&mut client, &garbage, piece), Ok((Progress::Done, _, _))));
        let mut bytes = b"UCHAT/2\n".to_vec();
        bytes.extend(garbage);
        prop_assert!(!matches!(feed(&mut server(), &bytes, piece), Ok((Progress::Done, _, _))));
    }
}
