//! `InvalidArgument` and `InvalidRequest`: two codes for everything that is malformed. The message tells which part.

use super::super::Diagnosis;
use super::super::case::Case;
use super::super::scrub::{quoted, quoted_message};
use super::{is_second_signature, stated};
use crate::cause::{Owner, known};
use crate::diff::Field;
use crate::echo::StoreError;

pub(super) fn find(case: &Case<'_>, error: &StoreError) -> Vec<Diagnosis> {
    // `Only one auth mechanism allowed` and, of some hosts of S3, `Unsupported Authorization Type` for `Authorization: Bearer …`.
    if error.says("only one auth mechanism") || error.says("unsupported authorization type") {
        let found = Diagnosis::candidate(&known::TWO_SIGNATURES, Field::header("authorization"));
        return vec![
            found.certain_if(case.is_recorded() && case.differences.iter().any(is_second_signature)),
        ];
    }
    if error.says("please use aws4-hmac-sha256") {
        return of_mechanism(case);
    }
    if error.says("bucket post must contain a field named") {
        let name = error.message().split('\'').nth(1).or_else(|| error.text("ArgumentName")).unwrap_or("key");
        let name = name.to_ascii_lowercase();
        let sentence = format!("the form has no field {} in front of the file", quoted(&name));
        let found = Diagnosis::candidate(&known::FORM_MALFORMED, Field::FormField(name.into()));
        return vec![found.saying(sentence).certain_if(true)];
    }
    if error.says("post requires exactly one file") {
        let found = Diagnosis::candidate(&known::FORM_MALFORMED, Field::FormField("file".into()));
        let sentence = match error.text("ArgumentValue") {
            Some("0") => "the form has no file, or its part is not called `file`",
            _ => "the form has another number of files than one",
        };
        return vec![found.saying(sentence).certain_if(true)];
    }
    if error.says("x-amz-mp-object-size") {
        return vec![stated(
            case,
            error,
            &known::SIZE_MISMATCH,
            Field::header("x-amz-mp-object-size"),
            "Code",
        )];
    }
    if let Some(header) = checksum_header(error.message()) {
        let found = Diagnosis::candidate(&known::DIGEST_INVALID, Field::header(&header));
        return vec![
            found
                .saying(format!("the value of {} is not base64 of the right length", quoted(&header)))
                .certain_if(true),
        ];
    }
    others(case, error)
}

/// The store found no signature of version 4: it is of version 2, or a part of it is missing.
fn of_mechanism(case: &Case<'_>) -> Vec<Diagnosis> {
    let incomplete = case.incomplete_query().map(|found| found.certain_if(true));
    let header = case.sent().and_then(|sent| sent.request.header("authorization"));
    let is_version_2 = header.is_some_and(|header| header.starts_with("AWS "));
    let version_2 = Diagnosis::candidate(&known::SIGV2, Field::query("X-Amz-Algorithm"));
    incomplete.into_iter().chain([version_2.certain_if(is_version_2)]).collect()
}

/// Reads the name of `Value for x-amz-checksum-sha256 header is invalid.`
fn checksum_header(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("Value for ")?;
    let (name, _) = rest.split_once(" header is invalid")?;
    name.to_ascii_lowercase().starts_with("x-amz-checksum-").then(|| name.to_ascii_lowercase())
}

/// The store refuses the value of a header, which its code or message names.
pub(super) fn of_header(case: &Case<'_>, error: &StoreError, name: &str) -> Vec<Diagnosis> {
    let message = if error.message().is_empty() {
        String::new()
    } else {
        format!(": {}", quoted_message(error.message()))
    };
    let found = Diagnosis::candidate(&known::OTHER_REFUSAL, Field::header(name));
    let found = found
        .saying(format!("the store refuses the value of {name}{message}"))
        .fixed_by(format!("correct the value of {name} where the URL is issued"))
        .owned_by(Owner::Configuration)
        .certain_if(case.sent().is_some());
    vec![found]
}

/// Any other message. The argument that it is about has a name, and often a value, which may be a token: it is not shown.
fn others(case: &Case<'_>, error: &StoreError) -> Vec<Diagnosis> {
    let mut found = super::other(case, error);
    let name = error.text("ArgumentName").unwrap_or_default();
    let request = case.request();
    let field = match request {
        _ if name.is_empty() || name.len() > 128 => None,
        Some(request) if request.parameter(name).is_some() => Some(Field::query(name)),
        Some(request) if request.header(&name.to_ascii_lowercase()).is_some() => Some(Field::header(name)),
        _ => None,
    };
    if let Some(first) = found.first_mut() {
        let fixed =
            first.clone().fixed_by("correct what the message names, where the request is built or signed");
        *first = Diagnosis { field: field.unwrap_or(Field::Unknown), ..fixed }.owned_by(Owner::Client);
    }
    found
}
