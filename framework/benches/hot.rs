//! Plug-ins that are loaded: dispatch of an echo of 200 bytes, loading, and what an idle module keeps in memory.

#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark")]

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use uchat_framework::codec::chat::Call;
use uchat_framework::codec::{Value, encode_message, opcode};
use uchat_framework::prelude::*;
use uchat_framework::testkit::TestServer;

/// Modules that wait, for their memory.
const IDLE: u64 = 200;

/// Sends back what it is given: the same as `hot/echo`, linked in.
#[handler("linked.echo")]
async fn echo(Args(value): Args<Value>) -> Result<Value> {
    Ok(value)
}

/// A module that comes with the source.
fn built(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../hot/modules/{name}.wasm"))).unwrap()
}

fn server() -> TestServer {
    TestServer::new(|builder| builder).unwrap()
}

fn dispatch(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let server = server();
    server.hot().load(&built("echo")).unwrap();
    let client = server.connect();
    let mut group = criterion.benchmark_group("named call, echo of 200 bytes");
    group.throughput(Throughput::Elements(1));
    for (what, name) in [("linked in", "linked.echo"), ("loaded", "hot.echo")] {
        let call = Call { name: name.to_owned(), id: 1, args: Value::from("x".repeat(200).as_str()) };
        let request = encode_message(opcode::CALL, &call).unwrap();
        group.bench_function(what, |bencher| {
            bencher.iter(|| runtime.block_on(client.raw(black_box(request.clone()))).unwrap());
        });
    }
    group.finish();
}

fn load(criterion: &mut Criterion) {
    let server = server();
    let mut group = criterion.benchmark_group("load and unload");
    for name in ["echo", "nudge", "dice"] {
        let wasm = built(name);
        group.bench_function(format!("{name}, {} bytes", wasm.len()), |bencher| {
            bencher.iter(|| {
                server.hot().load(black_box(&wasm)).unwrap();
                server.hot().unload(name).unwrap();
            });
        });
    }
    group.finish();
}

/// Not a time, so not a benchmark of criterion's: printed beside them.
fn idle(_criterion: &mut Criterion) {
    let servers: Vec<TestServer> = (0..IDLE).map(|_| server()).collect();
    let wasm = built("echo");
    let before = resident();
    for server in &servers {
        server.hot().load(&wasm).unwrap();
    }
    if let (Some(before), Some(after)) = (before, resident()) {
        println!("an idle module with one instance: {} kB", after.saturating_sub(before) / IDLE);
    }
}

/// Kilobytes of this process, where the system says.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok())
}

criterion_group!(benches, dispatch, load, idle);
criterion_main!(benches);
