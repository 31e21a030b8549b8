//! The connection against a server that does what each test says.

mod support;

use std::sync::Arc;
use std::time::Duration;

use support::{Bench, Nowhere, Peer, short_identity};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, timeout};
use uchat_client_core::{ConversationId, DisconnectReason, Event, Registration, Request, RequestError, Turn};
use uchat_codec::chat::UserInfo;
use uchat_codec::{Value, opcode};

/// Longer than any wait of the client; the clock is paused, so it costs nothing.
const AGES: Duration = Duration::from_hours(1);

#[tokio::test(start_paused = true)]
async fn a_login_tells_who_and_what_in_this_order() {
    let mut bench = Bench::new();
    let mut peer = bench.connected(|client| client.login("Ann", "secret").unwrap()).await;
    assert!(peer.certificate.starts_with("aaa bbb "), "{}", peer.certificate);
    peer.expect_login().await;
    peer.send(opcode::LOGIN_SUCCESSFUL, &support::ann()).await;
    peer.send(opcode::INCOMING_FRIEND_REQUEST, &UserInfo { id: 2, ..support::ann() }).await;
    assert_eq!(bench.event().await, Event::LoggedIn(support::ann()));
    assert!(matches!(bench.event().await, Event::FriendRequest(user) if user.id == 2));
}

