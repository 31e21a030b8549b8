//! The real server as a process, and clients that speak the classic suite over real sockets.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests, and not each uses all"
)]

pub mod bystander;
pub mod cli;
pub mod raw;
mod server;
mod wire;

pub use server::Server;
pub use wire::Wire;

use uchat_codec::chat::{Login, NewMessage, Register, ResolveFriendRequest, SendMessage};
use uchat_codec::{Value, from_value, opcode};

/// The password of everybody.
pub const PASSWORD: &str = "secret";

/// What registers `name`.
pub fn registration(name: &str) -> Register {
    Register {
        username: name.into(),
        password: PASSWORD.into(),
        email: format!("{}@mail.com", name.trim().to_lowercase()),
        ip: "127.0.0.1".into(),
        port: "2333".into(),
        sex: "保密".into(),
        age: "保密".into(),
    }
}

impl Wire {
    /// Registers a user; the answer is the number.
    pub fn register(&mut self, name: &str) -> u64 {
        self.send(opcode::REGISTER, &registration(name));
        self.recv_params(opcode::REGISTER_SUCCESSFUL)
    }

    /// Logs in and takes everything up to the bundle, which is returned.
    pub fn login(&mut self, name: &str) -> Value {
        self.send(opcode::LOGIN, &Login(name.into(), PASSWORD.into()));
        self.expect(opcode::LOGIN_SUCCESSFUL);
        loop {
            match self.recv() {
                (opcode::LOGIN_BUNDLE, bundle) => return bundle,
                (opcode::INCOMING_FRIEND_REQUEST, _) => {}
                other => panic!("{name} got {other:?} while logging in"),
            }
        }
    }

    /// A text to a user (0) or room (1).
    pub fn say(&mut self, target_type: u8, target_id: u64, text: &str) {
        let message = text_message(text).into_value().unwrap();
        self.send(opcode::SEND_MESSAGE, &SendMessage { target_type, target_id, message });
    }

    /// The next message, as sender and text.
    pub fn hear(&mut self) -> (u64, String) {
        let message: NewMessage = self.recv_params(opcode::ON_NEW_MESSAGE);
        let text = message.message.get("data").and_then(Value::as_str).unwrap_or("").to_owned();
        (message.sender_id, text)
    }

    /// Sends an echo and takes what comes until it is back: whatever the server had queued before has then arrived.
    pub fn settle(&mut self) -> Vec<(uchat_codec::Opcode, Value)> {
        let mark = format!("mark {:?}", std::time::Instant::now());
        self.send(opcode::CLIENT_ECHO, mark.as_str());
        let mut before = Vec::new();
        loop {
            match self.recv() {
                (opcode::SERVER_ECHO, value) if value.as_str() == Some(&mark) => return before,
                other => before.push(other),
            }
        }
    }
}

/// A message as the existing client writes it.
pub fn text_message(text: &str) -> uchat_codec::chat::MessageBody {
    uchat_codec::chat::MessageBody::text(text)
}

/// A registered and logged-in user.
pub fn user(server: &Server, name: &str) -> (Wire, u64) {
    let mut wire = Wire::connect(server);
    let id = wire.register(name);
    wire.login(name);
    (wire, id)
}

/// Makes two logged-in users friends; nothing of it is left in their queues.
pub fn befriend(one: &mut Wire, one_id: u64, other: &mut Wire, other_name: &str) {
    one.send(opcode::ADD_FRIEND, other_name);
    one.expect(opcode::ADD_FRIEND_RESULT);
    other.expect(opcode::INCOMING_FRIEND_REQUEST);
    other.send(opcode::RESOLVE_FRIEND_REQUEST, &ResolveFriendRequest(one_id, true));
    other.expect(opcode::CONTACT_INFO);
    one.expect(opcode::CONTACT_INFO);
}

/// The parameters in a plain type.
pub fn plain<T: serde::de::DeserializeOwned>(value: Value) -> T {
    from_value(value).unwrap()
}
