//! One layer of settings: keys with their values, and where each was said.

use toml::Value;
use toml_edit::{Document, Item};

use crate::load::Problem;
use crate::settings::Settings;

/// The prefix of environment variables that are settings.
const PREFIX: &str = "UCHAT__";

/// One key as it was said somewhere.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    /// `section.key`.
    pub(crate) key: String,
    pub(crate) value: Raw,
    /// Such as `uchat.toml:12` or `--set limits.x=1`.
    pub(crate) place: String,
}

/// A value, typed by the file, or a text whose type follows from the key.
#[derive(Clone, Debug)]
pub(crate) enum Raw {
    Typed(Value),
    Text(String),
}

/// The keys of a TOML file.
pub(crate) fn file(text: &str, name: &str) -> Result<Vec<Said>, Problem> {
    let broken = |error: &dyn std::fmt::Display, span: Option<std::ops::Range<usize>>| {
        let line = span.map_or(1, |span| line_at(text, span.start));
        let reason = error.to_string();
        let reason = reason.lines().last().unwrap_or_default().trim().to_owned();
        Problem { place: format!("{name}:{line}"), message: reason }
    };
    let document = Document::parse(text).map_err(|error| broken(&error.message(), error.span()))?;
    let values: toml::Table =
        text.parse().map_err(|error: toml::de::Error| broken(&error.message(), error.span()))?;
    let mut said = Vec::new();
    for (section, value) in &values {
        let section_item = document.as_table().get(section);
        match value {
            // An empty section says nothing, unless there is no such section.
            Value::Table(keys) if !keys.is_empty() || Settings::has_section(section) => {
                for (key, value) in keys {
                    let line = section_item.and_then(|item| key_line(item, key, text)).unwrap_or(1);
                    said.push(Said {
                        key: format!("{section}.{key}"),
                        value: Raw::Typed(value.clone()),
                        place: format!("{name}:{line}"),
                    });
                }
            }
            other => {
                let span = document.as_table().key(section).and_then(toml_edit::Key::span);
                let line = span.map_or(1, |span| line_at(text, span.start));
                said.push(Said {
                    key: section.clone(),
                    value: Raw::Typed(other.clone()),
                    place: format!("{name}:{line}"),
                });
            }
        }
    }
    Ok(said)
}

fn key_line(section: &Item, key: &str, text: &str) -> Option<usize> {
    let table = section.as_table_like()?;
    let span = table.key(key)?.span().or_else(|| table.get(key)?.span())?;
    Some(line_at(text, span.start))
}

fn line_at(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}

/// The settings among environment variables, in order of name.
pub(crate) fn environment(variables: Vec<(String, String)>) -> Vec<Said> {
    let mut said: Vec<Said> = variables
        .into_iter()
        .filter_map(|(name, value)| {
            let key = name.strip_prefix(PREFIX)?.to_ascii_lowercase().replace("__", ".");
            Some(Said { key, value: Raw::Text(value), place: format!("environment variable {name}") })
        })
        .collect();
    said.sort_by(|a, b| a.key.cmp(&b.key));
    said
}

/// The settings of `--set section.key=value`, in order.
pub(crate) fn command_line(set: Vec<String>, problems: &mut Vec<Problem>) -> Vec<Said> {
    let mut said = Vec::new();
    for text in set {
        let place = format!("--set {text}");
        match text.split_once('=') {
            Some((key, value)) => said.push(Said {
                key: key.trim().to_owned(),
                value: Raw::Text(value.trim().to_owned()),
                place,
            }),
            None => problems.push(Problem { place, message: "expected section.key=value".into() }),
        }
    }
    said
}
