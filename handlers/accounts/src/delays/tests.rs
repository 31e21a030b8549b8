//! Who has to wait, for how long, and who never has to.

use tokio::time::advance;

use super::*;

const HOME: &str = "10.0.0.1";
const ELSEWHERE: &str = "10.0.0.2";

fn delays() -> Delays {
    let mut settings = Settings::default();
    settings.accounts.tracked_failures = 50;
    Delays::new(&settings)
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// An attempt that fails, or the seconds until the next may be made.
fn fail(delays: &Delays, account: &str, from: &str) -> Result<(), u64> {
    delays.admit(account, ip(from)).map(drop).map_err(|wait| wait.as_secs())
}

/// An attempt with the right password: how long it takes longer, or the seconds until the next may be made.
fn succeed(delays: &Delays, account: &str, from: &str) -> Result<Duration, u64> {
    let (mut attempt, wait) = delays.admit(account, ip(from)).map_err(|wait| wait.as_secs())?;
    attempt.outcome = Outcome::Succeeded;
    Ok(wait)
}

async fn seconds(count: u64) {
    advance(Duration::from_secs(count)).await;
}

#[tokio::test(start_paused = true)]
async fn each_failure_after_the_first_ones_doubles_the_wait_up_to_the_most() {
    let delays = delays();
    for _ in 0..FREE_HERE {
        assert_eq!(fail(&delays, "ann", HOME), Ok(()));
    }
    for expected in [1, 2, 4, 8, 16, 32, 60, 60] {
        assert_eq!(fail(&delays, "ann", HOME), Err(expected));
        seconds(expected - 1).await;
        assert_eq!(fail(&delays, "ann", HOME), Err(1), "an attempt that is refused changes nothing");
        seconds(1).await;
        assert_eq!(fail(&delays, "ann", HOME), Ok(()));
    }
    seconds(3600).await;
    assert_eq!(fail(&delays, "ann", HOME), Ok(()));
    assert_eq!(fail(&delays, "ann", HOME), Ok(()), "everything is forgotten after a time");
}

#[tokio::test(start_paused = true)]
async fn the_owner_gets_in_from_another_place_whatever_a_stranger_does() {
    let delays = delays();
    let mut longest = Duration::ZERO;
    for _ in 0..300 {
        let _ = fail(&delays, "ann", ELSEWHERE);
        seconds(61).await;
        longest = longest.max(succeed(&delays, "ann", HOME).unwrap());
    }
    assert_eq!(longest, MOST_WAIT, "it takes a moment longer, and no more than that");
    assert_eq!(succeed(&delays, "bob", HOME), Ok(Duration::ZERO), "others notice nothing");
}

#[tokio::test(start_paused = true)]
async fn a_success_clears_the_account_at_that_place() {
    let delays = delays();
    for _ in 0..5 {
        for _ in 0..FREE_HERE - 1 {
            assert_eq!(fail(&delays, "ann", HOME), Ok(()));
        }
        assert!(succeed(&delays, "ann", HOME).is_ok());
        seconds(10).await;
    }
}

#[tokio::test(start_paused = true)]
async fn one_password_on_many_accounts_is_slowed_by_the_place_also_between_successes() {
    let delays = delays();
    for account in 0..FREE_OF_A_PLACE {
        assert!(succeed(&delays, "mine", HOME).is_ok());
        assert_eq!(fail(&delays, &format!("user{account}"), HOME), Ok(()));
    }
    assert_eq!(fail(&delays, "another", HOME), Err(1));
    for account in 0..10 {
        seconds(6).await;
        assert_eq!(fail(&delays, &format!("more{account}"), HOME), Ok(()));
    }
    assert_eq!(fail(&delays, "another", HOME), Err(6), "a tenth of the most");
    assert_eq!(fail(&delays, "another", ELSEWHERE), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn guesses_at_the_same_time_are_no_way_around() {
    let delays = delays();
    let under_way: Vec<_> = (0..100).filter_map(|_| delays.admit("ann", ip(HOME)).ok()).collect();
    assert_eq!(under_way.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_failed_inside_is_nobodys_failure() {
    let delays = delays();
    for _ in 0..20 {
        let broken = delays.attempt("ann", ip(HOME), async { Err::<Option<()>, _>(TooSoon.into()) }).await;
        assert!(broken.is_err());
    }
    assert_eq!(succeed(&delays, "ann", HOME), Ok(Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn neighbours_in_one_ipv6_network_are_one_place() {
    let delays = delays();
    for host in 0..FREE_HERE {
        assert_eq!(fail(&delays, "ann", &format!("2001:db8::{host}:1")), Ok(()));
    }
    assert_eq!(fail(&delays, "ann", "2001:db8::ffff"), Err(1));
    assert_eq!(fail(&delays, "ann", "2001:db8:0:1::1"), Ok(()));
    assert_eq!(prefix(ip("::ffff:10.0.0.1")), ip(HOME));
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_names_neither_grows_the_tables_nor_washes_out_who_has_failed_most() {
    let delays = delays();
    for _ in 0..6 {
        let _ = fail(&delays, "ann", HOME);
        seconds(10).await;
    }
    for number in 0..500 {
        let _ = fail(&delays, &format!("user{number}"), &format!("10.1.{}.{}", number / 250, number % 250));
    }
    let tables = delays.tables();
    for table in [&tables.here, &tables.places, &tables.accounts] {
        assert_eq!(table.entries.len(), 50);
    }
    drop(tables);
    assert!(fail(&delays, "ann", HOME).is_ok() && fail(&delays, "ann", HOME).is_err());
}

#[tokio::test(start_paused = true)]
async fn the_refusal_says_when_to_come_again() {
    let delays = delays();
    for _ in 0..FREE_HERE {
        fail(&delays, "ann", HOME).unwrap();
    }
    let refused = delays.attempt("ann", ip(HOME), async { Ok(Some(())) }).await.unwrap_err();
    assert!(refused == TooSoon && refused.to_string().ends_with(": 1 s"), "{refused}");
}
