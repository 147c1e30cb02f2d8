//! Times in the claims of a REST API, which formats them as `java.util.Date` does: `Thu Jan 01 01:00:00 UTC 2026`.

use upsign_core::{CivilDateTime, Timestamp};

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Parses the result of `java.util.Date.toString()` in UTC. Returns `None` for anything else.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let parts: Vec<&str> = text.split(' ').collect();
    let [_, month, day, time, "UTC" | "GMT", year] = parts.as_slice() else { return None };
    let clock: Vec<&str> = time.split(':').collect();
    let [hour, minute, second] = clock.as_slice() else { return None };
    let month = MONTHS.iter().position(|name| name == month)? + 1;
    Timestamp::from_civil(CivilDateTime {
        year: digits(year, 4)?,
        month: u8::try_from(month).ok()?,
        day: two_digits(day)?,
        hour: two_digits(hour)?,
        minute: two_digits(minute)?,
        second: two_digits(second)?,
    })
}

fn two_digits(text: &str) -> Option<u8> {
    u8::try_from(digits(text, 2)?).ok()
}

fn digits(text: &str, count: usize) -> Option<u16> {
    let is_number = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_java_dates_in_utc_are_parsed() {
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
