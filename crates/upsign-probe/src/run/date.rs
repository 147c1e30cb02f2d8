//! The clock of the store, by the header `Date`.

use upsign_core::{CivilDateTime, Timestamp};

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Returns by how many seconds the clock of the store is ahead of `now`, or `None` if the date cannot be read.
pub(crate) fn skew(date: &str, now: Timestamp) -> Option<i64> {
    let there = i64::try_from(parse(date)?.as_unix()).ok()?;
    Some(there - i64::try_from(now.as_unix()).ok()?)
}

/// Reads a time such as `Sun, 06 Nov 1994 08:49:37 GMT` (<https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7>).
fn parse(text: &str) -> Option<Timestamp> {
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
    fn skew_is_positive_if_the_store_is_ahead() {
        let now = "1994-11-06T08:49:07Z".parse().unwrap();
        assert_eq!(skew("Sun, 06 Nov 1994 08:49:37 GMT", now), Some(30));
        assert_eq!(skew("Sun, 06 Nov 1994 08:48:07 GMT", now), Some(-60));
        for wrong in ["", "Sun, 06 Nov 1994 08:49:37 CET", "Sunday, 06-Nov-94 08:49:37 GMT"] {
            assert_eq!(skew(wrong, now), None, "{wrong}");
        }
    }
}
