//! A place for what plug-ins have to remember: small values under a name of their own, on whichever engine there is.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Rejection, Result};
use crate::handler::BoxFuture;
use crate::user::UserId;

/// The longest key, in bytes.
pub const MAX_KEY: usize = 128;
/// How often [`Namespace::update`] tries again when others change the same value; then it gives up.
const ATTEMPTS: usize = 64;

/// There is no room for another value, or this one is too long.
pub const FULL: Rejection =
    Rejection::new("KeepFull", "插件的存储空间已满 (the store of the plug-in is full)");

/// Whose a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// What kind of thing: `user`, `room`, …
    pub kind: &'static str,
    /// Which of them.
    pub id: u64,
}

impl Scope {
    /// The whole server's.
    pub const SERVER: Self = Self { kind: "server", id: 0 };

    /// A user's own.
    pub const fn user(id: UserId) -> Self {
        Self { kind: "user", id }
    }

    /// That of something else which has a number, such as a conversation.
    pub const fn of(kind: &'static str, id: u64) -> Self {
        Self { kind, id }
    }
}

/// Where a value is: whose plug-in, whose, and under which key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The plug-in.
    pub plugin: &'static str,
    /// Whose.
    pub scope: Scope,
    /// The key, at most [`MAX_KEY`] bytes.
    pub key: String,
}

/// What came of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is durable.
    Yes,
    /// Somebody has changed the value meanwhile: nothing has happened.
    Changed,
    /// The plug-in has as many values as it may have.
    Full,
}

/// An engine that keeps values of plug-ins. The server provides one as the service [`Keep`].
pub trait KeepEngine: Send + Sync + 'static {
    /// The value there, if there is one.
    fn get(&self, place: Place) -> BoxFuture<Result<Option<Bytes>>>;

    /// Replaces what is there by `new` (`None` takes it away), if it is `old`. Durable when it returns [`Kept::Yes`].
    fn swap(&self, place: Place, old: Option<Bytes>, new: Option<Bytes>) -> BoxFuture<Result<Kept>>;

    /// Up to `limit` keys and values of a scope whose keys come after `after`, in order of key.
    fn list(&self, after: Place, limit: usize) -> BoxFuture<Result<Vec<(String, Bytes)>>>;
}

/// The store of all plug-ins, as a service. Each uses a [`Namespace`] of it.
#[derive(Clone)]
pub struct Keep {
    engine: Arc<dyn KeepEngine>,
    max_value: usize,
}

impl Keep {
    /// A store on this engine; no value may be longer than `max_value` bytes.
    pub fn new(engine: impl KeepEngine, max_value: usize) -> Self {
        Self { engine: Arc::new(engine), max_value }
    }

    /// A store in memory, for tests and for servers that need not remember.
    pub fn in_memory(most: usize, max_value: usize) -> Self {
        Self::new(Memory { most, values: Mutex::default() }, max_value)
    }

    /// What belongs to the plug-in of this name. Nobody else reads or changes it.
    pub fn namespace(&self, plugin: &'static str) -> Namespace {
        Namespace { keep: self.clone(), plugin }
    }
}

/// The values of one plug-in: typed, by scope and key. A copy is cheap.
#[derive(Clone)]
pub struct Namespace {
    keep: Keep,
    plugin: &'static str,
}

impl Namespace {
    fn place(&self, scope: Scope, key: &str) -> Result<Place> {
        if key.len() > MAX_KEY {
            return Err(FULL.with(format!("a key has at most {MAX_KEY} bytes")).into());
        }
        Ok(Place { plugin: self.plugin, scope, key: key.to_owned() })
    }

    /// The value under a key, if there is one.
    ///
    /// # Errors
    ///
    /// If the engine fails, or the value is not a `T`.
    pub async fn get<T: DeserializeOwned>(&self, scope: Scope, key: &str) -> Result<Option<T>> {
        let found = self.keep.engine.get(self.place(scope, key)?).await?;
        found.map(|bytes| decode(&bytes)).transpose()
    }

