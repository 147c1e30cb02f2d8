//! Sizes and durations with units.

use bytesize::ByteSize;

/// Parses a size, for example `10 MiB`, `5 GB` or a number of bytes.
pub(crate) fn size(text: &str) -> Option<u64> {
    text.parse::<ByteSize>().ok().map(|size| size.as_u64())
}

/// Parses a duration of whole seconds, for example `15m`, `1h 30m` or a number of seconds.
pub(crate) fn seconds(text: &str) -> Option<u64> {
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    let duration = humantime::parse_duration(text).ok()?;
    (duration.subsec_nanos() == 0).then_some(duration.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_durations() {
        assert_eq!(size("10 MiB"), Some(10 << 20));
        assert_eq!(size("10MB"), Some(10_000_000));
        assert_eq!(size("5 GiB"), Some(5 << 30));
        assert_eq!(size("17"), Some(17));
        assert_eq!(size("ten"), None);
        assert_eq!(size("-1"), None);
        assert_eq!(seconds("15m"), Some(900));
        assert_eq!(seconds("900"), Some(900));
        assert_eq!(seconds("1h 30m"), Some(5_400));
        assert_eq!(seconds("7 days"), Some(604_800));
        assert_eq!(seconds("1500ms"), None);
        assert_eq!(seconds("soon"), None);
    }
}
