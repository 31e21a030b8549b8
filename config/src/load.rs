//! The layers: defaults < profile < file < environment < command line.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;
use toml::{Table, Value};

use crate::layer::{Raw, Said};
use crate::settings::Settings;
use crate::{classic_json, layer, profile, validate};

/// The section whose tables belong to plug-ins.
const PLUGINS: &str = "plugins";

/// What is layered over the defaults.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// A TOML file, or a `config.json` of the existing program.
    pub file: Option<PathBuf>,
    /// Environment variables; those that begin with `UCHAT__` count.
    pub env: Vec<(String, String)>,
    /// `section.key=value` of the command line, in order.
    pub set: Vec<String>,
}

/// Settings that can work, and what is worth telling about them.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// Such as keys of an old file that have no meaning here.
    pub notes: Vec<String>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it was said: `file:line`, an environment variable, a `--set`.
    pub place: String,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("can't read {path}: {source}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Everything that is wrong, all at once.
    #[error("the configuration is refused:\n{}", .0.iter().map(|problem| format!("  {problem}")).collect::<Vec<_>>().join("\n"))]
    Refused(Vec<Problem>),
}

impl Settings {
    /// Loads the settings, or says everything that is wrong with them.
    pub fn load(sources: Sources) -> Result<Loaded, ConfigError> {
        let mut notes = Vec::new();
        let mut said = Vec::new();
        let mut problems = Vec::new();
        if let Some(path) = sources.file {
            let text = std::fs::read_to_string(&path)
                .map_err(|source| ConfigError::Read { path: path.clone(), source })?;
            let name = path.display().to_string();
            let json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
            let layer =
                if json { classic_json::file(&text, &name, &mut notes) } else { layer::file(&text, &name) };
            match layer {
                Ok(keys) => said.extend(keys),
                Err(problem) => problems.push(problem),
            }
        }
        said.extend(layer::environment(sources.env));
        said.extend(layer::command_line(sources.set, &mut problems));
        let mut layers = profile::layer(&said);
        layers.extend(said);
        let settings = merge(layers, problems).map_err(ConfigError::Refused)?;
        Ok(Loaded { settings, notes })
    }
}

/// Lays what was said over the defaults, each key for itself, so that every wrong one is found beside the `problems`
/// that are known.
fn merge(said: Vec<Said>, mut problems: Vec<Problem>) -> Result<Settings, Vec<Problem>> {
    let defaults = Table::try_from(Settings::default())
        .map_err(|error| vec![Problem { place: "the defaults".into(), message: error.to_string() }])?;
    let mut merged = defaults.clone();
    let mut places = HashMap::new();
    for one in said {
        match place_value(&defaults, &one) {
            Ok((section, key, value)) => {
                if let Some(Value::Table(keys)) = merged.get_mut(&section) {
                    insert(keys, &key, value);
                }
                places.insert(one.key, one.place);
            }
            Err(message) => problems.push(Problem { place: one.place, message }),
        }
    }
    let settings = match Settings::deserialize(merged) {
        Ok(settings) => settings,
        Err(error) => {
            problems.push(Problem { place: "configuration".into(), message: error.to_string() });
            return Err(problems);
        }
    };
    for (key, message) in validate::all(&settings) {
        let place = places.get(key).cloned().unwrap_or_else(|| "defaults".into());
        problems.push(Problem { place, message: format!("`{key}` {message}") });
    }
    if problems.is_empty() { Ok(settings) } else { Err(problems) }
}

/// A key of a plug-in may have several parts.
fn insert(keys: &mut Table, key: &str, value: Value) {
    match key.split_once('.') {
        Some((first, rest)) => {
            let inner = keys.entry(first).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                insert(inner, rest, value);
            }
        }
        None => {
            keys.insert(key.to_owned(), value);
        }
    }
}

/// Section, key and typed value, if the key exists and the value fits it.
fn place_value(defaults: &Table, said: &Said) -> Result<(String, String, Value), String> {
    let unknown = || format!("unknown key `{}`; did you mean `{}`?", said.key, nearest(defaults, &said.key));
    let Some((section, key)) = said.key.split_once('.') else {
        return if defaults.contains_key(&said.key) {
            Err(format!("`{}` is a section: it takes keys, not a value", said.key))
        } else {
            Err(unknown())
        };
    };
    if section == PLUGINS {
        let value = free_value(&said.value);
        if !key.contains('.') && !value.is_table() {
            return Err(format!("`{}` takes the table of a plug-in, not {}", said.key, kind(&value)));
        }
        return Ok((section.into(), key.into(), value));
    }
    let default = defaults.get(section).and_then(|section| section.get(key)).ok_or_else(unknown)?;
    let value = match &said.value {
        Raw::Typed(value) => value.clone(),
        Raw::Text(text) => typed(text, default),
    };
    if default.type_str() != value.type_str() {
        let (wanted, found) = (kind(default), kind(&value));
        return Err(format!("`{}` takes {wanted} such as {default}, not {found}", said.key));
    }
    // Everything else at its default, so that an error can only come from this key.
    let mut alone = Table::new();
    alone.insert(section.into(), Value::Table(Table::from_iter([(key.to_owned(), value.clone())])));
    match Settings::deserialize(alone) {
        Ok(_) => Ok((section.into(), key.into(), value)),
        Err(error) => Err(format!("`{}` can't be {value}: {}", said.key, error.message())),
    }
}

/// The type of a value, with its article.
fn kind(value: &Value) -> String {
    let article = if matches!(value, Value::Integer(_) | Value::Array(_)) { "an" } else { "a" };
    format!("{article} {}", value.type_str())
}

/// A text of the environment or command line: a plain string where the key is one, else a TOML value.
fn typed(text: &str, default: &Value) -> Value {
    let parsed = parse_value(text);
    match (default, parsed) {
        (Value::String(_), Some(Value::String(quoted))) => Value::String(quoted),
        (Value::String(_), _) | (_, None) => Value::String(text.to_owned()),
        (_, Some(value)) => value,
    }
}

fn free_value(raw: &Raw) -> Value {
    match raw {
        Raw::Typed(value) => value.clone(),
        Raw::Text(text) => parse_value(text).unwrap_or_else(|| Value::String(text.clone())),
    }
}

fn parse_value(text: &str) -> Option<Value> {
    format!("value = {text}").parse::<Table>().ok()?.remove("value")
}

/// The existing key that looks most like `key`.
fn nearest(defaults: &Table, key: &str) -> String {
    let known = defaults.iter().filter_map(|(section, keys)| Some((section, keys.as_table()?)));
    known
        .flat_map(|(section, keys)| keys.keys().map(move |key| format!("{section}.{key}")))
        .min_by_key(|known| {
            let last = known.rsplit('.').next().unwrap_or(known);
            strsim::damerau_levenshtein(known, key).min(strsim::damerau_levenshtein(last, key))
        })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