    /// Puts a value under a key, whatever was there. Durable when it returns.
    ///
    /// # Errors
    ///
    /// [`FULL`], or if the engine fails.
    pub async fn put<T: Serialize + Sync>(&self, scope: Scope, key: &str, value: &T) -> Result<()> {
        let new = self.encode(value)?;
        self.change(scope, key, |_| Ok(Some(new.clone()))).await
    }

    /// Takes a value away.
    ///
    /// # Errors
    ///
    /// If the engine fails.
    pub async fn remove(&self, scope: Scope, key: &str) -> Result<()> {
        self.change(scope, key, |_| Ok(None)).await
    }

    /// Makes a new value of the one that is there, as if nobody else were changing it; gives the new one. The function may
    /// run several times.
    ///
    /// # Errors
    ///
    /// [`FULL`], or if the engine fails.
    pub async fn update<T, F>(&self, scope: Scope, key: &str, update: F) -> Result<T>
    where
        T: Serialize + DeserializeOwned + Send + Sync,
        F: Fn(Option<T>) -> T + Send + Sync,
    {
        let made = Mutex::new(None);
        self.change(scope, key, |old| {
            let new = update(old.map(|bytes| decode(bytes)).transpose()?);
            let bytes = self.encode(&new)?;
            *made.lock().unwrap_or_else(PoisonError::into_inner) = Some(new);
            Ok(Some(bytes))
        })
        .await?;
        let made = made.into_inner().unwrap_or_else(PoisonError::into_inner);
        made.ok_or_else(|| std::io::Error::other("an update made no value").into())
    }

    /// Puts `new` in the place of `old`, if that is what is there (`None` for nothing).
    ///
    /// # Errors
    ///
    /// [`FULL`] for a value or key that is too long, or if the engine fails.
    pub async fn swap<T: Serialize>(
        &self,
        scope: Scope,
        key: &str,
        old: Option<T>,
        new: Option<T>,
    ) -> Result<Kept> {
        let encode = |value: Option<T>| value.map(|value| self.encode(&value)).transpose();
        let (old, new) = (encode(old)?, encode(new)?);
        self.keep.engine.swap(self.place(scope, key)?, old, new).await
    }

    /// Up to `limit` keys and values of a scope, after a key, in order.
    ///
    /// # Errors
    ///
    /// If the engine fails, or a value is not a `T`.
    pub async fn list<T: DeserializeOwned>(
        &self,
        scope: Scope,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, T)>> {
        let found = self.keep.engine.list(self.place(scope, after)?, limit).await?;
        found.into_iter().map(|(key, bytes)| Ok((key, decode(&bytes)?))).collect()
    }

    async fn change(
        &self,
        scope: Scope,
        key: &str,
        change: impl Fn(Option<&Bytes>) -> Result<Option<Bytes>> + Send + Sync,
    ) -> Result<()> {
        let place = self.place(scope, key)?;
        for _ in 0..ATTEMPTS {
            let old = self.keep.engine.get(place.clone()).await?;
            let new = change(old.as_ref())?;
            match self.keep.engine.swap(place.clone(), old, new).await? {
                Kept::Yes => return Ok(()),
                Kept::Full => return Err(FULL.into()),
                Kept::Changed => {}
            }
        }
        Err(Error::from(std::io::Error::other("a value of a plug-in changes all the time")))
    }

    fn encode(&self, value: &(impl Serialize + ?Sized)) -> Result<Bytes> {
        let mut bytes = BytesMut::new();
        uchat_codec::to_value(value)?.encode(&mut bytes)?;
        if bytes.len() > self.keep.max_value {
            return Err(FULL.with(format!("a value has at most {} bytes", self.keep.max_value)).into());
        }
        Ok(bytes.freeze())
    }
}

