//! Durations and sizes as people write them.
//!
//! The keys of `upsign.toml`, their environment variables and the options of the command line read durations and sizes with
//! the functions of this module, so that the same spellings work everywhere, and print them in the same form.
//!
//! - A duration is a number of seconds (`900`), or numbers with units: `90s`, `15m`, `15 min`, `1h`, `1h 30m`, `7 days`.
//! - A size is a number of bytes (`10485760`), or a number with a unit: `10 MiB` (powers of 1024), `10 MB` (powers of 1000),
//!   `48213 bytes`.
//!
//! What [`format_duration`] and [`format_size`] print is exact, and the parsers read it back.
//!
//! ```
//! use upsign_config::units::{format_duration, format_size, parse_seconds, parse_size};
//! assert_eq!(parse_seconds("15m"), Ok(900));
//! assert_eq!(format_duration(std::time::Duration::from_secs(900)), "15 min");
//! assert_eq!(parse_size("10 MiB"), Ok(10_485_760));
//! assert_eq!(format_size(10_485_760), "10 MiB");
//! ```

use std::fmt::Write;
use std::time::Duration;

use bytesize::ByteSize;

/// A text that is not a duration, or not a whole number of seconds where only those are possible.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{}\" is not {}: write seconds (900) or a number with a unit (15m, 1h, 7 days)", text.escape_debug(), expected)]
pub struct InvalidDuration {
    text: Box<str>,
    expected: &'static str,
}

/// A text that is not a size.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{}\" is not a size: write bytes (10485760) or a number with a unit (10 MiB)", .0.escape_debug())]
pub struct InvalidSize(Box<str>);

/// Parses a duration, for example `900`, `15m`, `15 min`, `1h 30m` or `500ms`. A number without a unit is in seconds.
///
/// # Errors
/// Returns [`InvalidDuration`] if the text is anything else, or is more than about 584 years.
pub fn parse_duration(text: &str) -> Result<Duration, InvalidDuration> {
    let parsed = match text.trim().parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => humantime::parse_duration(text).ok(),
    };
    parsed.ok_or_else(|| InvalidDuration { text: shortened(text), expected: "a duration" })
}

/// Parses a duration like [`parse_duration`], in whole seconds.
///
/// # Errors
/// Returns [`InvalidDuration`] if the text is not a duration, or not a whole number of seconds, for example `1500ms`.
pub fn parse_seconds(text: &str) -> Result<u64, InvalidDuration> {
    let duration = parse_duration(text)?;
    let expected = "a whole number of seconds";
    match duration.subsec_nanos() {
        0 => Ok(duration.as_secs()),
        _ => Err(InvalidDuration { text: shortened(text), expected }),
    }
}

/// Parses a size, for example `10 MiB`, `5 GB`, `48213 bytes` or a number of bytes. Returns bytes.
///
/// # Errors
/// Returns [`InvalidSize`] if the text is anything else.
pub fn parse_size(text: &str) -> Result<u64, InvalidSize> {
    let number = text.trim();
    let number = number.strip_suffix("bytes").or_else(|| number.strip_suffix("byte")).unwrap_or(number);
    let parsed = number.trim_end().parse::<ByteSize>();
    parsed.map(|size| size.as_u64()).map_err(|_| InvalidSize(shortened(text)))
}

/// A decimal size whose unit is easily mistaken for mebibytes or mebibits, such as `25 M` or `25 Mb`.
pub(crate) struct AmbiguousSize {
    /// The size as it is read, with separators: `25,000,000 bytes`.
    pub(crate) decimal: String,
    /// That number in the binary unit: `25 MiB`.
    pub(crate) binary: String,
    /// The number of bytes of the binary unit, with separators.
    pub(crate) binary_bytes: String,
    /// That number in the decimal unit: `25 MB`.
    pub(crate) exact: String,
}

/// Returns a size that is understood, but whose unit is not one that people agree about. `kB`, `KB`, `MB`, `GB` and `TB` are
/// decimal for everybody who writes them next to `MiB`.
pub(crate) fn ambiguous_size(text: &str) -> Option<AmbiguousSize> {
    let (number, unit) = split_unit(text);
    let is_ambiguous =
        matches!(unit, "k" | "K" | "m" | "M" | "g" | "G" | "t" | "T") || is_bits_or_lower_case(unit);
    let decimal = parse_size(text).ok().filter(|_| is_ambiguous)?;
    let letter = unit.chars().next()?.to_ascii_uppercase();
    let binary = format!("{number} {letter}iB");
    Some(AmbiguousSize {
        decimal: format!("{} bytes", with_separators(decimal)),
        binary_bytes: with_separators(parse_size(&binary).ok()?),
        binary,
        exact: format!("{number} {}B", if letter == 'K' { 'k' } else { letter }),
    })
}

