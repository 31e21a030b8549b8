//! A durable source of pushes, from which a session that fell behind catches up.

use bytes::Bytes;

use crate::error::Result;
use crate::handler::BoxFuture;
use crate::reply::{Push, Written};
use crate::user::UserId;

/// One push of a feed.
pub struct FeedItem {
    /// Its place in the feed; strictly increasing.
    pub position: u64,
    /// The message.
    pub push: Push,
}

impl FeedItem {
    /// An item whose message is encoded already.
    pub fn new(position: u64, bytes: Bytes, written: Option<Written>) -> Self {
        Self { position, push: Push { bytes, written } }
    }
}

/// An ordered, durable source of pushes for each user.
///
/// A session that *follows* a feed is either live (what is [published](crate::Online::publish) goes into its queue) or
/// behind (its queue was full, or it has just logged in): then its writer reads the feed page by page, each when the
/// one before is written, until nothing is missing, and is live again. So a slow receiver costs bounded memory, never
/// slows a sender, and loses nothing.
pub trait Feed: Send + Sync + 'static {
    /// What `user` gets after `position`, oldest first: about `budget` bytes, at least one item if there is any.
    fn after(&self, user: UserId, position: u64, budget: usize) -> BoxFuture<Result<Vec<FeedItem>>>;
}
