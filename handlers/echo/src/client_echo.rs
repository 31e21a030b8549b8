//! Opcode 3: the same value back.

use uchat_framework::codec::{
    Value,
    opcode::{CLIENT_ECHO, SERVER_ECHO},
};
use uchat_framework::prelude::*;

/// Sends back the value that it is given; also before login.
#[handler(CLIENT_ECHO, reply = SERVER_ECHO)]
async fn client_echo(Args(value): Args<Value>) -> Result<Value> {
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uchat_framework::testkit::TestServer;

    #[tokio::test]
    async fn whatever_is_sent_comes_back_also_before_login() {
        let client = TestServer::new(|server| server).unwrap().connect();
        let received = client.request(CLIENT_ECHO, "ping").await.unwrap();
        assert_eq!(received, [(SERVER_ECHO, Value::from("ping"))]);
    }
}
