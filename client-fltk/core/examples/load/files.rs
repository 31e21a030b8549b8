//! Files in pieces, and as images in messages.

use std::sync::Arc;

use bytes::{BufMut as _, BytesMut};
use uchat_codec::Blob;
use uchat_codec::chat::{MessageBody, TARGET_USER};

use crate::Plan;
use crate::pairs::{Names, send};
use crate::people::{self, Person};
use crate::pieces;
use crate::server::Server;
use crate::traffic::{Listener, Says, Talker, Window, measure};

/// Files on their way at the same time.
const WINDOW: usize = 4;
/// Bytes of a file.
const SIZES: [usize; 2] = [1_000_000, 8_000_000];

/// Files one way, first small ones and then large ones.
pub(crate) async fn run(server: &Server, plan: &Plan) -> anyhow::Result<()> {
    let mut pair = people::register(server.address, 2).await?;
    let (Some(to), Some(from)) = (pair.pop(), pair.pop()) else { return Ok(()) };
    people::befriend(server.address, &from, &to).await?;
    for bytes in SIZES {
        pieces::one_way(server, &from, &to, bytes).await?;
        one_way(server, plan, &from, &to, bytes).await?;
    }
    Ok(())
}

async fn one_way(
    server: &Server,
    plan: &Plan,
    from: &Person,
    to: &Person,
    bytes: usize,
) -> anyhow::Result<()> {
    let target = to.id;
    let (from, to) = (from.enter(server.address).await?, to.enter(server.address).await?);
    let window = Window::new(WINDOW, 1);
    let names = Names::new();
    let says: Says = Box::new(move |mark| {
        let mut data = BytesMut::with_capacity(bytes);
        data.put_slice(mark.as_bytes());
        data.put_bytes(b'.', bytes.saturating_sub(mark.len()));
        send(TARGET_USER, target, &names, MessageBody::Image { data: Blob(data.freeze()), name: None })
    });
    let talker = Talker { output: from.output, says, window: Arc::clone(&window), every: None };
    let listeners = vec![Listener::Drains(from.input), Listener::Opens(to.input, window)];
    let figures = measure(plan, server.id(), vec![talker], listeners).await?;
    drop(to.output);
    let megabytes = bytes / 1_000_000;
    #[allow(clippy::cast_precision_loss, reason = "a figure to look at")]
    let per_second = figures.per_second * bytes as f64 / 1e6;
    println!("files of {megabytes} MB in messages, window {WINDOW}: {per_second:.0} MB/s; {figures}");
    Ok(())
}
