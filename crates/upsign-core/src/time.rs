//! Seconds since the epoch: all that SigV4 and JWT know of time.

use std::fmt;
use std::str::FromStr;

/// An instant in whole seconds since 1970-01-01T00:00:00Z, no later than 9999-12-31T23:59:59Z.
///
/// The upper end is where the four-digit year of `X-Amz-Date` ends, so every `Timestamp` can be signed.
///
/// ```
/// use upsign_core::Timestamp;
/// let at: Timestamp = "2013-05-24T00:00:00Z".parse()?;
/// assert_eq!(at.as_unix(), 1_369_353_600);
/// assert_eq!(at.to_string(), "2013-05-24T00:00:00Z");
/// # Ok::<(), upsign_core::InvalidTimestamp>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

/// A [`Timestamp`] in the proleptic Gregorian calendar, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a calendar date has no further parts")]
pub struct CivilDateTime {
    /// 1970 to 9999.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59: Unix time has no leap seconds.
    pub second: u8,
}

/// Why a text or number is not a [`Timestamp`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTimestamp {
    /// Not `YYYY-MM-DDThh:mm:ssZ` with a date that exists.
    #[error("not a UTC time of the form 2026-01-31T23:59:59Z")]
    Form,
    /// Before 1970 or after 9999.
    #[error("outside 1970-01-01T00:00:00Z to 9999-12-31T23:59:59Z")]
    Range,
}

const SECONDS_PER_DAY: u64 = 86_400;

impl Timestamp {
    /// The last instant a signature can carry.
    pub const MAX: Self = Self(253_402_300_799);
    /// 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Self = Self(0);

    /// The instant `seconds` after the epoch; `None` past the year 9999.
    #[must_use]
    pub const fn from_unix(seconds: u64) -> Option<Self> {
        if seconds <= Self::MAX.0 { Some(Self(seconds)) } else { None }
    }

    /// Whole seconds since the epoch.
    #[must_use]
    pub const fn as_unix(self) -> u64 {
        self.0
    }

    /// This instant moved into the future, stopping at [`Timestamp::MAX`].
    #[must_use]
    pub const fn saturating_add(self, seconds: u64) -> Self {
        let sum = self.0.saturating_add(seconds);
        if sum > Self::MAX.0 { Self::MAX } else { Self(sum) }
    }

    /// This instant moved into the past, stopping at the epoch.
    #[must_use]
    pub const fn saturating_sub(self, seconds: u64) -> Self {
        Self(self.0.saturating_sub(seconds))
    }

