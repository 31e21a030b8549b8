//! Standard input, read by a thread of its own, since it can't be read without blocking everywhere.

use std::io::{BufRead as _, IsTerminal as _, Read as _};

use tokio::sync::mpsc;

/// A longer line is cut; the rest of it is dropped.
const MAX_LINE: u64 = 16 * 1024 * 1024;

/// What the thread is asked for.
#[derive(Debug)]
pub(crate) enum Ask {
    /// A line.
    Line,
    /// A line that must not show, where the terminal allows.
    Hidden,
}

/// The thread's other end.
pub(crate) struct Input {
    asks: std::sync::mpsc::SyncSender<Ask>,
    lines: mpsc::Receiver<Option<String>>,
    waiting: bool,
}

impl Input {
    /// Starts the thread.
    pub(crate) fn start() -> Self {
        let (asks, asked) = std::sync::mpsc::sync_channel(1);
        let (sender, lines) = mpsc::channel(1);
        std::thread::spawn(move || {
            while let Ok(ask) = asked.recv() {
                let line = read(&ask);
                let over = line.is_none();
                if sender.blocking_send(line).is_err() || over {
                    break;
                }
            }
        });
        Self { asks, lines, waiting: false }
    }

    /// The next line without its end; `None` at the end of input. May be cancelled and called again: the line that
    /// was asked for first is then still to come.
    pub(crate) async fn line(&mut self, ask: Ask) -> Option<String> {
        if !self.waiting {
            // Never full: one question at a time.
            self.asks.try_send(ask).ok()?;
            self.waiting = true;
        }
        let line = self.lines.recv().await.flatten();
        self.waiting = false;
        line
    }
}

fn read(ask: &Ask) -> Option<String> {
    let stdin = std::io::stdin();
    if matches!(ask, Ask::Hidden) && stdin.is_terminal() {
        return rpassword::read_password().ok();
    }
    let mut line = Vec::new();
    let mut locked = stdin.lock();
    let read = (&mut locked).take(MAX_LINE).read_until(b'\n', &mut line).ok()?;
    if read == 0 {
        return None;
    }
    if line.last() != Some(&b'\n') && line.len() as u64 == MAX_LINE {
        locked.skip_until(b'\n').ok()?;
    }
    Some(String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_owned())
}
