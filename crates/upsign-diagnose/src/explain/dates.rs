//! Oddities of dates and lifetimes.

use upsign_core::{ExpiresIn, Timestamp};

use crate::diff::Field;
use crate::explain::oddity::Oddity;
use crate::explain::table as kinds;
use crate::explain::validity::{Validity, ValidityState};
use crate::form::SignedForm;
use crate::url::{SignatureScheme, SignedUrl};

pub(super) fn check_url(url: &SignedUrl, at: Timestamp, oddities: &mut Vec<Oddity>) {
    check_now(Validity::new(url.signed_at(), url.expires_at(), at), "URL", oddities);
    if let Some([_, date, expires, _]) = url.scheme().v4_names() {
        check_lifetime(url, expires, oddities);
        if let Some(written) = url.parameter(date)
            && url.signed_at().is_none()
        {
            let sentence = format!("{date} is {written:?}, which is no time");
            oddities.push(Oddity::new(&kinds::DATE, Field::query(date), &sentence));
        }
        check_day(
            url.credential_scope().map(|scope| scope.date),
            url.parameter(date),
            Field::query(date),
            oddities,
        );
    } else {
        let name = if url.scheme() == SignatureScheme::AzureSas { "se" } else { "Expires" };
        if let Some(written) = url.parameter(name)
            && url.expires_at().is_none()
            && url.scheme() != SignatureScheme::CloudFrontCustom
        {
            let sentence = format!("{name} is {written:?}, which is no time");
            oddities.push(Oddity::new(&kinds::DATE, Field::query(name), &sentence));
        }
    }
}

pub(super) fn check_form(form: &SignedForm, at: Timestamp, oddities: &mut Vec<Oddity>) {
    check_now(Validity::new(form.signed_at(), form.expires_at(), at), "form", oddities);
    if form.expires_at().is_none() {
        let sentence = "the policy has no expiration of the form 2026-01-31T23:59:59Z";
        oddities.push(Oddity::new(&kinds::DATE, Field::FormField("policy".into()), sentence));
    }
    let name = if form.field("x-goog-date").is_some() { "x-goog-date" } else { "x-amz-date" };
    let day = form.credential_scope().map(|scope| scope.date);
    check_day(day, form.field(name), Field::FormField(name.into()), oddities);
}

fn check_now(validity: Validity, what: &str, oddities: &mut Vec<Oddity>) {
    match (validity.state, validity.expires_at, validity.signed_at) {
        (ValidityState::Expired { seconds }, Some(end), _) => {
            let sentence = format!("the {what} expired {} ago, at {end}", duration(seconds));
            oddities.push(Oddity::new(&kinds::EXPIRED, Field::Clock, &sentence));
        }
        (ValidityState::NotYet { seconds }, _, Some(start)) => {
            let sentence = format!("the {what} is valid from {start} on, in {}", duration(seconds));
            oddities.push(Oddity::new(&kinds::NOT_YET_VALID, Field::Clock, &sentence));
        }
        _ => {}
    }
}

fn check_lifetime(url: &SignedUrl, name: &'static str, oddities: &mut Vec<Oddity>) {
    let Some(written) = url.parameter(name) else { return };
    let max = u64::from(ExpiresIn::MAX.as_secs());
    match url.expires() {
        Some(seconds) if seconds > max => {
            let sentence = format!("{name} is {seconds} ({}), and {max} is the maximum", duration(seconds));
            oddities.push(Oddity::new(&kinds::TOO_LONG, Field::query(name), &sentence));
        }
        Some(1..) => {}
        _ => {
            let sentence = format!("{name} is {written:?}, and must be a number from 1 to {max}");
            oddities.push(Oddity::new(&kinds::LIFETIME, Field::query(name), &sentence));
        }
    }
}

fn check_day(day: Option<&str>, date: Option<&str>, field: Field, oddities: &mut Vec<Oddity>) {
    if let (Some(day), Some(date)) = (day, date)
        && !date.starts_with(day)
    {
        let sentence = format!("the credential is of the day {day}, and the time of signing is {date}");
        oddities.push(Oddity::new(&kinds::DATE_MISMATCH, field, &sentence));
    }
}

/// Writes seconds for people, in the two largest units: `3 days 4 h`, `2 min 5 s`.
pub(crate) fn duration(seconds: u64) -> String {
    let units = [(86_400, "days"), (3_600, "h"), (60, "min"), (1, "s")];
    let at = units.iter().position(|(unit, _)| seconds >= *unit).unwrap_or(3);
    let mut rest = seconds;
    let parts = units.iter().skip(at).take(2).filter_map(|(unit, name)| {
        let count = rest / unit;
        rest %= unit;
        let name = if count == 1 && *name == "days" { "day" } else { name };
        (count > 0).then(|| format!("{count} {name}"))
    });
    let text = parts.collect::<Vec<_>>().join(" ");
    if text.is_empty() { "0 s".to_owned() } else { text }
}