#[tokio::test(start_paused = true)]
async fn a_frame_may_come_byte_by_byte() {
    let mut bench = Bench::new();
    let mut peer = bench.logged_in().await;
    let frame = peer.sealed(opcode::GENERAL_MSG, "hello");
    for byte in frame {
        peer.stream.write_all(&[byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(bench.event().await, Event::Notice("hello".into()));
}

#[tokio::test(start_paused = true)]
async fn after_a_server_died_inside_a_frame_the_client_comes_back_and_logs_in_again() {
    let mut bench = Bench::new();
    let mut peer = bench.logged_in().await;
    let frame = peer.sealed(opcode::GENERAL_MSG, "hello");
    peer.stream.write_all(&frame[..60]).await.unwrap();
    drop(peer);
    let lost = bench.event().await;
    let Event::Disconnected { reason: DisconnectReason::Broken(_), retry_in: Some(wait), .. } = lost else {
        panic!("{lost:?}")
    };
    assert!((Duration::from_millis(500)..=Duration::from_secs(1)).contains(&wait), "{wait:?}");
    let mut peer = bench.connected(|_| {}).await;
    peer.expect_login().await;
}

#[tokio::test(start_paused = true)]
async fn after_a_kick_the_client_stays_away_until_told() {
    let mut bench = Bench::new();
    let mut peer = bench.logged_in().await;
    peer.send(opcode::SERVER_KICK, &()).await;
    assert_eq!(bench.event().await, Event::Kicked);
    let lost = bench.event().await;
    assert!(
        matches!(lost, Event::Disconnected { reason: DisconnectReason::Kicked, retry_in: None, .. }),
        "{lost:?}"
    );
    assert!(timeout(AGES, bench.connections.recv()).await.is_err(), "it came back");
    bench.client.connect();
    let mut peer = bench.connected(|client| client.echo(7.into()).unwrap()).await;
    assert_eq!(peer.next().await.unwrap().opcode, opcode::CLIENT_ECHO, "it logged in by itself");
}

#[tokio::test(start_paused = true)]
async fn a_login_refused_after_a_reconnect_is_not_repeated() {
    let mut bench = Bench::new();
    drop(bench.logged_in().await);
    assert!(matches!(bench.event().await, Event::Disconnected { .. }));
    let mut peer = bench.connected(|_| {}).await;
    peer.expect_login().await;
    peer.send(opcode::LOGIN_FAILED, &()).await;
    assert_eq!(bench.event().await, Event::LoginFailed);
    drop(peer);
    assert!(matches!(bench.event().await, Event::Disconnected { retry_in: Some(_), .. }));
    let mut peer = bench.connected(|client| client.echo(7.into()).unwrap()).await;
    assert_eq!(peer.next().await.unwrap().opcode, opcode::CLIENT_ECHO);
}

#[tokio::test(start_paused = true)]
async fn a_frame_with_a_wrong_digest_ends_the_connection_and_says_so() {
    let mut bench = Bench::new();
    let mut peer = bench.logged_in().await;
    let mut frame = peer.sealed(opcode::GENERAL_MSG, "hello");
    frame[21] ^= 1;
    peer.stream.write_all(&frame).await.unwrap();
    let lost = bench.event().await;
    assert!(
        matches!(&lost, Event::Disconnected { reason: DisconnectReason::BadFrame(why), .. } if why.contains("digest")),
        "{lost:?}"
    );
    assert_eq!(peer.next().await, None);
}

#[tokio::test(start_paused = true)]
async fn a_frame_of_four_gigabytes_is_refused_at_its_header() {
    let mut bench = Bench::new();
    let mut peer = bench.logged_in().await;
    peer.stream.write_all(&[0xff; 53]).await.unwrap();
    let lost = bench.event().await;
    assert!(matches!(lost, Event::Disconnected { reason: DisconnectReason::BadFrame(_), .. }), "{lost:?}");
}

#[tokio::test(start_paused = true)]
async fn what_can_not_be_understood_does_not_end_the_connection() {
    let mut bench = Bench::new();
    let mut peer = bench.logged_in().await;
    peer.send(opcode::FRIEND_ON_OFF_LINE, "nonsense").await;
    peer.send(opcode::GENERAL_MSG, "still here").await;
    assert!(matches!(bench.event().await, Event::Undecodable { .. }));
    assert_eq!(bench.event().await, Event::Notice("still here".into()));
}

#[tokio::test(start_paused = true)]
async fn silence_completes_a_certificate_with_fewer_digits() {
    let mut bench = Bench::new();
    let stream = bench.connections.recv().await.unwrap();
    let peer = tokio::spawn(Peer::accept(stream, short_identity()));
    assert!(matches!(bench.event().await, Event::Connected { .. }));
    bench.client.echo(7.into()).unwrap();
    let mut peer = peer.await.unwrap();
    assert_eq!(peer.next().await.unwrap().parameters, Value::from(7));
}

#[tokio::test(start_paused = true)]
async fn the_original_server_gets_each_part_in_one_piece_and_time_to_take_it() {
    let mut bench = Bench::new();
    let mut stream = bench.connections.recv().await.unwrap();
    let mut part = [0; 1024];
    let length = stream.read(&mut part).await.unwrap();
    assert_eq!(&part[..length], b"192.168.1.5");
    stream.write_all(short_identity().certificate().as_bytes()).await.unwrap();
    assert!(matches!(bench.event().await, Event::Connected { .. }));
    bench.client.login("Ann", "secret").unwrap();
    let length = stream.read(&mut part).await.unwrap();
    let certificate = std::str::from_utf8(&part[..length]).unwrap();
    let digits = certificate.strip_prefix("aaa bbb ").unwrap();
    assert!(digits.len() == 231 && digits.bytes().all(|byte| byte.is_ascii_digit()), "{certificate}");
    // The paused clock shows what the client waits for, exactly.
    let certificate_taken = Instant::now();
    let taken = stream.read(&mut part).await.unwrap();
    assert!(certificate_taken.elapsed() >= Duration::from_millis(99), "the server would swallow the frame");
    // 25 bytes of plaintext: 32 with the padding, behind a header of 53, all in one piece.
    assert_eq!(taken, 53 + 32);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_says_anything_is_given_up() {
    let mut bench = Bench::new();
    let _silent = bench.connections.recv().await.unwrap();
    let lost = bench.event().await;
    assert!(
        matches!(lost, Event::Disconnected { reason: DisconnectReason::Handshake(_), retry_in: Some(_), .. }),
        "{lost:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stops_answering_is_noticed() {
    let mut bench = Bench::new();
    let _peer = bench.logged_in().await;
    let lost = bench.event().await;
    assert!(matches!(lost, Event::Disconnected { reason: DisconnectReason::Silent, .. }), "{lost:?}");
}

#[tokio::test(start_paused = true)]
async fn an_idle_client_asks_for_an_echo_and_keeps_it_to_itself() {
    let mut bench = Bench::new();
    let mut peer = bench.logged_in().await;
    for _ in 0..5 {
        let probe = peer.next().await.unwrap();
        assert_eq!(probe.opcode, opcode::CLIENT_ECHO);
        peer.send(opcode::SERVER_ECHO, &probe.parameters).await;
    }
    peer.send(opcode::GENERAL_MSG, "only this").await;
    assert_eq!(bench.event().await, Event::Notice("only this".into()));
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_refuses_and_takes_requests_again_later() {
    let mut bench = Bench::with(512, |options| options.queued_requests = 3);
    let mut peer = bench.logged_in().await;
    let mut taken: u64 = 0;
    let refused = loop {
        match bench.client.echo(taken.into()) {
            Ok(()) => taken += 1,
            Err(error) => break error,
        }
    };
    assert_eq!((refused, taken), (RequestError::QueueFull, 3));
    for expected in 0..taken {
        assert_eq!(peer.next().await.unwrap().parameters, Value::from(expected));
    }
    assert_eq!(bench.client.echo(9.into()), Ok(()));
}

/// A message with a name, handed over in this turn.
fn message(connection: u64, round: u64) -> Request {
    let to = ConversationId::Friend(2);
    Request::SendOnce { call: 1, name: [1; 16], turn: Turn { connection, round }, to, message: "hi".into() }
}

#[tokio::test(start_paused = true)]
async fn no_message_passes_one_that_found_the_queue_full() {
    let mut bench = Bench::with(512, |options| options.queued_requests = 3);
    let mut peer = bench.logged_in().await;
    let mut taken = 0;
    while bench.client.echo(taken.into()).is_ok() {
        taken += 1;
    }
    assert_eq!(bench.client.request(&message(1, 0)), Err(RequestError::QueueFull));
    for _ in 0..taken {
        peer.next().await.unwrap();
    }
    assert_eq!(bench.event().await, Event::QueueHasRoom, "who was refused is told");
    assert_eq!(bench.client.request(&message(1, 0)), Err(RequestError::QueueFull), "it came behind that one");
    assert_eq!(bench.client.request(&message(1, 1)), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_message_for_a_connection_that_has_ended_is_not_taken_by_the_next_one() {
    let mut bench = Bench::new();
    drop(bench.logged_in().await);
    assert!(matches!(bench.event().await, Event::Disconnected { .. }));
    let mut peer = bench.connected(|_| {}).await;
    peer.expect_login().await;
    peer.let_in().await;
    // Whoever sends this has not heard yet that what was sent before it is lost.
    assert_eq!(bench.client.request(&message(1, 0)), Err(RequestError::NotConnected));
    assert_eq!(bench.client.request(&message(2, 0)), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_message_too_long_for_a_frame_is_refused_before_it_is_queued() {
    let mut bench = Bench::with(64 * 1024, |options| options.limits.max_frame_body = 4096);
    let _peer = bench.logged_in().await;
    let refused = bench.client.echo("x".repeat(5000).into());
    assert!(matches!(refused, Err(RequestError::TooLong { max: 4096, .. })), "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn without_a_connection_nothing_is_taken_and_the_waits_grow_within_bounds() {
    let mut bench = Bench::with(1, |options| options.connector = Arc::new(Nowhere));
    let mut longest = Duration::ZERO;
    for attempt in 0..12 {
        let lost = bench.event().await;
        let Event::Disconnected { reason: DisconnectReason::Unreachable(_), retry_in: Some(wait), .. } = lost
        else {
            panic!("{lost:?}")
        };
        assert_eq!(bench.client.echo(1.into()), Err(RequestError::NotConnected));
        assert!(wait >= Duration::from_millis(500) && wait <= Duration::from_secs(30), "{attempt}: {wait:?}");
        longest = longest.max(wait);
    }
    assert!(longest >= Duration::from_secs(15), "{longest:?}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_has_no_place_is_not_run_at_again_and_again() {
    let mut bench = Bench::new();
    let mut longest = Duration::ZERO;
    for _ in 0..8 {
        let mut peer = bench.connected(|client| client.echo(1.into()).unwrap()).await;
        peer.send(opcode::GENERAL_FAILURE, "too many connections").await;
        drop(peer);
        assert_eq!(bench.event().await, Event::Failure("too many connections".into()));
        let Event::Disconnected { retry_in: Some(wait), .. } = bench.event().await else { panic!("no end") };
        longest = longest.max(wait);
    }
    assert!(longest >= Duration::from_secs(8), "{longest:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_queued_goes_out_before_the_user_leaves() {
    let mut bench = Bench::new();
    let mut peer = bench.logged_in().await;
    bench.client.add_friend("bob").unwrap();
    bench.client.disconnect();
    assert_eq!(peer.next().await.unwrap().opcode, opcode::ADD_FRIEND);
    assert_eq!(peer.next().await, None);
    let lost = bench.event().await;
    assert!(
        matches!(
            lost,
            Event::Disconnected { reason: DisconnectReason::Requested, retry_in: None, unsent: 0 }
        ),
        "{lost:?}"
    );
    assert!(timeout(AGES, bench.connections.recv()).await.is_err(), "it came back");
}

#[tokio::test(start_paused = true)]
async fn requests_that_a_dead_server_did_not_take_are_counted() {
    let mut bench = Bench::with(256, |_| {});
    let peer = bench.logged_in().await;
    for number in 0..20 {
        bench.client.echo(number.into()).unwrap();
    }
    tokio::task::yield_now().await;
    drop(peer);
    let lost = bench.event().await;
    assert!(matches!(lost, Event::Disconnected { unsent: 10..=20, .. }), "{lost:?}");
}

#[tokio::test(start_paused = true)]
async fn after_registering_the_certificate_carries_name_and_mail() {
    let mut bench = Bench::new();
    let registration = Registration::new("Ann", "secret", "a@x.cn");
    let mut peer = bench.connected(|client| client.register(registration).unwrap()).await;
    let asked = peer.next().await.unwrap();
    let fields: Vec<_> = asked.parameters.as_list().unwrap().iter().filter_map(Value::as_str).collect();
    // The original server refuses another address than the one of the handshake.
    assert_eq!(fields, ["Ann", "secret", "a@x.cn", "192.168.1.5", "2333", "保密", "保密"]);
    peer.send(opcode::REGISTER_SUCCESSFUL, &1).await;
    assert_eq!(bench.event().await, Event::Registered(1));
    drop(peer);
    assert!(matches!(bench.event().await, Event::Disconnected { .. }));
    let peer = bench.connected(|client| client.echo(1.into()).unwrap()).await;
    assert!(peer.certificate.starts_with("ann a@x.cn "), "{}", peer.certificate);
}
