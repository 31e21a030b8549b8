//! The known defects of the existing server, each provoked as a client can: ours answers, or closes that one connection,
//! and serves everybody else.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::io::Write;
use std::net::Shutdown;

use bytes::Bytes;
use support::bystander::Bystander;
use support::raw::{announced, connected, greeted, until_closed};
use support::{Server, Wire, befriend, registration, user};
use uchat_codec::chat::{FriendOnOffLine, Login, MessageBody, NewMessage, ResolveFriendRequest, SendMessage};
use uchat_codec::{Blob, DhParams, Value, encode_message, opcode, to_value};

/// The public number of the secret that test clients use.
fn public() -> String {
    DhParams::default().base().modpow(&4093u32.into(), DhParams::default().modulus()).to_string()
}

fn image(bytes: usize) -> Value {
    let data = (0..bytes).map(|at| u8::try_from(at % 251).unwrap()).collect::<Vec<u8>>();
    MessageBody::Image { data: Blob(Bytes::from(data)), name: None }.into_value().unwrap()
}

fn send_image(wire: &mut Wire, to: u64, image: &Value) {
    let parameters = SendMessage { target_type: 0, target_id: to, message: image.clone() };
    wire.send(opcode::SEND_MESSAGE, &parameters);
}

#[test]
fn a_certificate_with_python_quotes_or_spaces_in_the_name_is_understood() {
    let server = Server::start();
    for (name, certificate) in [
        ("ann", format!("ann a@b.com b'{}'", public())),
        ("bob", format!("b o b a@b.com b\"b'{}'\"", public())),
        ("eve", format!("小明 a@b.com {}", public())),
    ] {
        let mut wire = Wire::connect_with(&server, &certificate);
        wire.register(name);
        wire.login(name);
    }
}

#[test]
fn odd_handshakes_end_only_themselves() {
    let server = Server::with(&["limits.handshake_seconds=1"]);
    let mut others = Bystander::of(&server);
    // A port scan.
    drop(connected(&server));
    let mut odd = Vec::new();
    for certificate in ["aaa bbb notanumber\0", "aaa\0", "\0", "aaa bbb 123\0", "\u{1}\u{2}/../\0"] {
        let mut stream = greeted(&server, b"127.0.0.1");
        stream.write_all(certificate.as_bytes()).unwrap();
        odd.push(stream);
    }
    for address in [&b"../../etc"[..], b"1\x002", b"/", b"GET / HTTP/1.1\r\n\r\n", &[0xff; 300]] {
        odd.push(announced(&server, address));
    }
    for stream in odd {
        until_closed(stream);
    }
    others.has_noticed_nothing(&server);
}

#[test]
fn degenerate_public_numbers_are_refused() {
    let server = Server::start();
    let mut others = Bystander::of(&server);
    let modulus = DhParams::default().modulus().clone();
    let padded = |number: u32| format!("{number:0>231}");
    let bad = [
        padded(0),
        padded(1),
        (&modulus - 1u32).to_string(),
        modulus.to_string(),
        (&modulus + 1u32).to_string(),
    ];
    for number in bad {
        let mut stream = greeted(&server, b"127.0.0.1");
        stream.write_all(format!("aaa bbb {number}\0").as_bytes()).unwrap();
        until_closed(stream);
    }
    others.has_noticed_nothing(&server);
}

#[test]
fn a_stalled_handshake_keeps_nobody_waiting() {
    let server = Server::start();
    let mut others = Bystander::of(&server);
    let silent: Vec<_> = (0..50).map(|_| connected(&server)).collect();
    let half: Vec<_> = (0..50).map(|_| greeted(&server, b"127.0.0.1")).collect();
    others.has_noticed_nothing(&server);
    drop((silent, half));
}

#[test]
fn addresses_are_no_file_names() {
    let server = Server::start();
    let mut stream = greeted(&server, b"../evil");
    stream.write_all(format!("aaa bbb {}\0\0\0\x10", public()).as_bytes()).unwrap();
    let mut wire = Wire::connect(&server);
    let mut form = registration("ann");
    form.ip = "../evil".into();
    wire.send(opcode::REGISTER, &form);
    wire.expect(opcode::REGISTER_SUCCESSFUL);
    let folder = server.data();
    for place in [
        folder.clone(),
        folder.parent().unwrap().to_path_buf(),
        folder.parent().unwrap().parent().unwrap().to_path_buf(),
    ] {
        assert!(!place.join("evil_cert.pem").exists());
    }
}

