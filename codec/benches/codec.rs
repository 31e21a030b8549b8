//! How fast frames are sealed and opened, values written and read, and keys agreed on.
#![allow(clippy::unwrap_used, reason = "a bench that can't go on should stop")]

use std::hint::black_box;
use std::sync::Arc;

use aegis::aegis128l::Aegis128L;
use aes::Aes256Enc;
use aes::cipher::{Array, BlockModeEncrypt, InnerIvInit};
use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};
use bytes::BytesMut;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use hmac::{Hmac, Mac};
use md5::{Digest, Md5};
use sha2::Sha256;
use tokio_util::codec::Decoder;
use uchat_codec::chat::{FriendInfo, LoginBundle, MessageBody, NewMessage, RoomInfo, UserInfo};
use uchat_codec::{
    Blob, ClassicKey, ClassicKeyPair, DhParams, Frame, FrameCodec, Handshake, Limits, Message, Opener,
    Sealer, StrongClient, StrongIdentity, StrongKeys, StrongServer, encode_message, encode_to, from_value,
    opcode,
};

const MAX_BODY: usize = 40 << 20;

fn frame(sealed: &[u8]) -> Frame {
    FrameCodec::new(MAX_BODY).decode(&mut BytesMut::from(sealed)).unwrap().unwrap()
}

const LENGTHS: [(&str, usize); 3] = [("100 B", 100), ("4 KiB", 4 << 10), ("1 MiB", 1 << 20)];

fn classic_frames(criterion: &mut Criterion) {
    let key = ClassicKey::new([7; 32]);
    for (name, length) in LENGTHS {
        let plaintext = vec![1; length];
        let (mut sealer, mut opener) = (key.sealer(MAX_BODY), key.opener());
        let mut group = criterion.benchmark_group("classic");
        group.throughput(Throughput::Bytes(length as u64));
        let mut out = BytesMut::new();
        group.bench_function(format!("seal {name}"), |bencher| {
            bencher.iter(|| {
                out.clear();
                sealer.seal(black_box(&plaintext), &mut out).unwrap();
            });
        });
        out.clear();
        sealer.seal(&plaintext, &mut out).unwrap();
        group.bench_function(format!("open {name}"), |bencher| {
            bencher.iter_batched(|| frame(&out), |frame| opener.open(frame).unwrap(), BatchSize::LargeInput);
        });
    }
}

/// Each frame can be opened once, so opening is measured together with sealing.
fn strong_frames(criterion: &mut Criterion) {
    let keys = || StrongKeys::new(&[7; 32], &[8; 32], &[9; 32]);
    for (name, length) in LENGTHS {
        let plaintext = vec![1; length];
        let ((mut sealer, _), (_, mut opener)) = (keys().client(MAX_BODY), keys().server(MAX_BODY));
        let mut group = criterion.benchmark_group("strong");
        group.throughput(Throughput::Bytes(length as u64));
        let mut out = BytesMut::new();
        group.bench_function(format!("seal {name}"), |bencher| {
            let (mut sealer, _) = keys().client(MAX_BODY);
            bencher.iter(|| {
                out.clear();
                sealer.seal(black_box(&plaintext), &mut out).unwrap();
            });
        });
        group.bench_function(format!("open {name}"), |bencher| {
            bencher.iter_batched(
                || {
                    out.clear();
                    sealer.seal(&plaintext, &mut out).unwrap();
                    frame(&out)
                },
                |frame| opener.open(frame).unwrap(),
                BatchSize::PerIteration,
            );
        });
    }
}

/// What the suites are made of, and what could be used instead.
fn parts(criterion: &mut Criterion) {
    for (name, length) in LENGTHS {
        let mut buffer = vec![1; length.next_multiple_of(16)];
        let mut group = criterion.benchmark_group("parts");
        group.throughput(Throughput::Bytes(length as u64));
        let cipher = Aes256Enc::new(&[7; 32].into());
        group.bench_function(format!("AES-256-CBC {name}"), |bencher| {
            bencher.iter(|| {
                let (blocks, _) = Array::slice_as_chunks_mut(&mut buffer);
                cbc::Encryptor::inner_iv_init(&cipher, &[8; 16].into()).encrypt_blocks(blocks);
            });
        });
        group
            .bench_function(format!("MD5 {name}"), |bencher| bencher.iter(|| Md5::digest(&buffer[..length])));
        let mac = Hmac::<Sha256>::new_from_slice(&[7; 32]).unwrap();
        group.bench_function(format!("HMAC-SHA-256 {name}"), |bencher| {
            bencher.iter(|| mac.clone().chain_update(&buffer[..length]).finalize());
        });
        let gcm = Aes256Gcm::new(&[7; 32].into());
        group.bench_function(format!("AES-256-GCM {name}"), |bencher| {
            bencher.iter(|| {
                gcm.encrypt_inout_detached(&[8; 12].into(), b"", (&mut buffer[..length]).into()).unwrap()
            });
        });
        group.bench_function(format!("AEGIS-128L {name}"), |bencher| {
            bencher.iter(|| {
                Aegis128L::<16>::new(&[7; 16], &[8; 16]).encrypt_in_place(&mut buffer[..length], b"")
            });
        });
    }
}

