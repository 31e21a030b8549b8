//! Dispatch of an echo of 200 bytes: registry, layers, handler, answer, without sockets and ciphers.

#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use uchat_framework::codec::{Opcode, Value, encode_message};
use uchat_framework::prelude::*;
use uchat_framework::testkit::TestServer;

const ECHO: Opcode = Opcode(3);
const ECHOED: Opcode = Opcode(105);

/// Sends back what it is given.
#[handler(ECHO, reply = ECHOED)]
async fn echo(Args(value): Args<Value>) -> Result<Value> {
    Ok(value)
}

fn dispatch(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = TestServer::new(|builder| builder).unwrap().connect();
    let request = encode_message(ECHO, "x".repeat(200).as_str()).unwrap();
    let mut group = criterion.benchmark_group("dispatch");
    group.throughput(Throughput::Elements(1));
    group.bench_function("echo of 200 bytes", |bencher| {
        bencher.iter(|| runtime.block_on(client.raw(black_box(request.clone()))).unwrap());
    });
    group.finish();
}

criterion_group!(benches, dispatch);
criterion_main!(benches);
