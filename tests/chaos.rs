//! Fifty people, a server that is killed again and again, connections that break at any moment: everything that was sent is
//! at every receiver exactly once, in the order of its sender, and each file is whole.
//!
//! `CHAOS_SEED=N` repeats a run as far as the machine lets it, `CHAOS_STEPS=N` makes it longer (default 300).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use sha2::{Digest as _, Sha256};
use support::Server;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::timeout;
use uchat_client_core::connection::{Connector, Dialled, Dialling};
use uchat_client_core::state::{Bounds, SendState};
use uchat_client_core::{
    Arrived, Client, Command, ConversationId, Effect, Event, Home, Options, Place, Registration, Request,
    RequestError, State,
};
use uchat_codec::chat::{Blob, MessageBody};

const PEOPLE: usize = 50;
/// How long anything may take.
const PATIENCE: Duration = Duration::from_mins(2);
/// Bytes on their way between a client and its cable.
const PIPE: usize = 64 * 1024;

/// The way to the server, which moves when it is started anew, and which can be cut.
#[derive(Clone, Debug)]
struct Cable {
    address: Arc<Mutex<SocketAddr>>,
    plugged: Arc<Mutex<Option<AbortHandle>>>,
}

impl Connector for Cable {
    fn connect<'a>(&'a self, _server: &'a str) -> Dialling<'a> {
        Box::pin(async move {
            let address = *self.address.lock().unwrap();
            let mut socket = TcpStream::connect(address).await?;
            let (near, mut far) = tokio::io::duplex(PIPE);
            let task = tokio::spawn(async move {
                let _ = tokio::io::copy_bidirectional(&mut far, &mut socket).await;
            });
            *self.plugged.lock().unwrap() = Some(task.abort_handle());
            Ok(Dialled { stream: Box::new(near), local_address: "127.0.0.1".into() })
        })
    }
}

impl Cable {
    fn cut(&self) {
        if let Some(task) = self.plugged.lock().unwrap().take() {
            task.abort();
        }
    }
}

/// Somebody with a client, and everything that has ever arrived there.
struct Person {
    name: String,
    id: u64,
    client: Client,
    state: State,
    cable: Cable,
    /// By conversation and number: who sent it, and what it says.
    has: BTreeMap<(u64, u64), (u64, String)>,
    /// Arrived, and not confirmed yet.
    unconfirmed: Vec<Place>,
    sent: u64,
}

impl Person {
    fn do_it(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                // What is asked while the cable is out is asked anew after the next login.
                Effect::Request(request) => match self.client.request(&request) {
                    Ok(()) | Err(RequestError::NotConnected) => {}
                    Err(error) => panic!("{request:?}: {error}"),
                },
                Effect::Send { id, request } if self.client.request(&request).is_err() => {
                    let effects = self.state.update(Command::NotSent(id));
                    self.do_it(effects);
                }
                _ => {}
            }
        }
    }

    fn arrived(&mut self, arrived: &Arrived) {
        let place = arrived.place.expect("the server numbers messages");
        let said = words(arrived);
        let before =
            self.has.insert((place.conversation, place.number), (arrived.message.sender_id, said.clone()));
        assert!(
            before.is_none_or(|(_, text)| text == said),
            "{}: two messages have the place {place:?}",
            self.name
        );
        self.unconfirmed.push(place);
    }

    fn is_done(&self) -> bool {
        self.state.is_ready() && self.state.outgoing().next().is_none()
    }
}

/// A text as it is, a file by its name, which is its hash: one that is not whole is found out here.
fn words(arrived: &Arrived) -> String {
    match MessageBody::from(arrived.message.message.clone()) {
        MessageBody::Text { data, .. } => data,
        MessageBody::Image { data, name } => {
            let name = name.unwrap();
            let (text, hash) = name.split_once('#').unwrap();
            assert_eq!(hex::encode(Sha256::digest(&data.0)), hash, "a file is not whole");
            text.to_owned()
        }
        MessageBody::Other(value) => panic!("{value:?}"),
    }
}

struct World {
    people: Vec<Person>,
    news: mpsc::Receiver<(usize, Event)>,
    /// Events that somebody waits for one after the other, while people are made.
    heard: Vec<VecDeque<Event>>,
    address: Arc<Mutex<SocketAddr>>,
    rng: StdRng,
    room: u64,
    /// In how many hands all messages are to be in the end, all together.
    copies: usize,
}

