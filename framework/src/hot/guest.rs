//! The imports of a module: it asks, it takes the answer, it logs. What it asks for is done outside.

use bytes::Bytes;
use wasmi::{Caller, Engine, Linker, Memory, StoreLimits};

/// The module name of the imports carries the major version of the interface.
const IMPORTS: &str = "uchat_1";
/// Lines of the log that a call may write; the rest is left out.
const LOG_LINES: usize = 16;
/// Bytes of a line.
const LOG_BYTES: u32 = 512;

/// What the host knows of an instance.
pub(super) struct Guest {
    pub(super) limits: StoreLimits,
    pub(super) memory: Option<Memory>,
    /// The answer to what was asked last, until it is taken.
    pub(super) answer: Option<Bytes>,
    /// The longest range that is looked at.
    pub(super) most_bytes: usize,
    /// What it has logged in this call.
    pub(super) log: Vec<(i32, String)>,
}

impl Guest {
    pub(super) fn new(limits: StoreLimits, most_bytes: usize) -> Self {
        Self { limits, memory: None, answer: None, most_bytes, log: Vec::new() }
    }

    /// Nothing of one call is seen by the next.
    pub(super) fn forget(&mut self) {
        self.answer = None;
        self.log.clear();
    }
}

/// A module asks for something: the call stops here and goes on when the answer is there.
#[derive(Debug, thiserror::Error)]
#[error("the server is asked for function {function}")]
pub(super) struct Ask {
    pub(super) function: i32,
    pub(super) arguments: Bytes,
}

impl wasmi::errors::HostError for Ask {}

/// The bytes of a range, if it is not empty, not too long, and inside.
pub(super) fn range(memory: &[u8], at: u32, length: u32, most: usize) -> Option<&[u8]> {
    let (at, length) = (usize::try_from(at).ok()?, usize::try_from(length).ok()?);
    if length == 0 || length > most {
        return None;
    }
    memory.get(at..at.checked_add(length)?)
}

/// The imports.
pub(super) fn imports(engine: &Engine) -> Result<Linker<Guest>, wasmi::Error> {
    let mut linker = Linker::new(engine);
    linker.func_wrap(IMPORTS, "host_call", ask)?;
    linker.func_wrap(IMPORTS, "host_take", take)?;
    linker.func_wrap(IMPORTS, "log", log)?;
    Ok(linker)
}

fn bad_range() -> wasmi::Error {
    wasmi::Error::new("a range is empty, too long, or outside its memory")
}

fn read(caller: &Caller<'_, Guest>, at: i32, length: i32, most: usize) -> Result<Bytes, wasmi::Error> {
    let memory = caller.data().memory.ok_or_else(bad_range)?;
    let bytes = range(memory.data(caller), at.cast_unsigned(), length.cast_unsigned(), most);
    bytes.map(Bytes::copy_from_slice).ok_or_else(bad_range)
}

#[allow(clippy::needless_pass_by_value, reason = "the engine hands it over like this")]
fn ask(caller: Caller<'_, Guest>, function: i32, at: i32, length: i32) -> Result<i32, wasmi::Error> {
    let arguments = read(&caller, at, length, caller.data().most_bytes)?;
    Err(wasmi::Error::host(Ask { function, arguments }))
}

fn take(mut caller: Caller<'_, Guest>, at: i32, length: i32) -> Result<i32, wasmi::Error> {
    let answer = caller.data_mut().answer.take().ok_or_else(|| wasmi::Error::new("there is no answer"))?;
    let memory = caller.data().memory.ok_or_else(bad_range)?;
    if usize::try_from(length.cast_unsigned()).ok() != Some(answer.len()) {
        return Err(bad_range());
    }
    let start = usize::try_from(at.cast_unsigned()).map_err(|_| bad_range())?;
    memory.write(&mut caller, start, &answer).map_err(|_| bad_range())?;
    Ok(0)
}

fn log(mut caller: Caller<'_, Guest>, level: i32, at: i32, length: i32) -> Result<(), wasmi::Error> {
    let shown = length.cast_unsigned().min(LOG_BYTES).cast_signed();
    let line = read(&caller, at, shown, caller.data().most_bytes)?;
    let lines = &mut caller.data_mut().log;
    if lines.len() < LOG_LINES {
        let text: String = String::from_utf8_lossy(&line).chars().filter(|c| !c.is_control()).collect();
        lines.push((level, text));
    }
    Ok(())
}
