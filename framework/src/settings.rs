//! Settings of plug-ins: a table of the configuration for each, typed and checked before the listener opens.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use serde::de::DeserializeOwned;

use crate::error::Result;

/// The tables `[plugins.NAME]` of the configuration; a service that is always there.
///
/// A plug-in reads its table once, in a service builder:
///
/// ```
/// # use uchat_framework::prelude::*;
/// #[derive(serde::Deserialize)]
/// #[serde(deny_unknown_fields, default)]
/// struct Dice { sides: u32 }
///
/// impl Default for Dice {
///     fn default() -> Self {
///         Self { sides: 6 }
///     }
/// }
///
/// /// How many sides the dice have.
/// #[service]
/// fn dice(tables: Service<PluginSettings>) -> Result<Dice> {
///     tables.read("dice")
/// }
/// ```
///
/// A table that nobody reads stops the start: it is a mistake in the configuration.
#[derive(Debug, Default)]
pub struct PluginSettings {
    tables: toml::Table,
    /// The names that were asked for.
    asked: Mutex<BTreeSet<String>>,
}

/// A table can't be what its plug-in takes.
#[derive(Debug, thiserror::Error)]
#[error("[plugins.{name}] is refused: {message}")]
pub struct RefusedSettings {
    /// The plug-in.
    pub name: String,
    /// What is wrong, with the key.
    pub message: String,
}

impl PluginSettings {
    /// The section `plugins` of the configuration.
    pub fn new(tables: toml::Table) -> Self {
        Self { tables, asked: Mutex::default() }
    }

    /// The settings of the plug-in with this name; its defaults where the configuration says nothing.
    ///
    /// # Errors
    ///
    /// [`RefusedSettings`] if a key is unknown or a value does not fit.
    pub fn read<T: DeserializeOwned + Default>(&self, name: &str) -> Result<T> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
        let Some(table) = self.tables.get(name) else { return Ok(T::default()) };
        let refused = |error: toml::de::Error| RefusedSettings {
            name: name.to_owned(),
            message: error.message().to_owned(),
        };
        table.clone().try_into().map_err(|error| refused(error).into())
    }

    /// A plug-in of this name may be loaded later: its table is no mistake.
    pub fn expect(&self, name: &str) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
    }

    /// The table of a plug-in as an encoded value; none where there is no table.
    #[cfg(feature = "hot")]
    pub(crate) fn encoded(&self, name: &str) -> Result<bytes::Bytes> {
        let mut bytes = bytes::BytesMut::new();
        match self.tables.get(name) {
            Some(table) => uchat_codec::encode_to(table, &mut bytes)?,
            None => uchat_codec::Value::None.encode(&mut bytes)?,
        }
        Ok(bytes.freeze())
    }

    /// One sentence for each table that no plug-in has asked for.
    pub(crate) fn problems(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let known = || match asked.iter().map(String::as_str).collect::<Vec<_>>().join(", ") {
            none if none.is_empty() => "none of the plug-ins here has settings".to_owned(),
            names => format!("there are settings for {names}"),
        };
        let unknown = self.tables.keys().filter(|name| !asked.contains(*name));
        unknown.map(|name| format!("[plugins.{name}] belongs to no plug-in; {}", known())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Dice {
        sides: u32,
    }

    impl Default for Dice {
        fn default() -> Self {
            Self { sides: 6 }
        }
    }

    fn settings(text: &str) -> PluginSettings {
        PluginSettings::new(text.parse().unwrap())
    }

    #[test]
    fn a_plug_in_gets_its_own_table_or_its_defaults() {
        let read = |text: &str| settings(text).read::<Dice>("dice").unwrap();
        assert_eq!(read("dice = { sides = 20 }"), Dice { sides: 20 });
        assert_eq!(read(""), Dice { sides: 6 });
        assert_eq!(read("other = { sides = 20 }"), Dice { sides: 6 });
    }

    #[test]
    fn wrong_keys_and_values_are_refused_with_the_name_of_the_table() {
        for (text, word) in [("dice = { side = 20 }", "side"), ("dice = { sides = 'six' }", "string")] {
            let error = settings(text).read::<Dice>("dice").unwrap_err().to_string();
            assert!(error.contains("[plugins.dice]") && error.contains(word), "{error}");
        }
    }

    #[test]
    fn a_table_of_nobody_is_told_with_those_that_there_are() {
        let all = settings("dcie = { sides = 20 }");
        all.read::<Dice>("dice").unwrap();
        assert_eq!(all.problems(), ["[plugins.dcie] belongs to no plug-in; there are settings for dice"]);
    }
}
