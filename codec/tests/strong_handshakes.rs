//! Strong handshakes succeed between the right peers in any segmentation, and fail for whoever changes a bit.
#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop")]

use std::sync::{Arc, LazyLock};

use bytes::BytesMut;
use proptest::prelude::*;
use tokio_util::codec::Decoder;
use uchat_codec::{
    Acceptor, ClassicIdentity, DhParams, Established, FrameCodec, Handshake, HandshakeError, Limits,
    Progress, StrongClient, StrongIdentity, StrongServer, SuiteName,
};

static SERVER: LazyLock<Arc<StrongIdentity>> = LazyLock::new(|| {
    Arc::new(StrongIdentity::from_secrets(&[1; 32], [2; 32]).with_certificate(&b"server"[..]).unwrap())
});
static CLIENT: LazyLock<Arc<StrongIdentity>> =
    LazyLock::new(|| Arc::new(StrongIdentity::from_secrets(&[3; 32], [4; 32])));
static CLASSIC: LazyLock<Arc<ClassicIdentity>> =
    LazyLock::new(|| Arc::new(ClassicIdentity::generate(&DhParams::default(), &mut rand::rng()).unwrap()));

fn server() -> StrongServer {
    StrongServer::new(Arc::clone(&SERVER), &Limits::default())
}

fn client() -> StrongClient {
    StrongClient::new(Arc::clone(&CLIENT), &Limits::default())
}

type Met = Result<(Established, Established), HandshakeError>;

/// Lets two machines talk, through somebody who may change message 1 (with what is before it), 2 or 3.
fn meet(
    mut client: impl Handshake + 'static,
    mut server: impl Handshake + 'static,
    mut between: impl FnMut(usize, &mut BytesMut),
) -> Met {
    let (mut to_server, mut to_client) = (BytesMut::new(), BytesMut::new());
    client.advance(&mut to_client, &mut to_server)?;
    between(1, &mut to_server);
    server.advance(&mut to_server, &mut to_client)?;
    between(2, &mut to_client);
    client.advance(&mut to_client, &mut to_server)?;
    between(3, &mut to_server);
    server.advance(&mut to_server, &mut to_client)?;
    Ok((Box::new(client).finish()?, Box::new(server).finish()?))
}

fn says(from: &mut Established, to: &mut Established, text: &[u8]) -> bool {
    let mut wire = BytesMut::new();
    from.sealer.seal(text, &mut wire).unwrap();
    to.opener.open(FrameCodec::new(1000).decode(&mut wire).unwrap().unwrap()).is_ok_and(|it| it == text)
}

/// The messages of one handshake.
fn messages() -> [BytesMut; 3] {
    let mut seen: [BytesMut; 3] = std::array::from_fn(|_| BytesMut::new());
    drop(meet(client(), server(), |message, bytes| seen[message - 1] = bytes.clone()).unwrap());
    seen
}

