//! Time in whole seconds, the resolution of SigV4 and of JSON Web Tokens.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// An instant in whole seconds since 1970-01-01T00:00:00Z, no later than 9999-12-31T23:59:59Z.
///
/// `X-Amz-Date` has a four-digit year, so every `Timestamp` can be signed.
///
/// This crate has no constructor that reads the system clock. Callers pass the time, so that tests can choose it. A
/// program converts its own reading with `Timestamp::try_from(SystemTime::now())`, except on `wasm32-unknown-unknown`,
/// where reading the system clock panics: use [`from_unix`](Timestamp::from_unix) with JavaScript's time there.
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

/// The calendar date and time of day of a [`Timestamp`], in UTC and the proleptic Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a calendar date has no further parts")]
pub struct CivilDateTime {
    /// The year, 1970 to 9999.
    pub year: u16,
    /// The month, 1 to 12.
    pub month: u8,
    /// The day of the month, 1 to 31.
    pub day: u8,
    /// The hour, 0 to 23.
    pub hour: u8,
    /// The minute, 0 to 59.
    pub minute: u8,
    /// The second, 0 to 59. Unix time has no leap seconds.
    pub second: u8,
}

/// The reason why a text or a number is not a [`Timestamp`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTimestamp {
    /// The text is not of the form `YYYY-MM-DDThh:mm:ssZ`, or the date does not exist.
    #[error("not a valid UTC time of the form 2026-01-31T23:59:59Z")]
    Form,
    /// The instant is before the year 1970 or after the year 9999.
    #[error("the time is outside 1970-01-01T00:00:00Z to 9999-12-31T23:59:59Z")]
    Range,
}

const SECONDS_PER_DAY: u64 = 86_400;

impl Timestamp {
    /// The last instant that `X-Amz-Date` can express: 9999-12-31T23:59:59Z.
    pub const MAX: Self = Self(253_402_300_799);
    /// 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Self = Self(0);

    /// Returns the instant `seconds` after the Unix epoch, or `None` if it is after [`Timestamp::MAX`].
    #[must_use]
    pub const fn from_unix(seconds: u64) -> Option<Self> {
        if seconds <= Self::MAX.0 { Some(Self(seconds)) } else { None }
    }

    /// Returns the number of whole seconds since the Unix epoch.
    #[must_use]
    pub const fn as_unix(self) -> u64 {
        self.0
    }

    /// Returns the instant `seconds` later, or [`Timestamp::MAX`] if that is out of range.
    #[must_use]
    pub const fn saturating_add(self, seconds: u64) -> Self {
        let sum = self.0.saturating_add(seconds);
        if sum > Self::MAX.0 { Self::MAX } else { Self(sum) }
    }

    /// Returns the instant `seconds` earlier, or the Unix epoch if that is out of range.
    #[must_use]
    pub const fn saturating_sub(self, seconds: u64) -> Self {
        Self(self.0.saturating_sub(seconds))
    }

    /// Returns the number of seconds from `earlier` to `self`, or 0 if `earlier` is later than `self`.
    #[must_use]
    pub const fn seconds_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Returns the calendar date and the time of day in UTC.
    ///
    /// Uses the `civil_from_days` algorithm of Howard Hinnant, which needs neither a table nor a loop
    /// (<https://howardhinnant.github.io/date_algorithms.html>).
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "every part is below its field's range by construction"
    )]
    pub const fn to_civil(self) -> CivilDateTime {
        let (days, rest) = (self.0 / SECONDS_PER_DAY, self.0 % SECONDS_PER_DAY);
        // Days since 0000-03-01. A year that starts in March has its leap day at the end.
        let shifted = days + 719_468;
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

    /// Returns the instant of a date and time in UTC, or `None` if there is no such date or it is out of range.
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
        // A day after the end of its month converts back to a different date.
        (at.to_civil() == civil).then_some(at)
    }
}

impl fmt::Display for Timestamp {
    /// Writes the time as in RFC 3339, in UTC and whole seconds: `2026-01-31T23:59:59Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CivilDateTime { year, month, day, hour, minute, second } = self.to_civil();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    /// Parses the form that [`Display`](fmt::Display) writes, and no other.
    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        let bytes: &[u8; 20] = text.as_bytes().try_into().map_err(|_| InvalidTimestamp::Form)?;
        // `d` matches a digit; every other byte matches only itself.
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

impl TryFrom<SystemTime> for Timestamp {
    type Error = InvalidTimestamp;

    /// Converts a reading of the system clock. Fractions of a second are cut off.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use upsign_core::Timestamp;
    /// let at = Timestamp::try_from(SystemTime::UNIX_EPOCH + Duration::from_millis(1_999))?;
    /// assert_eq!(at.to_string(), "1970-01-01T00:00:01Z");
    /// # Ok::<(), upsign_core::InvalidTimestamp>(())
    /// ```
    fn try_from(time: SystemTime) -> Result<Self, InvalidTimestamp> {
        let since_epoch = time.duration_since(UNIX_EPOCH).map_err(|_| InvalidTimestamp::Range)?;
        Self::try_from(since_epoch.as_secs())
    }
}

impl From<Timestamp> for SystemTime {
    fn from(at: Timestamp) -> Self {
        UNIX_EPOCH + Duration::from_secs(at.0)
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
    fn known_instants_format_and_parse() {
        check(0, "1970-01-01T00:00:00Z");
        check(951_782_400, "2000-02-29T00:00:00Z");
        check(1_369_353_600, "2013-05-24T00:00:00Z");
        check(4_107_542_399, "2100-02-28T23:59:59Z");
        check(4_107_542_400, "2100-03-01T00:00:00Z");
        check(253_402_300_799, "9999-12-31T23:59:59Z");
    }

    #[test]
    fn malformed_times_are_rejected() {
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

    #[test]
    fn system_times_convert_in_whole_seconds() {
        let convert = |at: SystemTime| Timestamp::try_from(at);
        for at in [Timestamp::UNIX_EPOCH, Timestamp::MAX] {
            assert_eq!(convert(SystemTime::from(at)), Ok(at));
        }
        assert_eq!(convert(UNIX_EPOCH + Duration::from_millis(1_999)), Ok(Timestamp(1)));
        for outside in
            [UNIX_EPOCH - Duration::from_nanos(1), UNIX_EPOCH + Duration::from_secs(Timestamp::MAX.0 + 1)]
        {
            assert_eq!(convert(outside), Err(InvalidTimestamp::Range));
        }
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
