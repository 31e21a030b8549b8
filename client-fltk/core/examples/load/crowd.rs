//! Many sessions: what each takes of memory, and how soon all are back after a restart.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use tokio::time::sleep;

use crate::Plan;
use crate::link::Link;
use crate::people::{self, Person};
use crate::server::Server;

/// So many come in at the same time: the queue of a listener has no room for all.
const AT_ONCE: usize = 256;
/// Sessions that are there before the memory is looked at first, for what the first ones make the server allocate.
const FIRST: usize = 100;
/// What a login leaves behind to be done is done after this time.
const SETTLED: Duration = Duration::from_secs(2);

async fn enter(server: &Server, people: &[Person]) -> anyhow::Result<Vec<Link>> {
    stream::iter(people)
        .map(|person| person.enter(server.address))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

/// Sessions that do nothing: resident memory of the server for each.
pub(crate) async fn idle(server: &mut Server, plan: &Plan) -> anyhow::Result<()> {
    let people = people::register(server.address, plan.sessions).await?;
    // What registering has left in the allocator would hide what sessions take.
    server.restart()?;
    let (first, others) = people.split_at_checked(FIRST).context("more sessions are needed")?;
    let mut links = enter(server, first).await?;
    sleep(SETTLED).await;
    let before = server.memory()?;
    links.extend(enter(server, others).await?);
    sleep(SETTLED).await;
    let taken = server.memory()?.saturating_sub(before);
    let (spent, began) = (server.processor_time()?, Instant::now());
    sleep(plan.measured).await;
    let busy = server.processor_time()?.saturating_sub(spent).as_secs_f64() / began.elapsed().as_secs_f64();
    println!(
        "idle, {} sessions: {} bytes of resident memory each, {:.2} % of a processor",
        links.len(),
        taken / u64::try_from(others.len())?.max(1),
        busy * 100.0
    );
    Ok(())
}

/// All come back after a restart, by their devices' keys, up to where messages come live again.
pub(crate) async fn reconnect(server: &mut Server, plan: &Plan) -> anyhow::Result<()> {
    let people = people::register(server.address, plan.sessions).await?;
    let down = Instant::now();
    server.restart()?;
    let (down, spent, began) = (down.elapsed(), server.processor_time()?, Instant::now());
    let links = enter(server, &people).await?;
    let (taken, spent) = (began.elapsed().as_secs_f64(), server.processor_time()?.saturating_sub(spent));
    #[allow(clippy::cast_precision_loss, reason = "a figure to look at")]
    let count = links.len() as f64;
    println!(
        "reconnect, {count} clients: {taken:.2} s ({:.0} a second), {:.3} ms of the server's processor each; the restart \
         took {:.2} s",
        count / taken,
        spent.as_secs_f64() * 1000.0 / count,
        down.as_secs_f64()
    );
    Ok(())
}
