//! Points in time as servers write them. They are compared with each other, and not with the clock of this machine.

/// Reads a time in UTC such as `2026-01-31T12:00:00Z` (RFC 3339). Fractions of seconds are cut off.
pub(crate) fn rfc3339_seconds(text: &str) -> Option<u64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let time = time.split_once('.').map_or(time, |(time, _)| time);
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(time, ':')?;
    seconds([year, month, day], [hour, minute, second])
}

/// Reads the time in a header `Date`, such as `Sun, 06 Nov 1994 08:49:37 GMT`
/// (<https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7>).
pub(crate) fn http_date_seconds(text: &str) -> Option<u64> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let fields: Vec<&str> = text.split(' ').collect();
    let [_, day, month, year, time, "GMT"] = fields[..] else { return None };
    let month = (1..).zip(MONTHS).find_map(|(number, name)| (name == month).then_some(number))?;
    seconds([year.parse().ok()?, month, day.parse().ok()?], numbers(time, ':')?)
}

/// Returns the seconds since 1970, or `None` for a date that cannot be.
fn seconds([year, month, day]: [u64; 3], [hour, minute, second]: [u64; 3]) -> Option<u64> {
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
        assert_eq!(http_date_seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(http_date_seconds("Sat, 31 Jan 2026 12:00:00 GMT"), Some(1_769_860_800));
        for text in [
            "",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun, 06 Foo 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 CET",
        ] {
            assert_eq!(http_date_seconds(text), None, "{text}");
        }
        // `date -u -d … +%s`
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T23:59:59Z", 951_868_799),
            ("2000-03-01T00:00:00Z", 951_868_800),
            ("2026-01-31T12:00:00Z", 1_769_860_800),
            ("2026-01-31T12:00:00.123Z", 1_769_860_800),
            ("2100-12-31T23:59:59Z", 4_133_980_799),
        ] {
            assert_eq!(rfc3339_seconds(text), Some(seconds), "{text}");
        }
        for text in
            ["", "2026-01-31", "2026-01-31T12:00:00", "2026-13-31T12:00:00Z", "2026-01-31T25:00:00Z", "aTbZ"]
        {
            assert_eq!(rfc3339_seconds(text), None, "{text}");
        }
    }
}