fn is_bits_or_lower_case(unit: &str) -> bool {
    unit.len() == 2
        && unit.to_ascii_lowercase().ends_with('b')
        && !matches!(unit, "kB" | "KB" | "MB" | "GB" | "TB")
}

/// Returns the size that a text with an unknown unit probably means, for example `25 MiB` for `25 MegaBytes`.
pub(crate) fn probable_size(text: &str) -> Option<String> {
    let (number, unit) = split_unit(text);
    let unit = unit.to_ascii_lowercase();
    let names = [
        ("KiB", ["k", "kilo", "kibi"]),
        ("MiB", ["m", "mega", "mebi"]),
        ("GiB", ["g", "giga", "gibi"]),
        ("TiB", ["t", "tera", "tebi"]),
    ];
    let rest = |prefix: &str| {
        let rest = unit.strip_prefix(prefix)?;
        matches!(rest, "" | "b" | "bs" | "ib" | "ibs" | "byte" | "bytes" | "bit" | "bits").then_some(())
    };
    let (name, _) =
        names.into_iter().find(|(_, prefixes)| prefixes.iter().any(|prefix| rest(prefix).is_some()))?;
    let size = format!("{number} {name}");
    parse_size(&size).is_ok().then_some(size)
}

fn split_unit(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text.find(|character: char| !character.is_ascii_digit() && character != '.');
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    (number, unit.trim_start_matches([' ', '-', '_']))
}

/// Returns a number with a comma between groups of three digits.
fn with_separators(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The units in which durations are printed: milliseconds, singular, plural. The largest first.
const DURATIONS: [(u128, &str, &str); 5] = [
    (86_400_000, "day", "days"),
    (3_600_000, "h", "h"),
    (60_000, "min", "min"),
    (1_000, "s", "s"),
    (1, "ms", "ms"),
];

/// Returns a duration in the form `15 min`, `1 h 30 min`, `7 days` or `90 s`. Fractions of a millisecond are omitted.
///
/// Less than two minutes are printed in seconds (`90 s`), because limits of that order are usually written so.
#[must_use]
pub fn format_duration(duration: Duration) -> String {
    let mut rest = duration.as_millis();
    if rest == 0 {
        return "0 s".into();
    }
    let in_seconds = rest < 120_000 && !rest.is_multiple_of(60_000);
    let mut text = String::new();
    for (unit, singular, plural) in DURATIONS {
        let count = rest / unit;
        if count == 0 || (in_seconds && unit > 1_000) {
            continue;
        }
        rest %= unit;
        let name = if count == 1 { singular } else { plural };
        let gap = if text.is_empty() { "" } else { " " };
        // Writing to a String does not fail.
        let _ = write!(text, "{gap}{count} {name}");
    }
    text
}

/// The units in which sizes are printed. The largest first.
const SIZES: [(u64, &str); 4] = [(1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];

/// Returns a size in the form `10 MiB`, or in bytes (`48213 bytes`) if it is not a multiple of a unit.
#[must_use]
pub fn format_size(bytes: u64) -> String {
    let unit = SIZES.into_iter().find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit));
    match (unit, bytes) {
        (Some((unit, name)), _) => format!("{} {name}", bytes / unit),
        (None, 1) => "1 byte".into(),
        (None, _) => format!("{bytes} bytes"),
    }
}

/// Returns a size as a person would write it: `10 TB` rather than `9765625000 KiB`.
pub(crate) fn written_size(bytes: u64) -> String {
    const DECIMAL: [(u64, &str); 3] = [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB")];
    let decimal = DECIMAL.into_iter().find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit));
    let binary = SIZES.into_iter().find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit));
    match (decimal, binary.map(|(unit, _)| bytes / unit)) {
        (Some((unit, name)), binary) if binary.is_none_or(|count| bytes / unit < count) => {
            format!("{} {name}", bytes / unit)
        }
        _ => format_size(bytes),
    }
}

