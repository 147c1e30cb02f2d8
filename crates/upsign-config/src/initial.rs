//! The file that `upsign init` writes.

/// The mark of values that must be changed.
pub(crate) const MARK: &str = "CHANGE";

/// The file: required keys have values, and keys with a default are comments.
pub(crate) const FILE: &str = include_str!("../assets/init.toml");

/// Returns a commented `upsign.toml` to start from, with the recommended settings. `upsign init` writes it.
///
/// Values that must be changed are marked `CHANGE`. As long as one is unchanged and marked, [`Config::warnings`] contains
/// [`WarningCode::ExampleValue`].
///
/// [`Config::warnings`]: crate::Config::warnings
/// [`WarningCode::ExampleValue`]: crate::WarningCode::ExampleValue
#[must_use]
pub const fn initial_file() -> &'static str {
    FILE
}

#[cfg(test)]
mod tests {
    use super::FILE;
    use crate::keys::{KEYS, TOP};

    #[test]
    fn every_key_has_a_line_in_its_section() {
        for key in KEYS {
            let lines = FILE.lines().map(|line| line.trim_start_matches("# "));
            let heading = format!("[{}]", key.section);
            let section = lines.skip_while(|line| key.section != TOP && *line != heading).skip(1);
            let mut section = section.take_while(|line| !line.starts_with('['));
            let start = format!("{} = ", key.name);
            assert!(section.any(|line| line.starts_with(&start)), "{} is missing", key.path());
        }
    }
}
