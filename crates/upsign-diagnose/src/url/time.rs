//! The notations of time in signed URLs.

use upsign_core::{CivilDateTime, Timestamp};

/// Reads `20130524T000000Z`, the form of `X-Amz-Date`.
pub(crate) fn basic(text: &str) -> Option<Timestamp> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    if date.len() != 8 || time.len() != 6 {
        return None;
    }
    let part = |text: &str, from: usize| number(text.get(from..from + 2)?);
    civil(
        u16::try_from(number(date.get(..4)?)?).ok()?,
        [part(date, 4)?, part(date, 6)?, part(time, 0)?, part(time, 2)?, part(time, 4)?],
    )
}

/// Reads the forms of ISO 8601 that Azure accepts (`2026-01-31`, `…T23:59Z`, `…T23:59:59Z`) and fractions of a second, in UTC.
pub(crate) fn iso(text: &str) -> Option<Timestamp> {
    let (date, time) = text.split_once('T').unwrap_or((text, "00:00Z"));
    let mut date = date.split('-');
    let (year, month, day) = (date.next()?, date.next()?, date.next()?);
    let time = time.strip_suffix('Z')?.split('.').next()?;
    let mut time = time.split(':');
    let (hour, minute, second) = (time.next()?, time.next()?, time.next().unwrap_or("00"));
    if date.next().is_some() || time.next().is_some() || year.len() != 4 {
        return None;
    }
    let parts =
        [month, day, hour, minute, second].map(|part| if part.len() == 2 { number(part) } else { None });
    let [Some(month), Some(day), Some(hour), Some(minute), Some(second)] = parts else { return None };
    civil(u16::try_from(number(year)?).ok()?, [month, day, hour, minute, second])
}

/// Reads seconds since the epoch.
pub(crate) fn epoch(text: &str) -> Option<Timestamp> {
    Timestamp::from_unix(text.parse().ok()?)
}

fn number(text: &str) -> Option<u32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

fn civil(year: u16, parts: [u32; 5]) -> Option<Timestamp> {
    let [month, day, hour, minute, second] = parts.map(|part| u8::try_from(part).unwrap_or(u8::MAX));
    Timestamp::from_civil(CivilDateTime { year, month, day, hour, minute, second })
}