#[test]
fn frames_in_pieces_and_several_in_one_piece_are_the_same() {
    let server = Server::start();
    let mut wire = Wire::connect(&server);
    let plaintext = encode_message(opcode::CLIENT_ECHO, "in pieces").unwrap();
    let frame = wire.sealed(&plaintext);
    for byte in &frame {
        assert!(wire.send_bytes(&[*byte]));
    }
    assert_eq!(wire.recv_params::<String>(opcode::SERVER_ECHO), "in pieces");
    let several: Vec<u8> = (0..3).flat_map(|_| wire.sealed(&plaintext)).collect();
    assert!(wire.send_bytes(&several));
    for _ in 0..3 {
        wire.expect(opcode::SERVER_ECHO);
    }
}

#[test]
fn who_leaves_in_the_middle_of_a_frame_is_offline_for_the_others() {
    let server = Server::start();
    let mut others = Bystander::of(&server);
    let (mut ann, ann_id) = user(&server, "ann");
    let (mut bob, bob_id) = user(&server, "bob");
    befriend(&mut ann, ann_id, &mut bob, "bob");
    let frame = bob.sealed(&[3; 1000]);
    assert!(bob.send_bytes(&frame[..100]));
    bob.stream.shutdown(Shutdown::Both).unwrap();
    assert_eq!(
        ann.recv_params::<FriendOnOffLine>(opcode::FRIEND_ON_OFF_LINE),
        FriendOnOffLine(false, bob_id)
    );
    others.has_noticed_nothing(&server);
}

#[test]
fn friends_who_vanish_together_harm_nobody() {
    let server = Server::start();
    let mut others = Bystander::of(&server);
    let (mut ann, ann_id) = user(&server, "ann");
    let (mut bob, _) = user(&server, "bob");
    befriend(&mut ann, ann_id, &mut bob, "bob");
    // Unread data at closing makes a reset of it.
    bob.send(opcode::CLIENT_ECHO, "x");
    ann.send(opcode::CLIENT_ECHO, "x");
    drop((ann, bob));
    others.has_noticed_nothing(&server);
    let mut again = Wire::connect(&server);
    again.login("ann");
}

#[test]
fn crossed_friend_requests_make_one_friendship() {
    let server = Server::start();
    let (mut ann, ann_id) = user(&server, "ann");
    let (mut bob, bob_id) = user(&server, "bob");
    ann.send(opcode::ADD_FRIEND, "bob");
    ann.expect(opcode::ADD_FRIEND_RESULT);
    bob.expect(opcode::INCOMING_FRIEND_REQUEST);
    bob.send(opcode::ADD_FRIEND, "ann");
    bob.expect(opcode::ADD_FRIEND_RESULT);
    ann.expect(opcode::INCOMING_FRIEND_REQUEST);
    bob.send(opcode::RESOLVE_FRIEND_REQUEST, &ResolveFriendRequest(ann_id, true));
    bob.expect(opcode::CONTACT_INFO);
    ann.expect(opcode::CONTACT_INFO);
    ann.send(opcode::RESOLVE_FRIEND_REQUEST, &ResolveFriendRequest(bob_id, true));
    assert!(ann.settle().is_empty(), "they are friends already");
    ann.say(0, bob_id, "hi");
    assert_eq!(bob.hear(), (ann_id, "hi".into()));
    bob.say(0, ann_id, "ho");
    assert_eq!((ann.hear().1, ann.hear().1), ("hi".into(), "ho".into()));
}

#[test]
fn logging_in_twice_on_one_connection_locks_nobody_out() {
    let server = Server::start();
    let (mut wire, _) = user(&server, "ann");
    wire.login("ann");
    wire.settle();
    wire.register("bob");
    wire.login("bob");
    drop(wire);
    for name in ["ann", "bob"] {
        Wire::connect(&server).login(name);
    }
}

#[test]
fn a_second_login_kicks_the_first_even_if_it_is_busy() {
    let server = Server::start();
    let (mut first, _) = user(&server, "ann");
    for _ in 0..100 {
        first.send(opcode::CLIENT_ECHO, "busy");
    }
    let mut second = Wire::connect(&server);
    second.login("ann");
    let mut kicked = false;
    while let Some((code, _)) = first.try_recv() {
        kicked |= code == opcode::SERVER_KICK;
    }
    assert!(kicked);
    assert!(second.settle().is_empty());
}