    /// Seconds from `earlier` to here; 0 when `earlier` is not earlier.
    #[must_use]
    pub const fn seconds_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The calendar date and time of day, UTC.
    ///
    /// The day count follows Howard Hinnant's `civil_from_days`
    /// (<https://howardhinnant.github.io/date_algorithms.html>), which needs no table and no loop.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "every part is below its field's range by construction"
    )]
    pub const fn to_civil(self) -> CivilDateTime {
        let (days, rest) = (self.0 / SECONDS_PER_DAY, self.0 % SECONDS_PER_DAY);
        let shifted = days + 719_468; // days since 0000-03-01
        let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + (month <= 2) as u64;
        CivilDateTime {
            year: year as u16,
            month: month as u8,
            day: day as u8,
            hour: (rest / 3_600) as u8,
            minute: (rest / 60 % 60) as u8,
            second: (rest % 60) as u8,
        }
    }

    /// The instant of a calendar date; `None` for a date that does not exist.
    #[must_use]
    pub fn from_civil(civil: CivilDateTime) -> Option<Self> {
        let year = u64::from(civil.year);
        let (month, day) = (u64::from(civil.month), u64::from(civil.day));
        if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || day == 0 {
            return None;
        }
        if civil.hour > 23 || civil.minute > 59 || civil.second > 59 {
            return None;
        }
        let shifted_year = if month <= 2 { year - 1 } else { year };
        let (era, year_of_era) = (shifted_year / 400, shifted_year % 400);
        let month_from_march = if month > 2 { month - 3 } else { month + 9 };
        let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let days = era * 146_097 + day_of_era - 719_468;
        let seconds = u64::from(civil.hour) * 3_600 + u64::from(civil.minute) * 60 + u64::from(civil.second);
        let at = Self(days * SECONDS_PER_DAY + seconds);
        // A day past the end of its month comes back as another date.
        (at.to_civil() == civil).then_some(at)
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339, UTC, whole seconds: `2026-01-31T23:59:59Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CivilDateTime { year, month, day, hour, minute, second } = self.to_civil();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    /// Reads exactly what [`Display`](fmt::Display) writes.
    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        let bytes: &[u8; 20] = text.as_bytes().try_into().map_err(|_| InvalidTimestamp::Form)?;
        let shape = b"dddd-dd-ddTdd:dd:ddZ";
        let fits = bytes.iter().zip(shape).all(|(byte, want)| match want {
            b'd' => byte.is_ascii_digit(),
            literal => byte == literal,
        });
        if !fits {
            return Err(InvalidTimestamp::Form);
        }
        let number = |from: usize, len: usize| {
            bytes.iter().skip(from).take(len).fold(0_u16, |sum, byte| sum * 10 + u16::from(byte - b'0'))
        };
        let part = |from| u8::try_from(number(from, 2)).map_err(|_| InvalidTimestamp::Form);
        let civil = CivilDateTime {
            year: number(0, 4),
            month: part(5)?,
            day: part(8)?,
            hour: part(11)?,
            minute: part(14)?,
            second: part(17)?,
        };
        if civil.year < 1970 {
            return Err(InvalidTimestamp::Range);
        }
        Self::from_civil(civil).ok_or(InvalidTimestamp::Form)
    }
}

impl TryFrom<u64> for Timestamp {
    type Error = InvalidTimestamp;

    fn try_from(seconds: u64) -> Result<Self, InvalidTimestamp> {
        Self::from_unix(seconds).ok_or(InvalidTimestamp::Range)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(seconds: u64, text: &str) {
        let at = Timestamp::from_unix(seconds).unwrap();
        assert_eq!(at.to_string(), text);
        assert_eq!(text.parse(), Ok(at));
    }

    #[test]
    fn known_instants() {
        check(0, "1970-01-01T00:00:00Z");
        check(951_782_400, "2000-02-29T00:00:00Z");
        check(1_369_353_600, "2013-05-24T00:00:00Z");
        check(4_107_542_399, "2100-02-28T23:59:59Z");
        check(4_107_542_400, "2100-03-01T00:00:00Z");
        check(253_402_300_799, "9999-12-31T23:59:59Z");
    }

    #[test]
    fn what_is_not_a_time() {
        for text in [
            "",
            "2026-01-01",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00z",
            "2026-01-01 00:00:00Z",
            "2026-02-29T00:00:00Z",
            "2100-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:60:00Z",
            "2026-01-01T00:00:60Z",
            "2026-01-01T00:00:00+",
            "+026-01-01T00:00:00Z",
            "２026-01-01T00:00Z",
        ] {
            assert_eq!(text.parse::<Timestamp>(), Err(InvalidTimestamp::Form), "{text}");
        }
        assert_eq!("1969-12-31T23:59:59Z".parse::<Timestamp>(), Err(InvalidTimestamp::Range));
        assert_eq!(Timestamp::try_from(253_402_300_800), Err(InvalidTimestamp::Range));
    }

    proptest! {
        #[test]
        fn text_and_calendar_round_trip(seconds in 0..=Timestamp::MAX.as_unix()) {
            let at = Timestamp::from_unix(seconds).unwrap();
            prop_assert_eq!(at.to_string().parse(), Ok(at));
            prop_assert_eq!(Timestamp::from_civil(at.to_civil()), Some(at));
        }
    }
}
