//! Certificates between real processes: issued, read by openssl, presented, refused, revoked; keys compared by friends.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::BytesMut;
use serde_json::{Value as Json, json};
use support::Server;
use support::cli::Cli;
use tokio_util::codec::Decoder;
use uchat_codec::certificate::{Authority, Subject, Validity, to_pem};
use uchat_codec::chat::Refused;
use uchat_codec::{
    FrameCodec, Handshake, Limits, Message, Progress, StrongClient, StrongIdentity, from_value, opcode,
};

const STRONG: &[&str] = &["--suite", "strong"];
const DAY: u64 = 24 * 3600;

fn strong(server: &Server, homes: &Path, name: &str) -> Cli {
    Cli::with(server, homes, name, STRONG)
}

/// Registers; the answer is the file of the certificate.
fn join(cli: &mut Cli, email: &str) -> PathBuf {
    cli.join(email);
    cli.event("certified")["file"].as_str().unwrap().into()
}

fn openssl(arguments: &[&str], file: &Path) -> String {
    let output = Command::new("openssl").args(arguments).arg(file).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn cert(server: &Server, arguments: &[&str]) -> Output {
    server.command(&[&["cert"], arguments].concat())
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

#[test]
fn whoever_registers_has_a_certificate_that_openssl_reads_and_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let (homes, server) = (folder.path(), Server::start());
    let mut ann = strong(&server, homes, "ann");
    let file = join(&mut ann, "ann@mail.com");
    let text = openssl(&["x509", "-noout", "-text", "-in"], &file);
    for part in ["CN = ann", "email:ann@mail.com", "CA:FALSE", "ED25519", "CN = Uchat server "] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let ca = server.data().join("ca.pem");
    let own = openssl(&["x509", "-noout", "-text", "-in"], &ca);
    assert!(own.contains("CA:TRUE") && own.contains("Certificate Sign"), "{own}");
    let trusted = ["verify", "-x509_strict", "-CAfile", ca.to_str().unwrap()];
    assert!(openssl(&trusted, &file).contains("OK"));
    let for_clients = [&trusted[..], &["-purpose", "sslclient"]].concat();
    assert!(openssl(&for_clients, &file).contains("OK"));
    let untrusted = Command::new("openssl").args(["verify", "-x509_strict"]).arg(&file).output().unwrap();
    assert!(!untrusted.status.success(), "nobody else trusts this server");
    // The secret has not left the home.
    let key = fs::read_to_string(homes.join("ann/identity.key")).unwrap();
    assert!(!fs::read_to_string(&file).unwrap().contains("PRIVATE") && !server.log().contains(key.trim()));
    // It is kept, presented and not asked for again.
    ann.leave();
    let before = fs::read(&file).unwrap();
    let mut ann = strong(&server, homes, "ann");
    ann.event("connected");
    ann.login();
    settle(&mut ann);
    assert!(!ann.has(|event| event["event"] == "certified"));
    assert_eq!(fs::read(&file).unwrap(), before);
    assert!(said(&cert(&server, &["list"])).starts_with("ann  "));
    assert!(server.errors().is_empty(), "{:?}", server.errors());
}

#[test]
fn a_chinese_name_is_in_the_certificate_as_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (homes, server) = (folder.path(), Server::start());
    let mut ming = strong(&server, homes, "小明");
    let file = join(&mut ming, "ming@mail.com");
    let subject = openssl(&["x509", "-noout", "-subject", "-nameopt", "utf8,sep_comma_plus", "-in"], &file);
    assert!(subject.contains("CN=小明"), "{subject}");
    let ca = server.data().join("ca.pem");
    assert!(openssl(&["verify", "-x509_strict", "-CAfile", ca.to_str().unwrap()], &file).contains("OK"));
}

/// Waits until everything that was asked before is answered.
fn settle(cli: &mut Cli) {
    let mark = json!(format!("mark {:?}", std::time::Instant::now()));
    cli.command(&json!({"command": "echo", "value": mark}));
    cli.wait("the mark", |event| event["event"] == "echo" && event["value"] == mark);
}

#[test]
fn a_revoked_key_is_refused_at_once_with_and_without_its_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let (homes, server) = (folder.path(), Server::start());
    let mut ann = strong(&server, homes, "ann");
    let file = join(&mut ann, "ann@mail.com");
    ann.leave();
    assert!(said(&cert(&server, &["revoke", "Ann"])).starts_with("revoked 1"));
    for bare in [false, true] {
        if bare {
            fs::remove_file(&file).unwrap();
        }
        let refused = strong(&server, homes, "ann").event("disconnected");
        assert_eq!((&refused["reason"], &refused["retry_in_ms"]), (&json!("refused"), &Json::Null));
        assert!(refused["text"].as_str().unwrap().contains("revoked"), "{refused}");
    }
    let list = said(&cert(&server, &["list", "ann"]));
    assert!(list.contains("revoked"), "{list}");
    assert!(!cert(&server, &["renew", "ann"]).status.success(), "a revoked key is not renewed");
    assert!(!cert(&server, &["revoke", "nobody"]).status.success());
    // The owner makes a new key and knows the password.
    fs::remove_file(homes.join("ann/identity.key")).unwrap();
    let mut ann = strong(&server, homes, "ann");
    ann.event("connected");
    ann.login();
    ann.event("certified");
    assert_eq!(said(&cert(&server, &["list", "ann"])).lines().count(), 2);
    assert!(said(&cert(&server, &["renew", "ann"])).starts_with("renewed until"));
}

