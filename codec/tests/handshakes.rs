//! Handshakes survive any segmentation and any peer.
#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop")]

use std::sync::{Arc, LazyLock};

use bytes::BytesMut;
use num_bigint::BigUint;
use proptest::prelude::*;
use tokio_util::codec::Decoder;
use uchat_codec::{
    ClassicClient, ClassicIdentity, ClassicKeyPair, ClassicServer, DhParams, Established, FrameCodec,
    Handshake, HandshakeError, Limits, ParamsError, Progress, SuiteName,
};

static SERVER: LazyLock<Arc<ClassicIdentity>> =
    LazyLock::new(|| Arc::new(ClassicIdentity::generate(&DhParams::default(), &mut rand::rng()).unwrap()));
static CLIENT: LazyLock<ClassicKeyPair> =
    LazyLock::new(|| ClassicKeyPair::generate(&DhParams::default(), &mut rand::rng()).unwrap());

fn server() -> ClassicServer {
    ClassicServer::new(Arc::clone(&SERVER), &Limits::default())
}

fn client(certificate: String) -> ClassicClient {
    ClassicClient::new(CLIENT.clone(), certificate, "192.168.1.5".into(), &Limits::default())
}

/// Gives the server all bytes in pieces; what is left over must begin with the first frame.
fn serve(pieces: &[&[u8]]) -> Result<(Option<Established>, BytesMut), HandshakeError> {
    let mut machine = server();
    let (mut input, mut output) = (BytesMut::new(), BytesMut::new());
    let mut progress = Progress::NeedInput;
    for piece in pieces {
        input.extend_from_slice(piece);
        progress = machine.advance(&mut input, &mut output)?;
    }
    match progress {
        Progress::Done => Ok((Some(Box::new(machine).finish()?), input)),
        Progress::NeedInput => Ok((None, input)),
    }
}

/// The sealed frame that a client with the right key sends first.
fn first_frame(plaintext: &[u8]) -> BytesMut {
    let mut out = BytesMut::new();
    let key = CLIENT.agree(SERVER.key_pair.public()).unwrap();
    uchat_codec::Sealer::seal(&mut key.sealer(1000), plaintext, &mut out).unwrap();
    out
}

/// Lets the server open what is left over.
fn opened(established: &mut Established, rest: &mut BytesMut) -> bytes::Bytes {
    let frame = FrameCodec::new(1000).decode(rest).unwrap().unwrap();
    established.opener.open(frame).unwrap()
}

proptest! {
    #[test]
    fn a_server_understands_a_client_in_any_segmentation(
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let certificate = format!("alice a@b.com b'{}'", CLIENT.public());
        let frame = first_frame(b"hello");
        let stream = [b"192.168.1.5", certificate.as_bytes(), &frame].concat();
        let handshake_len = stream.len() - frame.len();
        // The frame can't come before the server has answered, so at least a part of the address comes first.
        let mut cuts: Vec<_> = cuts.iter().map(|cut| 1 + cut.index(handshake_len)).chain([0, 1, stream.len()]).collect();
        cuts.sort_unstable();
        let pieces: Vec<_> = cuts.windows(2).map(|cut| &stream[cut[0]..cut[1]]).collect();
        let (established, mut rest) = serve(&pieces).unwrap();
        let mut established = established.unwrap();
        prop_assert_eq!(&established.peer.public_number, &Some(CLIENT.public().clone()));
        prop_assert_eq!(opened(&mut established, &mut rest), "hello");
        prop_assert!(rest.is_empty());
    }

    #[test]
    fn a_client_understands_a_server_in_any_segmentation(
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let certificate = SERVER.certificate();
        let mut cuts: Vec<_> =
            cuts.iter().map(|cut| cut.index(certificate.len())).chain([0, certificate.len()]).collect();
        cuts.sort_unstable();
        let mut machine = client("aaa bbb 1".into());
        let (mut input, mut output) = (BytesMut::new(), BytesMut::new());
        let mut progress = machine.advance(&mut input, &mut output).unwrap();
        for cut in cuts.windows(2) {
            prop_assert_eq!(progress, Progress::NeedInput);
            input.extend_from_slice(&certificate.as_bytes()[cut[0]..cut[1]]);
            progress = machine.advance(&mut input, &mut output).unwrap();
        }
        prop_assert_eq!(progress, Progress::Done);
        prop_assert_eq!(output, "192.168.1.5aaa bbb 1");
    }

    #[test]
    fn any_client_bytes_are_a_key_an_error_or_unfinished(
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..100), 0..6),
    ) {
        let pieces: Vec<_> = pieces.iter().map(Vec::as_slice).collect();
        drop(serve(&pieces));
    }
}

