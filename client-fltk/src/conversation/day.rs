//! The day marks between messages.

use chrono::{DateTime, Datelike as _, Local, TimeZone as _};

use crate::texts::Texts;

/// The local time of milliseconds since 1970 UTC.
fn local(time: u64) -> Option<DateTime<Local>> {
    Local.timestamp_millis_opt(i64::try_from(time).ok()?).single()
}

/// Which day of the local calendar this is: equal numbers, same day.
pub fn number(time: u64) -> i32 {
    local(time).map_or(0, |time| time.date_naive().num_days_from_ce())
}

/// Hour and minute.
pub fn clock(time: u64) -> String {
    local(time).map(|time| time.format("%H:%M").to_string()).unwrap_or_default()
}

/// The day in words, as seen from `now`.
pub fn words(texts: &Texts, time: u64, now: u64) -> String {
    let (Some(time), Some(now)) = (local(time), local(now)) else { return String::new() };
    let (day, today) = (time.date_naive(), now.date_naive());
    match (today - day).num_days() {
        0 => return texts.get("t-today"),
        1 => return texts.get("t-yesterday"),
        _ => {}
    }
    let key = if day.year() == today.year() { "t-day" } else { "t-day-of-year" };
    let args = [
        ("year", day.year().to_string().into()),
        ("month", day.month().into()),
        ("day", day.day().into()),
        ("weekday", (day.weekday().num_days_from_monday() + 1).into()),
    ];
    texts.with(key, &args)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::Language;

    #[test]
    fn days_are_said_in_words() {
        let at = |year, month, day| {
            let time = Local.with_ymd_and_hms(year, month, day, 12, 0, 0).single().unwrap();
            u64::try_from(time.timestamp_millis()).unwrap()
        };
        let (en, zh) = (Texts::new(Language::En), Texts::new(Language::Zh));
        let now = at(2026, 11, 20);
        assert_eq!((words(&en, now, now), words(&zh, now, now)), ("Today".into(), "今天".into()));
        assert_eq!(words(&zh, at(2026, 11, 19), now), "昨天");
        assert_eq!(words(&en, at(2026, 11, 16), now), "Monday, November 16");
        assert_eq!(words(&zh, at(2026, 11, 16), now), "11月16日 星期一");
        assert_eq!(words(&en, at(2025, 2, 3), now), "February 3, 2025");
        assert_eq!(words(&zh, at(2025, 2, 3), now), "2025年2月3日");
    }
}
