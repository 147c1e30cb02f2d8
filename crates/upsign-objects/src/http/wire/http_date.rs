//! Times in headers.

use upsign_core::{CivilDateTime, Timestamp};

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Reads a time such as `Sun, 06 Nov 1994 08:49:37 GMT` (<https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7>).
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let mut fields = text.split(' ').skip(1);
    let mut next = || fields.next();
    let (day, month, year, time, zone) = (next()?, next()?, next()?, next()?, next()?);
    let mut clock = time.split(':').map(|number| number.parse::<u8>().ok());
    let mut number = || clock.next().flatten();
    let month = (1..).zip(MONTHS).find_map(|(number, name)| (name == month).then_some(number))?;
    let civil = CivilDateTime {
        year: year.parse().ok()?,
        month,
        day: day.parse().ok()?,
        hour: number()?,
        minute: number()?,
        second: number()?,
    };
    if zone == "GMT" { Timestamp::from_civil(civil) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_headers_are_read() {
        let read = |text| parse(text).map(|time| time.to_string());
        assert_eq!(read("Sun, 06 Nov 1994 08:49:37 GMT").as_deref(), Some("1994-11-06T08:49:37Z"));
        assert_eq!(read("Thu, 29 Feb 2024 23:59:59 GMT").as_deref(), Some("2024-02-29T23:59:59Z"));
        for wrong in [
            "",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun, 06 Foo 1994 08:49:37 GMT",
            "Sun, 30 Feb 2025 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 06 Nov 1994",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
