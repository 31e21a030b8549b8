//! What plug-ins keep, in SQL.

use async_trait::async_trait;
use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, params};

use super::{SqliteStore, id, limit};
use crate::error::Result;
use crate::model::{Swapped, ValuePlace};
use crate::store::PluginValues;

#[async_trait]
impl PluginValues for SqliteStore {
    async fn plugin_value(&self, place: ValuePlace) -> Result<Option<Bytes>> {
        self.read("reading a value of a plug-in", move |connection| get(connection, &place)).await
    }

    async fn swap_plugin_value(
        &self,
        place: ValuePlace,
        old: Option<Bytes>,
        new: Option<Bytes>,
        most: usize,
    ) -> Result<Swapped> {
        self.write("changing a value of a plug-in", move |connection| {
            swap(connection, &place, old.as_ref(), new.as_ref(), most)
        })
        .await
    }

    async fn plugin_values(&self, after: ValuePlace, most: usize) -> Result<Vec<(String, Bytes)>> {
        self.read("listing values of a plug-in", move |connection| {
            connection
                .prepare_cached(
                    "SELECT key, value FROM plugin_values
                     WHERE plugin = ?1 AND scope = ?2 AND scope_id = ?3 AND key > ?4 ORDER BY key LIMIT ?5",
                )?
                .query_map(
                    params![after.plugin, after.scope, id(after.scope_id), after.key, limit(most)],
                    |row| Ok((row.get(0)?, Bytes::from(row.get::<_, Vec<u8>>(1)?))),
                )?
                .collect()
        })
        .await
    }
}

fn get(connection: &Connection, place: &ValuePlace) -> rusqlite::Result<Option<Bytes>> {
    connection
        .prepare_cached(
            "SELECT value FROM plugin_values
             WHERE plugin = ?1 AND scope = ?2 AND scope_id = ?3 AND key = ?4",
        )?
        .query_row(params![place.plugin, place.scope, id(place.scope_id), place.key], |row| {
            Ok(Bytes::from(row.get::<_, Vec<u8>>(0)?))
        })
        .optional()
}

fn swap(
    connection: &Connection,
    place: &ValuePlace,
    old: Option<&Bytes>,
    new: Option<&Bytes>,
    most: usize,
) -> rusqlite::Result<Swapped> {
    if get(connection, place)?.as_ref() != old {
        return Ok(Swapped::Changed);
    }
    let here = params![place.plugin, place.scope, id(place.scope_id), place.key];
    let Some(new) = new else {
        connection
            .prepare_cached(
                "DELETE FROM plugin_values
                 WHERE plugin = ?1 AND scope = ?2 AND scope_id = ?3 AND key = ?4",
            )?
            .execute(here)?;
        return Ok(Swapped::Done);
    };
    if old.is_none() && count(connection, &place.plugin)? >= most {
        return Ok(Swapped::Full);
    }
    connection
        .prepare_cached(
            "INSERT INTO plugin_values (plugin, scope, scope_id, key, value) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET value = excluded.value",
        )?
        .execute(params![place.plugin, place.scope, id(place.scope_id), place.key, &new[..]])?;
    Ok(Swapped::Done)
}

/// How many values a plug-in has; triggers keep count.
fn count(connection: &Connection, plugin: &str) -> rusqlite::Result<usize> {
    let found = connection
        .prepare_cached("SELECT entries FROM plugin_counts WHERE plugin = ?1")?
        .query_row([plugin], |row| row.get(0))
        .optional()?;
    Ok(found.unwrap_or(0))
}
