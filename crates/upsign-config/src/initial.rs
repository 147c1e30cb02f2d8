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
    use crate::keys::KEYS;

    #[test]
    fn every_key_of_the_deployment_has_a_line() {
        let (_, section) = FILE.split_once("# [deployment]\n").unwrap();
        for key in KEYS.iter().filter(|key| key.section == "deployment") {
            let start = format!("# {} = ", key.name);
            assert!(section.lines().any(|line| line.starts_with(&start)), "{} is missing", key.path());
        }
    }
}