#[test]
fn the_server_answers_the_first_bytes_at_once_and_only_then() {
    let mut machine = server();
    let mut output = BytesMut::new();
    assert_eq!(machine.advance(&mut BytesMut::new(), &mut output), Ok(Progress::NeedInput));
    assert!(output.is_empty());
    assert_eq!(machine.advance(&mut "1".into(), &mut output), Ok(Progress::NeedInput));
    assert_eq!(output, SERVER.certificate());
    assert!(SERVER.certificate().starts_with("server ahahahaha@qq.com "));
    assert_eq!(machine.advance(&mut "27.0.0.1".into(), &mut output), Ok(Progress::NeedInput));
    assert_eq!(output.len(), SERVER.certificate().len());
}

#[test]
fn certificates_of_the_existing_client_are_understood() {
    let number = CLIENT.public();
    for certificate in [
        format!("aaa bbb {number}"),
        format!("alice a@b.com b'{number}'"),
        format!("alice a@b.com b\"b'{number}'\""),
        format!("two words a@b.com b'{number}'"),
        format!("12345678 1@2.cn {number}"),
    ] {
        let (established, rest) = serve(&[b"10.0.0.9", certificate.as_bytes(), &[0, 0]]).unwrap();
        let peer = established.unwrap().peer;
        assert_eq!(peer.public_number.as_ref(), Some(number), "{certificate}");
        assert_eq!(peer.claimed_address, Some([10, 0, 0, 9].into()));
        assert_eq!(peer.certificate, certificate);
        assert_eq!(rest, [0_u8, 0][..]);
    }
}

#[test]
fn odd_addresses_do_no_harm() {
    let certificate = format!("aaa bbb {}", CLIENT.public());
    for address in [&b"../evil"[..], b"\0", b"1.2.3.4\0", b"\xff\xfe", b"not an address at all", b"/etc\0/x"]
    {
        let (established, _) = serve(&[address, certificate.as_bytes(), b"\0"]).unwrap();
        assert_eq!(
            established.unwrap().peer.claimed_address,
            None.or(std::str::from_utf8(address).ok().and_then(|t| t.trim_end_matches('\0').parse().ok()))
        );
    }
}

#[test]
fn a_server_waits_patiently_only_for_the_first_frame() {
    let mut machine = server();
    let mut output = BytesMut::new();
    machine.advance(&mut "127.0.0.1".into(), &mut output).unwrap();
    assert!(!machine.awaits_first_frame());
    let certificate = format!("aaa bbb {}", CLIENT.public());
    machine.advance(&mut certificate.as_str().into(), &mut output).unwrap();
    assert!(machine.awaits_first_frame());
    assert_eq!(machine.quiet(&mut output), Ok(Progress::NeedInput));
    assert_eq!(Box::new(machine).finish().unwrap_err(), HandshakeError::Unfinished);
}

#[test]
fn bad_clients_get_a_typed_error() {
    let error = |pieces: &[&[u8]]| serve(pieces).unwrap_err();
    assert_eq!(error(&[b"UCHAT/1 strong"]), HandshakeError::UnsupportedSuite);
    assert_eq!(error(&[b"UCH", b"AT/1"]), HandshakeError::UnsupportedSuite);
    assert_eq!(error(&[b"127.0.0.1", b"aaa bbb 12345", b"\0"]), HandshakeError::NoPublicNumber);
    assert_eq!(error(&[b"1", &[b'x'; 4096]]), HandshakeError::TooLong(4096));
    assert_eq!(error(&[&[b'x'; 4097]]), HandshakeError::TooLong(4096));
}