/// Returns the start of a text for a message.
fn shortened(text: &str) -> Box<str> {
    text.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_with_few_digits() {
        for (bytes, text) in [
            (10_000_000_000_000, "10 TB"),
            (5 << 40, "5 TiB"),
            ((5 << 40) - (5 << 30), "5115 GiB"),
            (52_428_800_000_000_000, "48828125 GiB"),
            (1_048_576_000, "1000 MiB"),
            (1_234, "1234 bytes"),
        ] {
            assert_eq!(written_size(bytes), text);
            assert_eq!(parse_size(text).unwrap(), bytes, "{text}");
        }
    }

    #[test]
    fn sizes_are_parsed() {
        for (text, bytes) in [
            ("10 MiB", 10 << 20),
            ("10MB", 10_000_000),
            ("5 GiB", 5 << 30),
            ("17", 17),
            (" 17 ", 17),
            ("48213 bytes", 48_213),
            ("1 byte", 1),
            ("0.5 KiB", 512),
        ] {
            assert_eq!(parse_size(text), Ok(bytes), "{text}");
        }
        for text in ["", "ten", "-1", "10 MiBs", "bytes", "1 2"] {
            assert!(parse_size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn ambiguous_units_are_noticed() {
        for text in ["25 Mb", "25m", "25 M", "25M", "25 mb", "25 mB"] {
            let found = ambiguous_size(text).unwrap();
            assert_eq!(found.decimal, "25,000,000 bytes", "{text}");
            assert_eq!((&*found.binary, &*found.binary_bytes), ("25 MiB", "26,214,400"), "{text}");
            assert_eq!(found.exact, "25 MB", "{text}");
        }
        assert_eq!(ambiguous_size("1K").unwrap().exact, "1 kB");
        for text in
            ["25 MB", "25MB", "1 kB", "1 KB", "5 GB", "25 MiB", "25 mib", "17", "17 bytes", "17 B", "ten"]
        {
            assert!(ambiguous_size(text).is_none(), "{text}");
        }
        for text in ["25 MegaBytes", "25megabytes", "25 mega", "25 MBs", "25-MB"] {
            assert_eq!(probable_size(text).as_deref(), Some("25 MiB"), "{text}");
        }
        for text in ["ten", "", "25 parsecs", "MB", "1.2.3 megabytes"] {
            assert_eq!(probable_size(text), None, "{text}");
        }
    }

    #[test]
    fn durations_are_parsed() {
        for (text, seconds) in [
            ("900", 900),
            ("15m", 900),
            ("15 min", 900),
            ("15min", 900),
            ("1h", 3_600),
            ("90s", 90),
            ("1h 30m", 5_400),
            ("7 days", 604_800),
            (" 900 ", 900),
        ] {
            assert_eq!(parse_seconds(text), Ok(seconds), "{text}");
        }
        for text in ["", "1500ms", "soon", "-1", "15 x", "m"] {
            assert!(parse_seconds(text).is_err(), "{text}");
        }
        assert_eq!(parse_duration("1500ms"), Ok(Duration::from_millis(1_500)));
    }

    #[test]
    fn printed_durations_are_read_back() {
        for (seconds, text) in [
            (0, "0 s"),
            (1, "1 s"),
            (60, "1 min"),
            (90, "90 s"),
            (120, "2 min"),
            (150, "2 min 30 s"),
            (900, "15 min"),
            (3_600, "1 h"),
            (5_400, "1 h 30 min"),
            (86_400, "1 day"),
            (604_800, "7 days"),
        ] {
            assert_eq!(format_duration(Duration::from_secs(seconds)), text);
            assert_eq!(parse_seconds(text), Ok(seconds), "{text}");
        }
        assert_eq!(format_duration(Duration::from_millis(1_500)), "1 s 500 ms");
    }

    #[test]
    fn printed_sizes_are_read_back() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (1_000, "1000 bytes"),
            (1_024, "1 KiB"),
            (10 << 20, "10 MiB"),
            (5 << 30, "5 GiB"),
        ] {
            assert_eq!(format_size(bytes), text);
            assert_eq!(parse_size(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn messages_say_what_would_be_right() {
        let error = parse_seconds("1 huor").unwrap_err();
        assert_eq!(
            error.to_string(),
            "\"1 huor\" is not a duration: write seconds (900) or a number with a unit (15m, 1h, 7 days)"
        );
        let error = parse_seconds("500ms").unwrap_err().to_string();
        assert!(error.starts_with("\"500ms\" is not a whole number of seconds: write"), "{error}");
        assert!(parse_size("ten").unwrap_err().to_string().contains("10 MiB"));
    }
}
