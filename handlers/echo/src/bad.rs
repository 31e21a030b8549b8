//! Opcode 10: an operation that goes wrong, so that one can see that nobody else notices.

use std::hint::black_box;

use uchat_framework::codec::opcode::BAD;
use uchat_framework::prelude::*;

/// Divides by zero on purpose: the caller gets an error, everything else goes on.
#[handler(BAD)]
async fn bad(_me: User) -> Result<()> {
    // `black_box` keeps the compiler from refusing what the operation is for.
    let _ = black_box(1) / black_box(0);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uchat_framework::codec::opcode::{CLIENT_ECHO, GENERAL_FAILURE, SERVER_ECHO};
    use uchat_framework::testkit::TestServer;

    #[tokio::test]
    async fn a_panic_ends_the_request_with_an_error_and_the_session_goes_on() {
        let server = TestServer::new(|server| server).unwrap();
        let ann = server.user(1, "ann").await;
        let received = ann.request(BAD, &()).await.unwrap();
        assert_eq!(received[0].0, GENERAL_FAILURE);
        assert!(!ann.is_closed());
        assert_eq!(ann.request(CLIENT_ECHO, &7).await.unwrap()[0].0, SERVER_ECHO);
    }
}