#[test]
fn a_connection_whose_key_is_revoked_ends_and_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let (homes, server) = (folder.path(), Server::start());
    let (mut ann, mut bob) = (strong(&server, homes, "ann"), strong(&server, homes, "bob"));
    join(&mut ann, "ann@mail.com");
    join(&mut bob, "bob@mail.com");
    let told = said(&cert(&server, &["revoke", "ann"]));
    assert_eq!(told.lines().collect::<Vec<_>>(), ["revoked 1", "connections ended: 1"]);
    let ended = ann.event("disconnected");
    assert_eq!((&ended["reason"], &ended["retry_in_ms"]), (&json!("refused"), &Json::Null));
    assert!(ended["text"].as_str().unwrap().contains("revoked"), "{ended}");
    settle(&mut bob);
    assert!(server.errors().is_empty(), "{:?}", server.errors());
}

/// The server's authority, as whoever has stolen its key could use it.
fn authority(server: &Server) -> Authority {
    let seed = hex::decode(fs::read_to_string(server.data().join("identity.key")).unwrap().trim()).unwrap();
    authority_of(&seed.try_into().unwrap())
}

fn authority_of(seed: &[u8; 32]) -> Authority {
    let identity = StrongIdentity::from_secrets(seed, [9; 32]);
    let own = Validity { serial: [1; 16], not_before: 0, not_after: now() + 3650 * DAY };
    let certificate = Authority::self_certificate(&identity, own).unwrap();
    Authority::new(Arc::new(identity.with_certificate(certificate).unwrap()), now()).unwrap()
}

/// A certificate in DER about a key, from so many days ago until so many days from now.
fn issue(authority: &Authority, key: [u8; 32], ago: u64, ahead: i64) -> Vec<u8> {
    let subject = Subject { username: "ann".into(), email: "ann@mail.com".into(), key };
    let not_after = now().checked_add_signed(ahead * i64::try_from(DAY).unwrap()).unwrap();
    let validity = Validity { serial: [2; 16], not_before: now() - ago * DAY, not_after };
    authority.issue(&subject, validity).unwrap().der.to_vec()
}

/// What the server says first to a client of this identity, before the client has said anything; `None` for nothing.
fn first_word(server: &Server, identity: StrongIdentity) -> Option<Refused> {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let mut machine = StrongClient::new(Arc::new(identity), &Limits::default());
    let (mut input, mut output) = (BytesMut::new(), BytesMut::new());
    while machine.advance(&mut input, &mut output).unwrap() == Progress::NeedInput {
        stream.write_all(&output.split()).unwrap();
        read_some(&mut stream, &mut input);
    }
    stream.write_all(&output).unwrap();
    let mut established = Box::new(machine).finish().unwrap();
    // Who is let in gets this back; who is refused gets the reason.
    let echo = uchat_codec::encode_message(opcode::CLIENT_ECHO, "hello").unwrap();
    let mut frame = BytesMut::new();
    established.sealer.seal(&echo, &mut frame).unwrap();
    let _ = stream.write_all(&frame);
    let mut codec = FrameCodec::new(1000);
    loop {
        if let Some(frame) = codec.decode(&mut input).unwrap() {
            let plaintext = established.opener.open(frame).unwrap();
            let message = Message::decode(plaintext, &Limits::default()).unwrap();
            if message.opcode == opcode::SERVER_ECHO {
                return None;
            }
            assert_eq!(message.opcode, opcode::REFUSED);
            assert_eq!(stream.read(&mut [0; 100]).unwrap(), 0, "the server closes the connection");
            return from_value(message.parameters).ok();
        }
        read_some(&mut stream, &mut input);
    }
}

fn read_some(stream: &mut TcpStream, input: &mut BytesMut) {
    let mut chunk = [0; 4096];
    let count = stream.read(&mut chunk).unwrap();
    assert!(count > 0, "the server has closed the connection without a word");
    input.extend_from_slice(&chunk[..count]);
}

