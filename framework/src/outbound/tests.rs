//! The queue and the feed: nothing lost, nothing twice, nothing unbounded.

use std::sync::Mutex;

use bytes::Bytes;

use super::*;
use crate::handler::BoxFuture;

/// A store of numbered one-byte messages.
#[derive(Default)]
struct Log {
    items: Mutex<Vec<(u64, Bytes)>>,
}

impl Log {
    fn store(&self, position: u64) -> Push {
        let bytes = Bytes::from(vec![u8::try_from(position).unwrap(); 10]);
        self.items.lock().unwrap().push((position, bytes.clone()));
        Push::encoded(bytes)
    }
}

impl Feed for Arc<Log> {
    fn after(&self, _user: UserId, position: u64, budget: usize) -> BoxFuture<Result<Vec<FeedItem>>> {
        let log = Arc::clone(self);
        Box::pin(async move {
            let items = log.items.lock().unwrap();
            let page = items.iter().filter(|(at, _)| *at > position).take((budget / 10).max(1));
            Ok(page.map(|(at, bytes)| FeedItem::new(*at, bytes.clone(), None)).collect())
        })
    }
}

fn outbound() -> Outbound {
    Outbound::new(Bounds { messages: 3, bytes: 30 })
}

/// Writes all there is, as the writer would.
async fn drain(outbound: &Outbound) -> Vec<u8> {
    let mut seen = Vec::new();
    loop {
        match outbound.step() {
            Step::Write(pushes) => seen.extend(pushes.iter().map(|push| push.bytes[0])),
            Step::End | Step::Wait => return seen,
            Step::Read(feed, user, position) => {
                let items = feed.after(user, position, outbound.bounds.bytes).await.unwrap();
                outbound.arrived(items);
            }
        }
    }
}

#[tokio::test]
async fn a_full_queue_refuses_but_takes_one_message_of_any_size() {
    let outbound = outbound();
    assert!(outbound.send(Push::encoded(Bytes::from(vec![1; 1000]))).is_ok());
    assert_eq!(outbound.send(Push::encoded(Bytes::from(vec![2; 1]))), Err(NotQueued::Full));
    assert_eq!(drain(&outbound).await, [1]);
    assert!(outbound.send(Push::encoded(Bytes::from(vec![2; 1]))).is_ok());
}

#[tokio::test]
async fn a_session_that_falls_behind_catches_up_from_the_feed_in_order_and_once() {
    let (log, outbound) = (Arc::new(Log::default()), outbound());
    outbound.follow(Arc::new(Arc::clone(&log)), 1, 0);
    assert!(drain(&outbound).await.is_empty());
    for position in 1..=20 {
        outbound.publish(position, log.store(position));
    }
    assert!(outbound.state().queue.len() <= 3, "the queue stays bounded");
    assert_eq!(drain(&outbound).await, (1..=20).collect::<Vec<u8>>());
    outbound.publish(21, log.store(21));
    assert_eq!(drain(&outbound).await, [21]);
}

#[tokio::test]
async fn an_item_that_nobody_published_is_read_from_the_feed_once() {
    let (log, outbound) = (Arc::new(Log::default()), outbound());
    outbound.follow(Arc::new(Arc::clone(&log)), 1, 0);
    assert!(drain(&outbound).await.is_empty());
    let (early, _unpublished) = (log.store(1), log.store(2));
    outbound.catch_up();
    assert_eq!(drain(&outbound).await, [1, 2]);
    outbound.publish(1, early);
    assert!(drain(&outbound).await.is_empty());
    let Step::Wait = outbound.step() else { panic!("it is live again") };
}

#[tokio::test]
async fn what_is_published_while_the_feed_is_being_read_is_not_lost() {
    let (log, outbound) = (Arc::new(Log::default()), outbound());
    outbound.follow(Arc::new(Arc::clone(&log)), 1, 0);
    let Step::Read(feed, user, position) = outbound.step() else { panic!("begins by reading") };
    let page = feed.after(user, position, 30).await.unwrap();
    assert!(page.is_empty());
    outbound.publish(1, log.store(1));
    outbound.arrived(page);
    assert_eq!(drain(&outbound).await, [1]);
}

#[tokio::test]
async fn what_is_behind_the_position_is_not_sent_again() {
    let (log, outbound) = (Arc::new(Log::default()), outbound());
    let (one, two) = (log.store(1), log.store(2));
    outbound.follow(Arc::new(Arc::clone(&log)), 1, 1);
    outbound.publish(1, one);
    outbound.publish(2, two);
    assert_eq!(drain(&outbound).await, [2]);
}

#[tokio::test]
async fn a_closed_queue_still_delivers_what_it_has_and_the_last_push() {
    let outbound = outbound();
    outbound.send(Push::encoded(Bytes::from_static(&[7]))).unwrap();
    outbound.close_with(Some(Push::encoded(Bytes::from_static(&[8]))));
    assert_eq!(outbound.send(Push::encoded(Bytes::from_static(&[9]))), Err(NotQueued::Closed));
    assert_eq!(drain(&outbound).await, [7, 8]);
    assert!(matches!(outbound.step(), Step::End));
}

#[tokio::test]
async fn answers_always_fit_and_the_next_request_waits_for_room() {
    let outbound = outbound();
    outbound.answer((1..=5).map(|byte| Push::encoded(Bytes::from(vec![byte; 30]))).collect());
    let waited = tokio::select! {
        biased;
        () = outbound.room() => false,
        () = std::future::ready(()) => true,
    };
    assert!(waited, "there is no room yet");
    assert_eq!(drain(&outbound).await, [1, 2, 3, 4, 5]);
    outbound.room().await;
}
