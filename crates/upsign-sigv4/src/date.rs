//! `X-Amz-Date`.

use upsign_core::{Civil, Timestamp};

/// `20130524T000000Z`, of which the first eight characters are the credential scope's date.
#[derive(Clone, Copy)]
pub(crate) struct AmzDate([u8; 16]);

impl AmzDate {
    pub(crate) fn new(at: Timestamp) -> Self {
        let Civil { year, month, day, hour, minute, second } = at.to_civil();
        let ten = |n: u8| b'0' + n / 10 % 10;
        let one = |n: u8| b'0' + n % 10;
        // The year is below 10,000, so a hundredth of it and the rest are below 100.
        let century = u8::try_from(year / 100).unwrap_or_default();
        let year = u8::try_from(year % 100).unwrap_or_default();
        Self([
            ten(century),
            one(century),
            ten(year),
            one(year),
            ten(month),
            one(month),
            ten(day),
            one(day),
            b'T',
            ten(hour),
            one(hour),
            ten(minute),
            one(minute),
            ten(second),
            one(second),
            b'Z',
        ])
    }

    pub(crate) fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// `20130524`.
    pub(crate) fn date(&self) -> &str {
        self.as_str().split_at_checked(8).map_or("", |(date, _)| date)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_and_time() {
        let date = AmzDate::new("2013-05-24T01:02:03Z".parse().unwrap());
        assert_eq!((date.as_str(), date.date()), ("20130524T010203Z", "20130524"));
        assert_eq!(AmzDate::new(Timestamp::MAX).as_str(), "99991231T235959Z");
        assert_eq!(AmzDate::new(Timestamp::UNIX_EPOCH).as_str(), "19700101T000000Z");
    }
}
