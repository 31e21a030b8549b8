//! A room: one speaks, all others hear.

use std::sync::Arc;

use anyhow::Context as _;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use uchat_codec::chat::TARGET_ROOM;
use uchat_codec::opcode;

use crate::Plan;
use crate::pairs::text_to;
use crate::people;
use crate::server::Server;
use crate::traffic::{Listener, Talker, Window, measure};

/// So many come in at the same time.
const AT_ONCE: usize = 32;
/// One in so many members opens what it gets; the others count frames, so that the generator is not what is measured.
const OPENS: usize = 20;
const WINDOW: usize = 32;

/// A room of so many members, all of them there.
pub(crate) async fn run(server: &Server, plan: &Plan, members: usize) -> anyhow::Result<()> {
    let people = people::register(server.address, members).await?;
    let room = people::room(server.address, &people).await?;
    let mut links: Vec<_> = stream::iter(&people)
        .map(|person| person.enter(server.address))
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    // What those hear who were there when others came in is no message: it lies before the answer to this.
    for link in &mut links {
        link.ask(opcode::CLIENT_ECHO, "", &[opcode::SERVER_ECHO]).await?;
    }
    let speaker = links.pop().context("nobody")?;
    let window = Window::new(WINDOW, links.len());
    let says = text_to(TARGET_ROOM, room);
    let talker = Talker { output: speaker.output, says, window: Arc::clone(&window), every: None };
    let mut listeners = vec![Listener::Drains(speaker.input)];
    let mut outputs = Vec::new();
    for (number, link) in links.into_iter().enumerate() {
        // A closed half would end the connection.
        outputs.push(link.output);
        let kind = if number % OPENS == 0 { Listener::Opens } else { Listener::Counts };
        listeners.push(kind(link.input, Arc::clone(&window)));
    }
    let figures = measure(plan, server.id(), vec![talker], listeners).await?;
    drop(outputs);
    println!("room of {members}, window {WINDOW}: {figures}");
    Ok(())
}
