//! Points in time as the API writes them.

use std::time::{SystemTime, UNIX_EPOCH};

/// Returns whether this time is over by the clock of this machine. A text that is not understood is not.
pub(crate) fn is_past(text: &str) -> bool {
    #[expect(
        clippy::disallowed_methods,
        reason = "the refusal of an expired token is explained at the time of the refusal"
    )]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    unix_seconds(text).is_some_and(|time| time <= now.as_secs())
}

/// Reads a time in UTC such as `2026-01-31T12:00:00Z` (RFC 3339). Fractions of seconds are cut off.
fn unix_seconds(text: &str) -> Option<u64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let time = time.split_once('.').map_or(time, |(time, _)| time);
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(time, ':')?;
    let is_possible = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !is_possible {
        return None;
    }
    // Years begin in March, so that the leap day is their last one:
    // <https://howardhinnant.github.io/date_algorithms.html#days_from_civil>.
    let year = year - u64::from(month <= 2);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = year * 365 + year / 4 - year / 100 + year / 400 + day_of_year;
    let days = days.checked_sub(719_468)?;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

fn numbers(text: &str, separator: char) -> Option<[u64; 3]> {
    let numbers: Option<Vec<u64>> = text.split(separator).map(|number| number.parse().ok()).collect();
    numbers?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        // `date -u -d … +%s`
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T23:59:59Z", 951_868_799),
            ("2000-03-01T00:00:00Z", 951_868_800),
            ("2026-01-31T12:00:00Z", 1_769_860_800),
            ("2026-01-31T12:00:00.123Z", 1_769_860_800),
            ("2100-12-31T23:59:59Z", 4_133_980_799),
        ] {
            assert_eq!(unix_seconds(text), Some(seconds), "{text}");
        }
        for text in
            ["", "2026-01-31", "2026-01-31T12:00:00", "2026-13-31T12:00:00Z", "2026-01-31T25:00:00Z", "aTbZ"]
        {
            assert_eq!(unix_seconds(text), None, "{text}");
            assert!(!is_past(text));
        }
        assert!(is_past("2020-01-01T00:00:00Z") && !is_past("9999-01-01T00:00:00Z"));
    }
}
