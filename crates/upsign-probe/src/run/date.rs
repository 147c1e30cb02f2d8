//! The clock of the store, by the header `Date`.

use upsign_core::Timestamp;

/// Returns by how many seconds the clock of the store is ahead of `now`, or `None` if the date cannot be read.
pub(crate) fn skew(date: &str, now: Timestamp) -> Option<i64> {
    let there = i64::try_from(Timestamp::from_http_date(date)?.as_unix()).ok()?;
    Some(there - i64::try_from(now.as_unix()).ok()?)
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
