//! Files in pieces (PROTOCOL.md §5.12): up from one client, down to the other one.

use std::time::Instant;

use anyhow::bail;
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use uchat_codec::chat::{
    Call, CallResult, FILE_BEGIN, FILE_CHUNK, FILE_FETCH, FILE_FINISH, FileBegin, FileChunk, FileFetch,
    FileHash, FileNamed, FilePiece, FileRef, MAX_PIECE, SEND, SendOnce, TARGET_USER,
};
use uchat_codec::{Blob, Limits, Message, Value, encode_message, from_value, opcode, to_value};

use crate::link::Link;
use crate::pairs::Names;
use crate::people::Person;
use crate::server::Server;

/// Pieces under way at the same time.
const UNDER_WAY: usize = 8;
/// Bytes that are sent in all.
const TOTAL: usize = 128_000_000;

/// Files of so many bytes, one after the other: each is brought, told of and fetched.
pub(crate) async fn one_way(server: &Server, from: &Person, to: &Person, bytes: usize) -> anyhow::Result<()> {
    let (mut up, mut down) = (from.enter(server.address).await?, to.enter(server.address).await?);
    let names = Names::new();
    let files: Vec<Bytes> = (0..TOTAL / bytes).map(|number| content(bytes, number)).collect();
    let known: Vec<FileHash> = files.iter().map(|file| FileHash(Sha256::digest(file).into())).collect();
    let (spent, began) = (server.processor_time()?, Instant::now());
    for (file, sha256) in files.iter().zip(&known) {
        bring(&mut up, file, *sha256).await?;
        tell(&mut up, to.id, file, *sha256, &names).await?;
    }
    let (spent_up, up_took) = (server.processor_time()?, began.elapsed());
    let began = Instant::now();
    for (file, sha256) in files.iter().zip(&known) {
        fetch(&mut down, file.len(), *sha256).await?;
    }
    let (spent_down, down_took) = (server.processor_time()?, began.elapsed());
    #[allow(clippy::cast_precision_loss, reason = "a figure to look at")]
    let megabytes = (files.len() * bytes) as f64 / 1e6;
    println!(
        "files of {} MB in pieces: up {:.0} MB/s ({:.2} ms of the server's processor per MB), down {:.0} MB/s ({:.2} ms per MB)",
        bytes / 1_000_000,
        megabytes / up_took.as_secs_f64(),
        spent_up.saturating_sub(spent).as_secs_f64() * 1e3 / megabytes,
        megabytes / down_took.as_secs_f64(),
        spent_down.saturating_sub(spent_up).as_secs_f64() * 1e3 / megabytes,
    );
    Ok(())
}

fn content(bytes: usize, number: usize) -> Bytes {
    let mut content = vec![b'.'; bytes];
    content.iter_mut().zip(format!("{bytes} {number}").bytes()).for_each(|(to, byte)| *to = byte);
    content.into()
}

async fn bring(link: &mut Link, file: &Bytes, sha256: FileHash) -> anyhow::Result<()> {
    link.call(FILE_BEGIN, &FileBegin { sha256, size: file.len() as u64 }).await?;
    let pieces = (0..file.len()).step_by(MAX_PIECE).map(|offset| {
        let data = Blob(file.slice(offset..(offset + MAX_PIECE).min(file.len())));
        to_value(&FileChunk { sha256, offset: offset as u64, data })
    });
    ask_all(link, FILE_CHUNK, pieces, |_| Ok(())).await?;
    link.call(FILE_FINISH, &FileNamed { sha256 }).await?;
    Ok(())
}

async fn tell(link: &mut Link, to: u64, file: &Bytes, sha256: FileHash, names: &Names) -> anyhow::Result<()> {
    let file = FileRef { sha256, size: file.len() as u64, name: "file".into(), thumbnail: Blob::default() };
    let (id, message) = (Blob::from(names.next()), file.into_message()?);
    link.call(SEND, &SendOnce { target_type: TARGET_USER, target_id: to, id, message }).await?;
    Ok(())
}

async fn fetch(link: &mut Link, size: usize, sha256: FileHash) -> anyhow::Result<()> {
    let pieces = (0..size).step_by(MAX_PIECE).map(|offset| {
        let length = u32::try_from(MAX_PIECE.min(size - offset)).unwrap_or(u32::MAX);
        to_value(&FileFetch { sha256, offset: offset as u64, length })
    });
    let mut got = 0;
    ask_all(link, FILE_FETCH, pieces, |answer| {
        let piece: FilePiece = from_value(answer)?;
        got += piece.data.0.len();
        Ok(())
    })
    .await?;
    if got == size { Ok(()) } else { bail!("{got} bytes of {size} came") }
}

/// Makes calls, some of them under way at the same time; the answers come in their order.
async fn ask_all(
    link: &mut Link,
    name: &str,
    calls: impl Iterator<Item = Result<Value, uchat_codec::EncodeError>>,
    mut answered: impl FnMut(Value) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut under_way = 0;
    for args in calls {
        if under_way == UNDER_WAY {
            answered(answer(link).await?)?;
            under_way -= 1;
        }
        let call = Call { name: name.to_owned(), id: 0, args: args? };
        link.output.send(&[encode_message(opcode::CALL, &call)?]).await?;
        under_way += 1;
    }
    for _ in 0..under_way {
        answered(answer(link).await?)?;
    }
    Ok(())
}

async fn answer(link: &mut Link) -> anyhow::Result<Value> {
    loop {
        let message = Message::decode(link.input.next().await?, &Limits::default())?;
        if message.opcode == opcode::CALL_RESULT {
            let result: CallResult = from_value(message.parameters)?;
            match result.outcome {
                Ok(answer) => return Ok(answer),
                Err(error) => bail!("refused: {} {}", error.code, error.message),
            }
        }
    }
}
