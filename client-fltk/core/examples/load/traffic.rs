//! Windows of messages: who speaks, who hears, and how long each message was on its way.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::Plan;
use crate::link::{Input, Output};
use crate::server::processor_time;

/// Bytes of a text.
pub(crate) const TEXT: usize = 100;
/// Before anything is measured.
const WARM_UP: Duration = Duration::from_secs(1);
/// What a text begins with; the time at which it was sent follows, in hexadecimal nanoseconds.
const MARK: &[u8] = b"@load";
const DIGITS: usize = 16;
/// The mark is among the first bytes of a message.
const SEARCHED: usize = 400;
/// Nothing that is sent may take longer than this.
const LOST: Duration = Duration::from_secs(30);

/// Time since the program was started: what is in the marks.
#[derive(Clone, Copy)]
pub(crate) struct Clock(Instant);

impl Clock {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    fn nanoseconds(self, at: Instant) -> u64 {
        u64::try_from(at.duration_since(self.0).as_nanos()).unwrap_or(u64::MAX)
    }
}

/// How many messages may be under way: each is until everybody has heard it.
pub(crate) struct Window {
    places: Semaphore,
    /// Who has heard a message, by its number modulo the window.
    heard: Vec<AtomicUsize>,
    listeners: usize,
}

impl Window {
    pub(crate) fn new(size: usize, listeners: usize) -> Arc<Self> {
        let heard = (0..size).map(|_| AtomicUsize::new(0)).collect();
        Arc::new(Self { places: Semaphore::new(size), heard, listeners })
    }

    /// Waits for a place; takes as many as there are, up to `most`.
    async fn enter(&self, most: usize) -> anyhow::Result<usize> {
        let waited = timeout(LOST, self.places.acquire()).await;
        waited.context("a message has not arrived: it is lost, or all are stuck")??.forget();
        let mut taken = 1;
        while taken < most
            && let Ok(place) = self.places.try_acquire()
        {
            place.forget();
            taken += 1;
        }
        Ok(taken)
    }

    fn hear(&self, number: usize) {
        let Some(heard) = self.heard.get(number % self.heard.len()) else { return };
        if heard.fetch_add(1, Ordering::AcqRel) + 1 == self.listeners {
            heard.store(0, Ordering::Release);
            self.places.add_permits(1);
        }
    }
}

/// Makes a message of the text that is to be in it.
pub(crate) type Says = Box<dyn FnMut(&str) -> anyhow::Result<Bytes> + Send>;

/// Who speaks.
pub(crate) struct Talker {
    pub(crate) output: Output,
    pub(crate) says: Says,
    pub(crate) window: Arc<Window>,
    /// Time between two messages; as fast as the window allows if none is given. How long a message takes is counted from
    /// when it was due.
    pub(crate) every: Option<Duration>,
}

impl Talker {
    async fn run(mut self, clock: Clock) -> anyhow::Result<()> {
        let mut due = Instant::now() + self.every.unwrap_or_default().mul_f64(rand::random());
        loop {
            let mut batch = Vec::new();
            if let Some(every) = self.every {
                sleep_until(due).await;
                while due <= Instant::now() && batch.len() < self.window.heard.len() {
                    batch.push((self.says)(&text(clock.nanoseconds(due)))?);
                    due += every;
                }
                let mut places = batch.len();
                while places > 0 {
                    places -= self.window.enter(places).await?;
                }
            } else {
                let places = self.window.enter(usize::MAX).await?;
                for _ in 0..places {
                    batch.push((self.says)(&text(clock.nanoseconds(Instant::now())))?);
                }
            }
            self.output.send(&batch).await?;
        }
    }
}

/// A text with its mark.
fn text(nanoseconds: u64) -> String {
    format!("@load{nanoseconds:0width$x}{:.<rest$}", "", width = DIGITS, rest = TEXT - MARK.len() - DIGITS)
}

/// The time in the mark of a message.
fn marked(plaintext: &[u8]) -> Option<u64> {
    let head = plaintext.get(..SEARCHED.min(plaintext.len()))?;
    let at = head.windows(MARK.len()).position(|window| window == MARK)? + MARK.len();
    u64::from_str_radix(std::str::from_utf8(plaintext.get(at..at + DIGITS)?).ok()?, 16).ok()
}

/// Who hears.
pub(crate) enum Listener {
    /// Opens each frame, and looks when it was sent.
    Opens(Input, Arc<Window>),
    /// Counts frames, all of which are messages.
    Counts(Input, Arc<Window>),
    /// Reads what comes: answers.
    Drains(Input),
}

/// What a listener has heard while it was measured: microseconds.
#[derive(Default)]
struct Heard {
    messages: u64,
    taken: Vec<u32>,
}

impl Listener {
    async fn run(self, clock: Clock, began: u64, phase: Arc<Phase>) -> anyhow::Result<Heard> {
        match self {
            Self::Opens(input, window) => opens(input, &window, clock, began, &phase).await,
            Self::Counts(input, window) => counts(input, &window, &phase).await,
            Self::Drains(mut input) => {
                while !phase.over() {
                    input.skip().await?;
                    while input.skip_buffered()? {}
                }
                Ok(Heard::default())
            }
        }
    }
}