#[test]
fn public_numbers_that_give_the_key_away_are_refused() {
    let modulus = DhParams::default().modulus().clone();
    for number in [BigUint::ZERO, 1_u8.into(), &modulus - 1_u8, modulus.clone(), &modulus + 5_u8] {
        assert!(matches!(CLIENT.agree(&number), Err(HandshakeError::DegeneratePublicNumber(_))), "{number}");
        // Also with zeros in front, so that they look like a number.
        let certificate = format!("aaa bbb {number:0>231}");
        let error = serve(&[b"127.0.0.1", certificate.as_bytes(), b"\0"]).unwrap_err();
        assert!(matches!(error, HandshakeError::DegeneratePublicNumber(_)), "{error}");
    }
    assert!(CLIENT.agree(&2_u8.into()).is_ok());
}

#[test]
fn a_shorter_number_of_the_original_server_is_complete_when_it_falls_silent() {
    let mut pairs =
        (2048_u32..).map(|secret| ClassicKeyPair::from_secret(&DhParams::default(), BigUint::from(secret)));
    let short = pairs.find(|pair| pair.public().to_string().len() == 230).unwrap();
    let certificate = format!("server ahahahaha@qq.com {}", short.public());
    let mut machine = client("aaa bbb 1".into());
    let mut output = BytesMut::new();
    let mut input = BytesMut::from(&certificate[..100]);
    machine.advance(&mut input, &mut output).unwrap();
    assert_eq!(machine.quiet(&mut output), Ok(Progress::NeedInput), "too short to be complete");
    input.extend_from_slice(&certificate.as_bytes()[100..]);
    assert_eq!(machine.advance(&mut input, &mut output), Ok(Progress::NeedInput));
    assert_eq!(machine.quiet(&mut output), Ok(Progress::Done));
    let established = Box::new(machine).finish().unwrap();
    assert_eq!(established.suite, SuiteName::Classic);
    assert_eq!(established.peer.public_number.as_ref(), Some(short.public()));
}

#[test]
fn new_public_numbers_are_as_long_as_the_modulus() {
    for _ in 0..20 {
        let pair = ClassicKeyPair::generate(&DhParams::default(), &mut rand::rng()).unwrap();
        assert_eq!(pair.public().to_string().len(), 231);
        let secret: BigUint = pair.secret_decimal().parse().unwrap();
        assert!(secret.bits() >= 256);
        assert_eq!(ClassicKeyPair::from_secret(&DhParams::default(), secret).public(), pair.public());
    }
}

#[test]
fn secrets_are_never_shown() {
    let machine = client("aaa bbb 1".into());
    let shown = format!("{:?} {machine:?} {:?} {:?}", *CLIENT, *SERVER, server());
    assert!(!shown.contains(CLIENT.secret_decimal().as_str()));
    assert!(!shown.contains(SERVER.key_pair.secret_decimal().as_str()));
    let pair = ClassicKeyPair::from_secret(
        &DhParams::insecure_for_tests(5_u8.into(), 23_u8.into()).unwrap(),
        BigUint::from(6_u8),
    );
    assert_eq!(format!("{pair:?}"), "ClassicKeyPair { public: 8, .. }");
}

#[test]
fn numbers_that_cannot_be_safe_are_refused() {
    let odd = |bits: u32| (BigUint::from(1_u8) << bits) + 1_u8;
    assert_eq!(DhParams::new(5_u8.into(), 23_u8.into()), Err(ParamsError::ModulusSize(5)));
    assert_eq!(DhParams::new(5_u8.into(), odd(9000)), Err(ParamsError::ModulusSize(9001)));
    assert_eq!(DhParams::new(5_u8.into(), odd(600) + 1_u8), Err(ParamsError::EvenModulus));
    assert_eq!(DhParams::new(1_u8.into(), odd(600)), Err(ParamsError::BaseRange));
    assert_eq!(DhParams::new(odd(600) - 1_u8, odd(600)), Err(ParamsError::BaseRange));
    assert_eq!(DhParams::from_decimal("5", "0x17"), Err(ParamsError::NotDecimal));
}
