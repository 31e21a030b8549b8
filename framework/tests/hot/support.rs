//! Modules as text, well-behaved ones and others.

use bytes::{BufMut as _, BytesMut};
use serde::Serialize;
use uchat_framework::codec::{Opcode, Value, opcode, to_value};
use uchat_framework::testkit::{TestClient, TestServer};

/// What a module declares.
#[derive(Clone, Serialize)]
pub(crate) struct Manifest {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) operations: Vec<Declared>,
    pub(crate) grants: Grants,
}

#[derive(Clone, Serialize)]
pub(crate) struct Declared {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) login: bool,
}

#[derive(Clone, Default, Serialize)]
pub(crate) struct Grants {
    pub(crate) keep: Vec<&'static str>,
    pub(crate) tell: Vec<&'static str>,
    pub(crate) random: bool,
}

pub(crate) fn manifest(name: &'static str, operation: &'static str) -> Manifest {
    let declared = Declared { name: operation, doc: "Does something.", login: false };
    Manifest { name, version: "1.0.0", operations: vec![declared], grants: Grants::default() }
}

/// A value and a status before it, as text of a data segment.
fn text(status: Option<u8>, value: &impl Serialize) -> (String, usize) {
    let mut bytes = BytesMut::new();
    if let Some(status) = status {
        bytes.put_u8(status);
    }
    to_value(value).unwrap().encode(&mut bytes).unwrap();
    let text = bytes.iter().fold(String::new(), |text, byte| text + &format!("\\{byte:02x}"));
    (text, bytes.len())
}

/// A module that answers with what `body` leaves on the stack. Data at 2048 answers `true`: `(call $yes)`.
pub(crate) fn module(manifest: &Manifest, body: &str) -> Vec<u8> {
    module_of(manifest, uchat_framework::hot::ABI, body)
}

pub(crate) fn module_of(manifest: &Manifest, abi: (u32, u32), body: &str) -> Vec<u8> {
    let (declared, length) = text(None, manifest);
    assert!(length < 1024);
    let (yes, yes_length) = text(Some(0), &true);
    let version = (abi.0 << 16) | abi.1;
    let source = format!(
        r#"(module
          (import "uchat_1" "host_call" (func $host_call (param i32 i32 i32) (result i32)))
          (import "uchat_1" "host_take" (func $host_take (param i32 i32) (result i32)))
          (import "uchat_1" "log" (func $log (param i32 i32 i32)))
          (memory (export "memory") 2)
          (global $rounds (mut i32) (i32.const 0))
          (data (i32.const 1024) "{declared}")
          (data (i32.const 2048) "{yes}")
          (func (export "abi_version") (result i32) (i32.const {version}))
          (func (export "alloc") (param i32) (result i32) (i32.const 8192))
          (func (export "free") (param i32 i32))
          (func $pack (param $at i32) (param $length i32) (result i64)
            (i64.or (i64.shl (i64.extend_i32_u (local.get $at)) (i64.const 32))
                    (i64.extend_i32_u (local.get $length))))
          (func $yes (result i64) (call $pack (i32.const 2048) (i32.const {yes_length})))
          (func $deeper (param i32) (result i32) (call $deeper (i32.add (local.get 0) (i32.const 1))))
          (func (export "manifest") (result i64) (call $pack (i32.const 1024) (i32.const {length})))
          (func (export "handle") (param $operation i32) (param $at i32) (param $length i32) (result i64)
            {body}))"#
    );
    wat::parse_str(source).unwrap()
}

/// Asks the server with the parameters and answers with what it says.
pub(crate) fn asks(function: i32, arguments: &impl Serialize) -> String {
    let (data, length) = text(None, arguments);
    let bytes: Vec<String> = data.split('\\').skip(1).map(ToOwned::to_owned).collect();
    let store = bytes
        .iter()
        .enumerate()
        .map(|(index, byte)| format!("(i32.store8 (i32.const {}) (i32.const 0x{byte}))", 4096 + index));
    format!(
        "{} (local.set $length (call $host_call (i32.const {function}) (i32.const 4096) (i32.const {length})))
         (drop (call $host_take (i32.const 16384) (local.get $length)))
         (call $pack (i32.const 16384) (local.get $length))",
        store.collect::<Vec<_>>().join("\n")
    )
}

/// `ok` or the code of the error, as text.
pub(crate) async fn outcome(client: &TestClient, name: &str) -> String {
    said(client, name, &Value::None).await
}

pub(crate) async fn said(client: &TestClient, name: &str, args: &impl Serialize) -> String {
    let answers = client.call(name, args).await.unwrap();
    let results: Vec<&(Opcode, Value)> =
        answers.iter().filter(|(opcode, _)| *opcode == opcode::CALL_RESULT).collect();
    assert_eq!(results.len(), 1, "one call, one answer: {answers:?}");
    let value = &results[0].1;
    match value.get("err") {
        Some(error) => error.get("code").and_then(Value::as_str).unwrap().to_owned(),
        None => format!("ok {:?}", value.get("ok").unwrap()),
    }
}

pub(crate) fn server() -> TestServer {
    let limits = uchat_config::Hot { call_ms: 60_000, fuel: 2_000_000, ..uchat_config::Hot::default() };
    TestServer::new(|builder| builder.hot(limits)).unwrap()
}
