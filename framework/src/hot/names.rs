//! Names that come with a module, made to last: descriptors hold them for as long as the program runs.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, PoisonError};

use super::LoadError;

/// Different names over the life of the program. The same plug-in loaded again needs no new ones.
const MOST: usize = 8192;
/// Bytes of one name or sentence.
const LONGEST: usize = 256;

static NAMES: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);

/// The same text, kept for good. At most [`MOST`] different ones, so this can't fill the memory.
pub(super) fn keep(text: &str) -> Result<&'static str, LoadError> {
    if text.len() > LONGEST {
        return Err(LoadError::Manifest(format!("a name or sentence is longer than {LONGEST} bytes")));
    }
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(text) {
        return Ok(known);
    }
    if names.len() >= MOST {
        return Err(LoadError::TooManyNames);
    }
    let kept: &'static str = Box::leak(text.to_owned().into_boxed_str());
    names.insert(kept);
    Ok(kept)
}
