//! `uchat status`: what the plug-ins of the running server have done since its start.

use anyhow::{Context, Result};
use uchat_codec::chat::operator::{Failure, PluginStatus, STATUS, ServerStatus};

use crate::{SettingsArgs, settings, user};

/// Asks the running server and prints what it says.
pub(crate) fn run(args: &SettingsArgs, json: bool) -> Result<()> {
    let settings = settings::load(args)?.settings;
    let status: ServerStatus = user::ask_running(&settings, STATUS)
        .with_context(|| format!("no server answers that runs on {}", settings.server.data.display()))?;
    if json {
        println!("{}", serde_json::to_string_pretty(&status)?);
    } else {
        print!("{}", table(&status));
    }
    Ok(())
}

fn table(status: &ServerStatus) -> String {
    let width = status.plugins.iter().map(|one| one.plugin.len()).max().unwrap_or(0).max(7);
    let head = format!(
        "up for {}, {} online\n{:width$}  requests  refused  failed  mean ms  longest ms  background  failed\n",
        span(status.uptime_seconds),
        status.online,
        "plug-in"
    );
    let lines = status.plugins.iter().map(|one| line(one, width));
    let failures = status.plugins.iter().filter_map(|one| {
        let Failure { function, message, seconds_ago } = one.last_failure.as_ref()?;
        Some(format!("{}: `{function}` failed {} ago: {message}\n", one.plugin, span(*seconds_ago)))
    });
    std::iter::once(head).chain(lines).chain(failures).collect()
}

fn line(one: &PluginStatus, width: usize) -> String {
    format!(
        "{:width$}  {:>8}  {:>7}  {:>6}  {:>7}  {:>10}  {:>10}  {:>6}\n",
        one.plugin,
        one.requests,
        one.refused,
        one.failed,
        milliseconds(one.mean_micros),
        milliseconds(one.longest_micros),
        one.background,
        one.background_failed,
    )
}

fn milliseconds(micros: u64) -> String {
    format!("{}.{:02}", micros / 1000, micros % 1000 / 10)
}

/// The two largest units of a time.
fn span(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {} s", seconds % 60),
        (0, _, _) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_the_last_failure_are_told_in_lines() {
        let failure = Failure { function: "roll".into(), message: "no dice".into(), seconds_ago: 75 };
        let dice = PluginStatus {
            plugin: "uchat-dice".into(),
            requests: 7,
            refused: 1,
            failed: 2,
            mean_micros: 1230,
            longest_micros: 90_000,
            last_failure: Some(failure),
            ..PluginStatus::default()
        };
        let text = table(&ServerStatus { uptime_seconds: 90_000, online: 3, plugins: vec![dice] });
        assert_eq!(
            text,
            "up for 1 d 1 h, 3 online\n\
             plug-in     requests  refused  failed  mean ms  longest ms  background  failed\n\
             uchat-dice         7        1       2     1.23       90.00           0       0\n\
             uchat-dice: `roll` failed 1 min 15 s ago: no dice\n"
        );
    }
}