fn decode<T: DeserializeOwned>(bytes: &Bytes) -> Result<T> {
    let value = uchat_codec::Value::decode(bytes.clone(), &uchat_codec::Limits::default())?;
    Ok(uchat_codec::from_value(value)?)
}

/// Values in memory, gone with the process.
struct Memory {
    most: usize,
    values: Mutex<BTreeMap<Place, Bytes>>,
}

impl KeepEngine for Memory {
    fn get(&self, place: Place) -> BoxFuture<Result<Option<Bytes>>> {
        let found = self.values.lock().unwrap_or_else(PoisonError::into_inner).get(&place).cloned();
        Box::pin(async move { Ok(found) })
    }

    fn swap(&self, place: Place, old: Option<Bytes>, new: Option<Bytes>) -> BoxFuture<Result<Kept>> {
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        let here = values.keys().filter(|other| other.plugin == place.plugin).count();
        let kept = match (values.get(&place) == old.as_ref(), new) {
            (false, _) => Kept::Changed,
            (true, Some(_)) if old.is_none() && here >= self.most => Kept::Full,
            (true, Some(new)) => {
                values.insert(place, new);
                Kept::Yes
            }
            (true, None) => {
                values.remove(&place);
                Kept::Yes
            }
        };
        drop(values);
        Box::pin(async move { Ok(kept) })
    }

    fn list(&self, after: Place, limit: usize) -> BoxFuture<Result<Vec<(String, Bytes)>>> {
        let values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        let behind = values.iter().filter(|(place, _)| {
            place.plugin == after.plugin && place.scope == after.scope && place.key > after.key
        });
        let found = behind.take(limit).map(|(place, bytes)| (place.key.clone(), bytes.clone())).collect();
        drop(values);
        Box::pin(async move { Ok(found) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn values_are_kept_by_plug_in_scope_and_key() {
        let keep = Keep::in_memory(10, 100);
        let (dice, other) = (keep.namespace("dice"), keep.namespace("other"));
        let room = Scope::of("room", 7);
        dice.put(room, "best", &6_u64).await.unwrap();
        assert_eq!(dice.get::<u64>(room, "best").await.unwrap(), Some(6));
        assert_eq!(dice.get::<u64>(Scope::of("room", 8), "best").await.unwrap(), None);
        assert_eq!(other.get::<u64>(room, "best").await.unwrap(), None);
        assert_eq!(dice.update(room, "best", |old: Option<u64>| old.unwrap_or(0) + 1).await.unwrap(), 7);
        dice.put(room, "worst", &1_u64).await.unwrap();
        let all = dice.list::<u64>(room, "", 10).await.unwrap();
        assert_eq!(all, [("best".to_owned(), 7), ("worst".to_owned(), 1)]);
        assert_eq!(dice.list::<u64>(room, "best", 10).await.unwrap(), [("worst".to_owned(), 1)]);
        dice.remove(room, "best").await.unwrap();
        assert_eq!(dice.get::<u64>(room, "best").await.unwrap(), None);
    }

    #[tokio::test]
    async fn what_is_too_much_is_refused_and_harms_no_other_plug_in() {
        let keep = Keep::in_memory(2, 10);
        let dice = keep.namespace("dice");
        assert!(dice.put(Scope::SERVER, "long", &"more than ten bytes").await.unwrap_err() == FULL);
        assert!(dice.put(Scope::SERVER, &"k".repeat(MAX_KEY + 1), &1_u64).await.unwrap_err() == FULL);
        for key in ["a", "b"] {
            dice.put(Scope::SERVER, key, &1_u64).await.unwrap();
        }
        assert!(dice.put(Scope::SERVER, "c", &1_u64).await.unwrap_err() == FULL);
        dice.put(Scope::SERVER, "a", &2_u64).await.unwrap();
        keep.namespace("other").put(Scope::SERVER, "a", &1_u64).await.unwrap();
    }
}
