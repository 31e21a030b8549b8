//! Status: what each plug-in has done since the start, for operators.

use std::time::Duration;

use uchat_framework::codec::chat::operator::{Failure, PluginStatus, ServerStatus};
use uchat_framework::prelude::*;
use uchat_framework::{Ledger, PluginReport};

/// Says what each plug-in has done since the start, and what failed last in it.
#[handler("uchat.operator.status", role = "operator")]
async fn status(ledger: Ledger, online: Online) -> Result<ServerStatus> {
    Ok(ServerStatus {
        uptime_seconds: ledger.uptime().as_secs(),
        online: u64::try_from(online.count())?,
        plugins: ledger.report().into_iter().map(plugin).collect(),
    })
}

fn plugin(report: PluginReport) -> PluginStatus {
    let failure = |last: uchat_framework::LastFailure| Failure {
        function: last.function.to_owned(),
        message: last.message,
        seconds_ago: last.ago.as_secs(),
    };
    PluginStatus {
        plugin: report.plugin,
        requests: report.requests,
        refused: report.refused,
        failed: report.failed,
        background: report.background,
        background_failed: report.background_failed,
        mean_micros: micros(report.mean),
        longest_micros: micros(report.longest),
        last_failure: report.last_failure.map(failure),
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uchat_framework::codec::{Value, from_value};
    use uchat_framework::testkit::{TestClient, TestServer};

    /// Fails, to be seen failing.
    #[handler("test.fail")]
    async fn fail() -> Result<()> {
        Err(std::io::Error::other("the disk is full").into())
    }

    /// Fails when somebody comes.
    #[hook]
    async fn stumble(_event: UserOnline) -> Result<()> {
        Err(std::io::Error::other("stumbled").into())
    }

    async fn asked(client: &TestClient) -> Option<ServerStatus> {
        let answers = client.call("uchat.operator.status", &()).await.unwrap();
        let ok = answers.last().and_then(|(_, value)| value.get("ok"))?;
        Some(from_value(Value::clone(ok)).unwrap())
    }

    #[tokio::test]
    async fn operators_see_what_was_done_and_what_failed_last_and_others_do_not() {
        let server = TestServer::new(|builder| builder).unwrap();
        let operator = server.connect();
        operator.sign_in(1, "root", &["operator".into()]).await;
        let ann = server.user(2, "ann").await;
        assert!(asked(&ann).await.is_none());
        ann.call("test.fail", &()).await.unwrap();
        let status = asked(&operator).await.unwrap();
        assert_eq!((status.online, status.plugins.len()), (2, 1));
        let plugin = &status.plugins[0];
        assert_eq!(plugin.plugin, "uchat-status");
        assert_eq!((plugin.requests, plugin.refused, plugin.failed), (2, 1, 1));
        assert_eq!((plugin.background, plugin.background_failed), (2, 2));
        let last = plugin.last_failure.as_ref().unwrap();
        assert_eq!((last.function.as_str(), last.message.as_str()), ("fail", "the disk is full"));
    }
}
