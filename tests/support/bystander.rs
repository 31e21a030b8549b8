//! Somebody who has nothing to do with it, and must not notice.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "tests, and not each uses all")]

use uchat_codec::opcode;

use super::{Server, Wire, user};

/// A user who was there before, and stays on the same connection all the while.
pub struct Bystander(Wire);

impl Bystander {
    /// Logs in as `watcher`.
    pub fn of(server: &Server) -> Self {
        Self(user(server, "watcher").0)
    }

    /// The connection still works and was sent nothing; a newcomer is served too; and the log holds no error.
    pub fn has_noticed_nothing(&mut self, server: &Server) {
        assert_eq!(self.0.settle(), []);
        let mut newcomer = Wire::connect(server);
        newcomer.send(opcode::CLIENT_ECHO, "anybody there?");
        assert_eq!(newcomer.recv_params::<String>(opcode::SERVER_ECHO), "anybody there?");
        assert!(server.errors().is_empty(), "{:?}", server.errors());
    }
}
