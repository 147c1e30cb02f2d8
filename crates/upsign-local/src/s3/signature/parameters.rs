//! Parsing of signature parameters.

use upsign_core::Timestamp;

use super::uri_encoding;
use crate::s3::error_response::ErrorResponse;

/// Maximum lifetime of a presigned URL in seconds: seven days.
///
/// Source: `X-Amz-Expires` in <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>.
const MAX_EXPIRES: u64 = 604_800;

/// The value of `X-Amz-Credential`: the access key id and the credential scope.
pub(in crate::s3) struct Credential<'a> {
    pub(in crate::s3) access_key_id: &'a str,
    /// The day, `YYYYMMDD`.
    pub(in crate::s3) date: &'a str,
    pub(in crate::s3) region: &'a str,
    pub(in crate::s3) service: &'a str,
    /// The last component, which should be `aws4_request`.
    pub(in crate::s3) terminal: &'a str,
}

impl<'a> Credential<'a> {
    /// Splits the value from its end, because an access key id may contain `/`.
    ///
    /// Returns `None` if there are fewer than five components, the access key id is empty, or the day is not eight
    /// digits.
    pub(in crate::s3) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.rsplitn(5, '/');
        let (terminal, service, region) = (parts.next()?, parts.next()?, parts.next()?);
        let (date, access_key_id) = (parts.next()?, parts.next()?);
        let is_day = date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit());
        (is_day && !access_key_id.is_empty()).then_some(Self {
            access_key_id,
            date,
            region,
            service,
            terminal,
        })
    }
}

/// The decoded name-value pairs of a query string, in order.
pub(in crate::s3) struct QueryPairs(pub(in crate::s3) Vec<(String, String)>);

impl QueryPairs {
    pub(in crate::s3) fn parse(query: &str) -> Self {
        let text = |encoded: &str| {
            let bytes = uri_encoding::decode(&encoded.replace('+', " ")).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        Self(pairs.map(|(name, value)| (text(name), text(value))).collect())
    }

    pub(in crate::s3) fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|(pair_name, _)| pair_name == name)
    }

    /// Returns the value of a parameter that occurs exactly once and is not empty.
    pub(in crate::s3) fn single(&self, name: &str) -> Option<&str> {
        let mut values =
            self.0.iter().filter(|(pair_name, _)| pair_name == name).map(|(_, value)| value.as_str());
        let first = values.next().filter(|value| !value.is_empty());
        if values.next().is_some() { None } else { first }
    }
}

/// Parses `X-Amz-Expires` and returns the lifetime in seconds.
///
/// # Errors
/// The value is not a number, is negative, or exceeds seven days.
pub(in crate::s3) fn expires_in(text: &str) -> Result<u64, ErrorResponse> {
    let number: i64 =
        text.parse().map_err(|_| ErrorResponse::invalid_query("X-Amz-Expires should be a number"))?;
    let seconds = u64::try_from(number)
        .map_err(|_| ErrorResponse::invalid_query("X-Amz-Expires must be non-negative"))?;
    if seconds > MAX_EXPIRES {
        return Err(ErrorResponse::invalid_query(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than \
             604800 seconds",
        ));
    }
    Ok(seconds)
}

/// Returns whether `text` has the form `YYYYMMDDThhmmssZ`.
pub(in crate::s3) fn is_amz_date(text: &str) -> bool {
    text.len() == 16
        && text.bytes().zip(b"ddddddddTddddddZ").all(|(byte, shape)| match shape {
            b'd' => byte.is_ascii_digit(),
            literal => byte == *literal,
        })
}

/// Parses the value of `X-Amz-Date`.
pub(in crate::s3) fn parse_amz_date(date: &str) -> Option<Timestamp> {
    let part = |range| date.get(range);
    let (year, month, day) = (part(0..4)?, part(4..6)?, part(6..8)?);
    let (hour, minute, second) = (part(9..11)?, part(11..13)?, part(13..15)?);
    format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z").parse().ok()
}
