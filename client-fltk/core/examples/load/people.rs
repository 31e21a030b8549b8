//! Accounts, friendships, rooms: what has to be there before anything can be measured.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use uchat_codec::chat::{
    LOGIN_WITH_KEY, Login, LoginWithKey, NUMBERS, RESUME, Register, ResolveFriendRequest, Resume, Resumed,
};
use uchat_codec::{StrongIdentity, from_value, opcode};

use crate::link::Link;

/// So many are made at the same time.
const AT_ONCE: usize = 32;
const PASSWORD: &str = "secret";

/// An account and its device.
pub(crate) struct Person {
    pub(crate) id: u64,
    name: String,
    identity: Arc<StrongIdentity>,
}

/// Makes so many accounts, whose devices are known from then on.
pub(crate) async fn register(address: SocketAddr, count: usize) -> anyhow::Result<Vec<Person>> {
    stream::iter(0..count).map(|number| one(address, number)).buffered(AT_ONCE).try_collect().await
}

async fn one(address: SocketAddr, number: usize) -> anyhow::Result<Person> {
    let (name, identity) = (format!("u{number}"), Arc::new(StrongIdentity::generate(&mut rand::rng())));
    let mut link = Link::open(address, &identity).await?;
    let new = Register {
        username: name.clone(),
        password: PASSWORD.into(),
        email: format!("{name}@example.com"),
        ip: "127.0.0.1".into(),
        port: "1".into(),
        sex: "保密".into(),
        age: "保密".into(),
    };
    let id = from_value(link.ask(opcode::REGISTER, &new, &[opcode::REGISTER_SUCCESSFUL]).await?)?;
    link.ask(opcode::LOGIN, &Login(name.clone(), PASSWORD.into()), &[opcode::LOGIN_BUNDLE]).await?;
    Ok(Person { id, name, identity })
}

impl Person {
    /// Comes online by the device's key, as a client that knows numbers, up to where messages come live.
    pub(crate) async fn enter(&self, address: SocketAddr) -> anyhow::Result<Link> {
        let mut link = Link::open(address, &self.identity).await?;
        link.call(NUMBERS, &()).await?;
        self.log_in(&mut link).await?;
        let resumed = link.call(RESUME, &Resume { have: Vec::new(), page: 1 }).await?;
        let _: Resumed = from_value(resumed)?;
        Ok(link)
    }

    async fn log_in(&self, link: &mut Link) -> anyhow::Result<()> {
        let args = uchat_codec::to_value(&LoginWithKey { username: self.name.clone() })?;
        let call = uchat_codec::chat::Call { name: LOGIN_WITH_KEY.into(), id: 0, args };
        link.ask(opcode::CALL, &call, &[opcode::LOGIN_BUNDLE]).await?;
        Ok(())
    }
}

/// Makes two people friends.
pub(crate) async fn befriend(address: SocketAddr, one: &Person, other: &Person) -> anyhow::Result<()> {
    let mut asking = one.enter(address).await?;
    asking.ask(opcode::ADD_FRIEND, &other.name, &[opcode::ADD_FRIEND_RESULT]).await?;
    let mut answering = other.enter(address).await?;
    let accept = ResolveFriendRequest(one.id, true);
    answering.ask(opcode::RESOLVE_FRIEND_REQUEST, &accept, &[opcode::CONTACT_INFO]).await?;
    Ok(())
}

/// Makes a room of all of them; gives its number.
pub(crate) async fn room(address: SocketAddr, people: &[Person]) -> anyhow::Result<u64> {
    let owner = people.first().context("nobody")?;
    let mut link = owner.enter(address).await?;
    let room = link.ask(opcode::CREATE_ROOM, "load", &[opcode::CONTACT_INFO]).await?;
    let number = room.get("data").unwrap_or(&room).get("id").and_then(uchat_codec::Value::as_u64);
    let number = number.with_context(|| format!("a room without a number: {room:?}"))?;
    stream::iter(people.iter().skip(1))
        .map(|person| async move {
            let mut link = person.enter(address).await?;
            link.ask(opcode::JOIN_ROOM, &number, &[opcode::CONTACT_INFO]).await?;
            anyhow::Ok(())
        })
        .buffered(AT_ONCE)
        .try_collect::<Vec<()>>()
        .await?;
    Ok(number)
}
