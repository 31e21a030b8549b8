//! Settings of the module: its table `[plugins.NAME]` of the configuration.

use serde::de::DeserializeOwned;
use uchat_codec::Value;

use crate::error::Result;

/// The table of this module; a service that is always there.
#[derive(Debug)]
pub struct PluginSettings {
    name: String,
    table: Value,
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
    pub(crate) fn new(name: &str, table: Value) -> Self {
        Self { name: name.to_owned(), table }
    }

    /// The settings of the plug-in with this name; its defaults where the configuration says nothing, and those of others.
    ///
    /// # Errors
    ///
    /// [`RefusedSettings`] if a key is unknown or a value does not fit.
    pub fn read<T: DeserializeOwned + Default>(&self, name: &str) -> Result<T> {
        if name != self.name || self.table.is_none() {
            return Ok(T::default());
        }
        let refused = |message: String| RefusedSettings { name: name.to_owned(), message };
        uchat_codec::from_value(self.table.clone()).map_err(|error| refused(error.to_string()).into())
    }
}
