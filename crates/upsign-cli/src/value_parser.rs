//! Parsers for option values that several commands take.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use upsign::{Clock, SystemClock};
use upsign_config::units;
use upsign_core::{ExpiresIn, InvalidResource, Resource, Timestamp};

use crate::exit::CommandError;

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

/// Parses the name of a bucket or the ARN of an access point. A bucket may also be written as an ARN or as `s3://NAME`, as other
/// tools print it.
pub(crate) fn bucket(text: &str) -> Result<Resource, InvalidResource> {
    let name = text.strip_prefix("s3://").map(|name| name.trim_end_matches('/'));
    let name = name.or_else(|| text.strip_prefix("arn:")?.split_once(":s3:::").map(|(_, name)| name));
    name.unwrap_or(text).parse()
}

/// Parses an object key or the key of a form. The address of an object is refused with the key in it.
pub(crate) fn key<K: FromStr<Err: Display>>(text: &str) -> Result<K, String> {
    match text.strip_prefix("s3://").and_then(|object| object.split_once('/')) {
        Some((bucket, key)) => {
            Err(format!("write the key alone: {key}, and the bucket as --bucket {bucket}"))
        }
        None => text.parse().map_err(|error: K::Err| error.to_string()),
    }
}

/// Parses `now` or a time in UTC.
pub(crate) fn time(text: &str) -> Result<Timestamp, &'static str> {
    if text == "now" {
        return Ok(SystemClock.now());
    }
    text.parse().map_err(|_| "write now, or a time in UTC as in 2026-01-31T23:59:59Z")
}

/// Parses a number of seconds, as in `900`, `15m` or `1h`.
pub(crate) fn seconds(text: &str) -> Result<u64, units::InvalidDuration> {
    units::parse_seconds(text)
}

/// Returns the lifetime that `--expires-in` sets.
pub(crate) fn lifetime(seconds: u64) -> Result<ExpiresIn, CommandError> {
    ExpiresIn::from_secs(seconds).map_err(|_| {
        let found = units::format_duration(Duration::from_secs(seconds));
        let (message, meant) = match seconds {
            0 => ("must be at least 1 second, not 0".to_owned(), "15m"),
            _ => (format!("must be at most 7 days, not {found}"), "7d"),
        };
        CommandError::usage(format!("--expires-in: {message}"))
            .with_help(format!("write --expires-in {meant}"))
    })
}

/// Parses a number of bytes, as in `48213` or `10 MiB`.
pub(crate) fn size(text: &str) -> Result<u64, units::InvalidSize> {
    units::parse_size(text)
}

/// Parses a duration, as in `250ms` or `10s`.
pub(crate) fn duration(text: &str) -> Result<Duration, units::InvalidDuration> {
    units::parse_duration(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_understood_as_other_tools_print_them() {
        for text in ["my-bucket", "s3://my-bucket", "s3://my-bucket/", "arn:aws:s3:::my-bucket"] {
            assert_eq!(bucket(text).unwrap(), "my-bucket", "{text}");
        }
        let access_point = "arn:aws:s3:eu-central-1:123456789012:accesspoint/uploads";
        assert!(matches!(bucket(access_point), Ok(resource) if !matches!(resource, Resource::Bucket(_))));
        assert!(bucket("s3://my-bucket/photos").is_err());
    }

    #[test]
    fn times_are_now_or_in_utc() {
        let start = SystemClock.now();
        assert!(time("now").is_ok_and(|now| now >= start));
        assert_eq!(time("1970-01-01T00:00:00Z"), Ok(Timestamp::UNIX_EPOCH));
        for text in ["tomorrow", "", "2026-01-31"] {
            assert!(time(text).is_err_and(|error| error.contains("2026-01-31T23:59:59Z")), "{text}");
        }
    }
}
