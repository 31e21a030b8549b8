//! Wires configuration, store, handlers and listener together, and runs them.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use bytes::Bytes;
use tokio::net::TcpListener;
use uchat_codec::certificate::{Authority, CertificateCheck, CertificateError, IssuedBy};
use uchat_codec::handshake::Acceptor as Machine;
use uchat_codec::{ClassicIdentity, ClassicKeyPair, DhParams, Handshake};
use uchat_config::{Settings, Suite, Synchronous};
use uchat_db::{Db, PluginTables, SqliteOptions, SqliteStore};
use uchat_framework::{Acceptor, Admission, Keep, PluginSettings, Rights, Server, ServerBuilder};

use crate::authority::{self, Gate};
use crate::keep::Stored;
use crate::rights::ChatRights;
use crate::user::Announced;
#[cfg(feature = "hot")]
use crate::watch::Watch;
use crate::{SettingsArgs, identity, logging, settings};

/// `uchat serve`: runs until SIGTERM or Ctrl+C.
pub(crate) fn run(args: &SettingsArgs) -> Result<()> {
    let loaded = settings::load(args)?;
    let settings = loaded.settings;
    logging::start(&settings.log)?;
    for note in loaded.notes {
        tracing::warn!(note, "configuration");
    }
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    if settings.server.worker_threads > 0 {
        runtime.worker_threads(settings.server.worker_threads);
    }
    runtime.enable_all().build().context("the runtime can't start")?.block_on(serve(settings))
}

async fn serve(settings: Settings) -> Result<()> {
    let db = open_store(&settings)?;
    let grace = Duration::from_secs(settings.server.shutdown_seconds);
    let strong = settings.server.suites.contains(&Suite::Strong);
    let authority = authority::load(&settings.server.data)?;
    let acceptor = acceptor(&settings, &authority)?;
    let operator = strong.then(|| authority.identity().public_key());
    let server = build(settings.clone(), Arc::clone(&db), authority, operator)?;
    #[cfg(feature = "hot")]
    tokio::spawn(Watch::new(server.hot().clone(), Arc::new(settings.clone())).run());
    let listen = settings.server.listen;
    let listener = TcpListener::bind(listen).await.with_context(|| format!("can't listen on {listen}"))?;
    let address = listener.local_addr()?;
    let signal = stop_signal()?;
    let announced = Announced::new(&settings.server.data, address);
    if let Err(error) = &announced {
        tracing::warn!(%error, "`uchat user` will not find this server: its address can't be written");
    }
    announce(&format!("listening on {address}"))?;
    tracing::info!(%address, handlers = server.registry().handlers().len(), "ready");
    server.serve(listener, acceptor, signal, grace).await;
    drop(announced);
    db.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// One line on standard output, for people and for scripts that wait for it.
fn announce(line: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).context("standard output is closed")
}

fn open_store(settings: &Settings) -> Result<Db> {
    Ok(Arc::new(open_sqlite(settings)?))
}

/// Opens the database in the data folder, which is made if it isn't there.
pub(crate) fn open_sqlite(settings: &Settings) -> Result<SqliteStore> {
    let data = &settings.server.data;
    std::fs::create_dir_all(data)
        .with_context(|| format!("can't make the data folder {}", data.display()))?;
    let path = data.join("uchat.db");
    SqliteStore::open(&path, sqlite_options(settings))
        .with_context(|| format!("can't open {}", path.display()))
}

fn sqlite_options(settings: &Settings) -> SqliteOptions {
    let database = &settings.database;
    SqliteOptions {
        survive_power_cut: database.synchronous == Synchronous::Full,
        readers: database.readers,
        queue: database.write_queue,
        group: database.group_commit,
    }
}