#[test]
fn a_client_with_a_certificate_that_is_not_its_own_is_told_why_it_is_refused() {
    let server = Server::start();
    let real = authority(&server);
    let client = || StrongIdentity::from_secrets(&[3; 32], [4; 32]);
    let key = client().public_key();
    let word = |certificate: Vec<u8>| {
        first_word(&server, client().with_certificate(certificate).unwrap()).map(|refused| refused.0)
    };
    assert_eq!(word(Vec::new()), None, "a bare key is let in");
    assert_eq!(word(issue(&real, key, 1, 1)), None);
    assert_eq!(word(b"no certificate".to_vec()).as_deref(), Some("malformed"));
    assert_eq!(word(issue(&real, key, 3, -1)).as_deref(), Some("expired"));
    assert_eq!(word(issue(&real, [7; 32], 1, 1)).as_deref(), Some("other_key"));
    assert_eq!(word(issue(&authority_of(&[5; 32]), key, 1, 1)).as_deref(), Some("other_authority"));
    server.wait_for_log("the certificate has expired", 1);
    assert!(server.errors().is_empty(), "{:?}", server.errors());
}

#[test]
fn a_client_renews_a_certificate_that_is_worn_and_drops_one_that_is_no_good() {
    let folder = tempfile::tempdir().unwrap();
    let (homes, server) = (folder.path(), Server::start());
    let mut ann = strong(&server, homes, "ann");
    let file = join(&mut ann, "ann@mail.com");
    ann.leave();
    let seed = hex::decode(fs::read_to_string(homes.join("ann/identity.key")).unwrap().trim()).unwrap();
    let key = StrongIdentity::from_secrets(&seed.try_into().unwrap(), [0; 32]).public_key();
    let real = authority(&server);
    let worn = issue(&real, key, 100, 10);
    let expired = issue(&real, key, 100, -10);
    let others = issue(&authority_of(&[5; 32]), key, 1, 10);
    for bad in [to_pem([worn]), to_pem([expired]), to_pem([others]), "damaged".into()] {
        fs::write(&file, &bad).unwrap();
        let mut ann = strong(&server, homes, "ann");
        ann.event("connected");
        ann.login();
        assert!(ann.event("certified")["not_after"].as_u64().unwrap() > now() + 300 * DAY);
        assert_ne!(fs::read_to_string(&file).unwrap(), bad);
        ann.leave();
    }
    assert_eq!(said(&cert(&server, &["list"])).lines().count(), 1, "one for each key");
}

#[test]
fn friends_compare_one_number_and_a_changed_key_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let (homes, server) = (folder.path(), Server::start());
    let (mut ann, mut bob) = (strong(&server, homes, "ann"), strong(&server, homes, "bob"));
    join(&mut ann, "ann@mail.com");
    join(&mut bob, "bob@mail.com");
    // Strangers don't see each other's certificates.
    ann.command(&json!({"command": "call", "name": "uchat.certificate", "args": {"user": 2}}));
    assert_eq!(ann.event("call_result")["err"]["code"], "not_friends");
    ann.command(&json!({"command": "call", "name": "uchat.certificate", "args": {"user": 1}}));
    assert!(ann.event("call_result")["ok"]["pem"].as_str().unwrap().starts_with("-----BEGIN CERTIFICATE"));
    ann.command(&json!({"command": "add_friend", "username": "bob"}));
    bob.event("friend_request");
    bob.command(&json!({"command": "accept", "from": "ann"}));
    ann.event("contact_added");
    bob.event("contact_added");

    ann.command(&json!({"command": "verify", "with": "bob"}));
    assert_eq!(ann.event("error")["code"], "not_shown", "nobody has compared anything");
    ann.command(&json!({"command": "safety", "with": "bob"}));
    bob.command(&json!({"command": "safety", "with": "ann"}));
    let (number, same) = (ann.event("safety_number"), bob.event("safety_number"));
    assert_eq!(number["number"], same["number"]);
    assert_eq!((&number["name"], &number["verified"]), (&json!("bob"), &json!(false)));
    ann.command(&json!({"command": "verify", "with": "bob"}));
    assert_eq!(ann.event("safety_number")["verified"], true);

    // The same key again is no news, also after a restart of the client.
    ann.leave();
    let mut ann = strong(&server, homes, "ann");
    ann.event("connected");
    ann.login();
    ann.command(&json!({"command": "safety", "with": "bob"}));
    assert_eq!(ann.event("safety_number")["verified"], true);
    assert!(!ann.has(|event| event["event"] == "key_changed"));

    // Bob's next key is another one: ann is warned when he gets online, and when she looks.
    bob.leave();
    ann.wait("bob's leaving", |event| event["event"] == "presence" && event["online"] == false);
    fs::remove_file(homes.join("bob/identity.key")).unwrap();
    let mut bob = strong(&server, homes, "bob");
    bob.event("connected");
    bob.login();
    bob.event("certified");
    ann.command(&json!({"command": "safety", "with": "bob"}));
    let changed = ann.event("key_changed");
    assert_eq!((&changed["user"], &changed["name"]), (&json!(2), &json!("bob")));
    let other = ann.event("safety_number");
    assert_eq!(other["verified"], false);
    assert_ne!(other["number"], number["number"]);
    // At the next login the warning comes by itself.
    ann.leave();
    let mut ann = strong(&server, homes, "ann");
    ann.event("connected");
    ann.login();
    assert_eq!(ann.event("key_changed")["fingerprint"], other["fingerprint"]);
    assert!(server.errors().is_empty(), "{:?}", server.errors());
}