#[test]
fn large_images_arrive_whole_and_their_receiver_can_log_in_again() {
    let server = Server::start();
    let (mut ann, ann_id) = user(&server, "ann");
    let (mut bob, bob_id) = user(&server, "bob");
    befriend(&mut ann, ann_id, &mut bob, "bob");
    let picture = image(5_000_000);
    for _ in 0..4 {
        send_image(&mut ann, bob_id, &picture);
        for wire in [&mut ann, &mut bob] {
            assert_eq!(wire.recv_params::<NewMessage>(opcode::ON_NEW_MESSAGE).message, picture);
        }
    }
    drop(bob);
    let mut bob = Wire::connect(&server);
    bob.login("bob");
    bob.settle();
}

#[test]
fn a_slow_reader_slows_nobody_and_loses_nothing() {
    let server = Server::with(&["limits.outbound_bytes=1000000"]);
    let mut others = Bystander::of(&server);
    let (mut ann, ann_id) = user(&server, "ann");
    let (mut bob, bob_id) = user(&server, "bob");
    befriend(&mut ann, ann_id, &mut bob, "bob");
    let picture = image(1_000_000);
    // Bob reads nothing, while far more than his socket and his queue can hold comes his way.
    for number in 0..40 {
        send_image(&mut ann, bob_id, &picture);
        ann.say(0, bob_id, &number.to_string());
        assert_eq!(ann.recv_params::<NewMessage>(opcode::ON_NEW_MESSAGE).message, picture);
        assert_eq!(ann.hear().1, number.to_string());
    }
    others.has_noticed_nothing(&server);
    for number in 0..40 {
        assert_eq!(bob.recv_params::<NewMessage>(opcode::ON_NEW_MESSAGE).message, picture);
        assert_eq!(bob.hear(), (ann_id, number.to_string()));
    }
    assert!(bob.settle().is_empty());
    assert!(server.errors().is_empty(), "{:?}", server.errors());
}

#[test]
fn more_connections_than_select_can_count_are_served() {
    let server = Server::with(&["limits.max_connections_per_address=2000"]);
    let mut wires: Vec<Wire> = (0..1100).map(|_| Wire::connect(&server)).collect();
    for wire in &mut wires {
        wire.send(opcode::CLIENT_ECHO, "x");
    }
    for wire in &mut wires {
        wire.expect(opcode::SERVER_ECHO);
    }
}

#[test]
fn a_frame_with_a_wrong_digest_closes_its_connection() {
    let server = Server::start();
    let mut others = Bystander::of(&server);
    let mut wire = Wire::connect(&server);
    wire.settle();
    let mut frame = wire.sealed(&encode_message(opcode::CLIENT_ECHO, "x").unwrap()).to_vec();
    let last = frame.len() - 1;
    frame[last] ^= 1;
    assert!(wire.send_bytes(&frame));
    wire.expect_closed();
    others.has_noticed_nothing(&server);
}

#[cfg(target_os = "linux")]
#[test]
fn a_length_of_four_gigabytes_is_not_believed() {
    let server = Server::start();
    let mut others = Bystander::of(&server);
    let (mut wire, _) = user(&server, "ann");
    let before = server.resident_kib();
    wire.send_bytes(&[0xff; 53]);
    wire.expect_closed();
    assert!(server.resident_kib() < before + 20_000);
    others.has_noticed_nothing(&server);
}

#[test]
fn passwords_are_stored_as_argon2id() {
    let server = Server::start();
    let (_wire, _) = user(&server, "ann");
    let database = rusqlite::Connection::open(server.data().join("uchat.db")).unwrap();
    let stored: String = database.query_row("SELECT password FROM users", [], |row| row.get(0)).unwrap();
    assert!(stored.starts_with("$argon2id$") && !server.log().contains(support::PASSWORD));
    let mut wire = Wire::connect(&server);
    wire.send(opcode::LOGIN, &Login("ann".into(), stored));
    wire.expect(opcode::LOGIN_FAILED);
}

#[test]
fn members_of_a_room_are_listed_with_who_is_online() {
    let server = Server::start();
    let (mut ann, ann_id) = user(&server, "ann");
    let (mut bob, bob_id) = user(&server, "bob");
    ann.send(opcode::CREATE_ROOM, "tea");
    ann.settle();
    bob.send(opcode::JOIN_ROOM, &1);
    bob.settle();
    drop(bob);
    ann.expect(opcode::ROOM_USER_ON_OFF_LINE);
    ann.send(opcode::QUERY_ROOM_USERS, &1);
    let rows = to_value(&vec![(ann_id, "ann", true, "ann"), (bob_id, "bob", false, "bob")]).unwrap();
    assert_eq!(ann.expect(opcode::QUERY_ROOM_USERS_RESULT), Value::List(vec![rows, Value::from(1)]));
}
