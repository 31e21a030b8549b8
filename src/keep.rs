//! The store of plug-ins, on the server's database.

use bytes::Bytes;
use uchat_db::{Db, Swapped, ValuePlace};
use uchat_framework::keep::{KeepEngine, Kept, Place};
use uchat_framework::{BoxFuture, Result};

/// Values of plug-ins in the store.
pub(crate) struct Stored {
    /// Where they are.
    pub(crate) db: Db,
    /// How many a plug-in may have.
    pub(crate) most: usize,
}

fn in_store(place: Place) -> ValuePlace {
    ValuePlace {
        plugin: place.plugin.to_owned(),
        scope: place.scope.kind.to_owned(),
        scope_id: place.scope.id,
        key: place.key,
    }
}

impl KeepEngine for Stored {
    fn get(&self, place: Place) -> BoxFuture<Result<Option<Bytes>>> {
        let db = Db::clone(&self.db);
        Box::pin(async move { Ok(db.plugin_value(in_store(place)).await?) })
    }

    fn swap(&self, place: Place, old: Option<Bytes>, new: Option<Bytes>) -> BoxFuture<Result<Kept>> {
        let (db, most) = (Db::clone(&self.db), self.most);
        Box::pin(async move {
            Ok(match db.swap_plugin_value(in_store(place), old, new, most).await? {
                Swapped::Done => Kept::Yes,
                Swapped::Changed => Kept::Changed,
                Swapped::Full => Kept::Full,
            })
        })
    }

    fn list(&self, after: Place, limit: usize) -> BoxFuture<Result<Vec<(String, Bytes)>>> {
        let db = Db::clone(&self.db);
        Box::pin(async move { Ok(db.plugin_values(in_store(after), limit).await?) })
    }
}
