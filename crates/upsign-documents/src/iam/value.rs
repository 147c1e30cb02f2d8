//! Typed values of conditions: numbers, dates and IP addresses.

use std::net::IpAddr;

/// Parses a finite number.
pub(super) fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|number| number.is_finite())
}

/// A point in time, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Date(pub(super) i64);

impl Date {
    /// Parses the forms that IAM documents: W3C's profile of ISO 8601 with a day at least, or seconds since 1970.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date>,
    /// <https://www.w3.org/TR/NOTE-datetime>.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Ok(seconds) = text.parse::<i64>() {
            return seconds.checked_mul(1_000).map(Self);
        }
        let (day, time) = text.split_once('T').map_or((text, None), |(day, time)| (day, Some(time)));
        let mut parts = day.split('-');
        let year = digits(parts.next()?, 4)?;
        let month = digits(parts.next()?, 2).filter(|month| (1..=12).contains(month))?;
        let date = digits(parts.next()?, 2).filter(|date| (1..=31).contains(date))?;
        let midnight = days_since_1970(year, month, date).checked_mul(86_400_000)?;
        match (parts.next(), time) {
            (None, None) => Some(Self(midnight)),
            (None, Some(time)) => midnight.checked_add(time_of_day(time)?).map(Self),
            _ => None,
        }
    }
}

/// Returns the milliseconds since midnight UTC of `hh:mm[:ss[.s…]]` with a zone, `Z` or `±hh:mm`.
fn time_of_day(text: &str) -> Option<i64> {
    let (time, offset) = match text.strip_suffix('Z') {
        Some(time) => (time, 0),
        None => {
            let at = text.rfind(['+', '-'])?;
            let (time, zone) = text.split_at_checked(at)?;
            let (hours, minutes) = zone.get(1..)?.split_once(':')?;
            let minutes = digits(hours, 2)? * 60 + digits(minutes, 2)?;
            (time, if zone.starts_with('-') { -minutes } else { minutes })
        }
    };
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut parts = time.split(':');
    let hours = digits(parts.next()?, 2).filter(|hours| *hours < 24)?;
    let minutes = digits(parts.next()?, 2).filter(|minutes| *minutes < 60)?;
    let seconds = parts.next().map_or(Some(0), |seconds| digits(seconds, 2))?;
    let millis: String = fraction.chars().chain("000".chars()).take(3).collect();
    let millis = digits(&millis, 3)?;
    Some(((hours * 60 + minutes - offset) * 60 + seconds) * 1_000 + millis).filter(|_| parts.next().is_none())
}

fn digits(text: &str, count: usize) -> Option<i64> {
    let fits = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

/// Returns the days from 1970-01-01 to a day of the Gregorian calendar.
///
/// Source: <https://howardhinnant.github.io/date_algorithms.html#days_from_civil>.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// A range of IP addresses, by its first and last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Network {
    pub(super) is_v6: bool,
    pub(super) first: u128,
    pub(super) last: u128,
}

impl Network {
    /// Parses an address or a range in CIDR notation.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, length) =
            text.split_once('/').map_or((text, None), |(text, length)| (text, Some(length)));
        let (address, bits, is_v6) = match address.parse().ok()? {
            IpAddr::V4(address) => (u128::from(u32::from(address)), 32, false),
            IpAddr::V6(address) => (u128::from(address), 128, true),
        };
        let length: u32 = length.map_or(Some(bits), |length| length.parse().ok())?;
        let host = bits.checked_sub(length)?;
        let rest = 1_u128.checked_shl(host).map_or(u128::MAX, |size| size - 1);
        Some(Self { is_v6, first: address & !rest, last: address | rest })
    }

    /// Returns whether all addresses of `other` are in this range.
    pub(super) const fn contains(&self, other: &Self) -> bool {
        self.is_v6 == other.is_v6 && self.first <= other.first && other.last <= self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_every_documented_form() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29", 951_782_400),
            ("2020-04-01T00:00Z", 1_585_699_200),
            ("2020-04-01T02:30:00+02:30", 1_585_699_200),
            ("2020-03-31T23:00:00-01:00", 1_585_699_200),
            ("1585699200", 1_585_699_200),
        ] {
            assert_eq!(Date::parse(text), Some(Date(seconds * 1_000)), "{text}");
        }
        assert_eq!(Date::parse("1970-01-01T00:00:00.25Z"), Some(Date(250)));
        for text in ["", "2020-04", "2020-13-01", "2020-01-01T00:00:00", "2020-01-01T25:00:00Z", "today"] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }

    #[test]
    fn ranges_contain_their_addresses() {
        let network = |text| Network::parse(text).unwrap();
        assert!(network("203.0.113.0/24").contains(&network("203.0.113.255")));
        assert!(!network("203.0.113.0/24").contains(&network("203.0.114.0")));
        assert!(network("0.0.0.0/0").contains(&network("255.255.255.255")));
        assert!(network("2001:db8::/32").contains(&network("2001:db8:1::/48")));
        assert!(!network("::/0").contains(&network("1.2.3.4")));
        for text in ["", "203.0.113", "203.0.113.0/33", "::/129", "1.2.3.4/-1"] {
            assert!(Network::parse(text).is_none(), "{text}");
        }
    }
}
