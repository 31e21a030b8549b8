//! Times as people say them.

use chrono::{DateTime, Datelike as _, Local, NaiveDate, TimeZone as _, Weekday};

use crate::texts::Texts;

/// The local time of milliseconds since 1970 UTC.
pub fn local(time: u64) -> Option<DateTime<Local>> {
    Local.timestamp_millis_opt(i64::try_from(time).ok()?).single()
}

/// A time in a list: the clock today, then yesterday, then the weekday, then the date.
pub fn short(texts: &Texts, time: u64, now: u64) -> String {
    let (Some(time), Some(now)) = (local(time), local(now)) else { return String::new() };
    match (now.date_naive() - time.date_naive()).num_days() {
        ..=0 => time.format("%H:%M").to_string(),
        1 => texts.get("t-yesterday"),
        2..=6 => weekday(texts, time.weekday()),
        _ => date(texts, time.date_naive(), now.date_naive()),
    }
}

fn weekday(texts: &Texts, day: Weekday) -> String {
    texts.get(match day {
        Weekday::Mon => "t-monday",
        Weekday::Tue => "t-tuesday",
        Weekday::Wed => "t-wednesday",
        Weekday::Thu => "t-thursday",
        Weekday::Fri => "t-friday",
        Weekday::Sat => "t-saturday",
        Weekday::Sun => "t-sunday",
    })
}

fn date(texts: &Texts, day: NaiveDate, today: NaiveDate) -> String {
    let key = if day.year() == today.year() { "t-day-month" } else { "t-day-month-year" };
    let args = [
        ("day", day.day().to_string().into()),
        ("month", day.month().to_string().into()),
        ("year", day.year().to_string().into()),
    ];
    texts.with(key, &args)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::Language;

    fn at(year: i32, month: u32, day: u32, hour: u32) -> u64 {
        let time = Local.with_ymd_and_hms(year, month, day, hour, 5, 0).single().unwrap();
        u64::try_from(time.timestamp_millis()).unwrap()
    }

    #[test]
    fn times_are_said_as_people_say_them() {
        let (en, zh) = (Texts::new(Language::En), Texts::new(Language::Zh));
        let now = at(2026, 11, 20, 12);
        let cases = [
            (at(2026, 11, 20, 9), "09:05", "09:05"),
            (at(2026, 11, 19, 23), "Yesterday", "昨天"),
            (at(2026, 11, 16, 1), "Mon", "周一"),
            (at(2026, 3, 2, 1), "2/3", "3月2日"),
            (at(2025, 3, 2, 1), "2/3/2025", "2025/3/2"),
        ];
        for (time, english, chinese) in cases {
            assert_eq!((short(&en, time, now), short(&zh, time, now)), (english.into(), chinese.into()));
        }
    }

    #[test]
    fn a_clock_that_was_set_back_harms_nobody() {
        let texts = Texts::new(Language::En);
        assert_eq!(short(&texts, at(2026, 11, 21, 9), at(2026, 11, 20, 9)), "09:05");
        assert_eq!(short(&texts, u64::MAX, 0), "");
    }
}