impl World {
    fn take(&mut self, who: usize, event: Event) {
        if !matches!(event, Event::Named { .. } | Event::Presence { .. } | Event::RoomPresence { .. }) {
            self.heard[who].push_back(event.clone());
        }
        if self.heard[who].len() > 64 {
            self.heard[who].pop_front();
        }
        let lazy = self.rng.random_bool(0.1);
        let person = &mut self.people[who];
        match &event {
            Event::Message(arrived) => person.arrived(arrived),
            Event::Bundle(bundle) => bundle.messages.iter().for_each(|arrived| person.arrived(arrived)),
            Event::Fetched(fetched) => fetched.messages.iter().for_each(|arrived| person.arrived(arrived)),
            Event::LoggedIn(user) => person.id = user.id,
            _ => {}
        }
        // Now and then somebody goes away before it is confirmed.
        if !lazy {
            person.client.confirm(&std::mem::take(&mut person.unconfirmed));
        }
        let effects = person.state.update(event);
        person.do_it(effects);
    }

    async fn until(&mut self, what: &str, is_it: impl Fn(&Self) -> bool) {
        while !is_it(self) {
            let (who, event) = timeout(PATIENCE, self.news.recv())
                .await
                .unwrap_or_else(|_| panic!("in vain: {what}: {:?}", self.told()))
                .unwrap();
            self.take(who, event);
        }
    }

    fn told(&self) -> Vec<String> {
        let one = |person: &Person| {
            let waiting = person.state.outgoing().count();
            format!("{} {:?} waiting {waiting} has {}", person.name, person.state.link(), person.has.len())
        };
        self.people.iter().map(one).collect()
    }

    fn take_what_is_there(&mut self) {
        while let Ok((who, event)) = self.news.try_recv() {
            self.take(who, event);
        }
    }

    /// Waits for an event of somebody.
    async fn hear(&mut self, who: usize, what: &str, is_it: impl Fn(&Event) -> bool) {
        self.until(what, |world| world.heard[who].iter().any(&is_it)).await;
        self.heard[who].retain(|event| !is_it(event));
    }

    fn say(&mut self, who: usize) {
        let count = self.people.len();
        let neighbour = if self.rng.random_bool(0.5) { (who + 1) % count } else { (who + count - 1) % count };
        let to_room = self.rng.random_bool(0.2);
        let friend = self.people[neighbour].id;
        self.copies += if to_room { PEOPLE } else { 2 };
        let to = if to_room { ConversationId::Room(self.room) } else { ConversationId::Friend(friend) };
        let person = &mut self.people[who];
        person.sent += 1;
        let text = format!("{} {}", person.name, person.sent);
        let body = if self.rng.random_bool(0.05) {
            let mut data = vec![0; self.rng.random_range(1..200_000)];
            self.rng.fill(&mut data[..]);
            let name = format!("{text}#{}", hex::encode(Sha256::digest(&data)));
            MessageBody::Image { data: Blob(Bytes::from(data)), name: Some(name) }
        } else {
            MessageBody::text(text)
        };
        let time = 1_700_000_000_000 + person.sent;
        let effects = person.state.update(Command::Send { to, message: body.into_value().unwrap(), time });
        person.do_it(effects);
    }
}

fn start(
    home: &std::path::Path,
    number: usize,
    world: &Arc<Mutex<SocketAddr>>,
    news: &mpsc::Sender<(usize, Event)>,
) -> Person {
    let name = format!("p{number}");
    let home = Home::open(home.join(&name)).unwrap();
    let cable = Cable { address: Arc::clone(world), plugged: Arc::default() };
    let options = Options {
        connector: Arc::new(cable.clone()),
        first_frame_pause: Duration::ZERO,
        backoff_first: Duration::from_millis(20),
        backoff_most: Duration::from_millis(400),
        ..Options::new("chaos:1", home)
    };
    let (client, mut events) = Client::start(options);
    let news = news.clone();
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            if news.send((number, event)).await.is_err() {
                return;
            }
        }
    });
    let state = State::new(Bounds { outgoing: 10_000, ..Bounds::default() }).naming(rand::random());
    let (has, unconfirmed) = Default::default();
    Person { name, id: 0, client, state, cable, has, unconfirmed, sent: 0 }
}

