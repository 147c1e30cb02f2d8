//! `Thu Jan 01 01:00:00 UTC 2026`: what a REST API makes of a time in its authorizer's claims.

use upsign_core::{Civil, Timestamp};

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The instant of `java.util.Date.toString()` in UTC; `None` for anything else.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let parts: Vec<&str> = text.split(' ').collect();
    let [_, month, day, time, "UTC" | "GMT", year] = parts.as_slice() else { return None };
    let clock: Vec<&str> = time.split(':').collect();
    let [hour, minute, second] = clock.as_slice() else { return None };
    let month = MONTHS.iter().position(|name| name == month)? + 1;
    Timestamp::from_civil(Civil {
        year: digits(year, 4)?,
        month: u8::try_from(month).ok()?,
        day: two(day)?,
        hour: two(hour)?,
        minute: two(minute)?,
        second: two(second)?,
    })
}

fn two(text: &str) -> Option<u8> {
    u8::try_from(digits(text, 2)?).ok()
}

fn digits(text: &str, count: usize) -> Option<u16> {
    let fits = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn java_dates() {
        assert_eq!(parse("Thu Jan 01 01:00:00 UTC 2026").unwrap().to_string(), "2026-01-01T01:00:00Z");
        assert_eq!(parse("Tue Apr 04 18:39:39 UTC 2023").unwrap().to_string(), "2023-04-04T18:39:39Z");
        for text in [
            "",
            "1767229200",
            "Thu Jan 01 01:00:00 CET 2026",
            "Thu Jan 32 01:00:00 UTC 2026",
            "Thu Feb 29 01:00:00 UTC 2026",
            "Thu Foo 01 01:00:00 UTC 2026",
            "Thu Jan 1 01:00:00 UTC 2026",
            "Thu Jan 01 01:00 UTC 2026",
            "Thu Jan 01 01:00:00 UTC +026",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
