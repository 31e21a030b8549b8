//! A server of the account handlers alone, and people who talk to it.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "tests, and not each uses all")]

use std::sync::Arc;

use uchat_accounts as _;
use uchat_config::{Accounts, Settings};
use uchat_db::{Db, SqliteStore};
use uchat_framework::codec::chat::{Login, LoginWithKey, Register};
use uchat_framework::codec::{Opcode, PeerIdentity, Value, opcode};
use uchat_framework::testkit::{TestClient, TestServer};
use uchat_framework::{BoxFuture, Feed, FeedItem, Result, UserId};

pub const PASSWORD: &str = "secret";
/// The key whose holder is an operator.
pub const OPERATOR_KEY: [u8; 32] = [99; 32];

/// Nothing is ever said here.
struct Silence;

impl Feed for Silence {
    fn after(&self, _: UserId, _: u64, _: usize) -> BoxFuture<Result<Vec<FeedItem>>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

pub struct House {
    pub server: TestServer,
    pub db: Db,
    store: Arc<SqliteStore>,
}

impl House {
    /// With cheap password hashes.
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut Accounts)) -> Self {
        let mut settings = Settings::default();
        settings.accounts.argon2_memory_kib = 64;
        settings.accounts.argon2_passes = 1;
        change(&mut settings.accounts);
        let store = Arc::new(uchat_db::testkit::temporary());
        let db: Db = Arc::<SqliteStore>::clone(&store);
        let feed: Arc<dyn Feed> = Arc::new(Silence);
        let server = TestServer::new(|builder| {
            builder
                .service(settings)
                .service(Arc::clone(&db))
                .service(feed)
                .key_role(OPERATOR_KEY, uchat_accounts::OPERATOR)
        });
        Self { server: server.unwrap(), db, store }
    }

    /// A connection over the classic suite: it proves no key.
    pub fn classic(&self) -> TestClient {
        self.server.connect()
    }

    /// A connection over the strong suite.
    pub fn strong(&self, key: u8) -> TestClient {
        self.server.connect_as(PeerIdentity { identity_key: Some([key; 32]), ..PeerIdentity::default() })
    }

    /// Revokes all keys of a user, as another process does; says how many.
    pub fn revoke(&self, user: UserId) -> usize {
        uchat_db::testkit::operator_of(&self.store).revoke(user, 1).unwrap()
    }

    pub async fn register(&self, name: &str) {
        let form = Register {
            username: name.into(),
            password: PASSWORD.into(),
            email: format!("{name}@x.cn"),
            sex: "保密".into(),
            age: "保密".into(),
            ..Register::default()
        };
        let answers = self.classic().request(opcode::REGISTER, &form).await.unwrap();
        assert_eq!(answers[0].0, opcode::REGISTER_SUCCESSFUL, "{answers:?}");
    }
}

pub type Answers = Vec<(Opcode, Value)>;

pub async fn login(client: &TestClient, name: &str, password: &str) -> Answers {
    client.request(opcode::LOGIN, &Login(name.into(), password.into())).await.unwrap()
}

pub async fn by_key(client: &TestClient, name: &str) -> Answers {
    client.call("uchat.login_with_key", &LoginWithKey { username: name.into() }).await.unwrap()
}

pub fn opcodes(answers: &Answers) -> Vec<Opcode> {
    answers.iter().map(|(opcode, _)| *opcode).collect()
}

pub fn is_in(answers: &Answers) -> bool {
    opcodes(answers).ends_with(&[opcode::LOGIN_SUCCESSFUL, opcode::LOGIN_BUNDLE])
}

/// The code of a refused call; empty for an answer.
pub fn code(answers: &Answers) -> &str {
    let (opcode, result) = answers.first().unwrap();
    assert_eq!(*opcode, opcode::CALL_RESULT, "{answers:?}");
    result.get("err").and_then(|err| err.get("code")?.as_str()).unwrap_or_default()
}
