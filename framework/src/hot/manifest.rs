//! What a module says about itself, checked before anything of it is served.

use std::time::Duration;

use serde::Deserialize;
use uchat_config::Hot;

use super::{LoadError, names};
use crate::error::refusal;
use crate::handler::{Answer, HandlerInfo, Needs, Operation, Origin, Policy, Rate};

/// Operations of one plug-in.
const MOST_OPERATIONS: usize = 64;
/// Grants of one kind.
const MOST_GRANTS: usize = 32;
/// Bytes of an operation's or plug-in's name.
const LONGEST_NAME: usize = 64;
/// Added to `hot.call_ms`: the call is stopped by its own clock first, which knows more.
const CLOCK_SLACK: Duration = Duration::from_secs(1);

/// The manifest, as a module gives it (PLUGIN-ABI.md, Manifest). Keys that this version does not know are ignored.
#[derive(Debug, Deserialize)]
pub(super) struct Manifest {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) operations: Vec<Declared>,
    #[serde(default)]
    pub(super) grants: Asked,
}

/// One operation of a manifest.
#[derive(Debug, Deserialize)]
pub(super) struct Declared {
    name: String,
    doc: String,
    #[serde(default)]
    login: bool,
    #[serde(default)]
    role: Option<String>,
    #[serde(default)]
    rate: Option<(u32, u64)>,
}

/// What a module wants to be allowed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    keep: Vec<String>,
    tell: Vec<String>,
    online: bool,
    random: bool,
    clock: bool,
}

/// What a plug-in may do, and nothing else.
#[derive(Debug, Default)]
pub(super) struct Grants {
    /// Kinds of scopes in which it keeps values.
    pub(super) keep: Vec<&'static str>,
    /// Events that it tells users.
    pub(super) tell: Vec<String>,
    pub(super) online: bool,
    pub(super) random: bool,
    pub(super) clock: bool,
}

impl Manifest {
    /// Refuses a manifest whose names are none, or which asks for too much.
    pub(super) fn check(&self) -> Result<(), LoadError> {
        let wrong = |what: String| Err(LoadError::Manifest(what));
        if !is_word(&self.name) || self.name.len() > LONGEST_NAME {
            return wrong(format!("`{}` is no name: a-z, 0-9, _ and -, at most 64 bytes", self.name));
        }
        if self.version.is_empty() || self.version.len() > LONGEST_NAME {
            return wrong("the version is empty or too long".into());
        }
        if self.operations.is_empty() || self.operations.len() > MOST_OPERATIONS {
            return wrong(format!("a plug-in has 1 to {MOST_OPERATIONS} operations"));
        }
        if self.grants.keep.len().max(self.grants.tell.len()) > MOST_GRANTS {
            return wrong(format!("a plug-in asks for at most {MOST_GRANTS} grants of a kind"));
        }
        for (index, declared) in self.operations.iter().enumerate() {
            if !is_call_name(&declared.name) {
                return wrong(format!("`{}` is no name of a call, such as `acme.poke`", declared.name));
            }
            if declared.doc.trim().is_empty() {
                return wrong(format!("{} has no sentence that says what it does", declared.name));
            }
            if declared.rate.is_some_and(|(count, seconds)| count == 0 || seconds == 0) {
                return wrong(format!("the rate of {} is zero", declared.name));
            }
            if self.operations.iter().take(index).any(|other| other.name == declared.name) {
                return wrong(format!("{} is declared twice", declared.name));
            }
        }
        match self.grants.tell.iter().find(|name| !is_call_name(name)) {
            Some(name) => wrong(format!("`{name}` is no name of an event, such as `acme.poked`")),
            None => Ok(()),
        }
    }

    /// The grants, with names that last.
    pub(super) fn grants(&self) -> Result<Grants, LoadError> {
        Ok(Grants {
            keep: self.grants.keep.iter().map(|kind| names::keep(kind)).collect::<Result<_, _>>()?,
            tell: self.grants.tell.clone(),
            online: self.grants.online,
            random: self.grants.random,
            clock: self.grants.clock,
        })
    }

    /// The descriptors of the operations: the same that native handlers have, so the same rules hold.
    pub(super) fn infos(&self, limits: &Hot) -> Result<Vec<HandlerInfo>, LoadError> {
        let plugin = names::keep(&self.name)?;
        let file = names::keep(&format!("{plugin}.wasm"))?;
        let one = |(line, declared): (u32, &Declared)| {
            let name = names::keep(&declared.name)?;
            Ok(HandlerInfo {
                operation: Operation::Call(name),
                origin: Origin { name, doc: names::keep(&declared.doc)?, krate: plugin, file, line },
                needs: if declared.login { &[Needs::LOGIN] } else { &[] },
                answer: Answer::CallResult,
                policy: Policy {
                    rate: declared.rate.map(|(count, seconds)| Rate { count, seconds }),
                    role: declared.role.as_deref().map(names::keep).transpose()?,
                    timeout: Some(Duration::from_millis(limits.call_ms) + CLOCK_SLACK),
                },
                // The table runs the plug-in itself, which a function without state can't name.
                call: |_request| Box::pin(async { Err(refusal::UNKNOWN_OPERATION.into()) }),
            })
        };
        (1..).zip(&self.operations).map(one).collect()
    }
}

fn is_word(text: &str) -> bool {
    let sound = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    !text.is_empty() && text.bytes().all(sound)
}

fn is_call_name(name: &str) -> bool {
    name.len() <= LONGEST_NAME && name.contains('.') && name.split('.').all(is_word)
}
