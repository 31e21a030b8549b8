//! Fifty people, a server that is killed again and again, connections that break at any moment: everything that was sent is
//! at every receiver exactly once, in the order of its sender, and each file is whole.
//!
//! `CHAOS_SEED=N` repeats a run as far as the machine lets it, `CHAOS_STEPS=N` makes it longer (default 300).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "chaos/cable.rs"]
mod cable;
mod support;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use cable::Cable;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use sha2::{Digest as _, Sha256};
use support::Server;
use tokio::sync::mpsc;
use tokio::time::timeout;
use uchat_client_core::state::{Bounds, SendState};
use uchat_client_core::transfer::{News, Step, Transfers};
use uchat_client_core::{
    Arrived, Client, Command, ConversationId, Effect, Event, Home, Options, Place, Registration, Request,
    RequestError, State,
};
use uchat_codec::Value;
use uchat_codec::chat::{Blob, FileRef, MessageBody};

const PEOPLE: usize = 50;
/// How long anything may take.
const PATIENCE: Duration = Duration::from_mins(2);

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
    transfers: Transfers,
    /// Files in pieces on their way, and those that others have told of.
    on_their_way: usize,
    told_of: Vec<FileRef>,
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
                Effect::Send { id, request } => {
                    if let Err(why) = self.client.request(&request) {
                        let effects = self.state.update(Command::NotSent { id, why });
                        self.do_it(effects);
                    }
                }
                _ => {}
            }
        }
    }

    fn arrived(&mut self, arrived: &Arrived) {
        let place = arrived.place.expect("the server numbers messages");
        let file = FileRef::in_message(&arrived.message.message);
        let said = file.as_ref().map_or_else(|| words(arrived), |file| file.name.clone());
        let before =
            self.has.insert((place.conversation, place.number), (arrived.message.sender_id, said.clone()));
        assert!(
            before.as_ref().is_none_or(|(_, text)| *text == said),
            "{}: two messages have the place {place:?}",
            self.name
        );
        self.unconfirmed.push(place);
        if before.is_none() && arrived.message.sender_id != self.id {
            self.told_of.extend(file);
        }
    }

    fn is_done(&self) -> bool {
        self.state.is_ready() && self.state.outgoing().next().is_none() && self.on_their_way == 0
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
    moves: mpsc::Receiver<(usize, News)>,
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
            self.go_on(what).await;
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
        while let Ok((who, news)) = self.moves.try_recv() {
            self.moved(who, news);
        }
    }

    /// Waits for whatever happens next.
    async fn go_on(&mut self, what: &str) {
        tokio::select! {
            next = timeout(PATIENCE, self.news.recv()) => {
                let (who, event) = next.unwrap_or_else(|_| panic!("in vain: {what}: {:?}", self.told())).unwrap();
                self.take(who, event);
            }
            Some((who, news)) = self.moves.recv() => self.moved(who, news),
        }
    }

    /// A file of some pieces begins its way to the server.
    fn send_file(&mut self, who: usize, folder: &Path) {
        let mut content = vec![0; self.rng.random_range(1..1_500_000)];
        self.rng.fill(&mut content[..]);
        let path = folder.join(hex::encode(Sha256::digest(&content)));
        std::fs::write(&path, content).unwrap();
        if self.people[who].transfers.send(path).is_ok() {
            self.people[who].on_their_way += 1;
        }
    }

    /// A file has come to the server: a friend is told of it. Or one has come from there.
    fn moved(&mut self, who: usize, news: News) {
        match news.what {
            Step::Moved { .. } => return,
            Step::Sent(file) => {
                let to = ConversationId::Friend(self.people[(who + 1) % PEOPLE].id);
                self.copies += 2;
                self.send(who, to, |name| FileRef { name, ..file }.into_message().unwrap());
            }
            Step::Fetched(path) => {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                let content = std::fs::read(path).unwrap();
                assert!(name.starts_with(&hex::encode(Sha256::digest(content))), "a file is not whole");
            }
            Step::Failed(error) => panic!("{}: {error}", self.people[who].name),
        }
        self.people[who].on_their_way -= 1;
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
        let mut data = vec![0; self.rng.random_range(1..200_000)];
        let image = self.rng.random_bool(0.05);
        if image {
            self.rng.fill(&mut data[..]);
        }
        self.send(who, to, |text| {
            let body = if image {
                let name = format!("{text}#{}", hex::encode(Sha256::digest(&data)));
                MessageBody::Image { data: Blob(Bytes::from(data)), name: Some(name) }
            } else {
                MessageBody::text(text)
            };
            body.into_value().unwrap()
        });
    }

    /// The next message of somebody, made of the words that it is found again by.
    fn send(&mut self, who: usize, to: ConversationId, message: impl FnOnce(String) -> Value) {
        let person = &mut self.people[who];
        person.sent += 1;
        let message = message(format!("{} {}", person.name, person.sent));
        let time = 1_700_000_000_000 + person.sent;
        let effects = person.state.update(Command::Send { to, message, time });
        person.do_it(effects);
    }
}

fn start(
    home: &std::path::Path,
    number: usize,
    world: &Arc<Mutex<SocketAddr>>,
    news: &mpsc::Sender<(usize, Event)>,
    moves: &mpsc::Sender<(usize, News)>,
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
    let (transfers, mut steps) = Transfers::new(client.clone());
    let moves = moves.clone();
    tokio::spawn(async move {
        while let Some(step) = steps.recv().await {
            if moves.send((number, step)).await.is_err() {
                return;
            }
        }
    });
    let (has, unconfirmed, told_of) = Default::default();
    let (id, sent, on_their_way) = (0, 0, 0);
    Person { name, id, client, state, cable, has, unconfirmed, sent, transfers, on_their_way, told_of }
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
    let (steps_of_files, moves) = mpsc::channel(4096);
    let people =
        (0..PEOPLE).map(|number| start(homes.path(), number, &address, &sender, &steps_of_files)).collect();
    let heard = (0..PEOPLE).map(|_| VecDeque::new()).collect();
    let rng = StdRng::seed_from_u64(seed);
    let mut world = World { people, news, moves, heard, address, rng, room: 0, copies: 0 };
    settle(&mut world).await;
    let mut kills = 0;
    for step in 0..steps {
        for _ in 0..world.rng.random_range(1..8) {
            let who = world.rng.random_range(0..PEOPLE);
            world.say(who);
        }
        if world.rng.random_bool(0.05) {
            let who = world.rng.random_range(0..PEOPLE);
            world.send_file(who, homes.path());
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
        world.go_on("that everything is confirmed").await;
    }
    let here = |world: &World| world.people.iter().map(|person| person.has.len()).sum::<usize>();
    world.until("everything is everywhere", |world| here(world) >= world.copies).await;
    check(&world);
    let mut files = 0;
    for person in &mut world.people {
        for file in std::mem::take(&mut person.told_of) {
            // By its hash, so that it can be compared; an older one of the same sender is told of before.
            let name = file.sha256.to_string();
            person.transfers.fetch(file.sha256, &name, homes.path().join("fetched")).unwrap();
            (files, person.on_their_way) = (files + 1, person.on_their_way + 1);
        }
    }
    let anew = tokio::task::block_in_place(|| server.take().unwrap().kill_and_restart());
    *world.address.lock().unwrap() = anew.address();
    world.until("each file is fetched", |world| world.people.iter().all(Person::is_done)).await;
    println!("{files} files in pieces");
    let sent: u64 = world.people.iter().map(|person| person.sent).sum();
    println!("{sent} messages, {kills} kills of the server");
    assert!(sent > 0 && (steps < 40 || kills > 0));
}
