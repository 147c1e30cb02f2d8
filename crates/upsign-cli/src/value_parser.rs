//! Parsers for option values that several commands take.

use std::time::Duration;

/// Parses `NAME=VALUE`; the value may contain further `=`.
pub(crate) fn pair(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once('=').ok_or("must be NAME=VALUE, with a `=`")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Parses `NAME: VALUE`, as curl's `-H` does. The signer trims the value.
pub(crate) fn header(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once(':').ok_or("must be \"NAME: VALUE\", with a colon")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Parses a duration such as `250ms` or `10s`.
pub(crate) fn duration(text: &str) -> Result<Duration, humantime::DurationError> {
    humantime::parse_duration(text)
}