fn new_message(text: &str) -> NewMessage {
    NewMessage {
        message: MessageBody::text(text).into_value().unwrap(),
        sender_id: 1,
        sender_name: "alice".into(),
        target_type: 0,
        time: 1_562_754_761_321,
        target_id: 2,
    }
}

/// 50 friends, 10 rooms, 500 messages.
fn bundle() -> LoginBundle {
    let user = |id| UserInfo {
        id,
        username: format!("user{id}"),
        ip: "192.168.1.5".into(),
        port: "2333".into(),
        online: id % 2 == 0,
    };
    let mut message = BytesMut::new();
    encode_to(&new_message("how are you today?"), &mut message).unwrap();
    let message = Blob(message.freeze());
    LoginBundle {
        rooms: (0..10).map(|id| RoomInfo::new(id, format!("room {id}"))).collect(),
        friends: (0..50).map(|id| FriendInfo::from(user(id))).collect(),
        messages: (0..500).map(|_| (message.clone(), 1)).collect(),
    }
}

fn values(criterion: &mut Criterion) {
    let (message, bundle) = (new_message("how are you today?"), bundle());
    criterion.bench_function("on_new_message encode", |bencher| {
        bencher.iter(|| encode_message(opcode::ON_NEW_MESSAGE, black_box(&message)).unwrap());
    });
    criterion.bench_function("login_bundle encode", |bencher| {
        bencher.iter(|| encode_message(opcode::LOGIN_BUNDLE, black_box(&bundle)).unwrap());
    });
    let limits = Limits::default();
    let bytes = encode_message(opcode::ON_NEW_MESSAGE, &message).unwrap();
    criterion.bench_function("on_new_message decode", |bencher| {
        bencher.iter(|| {
            let message = Message::decode(black_box(bytes.clone()), &limits).unwrap();
            from_value::<NewMessage>(message.parameters).unwrap()
        });
    });
    let bytes = encode_message(opcode::LOGIN_BUNDLE, &bundle).unwrap();
    criterion.bench_function("login_bundle decode", |bencher| {
        bencher.iter(|| {
            let message = Message::decode(black_box(bytes.clone()), &limits).unwrap();
            from_value::<LoginBundle>(message.parameters).unwrap()
        });
    });
}

fn handshake(criterion: &mut Criterion) {
    let pair = || ClassicKeyPair::generate(&DhParams::default(), &mut rand::rng()).unwrap();
    let (one, other) = (pair(), pair());
    criterion.bench_function("handshake agree", |bencher| {
        bencher.iter(|| one.agree(black_box(other.public())).unwrap());
    });
}

/// Both sides of a whole strong handshake; `elem/s` are handshakes.
fn strong_handshake(criterion: &mut Criterion) {
    let identity = || Arc::new(StrongIdentity::generate(&mut rand::rng()));
    let (one, other, limits) = (identity(), identity(), Limits::default());
    let mut group = criterion.benchmark_group("strong");
    group.throughput(Throughput::Elements(1));
    group.bench_function("handshake, both sides", |bencher| {
        bencher.iter(|| {
            let mut client = StrongClient::new(Arc::clone(&one), &limits);
            let mut server = StrongServer::new(Arc::clone(&other), &limits);
            let (mut to_server, mut to_client) = (BytesMut::new(), BytesMut::new());
            for _ in 0..2 {
                client.advance(&mut to_client, &mut to_server).unwrap();
                server.advance(&mut to_server, &mut to_client).unwrap();
            }
            Box::new(server).finish().unwrap()
        });
    });
}

criterion_group!(benches, classic_frames, strong_frames, parts, values, handshake, strong_handshake);
criterion_main!(benches);
