//! Candidates for a signature that does not match, if no difference is known.

use super::Diagnosis;
use super::case::Case;
use super::scrub::quoted;
use crate::cause::known;
use crate::diff::{DiffLine, Field, Signed};
use crate::echo::Request;

/// Types by the extension of a key: those that uploads have most often.
const TYPES: [(&str, &str); 26] = [
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("png", "image/png"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("avif", "image/avif"),
    ("heic", "image/heic"),
    ("svg", "image/svg+xml"),
    ("pdf", "application/pdf"),
    ("zip", "application/zip"),
    ("gz", "application/gzip"),
    ("json", "application/json"),
    ("csv", "text/csv"),
    ("txt", "text/plain"),
    ("html", "text/html"),
    ("xml", "application/xml"),
    ("mp3", "audio/mpeg"),
    ("wav", "audio/wav"),
    ("mp4", "video/mp4"),
    ("mov", "video/quicktime"),
    ("webm", "video/webm"),
    ("doc", "application/msword"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("bin", "application/octet-stream"),
    ("tar", "application/x-tar"),
];

/// The types of [`TYPES`], and others that clients send without being asked.
pub(super) fn common_types() -> impl Iterator<Item = &'static str> {
    let others = [
        "",
        "application/octet-stream",
        "binary/octet-stream",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "text/plain;charset=UTF-8",
        "text/plain;charset=utf-8",
        "text/plain; charset=utf-8",
        "image/jpg",
        "application/json;charset=utf-8",
        "application/json; charset=utf-8",
    ];
    TYPES.iter().map(|(_, name)| *name).chain(others)
}

/// Returns candidates: method and headers whose signed values are not known, those first that look odd, differences that a signature
/// does not contain, and the secret key.
pub(super) fn candidates(case: &Case<'_>, unsigned: Vec<Diagnosis>) -> Vec<Diagnosis> {
    // The key is wrong for every upload or for none, so a header is likelier.
    let mut rated: Vec<(u8, Diagnosis)> =
        vec![(15, Diagnosis::candidate(&known::WRONG_SECRET, Field::Credentials))];
    // A difference that can be seen is likelier than one that cannot.
    rated.extend(unsigned.into_iter().map(|it| (36, it.certain_if(false))));
    if let (Some(signed), Some(request)) = (&case.signed, case.request()) {
        rated.extend(method(signed, request));
        for name in signed.headers.iter().filter(|name| *name != "host" && signed.value(name).is_none()) {
            if let Some(value) = request.header(name) {
                rated.push(header(name, value, &request.path));
            }
        }
    } else if let Some(signed) = &case.signed {
        rated.extend(unseen(signed));
    }
    // Without the request, nothing more can be said.
    let rest = Diagnosis::candidate(&known::SIGNATURE_MISMATCH, Field::Unknown);
    rated.push((if case.is_recorded() { 1 } else { 60 }, rest));
    rated.sort_by_key(|(rating, _)| std::cmp::Reverse(*rating));
    rated.into_iter().map(|(_, found)| found).collect()
}

fn method(signed: &Signed, request: &Request) -> Option<(u8, Diagnosis)> {
    if signed.is_method_stated {
        return None;
    }
    let rating = if &*request.method == "PUT" { 10 } else { 85 };
    // The method that the URL implies may be the one that was sent.
    let implied = signed.method.as_deref().filter(|method| *method != &*request.method);
    let line = implied.map(|method| DiffLine::new(Field::Method, Some(method), Some(&request.method)));
    let sentence = format!(
        "the request was sent as {}, and a URL does not show for which method it was signed",
        request.method
    );
    Some((
        rating,
        Diagnosis::candidate(&known::METHOD_DIFFERS, Field::Method)
            .saying(sentence)
            .with_diff(line.into_iter().collect()),
    ))
}

fn header(name: &str, value: &str, path: &str) -> (u8, Diagnosis) {
    let lower = value.to_ascii_lowercase();
    let rating = match name {
        "content-type" => of_type(&lower, path),
        "content-length" => 40,
        "if-none-match" => u8::from(lower != "*") * 65 + 5,
        _ if !value.is_ascii() => 75,
        _ if name.starts_with("x-amz-checksum-") && value == "AAAAAA==" => 80,
        _ if name.starts_with("x-amz-checksum-") => 25,
        _ => 20,
    };
    let is_length = name == "content-length";
    let cause = if is_length { &known::LENGTH_DIFFERS } else { &known::HEADER_DIFFERS };
    let field = Field::header(name);
    let sentence = match is_length {
        true => format!("the body of {} bytes may have another length than was signed", quoted(value)),
        false => format!("the header {name} may have been signed with another value than it has here"),
    };
    let found = Diagnosis::candidate(cause, field.clone()).saying(sentence);
    (rating, found.with_diff(vec![DiffLine::new(field, None, Some(value))]))
}

fn of_type(value: &str, path: &str) -> u8 {
    let is_of_client = value.contains(';')
        || value.is_empty()
        || value == "application/x-www-form-urlencoded"
        || value.starts_with("multipart/form-data");
    if is_of_client {
        return 95;
    }
    let extension = path.rsplit(['/', '.']).next().unwrap_or_default().to_ascii_lowercase();
    match TYPES.iter().find(|(known, _)| *known == extension) {
        Some((_, expected)) if *expected == value => 30,
        Some(_) => 80,
        None => 50,
    }
}

/// Returns candidates if only the URL is known: its signed headers.
fn unseen(signed: &Signed) -> Vec<(u8, Diagnosis)> {
    let names = signed.headers.iter().filter(|name| *name != "host");
    let rated = names.enumerate().map(|(index, name)| {
        let rating = if name == "content-type" {
            90
        } else {
            80_u8.saturating_sub(u8::try_from(index).unwrap_or(u8::MAX))
        };
        let field = Field::header(name);
        let found = Diagnosis::candidate(&known::HEADER_DIFFERS, field.clone());
        let found = match signed.value(name) {
            Some(value) => found
                .saying(format!(
                    "the header {name} is signed as {}: it may be missing, or have another value",
                    quoted(value)
                ))
                .with_diff(vec![DiffLine::new(field, Some(value), None)]),
            None => {
                found.saying(format!("the header {name} is signed: it may be missing, or have another value"))
            }
        };
        (rating, found)
    });
    let method = signed.method.as_deref().filter(|_| signed.is_method_stated).map(|method| {
        let rating = if method == "PUT" { 10 } else { 85 };
        let found = Diagnosis::candidate(&known::METHOD_DIFFERS, Field::Method)
            .saying(format!("the URL is signed for {method}: it may have been sent with another method"));
        (rating, found.with_diff(vec![DiffLine::new(Field::Method, Some(method), None)]))
    });
    rated.chain(method).collect()
}
