//! A file from its first piece to its last, through the whole stack without sockets.

use std::sync::Arc;

use bytes::Bytes;
use sha2::{Digest, Sha256};
use uchat_config::{Files, Settings};
use uchat_db::Db;
use uchat_framework::codec::chat::{
    Blob, CallResult, FileBegin, FileBegun, FileChunk, FileFetch, FileHash, FileHave, FileNamed, FilePiece,
};
use uchat_framework::codec::{Value, from_value};
use uchat_framework::testkit::{TestClient, TestServer};

fn server(db: &Db, files: Files) -> TestServer {
    let settings = Settings { files, ..Settings::default() };
    TestServer::new(|builder| builder.service(settings).service(Arc::clone(db))).unwrap()
}

/// The answer, or the code of the refusal.
async fn call<T: serde::Serialize>(client: &TestClient, name: &str, args: &T) -> Result<Value, String> {
    let answer = client.call(&format!("uchat.file.{name}"), args).await.unwrap().pop().unwrap().1;
    let result: CallResult = from_value(answer).unwrap();
    result.outcome.map_err(|error| error.code)
}

fn named(content: &[u8]) -> FileNamed {
    FileNamed { sha256: FileHash(Sha256::digest(content).into()) }
}

async fn begin(client: &TestClient, content: &[u8], size: u64) -> Result<FileBegun, String> {
    let args = FileBegin { sha256: named(content).sha256, size };
    call(client, "begin", &args).await.map(|value| from_value(value).unwrap())
}

async fn piece(client: &TestClient, content: &[u8], offset: usize, length: usize) -> Result<u64, String> {
    let data = Blob(Bytes::copy_from_slice(&content[offset..offset + length]));
    let args = FileChunk { sha256: named(content).sha256, offset: offset as u64, data };
    call(client, "chunk", &args).await.map(|value| from_value::<FileHave>(value).unwrap().have)
}

async fn fetch(client: &TestClient, content: &[u8], offset: u64, length: u32) -> Result<Bytes, String> {
    let args = FileFetch { sha256: named(content).sha256, offset, length };
    let piece: FilePiece = call(client, "fetch", &args).await.map(|value| from_value(value).unwrap())?;
    assert_eq!((piece.offset, piece.size), (offset, content.len() as u64));
    Ok(piece.data.0)
}

#[tokio::test]
async fn a_file_goes_up_in_pieces_and_comes_down_in_pieces() {
    let db = uchat_db::testkit::with_users(&["ann", "eve"]).await;
    let server = server(&db, Files::default());
    let ann = server.user(1, "ann").await;
    let content: Vec<u8> = (0..150_000_u32).map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[1]).collect();
    let length = content.len() as u64;
    assert_eq!(begin(&ann, &content, length).await, Ok(FileBegun { have: 0, complete: false }));
    assert_eq!(piece(&ann, &content, 0, 65_536).await, Ok(65_536));
    assert_eq!(piece(&ann, &content, 70_000, 10).await, Err("wrong_offset".into()));
    // Another session of the same user goes on where the first one was.
    let ann = server.user(1, "ann").await;
    assert_eq!(begin(&ann, &content, length).await, Ok(FileBegun { have: 65_536, complete: false }));
    assert_eq!(piece(&ann, &content, 65_536, 65_536).await, Ok(131_072));
    assert_eq!(call(&ann, "finish", &named(&content)).await, Err("incomplete".into()));
    assert_eq!(piece(&ann, &content, 131_072, 18_928).await, Ok(length));
    assert_eq!(call(&ann, "finish", &named(&content)).await, Ok(Value::Bool(true)));
    assert_eq!(begin(&ann, &content, length).await, Ok(FileBegun { have: length, complete: true }));
    let mut found = Vec::new();
    while found.len() < content.len() {
        found.extend(fetch(&ann, &content, found.len() as u64, 65_536).await.unwrap());
    }
    assert_eq!(found, content);
    let eve = server.user(2, "eve").await;
    assert_eq!(fetch(&eve, &content, 0, 1).await, Err("no_such_file".into()));
}

#[tokio::test]
async fn what_is_too_large_empty_unknown_or_false_is_refused_by_name() {
    let db = uchat_db::testkit::with_users(&["ann"]).await;
    let files = Files { max_bytes: 100, per_user_bytes: 150, total_bytes: 120, ..Files::default() };
    let server = server(&db, files);
    let ann = server.user(1, "ann").await;
    assert_eq!(begin(&ann, b"x", 101).await, Err("too_large".into()));
    assert_eq!(begin(&ann, b"x", 0).await, Err("empty".into()));
    assert_eq!(piece(&ann, b"x", 0, 1).await, Err("not_begun".into()));
    assert_eq!(piece(&ann, &vec![0; 70_000], 0, 65_537).await, Err("bad_length".into()));
    assert_eq!(fetch(&ann, b"x", 0, 65_537).await, Err("bad_length".into()));
    begin(&ann, b"first", 100).await.unwrap();
    assert_eq!(begin(&ann, b"second", 100).await, Err("quota_reached".into()));
    assert_eq!(begin(&ann, b"third", 21).await, Err("store_full".into()));
    assert_eq!(call(&ann, "cancel", &named(b"first")).await, Ok(Value::Bool(true)));
    assert_eq!(call(&ann, "cancel", &named(b"first")).await, Err("not_begun".into()));
    begin(&ann, b"right", 5).await.unwrap();
    assert_eq!(piece(&ann, b"right", 0, 5).await, Ok(5));
    let args = FileChunk { sha256: named(b"right").sha256, offset: 5, data: Bytes::from_static(b"!").into() };
    assert_eq!(call(&ann, "chunk", &args).await, Err("beyond_end".into()));
    begin(&ann, b"false", 5).await.unwrap();
    let args = FileChunk { data: Bytes::from_static(b"wrong").into(), offset: 0, ..chunk_of(b"false") };
    call(&ann, "chunk", &args).await.unwrap();
    assert_eq!(call(&ann, "finish", &named(b"false")).await, Err("wrong_hash".into()));
    assert_eq!(call(&ann, "finish", &named(b"false")).await, Err("not_begun".into()));
}

fn chunk_of(content: &'static [u8]) -> FileChunk {
    FileChunk { sha256: named(content).sha256, offset: 0, data: Bytes::from_static(content).into() }
}
