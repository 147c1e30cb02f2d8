//! Spans of time in messages.

use std::fmt;

/// A number of seconds, shown with its two largest units: `45 s`, `15 min`, `3 h 20 min`, `2 d 4 h`.
pub(crate) struct Age(pub(crate) u64);

/// Each unit with its seconds, the largest one first.
const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(seconds) = *self;
        let mut units = UNITS.into_iter().skip_while(|(size, _)| *size > seconds);
        let Some((size, unit)) = units.next() else { return f.write_str("0 s") };
        write!(f, "{} {unit}", seconds / size)?;
        match units.next().map(|(smaller, unit)| (seconds % size / smaller, unit)) {
            None | Some((0, _)) => Ok(()),
            Some((count, unit)) => write!(f, " {count} {unit}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_largest_units_are_shown() {
        let shown = [0, 1, 59, 60, 61, 900, 3_600, 12_000, 86_399, 86_400, 100_000, 864_000, u64::MAX]
            .map(|seconds| Age(seconds).to_string());
        let expected = [
            "0 s",
            "1 s",
            "59 s",
            "1 min",
            "1 min 1 s",
            "15 min",
            "1 h",
            "3 h 20 min",
            "23 h 59 min",
            "1 d",
            "1 d 3 h",
            "10 d",
            "213503982334601 d 7 h",
        ];
        assert_eq!(shown, expected);
    }
}
