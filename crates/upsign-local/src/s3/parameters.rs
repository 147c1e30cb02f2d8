//! The parameters a signature comes with, read.

use upsign_core::Timestamp;

use super::path;
use super::refusal::Refusal;

/// Seven days, the longest a SigV4 query string lives.
const MAX_EXPIRES: u64 = 604_800;

/// `X-Amz-Credential`, split.
pub(super) struct Credential<'a> {
    pub(super) access_key_id: &'a str,
    pub(super) date: &'a str,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
    pub(super) terminal: &'a str,
}

impl<'a> Credential<'a> {
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.rsplitn(5, '/');
        let (terminal, service, region) = (parts.next()?, parts.next()?, parts.next()?);
        let (date, access_key_id) = (parts.next()?, parts.next()?);
        let day = date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit());
        (day && !access_key_id.is_empty()).then_some(Self { access_key_id, date, region, service, terminal })
    }
}

/// The pairs of a query string, decoded, in order.
pub(super) struct Pairs(pub(super) Vec<(String, String)>);

impl Pairs {
    pub(super) fn of(query: &str) -> Self {
        let text = |encoded: &str| {
            let bytes = path::decode(&encoded.replace('+', " ")).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        Self(pairs.map(|(name, value)| (text(name), text(value))).collect())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(given, _)| given == name)
    }

    /// The value of a parameter that is there once.
    pub(super) fn only(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(given, _)| given == name).map(|(_, value)| value.as_str());
        let first = values.next().filter(|value| !value.is_empty());
        if values.next().is_some() { None } else { first }
    }
}

/// `X-Amz-Expires`, in seconds.
pub(super) fn expires_in(text: &str) -> Result<u64, Refusal> {
    let number: i64 = text.parse().map_err(|_| Refusal::query("X-Amz-Expires should be a number"))?;
    let seconds = u64::try_from(number).map_err(|_| Refusal::query("X-Amz-Expires must be non-negative"))?;
    if seconds > MAX_EXPIRES {
        return Err(Refusal::query(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than \
             604800 seconds",
        ));
    }
    Ok(seconds)
}

/// `YYYYMMDDThhmmssZ`
pub(super) fn is_amz_date(text: &str) -> bool {
    text.len() == 16
        && text.bytes().zip(b"ddddddddTddddddZ").all(|(byte, shape)| match shape {
            b'd' => byte.is_ascii_digit(),
            literal => byte == *literal,
        })
}

/// The instant of an `X-Amz-Date`.
pub(super) fn instant(date: &str) -> Option<Timestamp> {
    let part = |range| date.get(range);
    let (year, month, day) = (part(0..4)?, part(4..6)?, part(6..8)?);
    let (hour, minute, second) = (part(9..11)?, part(11..13)?, part(13..15)?);
    format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z").parse().ok()
}
