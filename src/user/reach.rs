//! The way to a server: the one that runs on the data folder, or else one in this process, without a listener.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use tokio::net::TcpStream;
use tokio::time::timeout;
use uchat_codec::handshake::Acceptor as Machine;
use uchat_codec::{Limits, StrongIdentity};
use uchat_config::Settings;
use uchat_db::{Db, Error as StoreError};

use super::link::Link;
use crate::{authority, identity, serve};

/// Where a running server says how it is reached, in the data folder.
const FILE: &str = "server.address";
/// A server on this machine takes a connection in this time.
const CONNECT_TIME: Duration = Duration::from_secs(5);
/// Bytes on their way between the two ends of a connection inside this process.
const PIPE: usize = 64 * 1024;

/// Says how the server of this data folder is reached, until dropped.
pub(crate) struct Announced(PathBuf);

impl Announced {
    /// Writes the file whole or not at all.
    pub(crate) fn new(data: &Path, address: SocketAddr) -> std::io::Result<Self> {
        let (path, beside) = (data.join(FILE), data.join(format!("{FILE}.new")));
        std::fs::write(&beside, format!("{address}\n"))?;
        std::fs::rename(&beside, &path)?;
        Ok(Self(path))
    }
}

impl Drop for Announced {
    fn drop(&mut self) {
        // What stays behind is found out by who tries it.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A connection, and the store of the server in this process if there is one.
pub(super) struct Way {
    pub(super) link: Link,
    store: Option<Db>,
}

impl Way {
    /// Connects to the running server; where none runs, the same handlers work on the database from here.
    pub(super) async fn find(settings: Settings) -> Result<Self> {
        let identity = Arc::new(identity::load(&settings.server.data)?);
        let unreachable = match running(&settings.server.data, &identity).await {
            Ok(link) => return Ok(Self { link, store: None }),
            Err(error) => error,
        };
        match serve::open_sqlite(&settings) {
            Ok(store) => inside(settings, Arc::new(store), identity).await,
            Err(error) if matches!(error.downcast_ref(), Some(StoreError::InUse { .. })) => {
                Err(unreachable.context("a server runs on this data, but can't be reached"))
            }
            Err(error) => Err(error),
        }
    }

    /// What was done here is written before this returns.
    pub(super) async fn close(self) {
        drop(self.link);
        if let Some(store) = self.store {
            store.close().await;
        }
    }
}

/// A connection to the server that runs on this data.
pub(super) async fn running(data: &Path, identity: &Arc<StrongIdentity>) -> Result<Link> {
    let path = data.join(FILE);
    let text = std::fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?;
    let address = nearby(text.trim().parse().with_context(|| format!("no address in {}", path.display()))?);
    let connect = async {
        let stream = timeout(CONNECT_TIME, TcpStream::connect(address)).await??;
        stream.set_nodelay(true)?;
        Link::open(Box::new(stream), Arc::clone(identity)).await
    };
    connect.await.map_err(|error: anyhow::Error| error.context(anyhow!("{address}")))
}

/// A server that listens everywhere is reached on this machine.
fn nearby(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

async fn inside(settings: Settings, store: Db, identity: Arc<StrongIdentity>) -> Result<Way> {
    let authority = authority::load(&settings.server.data)?;
    let server = serve::build(settings, Arc::clone(&store), authority, Some(identity.public_key()))?;
    let machine = Box::new(Machine::new(&Limits::default()).strong(Arc::clone(&identity)));
    let (here, there) = tokio::io::duplex(PIPE);
    tokio::spawn(async move {
        server.serve_stream(there, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), machine).await;
    });
    let link = Link::open(Box::new(here), identity).await?;
    Ok(Way { link, store: Some(store) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_listens_everywhere_is_reached_here() {
        for (listens, reached) in
            [("0.0.0.0:7", "127.0.0.1:7"), ("[::]:7", "[::1]:7"), ("10.0.0.1:7", "10.0.0.1:7")]
        {
            assert_eq!(nearby(listens.parse().unwrap()), reached.parse().unwrap());
        }
    }

    #[test]
    fn the_address_is_there_while_the_server_is() {
        let folder = tempfile::tempdir().unwrap();
        let announced = Announced::new(folder.path(), "127.0.0.1:7".parse().unwrap()).unwrap();
        assert_eq!(std::fs::read_to_string(folder.path().join(FILE)).unwrap(), "127.0.0.1:7\n");
        drop(announced);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