#[test]
fn both_know_each_other_and_can_talk() {
    let (mut client, mut server) = meet(client(), server(), |_, _| {}).unwrap();
    assert_eq!((client.suite, server.suite), (SuiteName::Strong, SuiteName::Strong));
    assert_eq!(client.peer.identity_key, Some(SERVER.public_key()));
    assert_eq!(client.peer.certificate_der.as_deref(), Some(&b"server"[..]));
    assert_eq!(server.peer.identity_key, Some(CLIENT.public_key()));
    assert_eq!(server.peer.certificate_der, None);
    assert!(says(&mut client, &mut server, b"hello") && says(&mut server, &mut client, b"hello yourself"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_segmentation_leads_to_the_same(pieces in prop::collection::vec(1_usize..200, 1..8)) {
        let (mut client, mut server) = (client(), server());
        let (mut to_server, mut to_client, mut sizes) = (BytesMut::new(), BytesMut::new(), pieces.iter().cycle());
        let mut give = |machine: &mut dyn Handshake, bytes: &mut BytesMut, output: &mut BytesMut| {
            let mut input = BytesMut::new();
            let mut progress = machine.advance(&mut input, output).unwrap();
            while !bytes.is_empty() {
                let size = (*sizes.next().unwrap()).min(bytes.len());
                input.unsplit(bytes.split_to(size));
                progress = machine.advance(&mut input, output).unwrap();
            }
            (progress, input)
        };
        give(&mut client, &mut to_client, &mut to_server);
        give(&mut server, &mut to_server, &mut to_client);
        prop_assert_eq!(give(&mut client, &mut to_client, &mut to_server).0, Progress::Done);
        let mut client = (Box::new(client) as Box<dyn Handshake>).finish().unwrap();
        // The first frame may come in the same piece as the end of the handshake.
        client.sealer.seal(b"hello", &mut to_server).unwrap();
        let (progress, mut rest) = give(&mut server, &mut to_server, &mut to_client);
        prop_assert_eq!(progress, Progress::Done);
        let mut server = (Box::new(server) as Box<dyn Handshake>).finish().unwrap();
        let frame = FrameCodec::new(1000).decode(&mut rest).unwrap().unwrap();
        prop_assert_eq!(server.opener.open(frame).unwrap(), "hello");
    }

    #[test]
    fn any_client_bytes_are_an_error_or_unfinished(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut input = BytesMut::from(&b"UCHAT/2\n\x00\x20"[..]);
        input.extend_from_slice(&bytes);
        prop_assert_ne!(server().advance(&mut input, &mut BytesMut::new()), Ok(Progress::Done));
    }
}

#[test]
fn every_flipped_bit_of_every_message_is_refused() {
    for (message, original) in (1..).zip(messages()) {
        for bit in 0..original.len() * 8 {
            let met = meet(client(), server(), |number, bytes| {
                if number == message {
                    bytes[bit / 8] ^= 1 << (bit % 8);
                }
            });
            assert!(met.is_err(), "bit {bit} of message {message}");
        }
    }
}

#[test]
fn every_cut_of_every_message_leaves_the_handshake_unfinished_or_refused() {
    for (message, original) in (1..).zip(messages()) {
        for length in 0..original.len() {
            let met = meet(client(), server(), |number, bytes| {
                if number == message {
                    bytes.truncate(length);
                }
            });
            assert!(met.is_err(), "{length} bytes of message {message}");
        }
    }
}

#[test]
fn messages_of_another_handshake_are_refused() {
    let old = messages();
    for message in [2, 3] {
        let met = meet(client(), server(), |number, bytes| {
            if number == message {
                bytes.clone_from(&old[message - 1]);
            }
        });
        assert_eq!(met.unwrap_err(), HandshakeError::NotAuthentic(u8::try_from(message).unwrap()));
    }
}

#[test]
fn a_wrong_server_is_told_and_learns_nothing() {
    let expected = client().expect_server(SERVER.public_key());
    assert!(meet(expected, server(), |_, _| {}).is_ok());
    let mallory = Arc::new(StrongIdentity::generate(&mut rand::rng()));
    let found = mallory.public_key();
    let mut last = 0;
    let met = meet(
        client().expect_server(SERVER.public_key()),
        StrongServer::new(mallory, &Limits::default()),
        |message, _| last = message,
    );
    assert_eq!(met.unwrap_err(), HandshakeError::WrongServerKey { found });
    assert_eq!(last, 2, "the client has sent its identity");
}

#[test]
fn a_suite_cannot_be_changed_on_the_way() {
    for other in [&b"UCHAT/1\n"[..], b"UCHAT/3\n", b"UCHAT/2 ", b"127.0.0."] {
        let met = meet(client(), server(), |message, bytes| {
            if message == 1 {
                bytes[..8].copy_from_slice(other);
            }
        });
        assert_eq!(met.unwrap_err(), HandshakeError::UnsupportedSuite);
    }
    // A server that is made to answer in the classic suite: its certificate is no message 2.
    let met = meet(client(), acceptor(true, true), |message, bytes| {
        if message == 1 {
            *bytes = BytesMut::from("127.0.0.1");
        }
    });
    assert!(matches!(met.unwrap_err(), HandshakeError::MessageLength { message: 2, .. }));
}

#[test]
fn a_key_that_makes_every_shared_secret_zero_is_refused() {
    for key in [[0; 32], std::array::from_fn(|at| u8::from(at == 0))] {
        let mut input = BytesMut::from(&b"UCHAT/2\n\x00\x20"[..]);
        input.extend_from_slice(&key);
        let refused = server().advance(&mut input, &mut BytesMut::new());
        assert_eq!(refused, Err(HandshakeError::NotAuthentic(2)));
    }
}

fn acceptor(classic: bool, strong: bool) -> Acceptor {
    let mut acceptor = Acceptor::new(&Limits::default());
    if classic {
        acceptor = acceptor.classic(Arc::clone(&CLASSIC));
    }
    if strong {
        acceptor = acceptor.strong(Arc::clone(&SERVER));
    }
    acceptor
}

#[test]
fn one_port_serves_both_suites() {
    assert_eq!(meet(client(), acceptor(true, true), |_, _| {}).unwrap().1.suite, SuiteName::Strong);
    let mut output = BytesMut::new();
    let mut both = acceptor(true, true);
    assert_eq!(both.advance(&mut "127.0.0.1".into(), &mut output), Ok(Progress::NeedInput));
    assert_eq!(output, CLASSIC.certificate());
}

#[test]
fn what_is_not_offered_is_refused_without_a_byte() {
    for (mut acceptor, first) in [
        (acceptor(true, false), "UCHAT/2\n"),
        (acceptor(false, true), "127.0.0.1"),
        (acceptor(false, false), "UCHAT/2\n"),
    ] {
        let mut output = BytesMut::new();
        let refused = acceptor.advance(&mut first.into(), &mut output);
        assert_eq!(refused, Err(HandshakeError::UnsupportedSuite), "{first}");
        assert!(output.is_empty());
    }
    let mut both = acceptor(true, true);
    assert_eq!(both.advance(&mut "UCHAT".into(), &mut BytesMut::new()), Ok(Progress::NeedInput));
    assert_eq!(both.quiet(&mut BytesMut::new()), Ok(Progress::NeedInput));
}

#[test]
fn lengths_are_refused_before_the_bytes_are_there() {
    for length in [0_u16, 31, 33, u16::MAX] {
        let mut input = BytesMut::from(&b"UCHAT/2\n"[..]);
        input.extend_from_slice(&length.to_be_bytes());
        let refused = server().advance(&mut input, &mut BytesMut::new());
        let length = usize::from(length);
        assert_eq!(refused, Err(HandshakeError::MessageLength { message: 1, length }));
    }
    let limits = Limits { max_handshake: 41, ..Limits::default() };
    let small = StrongServer::new(Arc::clone(&SERVER), &limits);
    assert_eq!(meet(client(), small, |_, _| {}).unwrap_err(), HandshakeError::TooLong(41));
}

#[test]
fn certificates_have_a_limit() {
    let identity =
        |length: usize| StrongIdentity::from_secrets(&[3; 32], [4; 32]).with_certificate(vec![7; length]);
    assert_eq!(identity(2049).unwrap_err(), HandshakeError::CertificateLength(2049));
    let longest = StrongClient::new(Arc::new(identity(2048).unwrap()), &Limits::default());
    let (_, server) = meet(longest, server(), |_, _| {}).unwrap();
    assert_eq!(server.peer.certificate_der.unwrap().len(), 2048);
}

#[test]
fn a_machine_that_has_failed_does_nothing_any_more() {
    let mut server = server();
    let mut output = BytesMut::new();
    assert_eq!(server.advance(&mut "nonsense".into(), &mut output), Err(HandshakeError::UnsupportedSuite));
    assert_eq!(server.advance(&mut "UCHAT/2\n".into(), &mut output), Err(HandshakeError::Unfinished));
    assert_eq!(Box::new(server).finish().unwrap_err(), HandshakeError::Unfinished);
}

#[test]
fn an_identity_survives_its_seed_and_shows_no_secret() {
    let identity = StrongIdentity::generate(&mut rand::rng());
    let again = StrongIdentity::from_seed(&identity.seed(), &mut rand::rng());
    assert_eq!(again.public_key(), identity.public_key());
    let shown = format!(
        "{identity:?} {:?} {:?} {:?}",
        StrongServer::new(Arc::new(again), &Limits::default()),
        client(),
        acceptor(true, true)
    );
    assert!(shown.contains(&hex::encode(identity.public_key())));
    assert!(!shown.contains(&hex::encode(*identity.seed())));
    assert!(!shown.contains(&format!("{:?}", *identity.seed())));
}
