//! The reference: a program that only copies what one connection sends to the others of its group.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpListener, TcpStream};
use uchat_codec::chat::TARGET_USER;

use crate::Plan;
use crate::link::Link;
use crate::pairs::text_to;
use crate::server::listening;
use crate::traffic::{Listener, Talker, Window, measure};

/// What is read at once.
const READ: usize = 16 * 1024;

type Member = Arc<tokio::sync::Mutex<OwnedWriteHalf>>;
type Groups = Arc<Mutex<HashMap<u32, Vec<Member>>>>;

/// Serves until it is killed.
pub(crate) async fn serve() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on {}", listener.local_addr()?);
    let groups = Groups::default();
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(copy(stream, Arc::clone(&groups)));
    }
}

/// The first four bytes name the group; who is in it is told by one byte.
async fn copy(stream: TcpStream, groups: Groups) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let (mut read, write) = stream.into_split();
    let group = read.read_u32().await?;
    let me: Member = Arc::new(tokio::sync::Mutex::new(write));
    let members = || groups.lock().unwrap_or_else(PoisonError::into_inner);
    members().entry(group).or_default().push(Arc::clone(&me));
    me.lock().await.write_all(&[1]).await?;
    let mut buffer = vec![0; READ];
    let mut others = Vec::new();
    loop {
        let count = read.read(&mut buffer).await?;
        if count == 0 {
            members().remove(&group);
            return Ok(());
        }
        if others.is_empty() {
            others = members().get(&group).cloned().unwrap_or_default();
            others.retain(|other| !Arc::ptr_eq(other, &me));
        }
        for other in &others {
            other.lock().await.write_all(&buffer[..count]).await?;
        }
    }
}

struct Relay {
    process: Child,
    address: SocketAddr,
}

impl Relay {
    fn start() -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut process = command.arg("--relay").stdout(Stdio::piped()).spawn()?;
        let address = listening(&mut process)?;
        Ok(Self { process, address })
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Groups of so many, in each of which one speaks.
pub(crate) async fn run(plan: &Plan, groups: usize, members: usize, size: usize) -> anyhow::Result<()> {
    let relay = Relay::start()?;
    let (mut talkers, mut listeners, mut outputs) = (Vec::new(), Vec::new(), Vec::new());
    for group in 0..u32::try_from(groups)? {
        let window = Window::new(size, members - 1);
        for _ in 1..members {
            let link = Link::plain(relay.address, group).await?;
            outputs.push(link.output);
            listeners.push(Listener::Opens(link.input, Arc::clone(&window)));
        }
        let speaker = Link::plain(relay.address, group).await?;
        let says = text_to(TARGET_USER, 1);
        talkers.push(Talker { output: speaker.output, says, window, every: None });
    }
    let figures = measure(plan, relay.process.id(), talkers, listeners).await?;
    drop(outputs);
    println!("relay, {groups} groups of {members}, window {size}: {figures}");
    Ok(())
}
