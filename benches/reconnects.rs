//! How long a server that was restarted takes until everybody is back: `cargo bench --bench reconnects -- [CLIENTS]`.
//!
//! Server and clients are in this process, so both sides of each handshake are in the figures; nothing goes through the
//! network. Each client shakes hands anew (Noise, both signatures), logs in by its key, and waits for its bundle.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a bench that prints figures"
)]

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::task::JoinSet;
use tokio_util::codec::Decoder as _;
use uchat_accounts::password::Passwords;
use uchat_codec::chat::{Call, LOGIN_WITH_KEY, Login, LoginWithKey};
use uchat_codec::handshake::Acceptor;
use uchat_codec::{
    FrameCodec, Handshake as _, Limits, Message, Opcode, Progress, StrongClient, StrongIdentity,
    encode_message, opcode, to_value,
};
use uchat_config::{Accounts, Settings};
use uchat_db::{Creation, Db, NewLogin, NewUser, PasswordHash, Proof, SqliteOptions, SqliteStore};
use uchat_framework::{Server, ServerBuilder};

// So that the handlers are linked.
use uchat_echo as _;
use uchat_friends as _;
use uchat_messages as _;
use uchat_presence as _;
use uchat_rooms as _;

const CLIENTS: usize = 10_000;
/// Enough to see what a password costs.
const BY_PASSWORD: usize = 100;
/// Bytes on their way between the two ends of a connection.
const PIPE: usize = 16 * 1024;
const PASSWORD: &str = "secret";

/// A client and its account, which has the number of the client.
struct Person {
    name: String,
    identity: Arc<StrongIdentity>,
}

fn main() {
    let asked = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(run(asked.unwrap_or(CLIENTS)));
}

async fn run(count: usize) {
    let folder = tempfile::tempdir().unwrap();
    let people: Arc<Vec<Person>> = Arc::new((1..=count).map(person).collect());
    let db = open(folder.path());
    settle(&db, &people).await;
    let key = Arc::new(StrongIdentity::generate(&mut rand::rng()));
    let first = connect(&server(&db), &key, &people, count, true).await;
    print("first logins by key", count, first);
    // The end of the store is the end of the server: nothing of it is kept.
    db.close().await;
    drop(db);
    let db = open(folder.path());
    let again = connect(&server(&db), &key, &people, count, true).await;
    print("logins by key after a restart", count, again);
    let by_password = BY_PASSWORD.min(count);
    let passwords = connect(&server(&db), &key, &people, by_password, false).await;
    print("logins by password, for comparison", by_password, passwords);
}

fn print(what: &str, count: usize, taken: Duration) {
    let each = taken.as_secs_f64() / count as f64;
    println!(
        "{what}: {count} in {:.2} s, {:.0} a second; 10,000 take {:.1} s",
        taken.as_secs_f64(),
        1.0 / each,
        each * 10_000.0
    );
}

fn person(number: usize) -> Person {
    let identity = Arc::new(StrongIdentity::generate(&mut rand::rng()));
    Person { name: format!("u{number}"), identity }
}

fn open(folder: &Path) -> Db {
    Arc::new(SqliteStore::open(&folder.join("uchat.db"), SqliteOptions::default()).unwrap())
}

/// Makes the accounts, whose devices are known; each has the next one for a friend.
async fn settle(db: &Db, people: &Arc<Vec<Person>>) {
    let password = Passwords::new(&Accounts::default()).unwrap().hash(PASSWORD).await.unwrap();
    for (number, person) in (1..).zip(people.iter()) {
        let made = db.create_user(new_user(&person.name, password.clone()));
        assert_eq!(made.await.unwrap(), Creation::Created(number));
    }
    let mut tasks = JoinSet::new();
    for (user, number) in (1..).zip(0..people.len()) {
        let (db, people, password) = (Arc::clone(db), Arc::clone(people), password.clone());
        tasks.spawn(async move {
            let login = NewLogin {
                user,
                proof: Proof::Password(password),
                ip: "127.0.0.1".into(),
                port: "1".into(),
                device_key: Some(people[number].identity.public_key()),
                most_keys: 16,
                time_ms: 1,
            };
            assert!(db.note_login(login).await.unwrap());
            if user > 1 {
                db.request_friend(user - 1, user).await.unwrap();
                db.accept_friend(user, user - 1).await.unwrap();
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
}

fn new_user(name: &str, password: PasswordHash) -> NewUser {
    NewUser {
        username: name.into(),
        password,
        email: format!("{name}@example.com"),
        ip: "127.0.0.1".into(),
        port: "1".into(),
        sex: "保密".into(),
        age: "保密".into(),
        public_key: None,
    }
}

fn server(db: &Db) -> Server {
    let settings = Settings::default();
    ServerBuilder::new(settings.limits.clone()).service(settings).service(Arc::clone(db)).build().unwrap()
}

/// Everybody at once; the time until the last one has the bundle.
async fn connect(
    server: &Server,
    key: &Arc<StrongIdentity>,
    people: &Arc<Vec<Person>>,
    count: usize,
    by_key: bool,
) -> Duration {
    let started = Instant::now();
    let mut clients = JoinSet::new();
    for number in 0..count {
        let (server, people) = (server.clone(), Arc::clone(people));
        let machine = Box::new(Acceptor::new(&Limits::default()).strong(Arc::clone(key)));
        let (here, there) = tokio::io::duplex(PIPE);
        tokio::spawn(async move {
            server.serve_stream(there, SocketAddr::from((Ipv4Addr::LOCALHOST, 1)), machine).await;
        });
        clients.spawn(async move { log_in(here, &people[number], by_key).await });
    }
    // Those who are in stay until all are.
    let mut inside = Vec::new();
    while let Some(client) = clients.join_next().await {
        inside.push(client.unwrap());
    }
    started.elapsed()
}

async fn log_in(mut stream: DuplexStream, person: &Person, by_key: bool) -> DuplexStream {
    let limits = Limits::default();
    let mut machine = Box::new(StrongClient::new(Arc::clone(&person.identity), &limits));
    let (mut input, mut output) = (BytesMut::new(), BytesMut::new());
    while machine.advance(&mut input, &mut output).unwrap() != Progress::Done {
        stream.write_all(&output).await.unwrap();
        output.clear();
        assert!(stream.read_buf(&mut input).await.unwrap() > 0, "closed");
    }
    let mut established = machine.finish().unwrap();
    established.sealer.seal(&request(person, by_key), &mut output).unwrap();
    stream.write_all(&output).await.unwrap();
    let mut codec = FrameCodec::new(limits.max_frame_body);
    loop {
        while let Some(frame) = codec.decode(&mut input).unwrap() {
            let plaintext = established.opener.open(frame).unwrap();
            match plaintext.first().copied().map(Opcode) {
                Some(opcode::LOGIN_BUNDLE) => return stream,
                Some(opcode::LOGIN_FAILED | opcode::GENERAL_FAILURE) => {
                    panic!("refused: {:?}", Message::decode(plaintext, &limits));
                }
                _ => {}
            }
        }
        assert!(stream.read_buf(&mut input).await.unwrap() > 0, "closed");
    }
}

fn request(person: &Person, by_key: bool) -> bytes::Bytes {
    if !by_key {
        return encode_message(opcode::LOGIN, &Login(person.name.clone(), PASSWORD.into())).unwrap();
    }
    let args = to_value(&LoginWithKey { username: person.name.clone() }).unwrap();
    encode_message(opcode::CALL, &Call { name: LOGIN_WITH_KEY.into(), id: 0, args }).unwrap()
}
