//! What a session that does nothing takes of memory: many of them in this process, over in-memory streams, signed in, with
//! the strong suite. `cargo bench -p uchat-framework --bench sessions -- 200000`
//!
//! With `strangers 200000`: as many who connect and say nothing, which is what a connection costs that has not logged in.
//!
//! The other end of each stream stays open with nothing in it; what the streams take is measured first and told apart.

#![allow(clippy::unwrap_used, missing_docs, clippy::print_stdout, reason = "a benchmark")]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio_util::codec::Decoder as _;
use uchat_framework::codec::handshake::Acceptor;
use uchat_framework::codec::{
    FrameCodec, Handshake as _, Limits, Opcode, Progress, StrongClient, StrongIdentity, encode_message,
};
use uchat_framework::prelude::*;
use uchat_framework::{Server, ServerBuilder};

/// As in the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ENTER: Opcode = Opcode(3);
const ENTERED: Opcode = Opcode(105);
/// Sessions without the argument.
const COUNT: usize = 20_000;
/// So many come in at the same time.
const AT_ONCE: usize = 64;
/// Bytes that a stream may hold.
const PIPE: usize = 4096;
/// Bytes of a handshake and a sign-in, in one direction at once.
const CARRIED: usize = 192;

/// Signs in whoever asks, under the number that is given.
#[handler(ENTER, reply = ENTERED)]
async fn enter(caller: Caller, Args(number): Args<u64>) -> Result<u64> {
    let farewell = Push::new(ENTERED, &0)?;
    caller.sign_in(number, &format!("u{number}"), &[], farewell).await;
    Ok(number)
}

/// The resident memory of this process, in bytes.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

/// Shakes hands, signs in, and keeps nothing but the stream.
async fn client(mut stream: DuplexStream, identity: Arc<StrongIdentity>, number: u64) -> DuplexStream {
    let limits = Limits::default();
    let mut machine = Box::new(StrongClient::new(identity, &limits));
    let (mut input, mut output) = (BytesMut::new(), BytesMut::new());
    while machine.advance(&mut input, &mut output).unwrap() != Progress::Done {
        stream.write_all(&output).await.unwrap();
        output.clear();
        assert!(stream.read_buf(&mut input).await.unwrap() > 0, "closed in the handshake");
    }
    let mut established = machine.finish().unwrap();
    established.sealer.seal(&encode_message(ENTER, &number).unwrap(), &mut output).unwrap();
    stream.write_all(&output).await.unwrap();
    let mut codec = FrameCodec::new(limits.max_frame_body);
    loop {
        if let Some(frame) = codec.decode(&mut input).unwrap() {
            established.opener.open(frame).unwrap();
            return stream;
        }
        assert!(stream.read_buf(&mut input).await.unwrap() > 0, "closed before the answer");
    }
}

/// A stream that has carried as much as a handshake and a sign-in: it keeps its room.
async fn used() -> (DuplexStream, DuplexStream) {
    let (mut near, mut far) = tokio::io::duplex(PIPE);
    let mut carried = [0; CARRIED];
    near.write_all(&carried).await.unwrap();
    far.read_exact(&mut carried).await.unwrap();
    far.write_all(&carried).await.unwrap();
    near.read_exact(&mut carried).await.unwrap();
    (near, far)
}

fn main() {
    // Also `--bench` comes along.
    let count = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(COUNT);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    if std::env::args().any(|argument| argument == "strangers") {
        runtime.block_on(strangers(count));
    } else {
        runtime.block_on(sessions(count));
    }
}

/// A connection of a server over a stream; gives the client's end.
fn connection(server: &Server, identity: &Arc<StrongIdentity>) -> DuplexStream {
    let (near, far) = tokio::io::duplex(PIPE);
    let machine = Box::new(Acceptor::new(&Limits::default()).strong(Arc::clone(identity)));
    let server = server.clone();
    tokio::spawn(async move {
        server.serve_stream(far, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), machine).await;
    });
    near
}

fn server() -> (Server, Arc<StrongIdentity>) {
    let patient = uchat_config::Limits { handshake_seconds: 3_600, ..uchat_config::Limits::default() };
    let server = ServerBuilder::new(patient).build().unwrap();
    (server, Arc::new(StrongIdentity::generate(&mut rand::rng())))
}

async fn strangers(count: usize) {
    let (server, identity) = server();
    let before = resident();
    let strangers: Vec<_> = (0..count).map(|_| connection(&server, &identity)).collect();
    // Each of them has had its turn when one that comes behind them all has been answered.
    drop(client(connection(&server, &identity), Arc::clone(&identity), 0).await);
    let each = (resident() - before) / count as u64;
    println!(
        "{count} strangers who say nothing, over in-memory streams: {each} bytes of resident memory each"
    );
    drop(strangers);
}

async fn sessions(count: usize) {
    let (server, identity) = server();
    let before = resident();
    let mut streams = Vec::with_capacity(count);
    for _ in 0..count {
        streams.push(used().await);
    }
    let streams_take = (resident() - before) / count as u64;
    drop(streams);
    let mut open = Vec::with_capacity(count);
    let began = std::time::Instant::now();
    while open.len() < count {
        let mut coming = tokio::task::JoinSet::new();
        for number in open.len()..(open.len() + AT_ONCE).min(count) {
            let near = connection(&server, &identity);
            coming.spawn(client(near, Arc::clone(&identity), number as u64));
        }
        while let Some(stream) = coming.join_next().await {
            open.push(stream.unwrap());
        }
    }
    let all = (resident() - before) / count as u64;
    println!(
        "{count} sessions over in-memory streams: {all} bytes of resident memory each, {streams_take} of them for the stream; \
         they came in within {} s",
        began.elapsed().as_secs()
    );
    assert_eq!(server.online().count(), count);
}
