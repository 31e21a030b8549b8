//! Who is around a user, in SQL: each question is one turn of a reading thread, since every login asks both.

use async_trait::async_trait;
use rusqlite::Connection;

use super::{SqliteStore, USER, accounts, friends, id, rooms, users};
use crate::error::Result;
use crate::model::{Audience, Circle, UserId};
use crate::store::Circles;

#[async_trait]
impl Circles for SqliteStore {
    async fn circle(&self, user: UserId) -> Result<Option<Circle>> {
        self.read("reading who is around a user", move |connection| circle(connection, user)).await
    }

    async fn audience(&self, user: UserId) -> Result<Audience> {
        self.read("reading who hears of a user", move |connection| audience(connection, user)).await
    }
}

fn circle(connection: &Connection, user: UserId) -> rusqlite::Result<Option<Circle>> {
    let moment = connection.unchecked_transaction()?;
    let Some(me) = accounts::one(&moment, "u.id = ?1", id(user))? else { return Ok(None) };
    let requests = users(&moment, &format!("SELECT {USER} {}", friends::REQUESTS), [id(user)])?;
    let friends = users(&moment, &format!("SELECT {USER} {}", friends::FRIENDS), [id(user)])?;
    let rooms = rooms::rooms_of(&moment, user)?;
    Ok(Some(Circle { me, requests, friends, rooms }))
}

fn audience(connection: &Connection, user: UserId) -> rusqlite::Result<Audience> {
    let moment = connection.unchecked_transaction()?;
    let friends = friends::friend_ids(&moment, user)?;
    let members = |room| Ok((room, rooms::member_ids(&moment, room)?));
    let rooms = rooms::rooms_of(&moment, user)?
        .into_iter()
        .map(|room| members(room.id))
        .collect::<rusqlite::Result<_>>()?;
    Ok(Audience { friends, rooms })
}