/// Everybody has an account, two friends, and is in one room.
async fn settle(world: &mut World) {
    for who in 0..PEOPLE {
        world.hear(who, "a connection", |event| matches!(event, Event::Connected { .. })).await;
        let name = world.people[who].name.clone();
        let email = format!("{name}@chaos.org");
        world.people[who].client.register(Registration::new(&name, "secret", email)).unwrap();
        world.hear(who, "an account", |event| matches!(event, Event::Registered(_))).await;
        world.people[who].client.login(&name, "secret").unwrap();
        world.hear(who, "a login", |event| matches!(event, Event::Bundle(_))).await;
    }
    world.people[0].client.create_room("chaos").unwrap();
    world.hear(0, "a room", |event| matches!(event, Event::ContactAdded(_))).await;
    world.room = 1;
    for who in 1..PEOPLE {
        world.people[who].client.join_room(1).unwrap();
        world.hear(who, "to be in the room", |event| matches!(event, Event::ContactAdded(_))).await;
    }
    for who in 0..PEOPLE {
        let other = (who + 1) % PEOPLE;
        let name = world.people[other].name.clone();
        world.people[who].client.add_friend(&name).unwrap();
        world.hear(other, "a request", |event| matches!(event, Event::FriendRequest(_))).await;
        let requester = world.people[who].id;
        let accept = Request::ResolveFriendRequest { requester, accept: true };
        world.people[other].client.request(&accept).unwrap();
        for one in [who, other] {
            world.hear(one, "a friend", |event| matches!(event, Event::ContactAdded(_))).await;
        }
    }
}

/// Where each text is, at one person: numbers by text, and the texts of each sender in each conversation in their order.
fn check(world: &World) {
    let total: u64 = world.people.iter().map(|person| person.sent).sum();
    let mut everywhere: HashMap<&str, usize> = HashMap::new();
    for person in &world.people {
        let mut last: HashMap<(u64, u64), u64> = HashMap::new();
        let mut here: HashMap<&str, usize> = HashMap::new();
        for ((conversation, number), (sender, text)) in &person.has {
            *here.entry(text).or_default() += 1;
            let count: u64 = text.split(' ').nth(1).unwrap().parse().unwrap();
            let before = last.insert((*conversation, *sender), count);
            assert!(before.is_none_or(|before| before < count), "{text} ({number}) is behind a later one");
        }
        let twice: Vec<_> = here.iter().filter(|(_, times)| **times > 1).collect();
        assert!(twice.is_empty(), "{} has {twice:?} more than once", person.name);
        for text in here.into_keys() {
            *everywhere.entry(text).or_default() += 1;
        }
    }
    assert_eq!(everywhere.len() as u64, total, "each message is somewhere");
    for (text, at) in everywhere {
        assert!(at == 2 || at == PEOPLE, "{text} is at {at} people");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_breaks_every_message_arrives_once_in_order_and_whole() {
    let asked = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let seed = asked("CHAOS_SEED").unwrap_or_else(rand::random);
    let steps = asked("CHAOS_STEPS").unwrap_or(300);
    println!("CHAOS_SEED={seed} CHAOS_STEPS={steps}");
    let homes = tempfile::tempdir().unwrap();
    let mut server = Some(Server::with(&["limits.handshake_seconds=60"]));
    let address = Arc::new(Mutex::new(server.as_ref().unwrap().address()));
    let (sender, news) = mpsc::channel(4096);
    let people = (0..PEOPLE).map(|number| start(homes.path(), number, &address, &sender)).collect();
    let heard = (0..PEOPLE).map(|_| VecDeque::new()).collect();
    let rng = StdRng::seed_from_u64(seed);
    let mut world = World { people, news, heard, address, rng, room: 0, copies: 0 };
    settle(&mut world).await;
    let mut kills = 0;
    for step in 0..steps {
        for _ in 0..world.rng.random_range(1..8) {
            let who = world.rng.random_range(0..PEOPLE);
            world.say(who);
        }
        if world.rng.random_bool(0.2) {
            let who = world.rng.random_range(0..PEOPLE);
            world.people[who].cable.cut();
        }
        if step % 40 == 39 {
            kills += 1;
            let anew = tokio::task::block_in_place(|| server.take().unwrap().kill_and_restart());
            *world.address.lock().unwrap() = anew.address();
            server = Some(anew);
        }
        world.take_what_is_there();
        tokio::task::yield_now().await;
    }
    let retry = |world: &mut World| {
        for person in &mut world.people {
            let failed: Vec<u64> = person
                .state
                .outgoing()
                .filter(|one| one.state == SendState::Failed)
                .map(|one| one.id)
                .collect();
            for id in failed {
                let effects = person.state.update(Command::Retry { id, time: 1_800_000_000_000 });
                person.do_it(effects);
            }
        }
    };
    while !world.people.iter().all(Person::is_done) {
        retry(&mut world);
        let (who, event) = timeout(PATIENCE, world.news.recv())
            .await
            .unwrap_or_else(|_| panic!("not everything is confirmed: {:?}", world.told()))
            .unwrap();
        world.take(who, event);
    }
    let here = |world: &World| world.people.iter().map(|person| person.has.len()).sum::<usize>();
    world.until("everything is everywhere", |world| here(world) >= world.copies).await;
    check(&world);
    let sent: u64 = world.people.iter().map(|person| person.sent).sum();
    println!("{sent} messages, {kills} kills of the server");
    assert!(sent > 0 && (steps < 40 || kills > 0));
}