/// A server of every linked handler; who has the key of the `operator` is its operator.
pub(crate) fn build(
    settings: Settings,
    db: Db,
    authority: Authority,
    operator: Option<[u8; 32]>,
) -> Result<Server> {
    let gate: Arc<dyn Admission> = Arc::new(Gate { db: Arc::clone(&db) });
    let stored = Stored { db: Arc::clone(&db), most: settings.limits.plugin_values };
    let keep = Keep::new(stored, settings.limits.plugin_value_bytes);
    let tables = PluginSettings::new(settings.plugins.clone());
    #[cfg(feature = "hot")]
    for name in crate::hot::names(&settings) {
        tables.expect(&name);
    }
    let own = PluginTables::new(settings.server.data.join("plugins"), sqlite_options(&settings));
    let mut builder = ServerBuilder::new(settings.limits.clone()).service(tables).service(keep).service(own);
    if let Some(key) = operator {
        builder = builder.key_role(key, uchat_accounts::OPERATOR);
    }
    #[cfg(feature = "hot")]
    {
        builder = builder.hot(settings.hot.clone());
    }
    let rights: Arc<dyn Rights> = Arc::new(ChatRights(Arc::clone(&db)));
    builder = builder.service(rights);
    Ok(builder.service(settings).service(db).service(authority).service(gate).build()?)
}

/// Handshakes of the suites that are offered; the first bytes of a client tell which one it wants.
fn acceptor(settings: &Settings, authority: &Authority) -> Result<Acceptor> {
    let suites = &settings.server.suites;
    let strong = suites.contains(&Suite::Strong).then(|| Arc::clone(authority.identity()));
    let key = authority.key();
    let classic =
        suites.contains(&Suite::Classic).then(|| classic_identity(settings)).transpose()?.map(Arc::new);
    if let Some(identity) = &strong {
        tracing::info!(
            fingerprint = identity::fingerprint(&identity.public_key()),
            "suite strong is offered"
        );
    }
    if classic.is_some() {
        tracing::warn!(
            "suite classic is offered, for the existing programs: it proves nobody's identity, and whoever can change bytes on the network can read along"
        );
    }
    let limits = uchat_codec::Limits {
        max_frame_body: settings.limits.max_frame_bytes,
        max_handshake: settings.limits.max_handshake_bytes,
        ..uchat_codec::Limits::default()
    };
    Ok(Arc::new(move || -> Box<dyn Handshake> {
        let mut machine = Machine::new(&limits);
        if let Some(identity) = &strong {
            machine = machine.strong(Arc::clone(identity)).check_certificates(certificate_check(key));
        }
        if let Some(identity) = &classic {
            machine = machine.classic(Arc::clone(identity));
        }
        Box::new(machine)
    }))
}

/// What certificates of clients are held against now. Without a clock that can be believed none is accepted.
fn certificate_check(authority: [u8; 32]) -> Arc<dyn CertificateCheck> {
    match authority::now() {
        Ok(now) => Arc::new(IssuedBy { authority, now }),
        Err(_) => Arc::new(|_: &[u8; 32], _: &Bytes| Err(CertificateError::NotYetValid)),
    }
}

/// The classic key pair is new at every start, as it is with the existing program.
fn classic_identity(settings: &Settings) -> Result<ClassicIdentity> {
    let classic = &settings.classic;
    let params =
        DhParams::from_decimal(&classic.base, &classic.modulus).context("classic.base, classic.modulus")?;
    let key_pair = ClassicKeyPair::generate(&params, &mut rand::rng())?;
    Ok(ClassicIdentity {
        params,
        key_pair,
        certificate_name: classic.certificate_name.clone(),
        certificate_email: classic.certificate_email.clone(),
    })
}

/// Resolves at SIGTERM or Ctrl+C. The handlers are in place when this returns.
fn stop_signal() -> Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        .context("SIGTERM can't be handled")?;
    Ok(async move {
        let interrupt = async {
            // Without a console there is no Ctrl+C to wait for.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        #[cfg(unix)]
        tokio::select! {
            () = interrupt => {}
            _ = terminate.recv() => {}
        }
        #[cfg(not(unix))]
        interrupt.await;
    })
}
