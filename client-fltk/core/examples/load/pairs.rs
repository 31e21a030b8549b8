//! One to one: an echo, and durable messages.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use uchat_codec::chat::{Call, MESSAGE_ID_BYTES, MessageBody, SEND, SendOnce, TARGET_USER};
use uchat_codec::{Blob, StrongIdentity, encode_message, opcode, to_value};

use crate::Plan;
use crate::link::Link;
use crate::people::{self, Person};
use crate::server::Server;
use crate::traffic::{Listener, Says, Talker, Window, measure};

/// So many connections are made at the same time.
const AT_ONCE: usize = 32;

/// An echo: the way in and out of the server, without a store.
pub(crate) async fn echo(server: &Server, plan: &Plan, size: usize) -> anyhow::Result<()> {
    let (mut talkers, mut listeners) = (Vec::new(), Vec::new());
    for _ in 0..plan.pairs {
        let identity = Arc::new(StrongIdentity::generate(&mut rand::rng()));
        let link = Link::open(server.address, &identity).await?;
        let window = Window::new(size, 1);
        let says: Says = Box::new(|text| Ok(encode_message(opcode::CLIENT_ECHO, text)?));
        talkers.push(Talker { output: link.output, says, window: Arc::clone(&window), every: None });
        listeners.push(Listener::Opens(link.input, window));
    }
    let figures = measure(plan, server.id(), talkers, listeners).await?;
    println!("echo, {} clients, window {size}: {figures}", plan.pairs);
    Ok(())
}

/// Friends, two by two.
pub(crate) struct Pairs(Vec<[Person; 2]>);

impl Pairs {
    pub(crate) async fn new(address: SocketAddr, count: usize) -> anyhow::Result<Self> {
        let mut people = people::register(address, 2 * count).await?.into_iter();
        let mut pairs = Vec::with_capacity(count);
        while let (Some(one), Some(other)) = (people.next(), people.next()) {
            pairs.push([one, other]);
        }
        stream::iter(&pairs)
            .map(|[one, other]| people::befriend(address, one, other))
            .buffered(AT_ONCE)
            .try_collect::<Vec<()>>()
            .await?;
        Ok(Self(pairs))
    }

    /// Durable messages from one of each pair to the other one; `per_second` in all, if that is given. Gives what was
    /// reached.
    pub(crate) async fn durable(
        &self,
        server: &Server,
        plan: &Plan,
        size: usize,
        per_second: Option<f64>,
    ) -> anyhow::Result<f64> {
        let (mut talkers, mut listeners, mut outputs) = (Vec::new(), Vec::new(), Vec::new());
        let count = u32::try_from(self.0.len()).context("too many pairs")?;
        let every = per_second.map(|all| Duration::from_secs_f64(f64::from(count) / all));
        for [one, other] in &self.0 {
            let (from, to) = (one.enter(server.address).await?, other.enter(server.address).await?);
            let window = Window::new(size, 1);
            let says = text_to(TARGET_USER, other.id);
            talkers.push(Talker { output: from.output, says, window: Arc::clone(&window), every });
            listeners.push(Listener::Drains(from.input));
            listeners.push(Listener::Opens(to.input, window));
            // A closed half would end the connection.
            outputs.push(to.output);
        }
        let figures = measure(plan, server.id(), talkers, listeners).await?;
        drop(outputs);
        let paced = per_second.map_or(String::new(), |all| format!(", {all:.0} a second asked for"));
        println!("durable, {count} pairs, window {size}{paced}: {figures}");
        Ok(figures.per_second)
    }
}

/// A text, sent by `uchat.send`.
pub(crate) fn text_to(target_type: u8, target_id: u64) -> Says {
    let names = Names::new();
    Box::new(move |text| send(target_type, target_id, &names, MessageBody::text(text)))
}

/// Names of one sender's messages: as the clients make them, random for each run and counted in it.
pub(crate) struct Names {
    run: [u8; MESSAGE_ID_BYTES],
    next: AtomicU32,
}

impl Names {
    pub(crate) fn new() -> Self {
        Self { run: rand::random(), next: AtomicU32::new(0) }
    }

    pub(crate) fn next(&self) -> Bytes {
        let number = self.next.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let run = self.run.iter().take(MESSAGE_ID_BYTES - number.len());
        run.chain(&number).copied().collect()
    }
}

/// A message, sent by `uchat.send` under a new name.
pub(crate) fn send(
    target_type: u8,
    target_id: u64,
    names: &Names,
    message: MessageBody,
) -> anyhow::Result<Bytes> {
    let once =
        SendOnce { target_type, target_id, id: Blob::from(names.next()), message: message.into_value()? };
    let call = Call { name: SEND.into(), id: 1, args: to_value(&once)? };
    Ok(encode_message(opcode::CALL, &call)?)
}