async fn opens(
    mut input: Input,
    window: &Window,
    clock: Clock,
    began: u64,
    phase: &Phase,
) -> anyhow::Result<Heard> {
    let (mut heard, mut number, mut last) = (Heard::default(), 0, 0);
    while !phase.over() {
        let mut next = Some(input.next().await?);
        while let Some(plaintext) = next {
            // What a run before this one has left is not counted.
            if let Some(sent) = marked(&plaintext).filter(|sent| *sent >= began) {
                if sent < last {
                    bail!("messages of one sender have come out of order");
                }
                last = sent;
                window.hear(number);
                number += 1;
                if phase.measured() {
                    let taken = clock.nanoseconds(Instant::now()).saturating_sub(sent) / 1000;
                    heard.taken.push(u32::try_from(taken).unwrap_or(u32::MAX));
                    heard.messages += 1;
                }
            }
            next = input.buffered()?;
        }
    }
    Ok(heard)
}

async fn counts(mut input: Input, window: &Window, phase: &Phase) -> anyhow::Result<Heard> {
    let (mut heard, mut number) = (Heard::default(), 0);
    while !phase.over() {
        input.skip().await?;
        loop {
            window.hear(number);
            number += 1;
            heard.messages += u64::from(phase.measured());
            if !input.skip_buffered()? {
                break;
            }
        }
    }
    Ok(heard)
}

#[derive(Default)]
struct Phase {
    measured: AtomicBool,
    over: AtomicBool,
}

impl Phase {
    fn measured(&self) -> bool {
        self.measured.load(Ordering::Relaxed)
    }

    fn over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }
}

/// What came out.
pub(crate) struct Figures {
    pub(crate) per_second: f64,
    delivered: u64,
    server: Duration,
    generator: Duration,
    /// Sorted, in microseconds.
    taken: Vec<u32>,
}

/// Lets them talk for the time of the plan, and looks at what the process `server` spends on it.
pub(crate) async fn measure(
    plan: &Plan,
    server: u32,
    talkers: Vec<Talker>,
    listeners: Vec<Listener>,
) -> anyhow::Result<Figures> {
    let phase = Arc::new(Phase::default());
    let (mut speaking, mut hearing) = (JoinSet::new(), JoinSet::new());
    let began = plan.clock.nanoseconds(Instant::now());
    for listener in listeners {
        hearing.spawn(listener.run(plan.clock, began, Arc::clone(&phase)));
    }
    for talker in talkers {
        speaking.spawn(talker.run(plan.clock));
    }
    undisturbed(WARM_UP, &mut speaking, &mut hearing).await?;
    let (began, before, ours) =
        (Instant::now(), processor_time(server)?, processor_time(std::process::id())?);
    phase.measured.store(true, Ordering::Relaxed);
    undisturbed(plan.measured, &mut speaking, &mut hearing).await?;
    phase.measured.store(false, Ordering::Relaxed);
    let spent = processor_time(server)?.saturating_sub(before);
    let generator = processor_time(std::process::id())?.saturating_sub(ours);
    let seconds = began.elapsed().as_secs_f64();
    phase.over.store(true, Ordering::Relaxed);
    let (mut delivered, mut taken) = (0, Vec::new());
    // Each ends with the next frame: the talkers still talk.
    while let Some(heard) = timeout(LOST, hearing.join_next()).await.context("somebody hears nothing")? {
        let heard = heard??;
        delivered += heard.messages;
        taken.extend(heard.taken);
    }
    speaking.abort_all();
    taken.sort_unstable();
    if delivered == 0 {
        bail!("nothing was delivered");
    }
    #[allow(clippy::cast_precision_loss, reason = "a figure to look at")]
    let per_second = delivered as f64 / seconds;
    Ok(Figures { per_second, delivered, server: spent, generator, taken })
}

/// Waits so long, or until somebody fails.
async fn undisturbed(
    time: Duration,
    speaking: &mut JoinSet<anyhow::Result<()>>,
    hearing: &mut JoinSet<anyhow::Result<Heard>>,
) -> anyhow::Result<()> {
    tokio::select! {
        () = sleep(time) => Ok(()),
        Some(ended) = speaking.join_next() => ended?.and_then(|()| bail!("a talker has ended")),
        Some(ended) = hearing.join_next() => ended?.and_then(|_| bail!("a listener has ended")),
    }
}

impl Figures {
    /// Milliseconds of this time for 1,000 messages.
    #[allow(clippy::cast_precision_loss, reason = "a figure to look at")]
    fn per_thousand(&self, time: Duration) -> f64 {
        time.as_secs_f64() * 1e6 / self.delivered as f64
    }

    /// Milliseconds within which so many thousandths of the messages were there.
    fn within(&self, thousandths: usize) -> f64 {
        let at = (self.taken.len() * thousandths / 1000).min(self.taken.len().saturating_sub(1));
        self.taken.get(at).map_or(f64::NAN, |microseconds| f64::from(*microseconds) / 1000.0)
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.0} delivered/s, {:.2} ms of the server's processor per 1,000 (generator {:.2}), \
             p50 {:.2} p99 {:.2} p99.9 {:.2} ms",
            self.per_second,
            self.per_thousand(self.server),
            self.per_thousand(self.generator),
            self.within(500),
            self.within(990),
            self.within(999),
        )
    }
}
