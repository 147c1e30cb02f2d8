//! The date of a signature, `X-Amz-Date`.

use upsign_core::{CivilDateTime, Timestamp};

/// A date and time in ISO 8601 basic format, `20130524T000000Z`. The first eight characters are the date of the credential
/// scope.
#[derive(Clone, Copy)]
pub(crate) struct AmzDate([u8; 16]);

impl AmzDate {
    pub(crate) fn new(at: Timestamp) -> Self {
        let CivilDateTime { year, month, day, hour, minute, second } = at.to_civil();
        let tens = |n: u8| b'0' + n / 10 % 10;
        let ones = |n: u8| b'0' + n % 10;
        // A timestamp is before the year 10,000, so both halves of the year are below 100.
        let century = u8::try_from(year / 100).unwrap_or_default();
        let year = u8::try_from(year % 100).unwrap_or_default();
        Self([
            tens(century),
            ones(century),
            tens(year),
            ones(year),
            tens(month),
            ones(month),
            tens(day),
            ones(day),
            b'T',
            tens(hour),
            ones(hour),
            tens(minute),
            ones(minute),
            tens(second),
            ones(second),
            b'Z',
        ])
    }

    pub(crate) fn as_str(&self) -> &str {
        // All characters are ASCII, so this never takes the default.
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Returns the date alone: `20130524`.
    pub(crate) fn date(&self) -> &str {
        self.as_str().split_at_checked(8).map_or("", |(date, _)| date)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_is_formatted_in_basic_format() {
        let date = AmzDate::new("2013-05-24T01:02:03Z".parse().unwrap());
        assert_eq!((date.as_str(), date.date()), ("20130524T010203Z", "20130524"));
        assert_eq!(AmzDate::new(Timestamp::MAX).as_str(), "99991231T235959Z");
        assert_eq!(AmzDate::new(Timestamp::UNIX_EPOCH).as_str(), "19700101T000000Z");
    }
}
