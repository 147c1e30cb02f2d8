//! Times in HTTP headers.

use crate::time::{CivilDateTime, Timestamp};

// 1970-01-01 was a Thursday.
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Timestamp {
    /// Reads a time of an HTTP header (IMF-fixdate), or returns `None`. Whether the weekday is that of the date is not checked; the
    /// obsolete forms of HTTP are not read.
    ///
    /// Source: <https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7>.
    ///
    /// ```
    /// use upsign_core::Timestamp;
    ///
    /// let at = Timestamp::from_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
    /// assert_eq!(at.to_string(), "1994-11-06T08:49:37Z");
    /// ```
    #[must_use]
    pub fn from_http_date(text: &str) -> Option<Self> {
        let (_, date) = text.split_once(", ")?;
        let mut parts = date.strip_suffix(" GMT")?.split(' ');
        let (day, month, year, time) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let month = MONTHS.iter().position(|name| *name == month)? + 1;
        let is_end = parts.next().is_none();
        format!("{year}-{month:02}-{day}T{time}Z").parse().ok().filter(|_| is_end)
    }

    /// Writes the time as HTTP headers do.
    ///
    /// Source: <https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7>.
    ///
    /// ```
    /// assert_eq!(upsign_core::Timestamp::UNIX_EPOCH.to_http_date(), "Thu, 01 Jan 1970 00:00:00 GMT");
    /// ```
    #[must_use]
    pub fn to_http_date(self) -> String {
        let CivilDateTime { year, month, day, hour, minute, second } = self.to_civil();
        // Both indices are in range; a default would show as an empty name.
        let days = usize::try_from(self.as_unix() / 86_400 % 7).unwrap_or_default();
        let weekday = WEEKDAYS.get(days).copied().unwrap_or_default();
        let month = MONTHS.get(usize::from(month).saturating_sub(1)).copied().unwrap_or_default();
        format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_headers_are_read_and_written() {
        for (iso, http) in [
            ("1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
            ("1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("2024-02-29T23:59:59Z", "Thu, 29 Feb 2024 23:59:59 GMT"),
            ("2037-12-31T12:00:00Z", "Thu, 31 Dec 2037 12:00:00 GMT"),
        ] {
            let at: Timestamp = iso.parse().unwrap();
            assert_eq!((Timestamp::from_http_date(http), at.to_http_date().as_str()), (Some(at), http));
        }
        for wrong in [
            "",
            "tomorrow",
            "2026-11-27",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun, 06 Foo 1994 08:49:37 GMT",
            "Sun, 30 Feb 2025 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 06 Nov 1994 08:49:37 1 GMT",
            "Sun, 06 Nov 1994",
        ] {
            assert_eq!(Timestamp::from_http_date(wrong), None, "{wrong}");
        }
    }
}
