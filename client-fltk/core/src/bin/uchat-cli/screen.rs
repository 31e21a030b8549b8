//! Lines above a prompt.

use std::io::{self, IsTerminal as _, Write as _};

/// The terminal, or whatever stands in for it.
pub(crate) struct Screen {
    is_terminal: bool,
    prompt: String,
}

impl Screen {
    pub(crate) fn new() -> Self {
        Self { is_terminal: io::stdout().is_terminal(), prompt: "> ".into() }
    }

    /// Changes the prompt and shows it.
    pub(crate) fn prompt(&mut self, prompt: String) -> io::Result<()> {
        self.prompt = prompt;
        self.show_prompt()
    }

    /// Shows the prompt again, after a line was read.
    pub(crate) fn show_prompt(&self) -> io::Result<()> {
        if self.is_terminal {
            print!("\r\u{1b}[K{}", self.prompt);
        }
        io::stdout().flush()
    }

    /// Prints text, which must be harmless already, above the prompt.
    pub(crate) fn print(&self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if self.is_terminal {
            write!(out, "\r\u{1b}[K{text}\n{}", self.prompt)?;
        } else {
            writeln!(out, "{text}")?;
        }
        out.flush()
    }
}
