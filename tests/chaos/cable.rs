//! The way of a client to the server: it can be cut, and leads to another address when the server is started anew.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::net::TcpStream;
use tokio::task::AbortHandle;
use uchat_client_core::connection::{Connector, Dialled, Dialling};

/// Bytes on their way between a client and its cable.
const PIPE: usize = 64 * 1024;

/// The way to the server, which moves when it is started anew, and which can be cut.
#[derive(Clone, Debug)]
pub(crate) struct Cable {
    pub(crate) address: Arc<Mutex<SocketAddr>>,
    pub(crate) plugged: Arc<Mutex<Option<AbortHandle>>>,
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
    pub(crate) fn cut(&self) {
        if let Some(task) = self.plugged.lock().unwrap().take() {
            task.abort();
        }
    }
}
