//! Oddities of the path and the key.

use percent_encoding::percent_decode_str;
use upsign_core::{ObjectKey, Provider};

use crate::diff::Field;
use crate::explain::oddity::{Oddity, OddityKind};
use crate::explain::table as kinds;
use crate::url::{AddressStyle, SignatureScheme, SignedUrl, decode};

pub(super) fn check(url: &SignedUrl, oddities: &mut Vec<Oddity>) {
    let mut report = |kind: &'static OddityKind, field: Field, sentence: &str| {
        oddities.push(Oddity::new(kind, field, sentence));
    };
    // What follows may be a part of the signature, so it is not shown.
    if url.fragment().is_some() {
        report(&kinds::FRAGMENT, Field::Path, "the URL contains #, and clients do not send what follows it");
    }
    check_encoding(url, &mut report);
    check_key(url, &mut report);
}

type Report<'a> = dyn FnMut(&'static OddityKind, Field, &str) + 'a;

fn check_encoding(url: &SignedUrl, report: &mut Report<'_>) {
    let path = url.raw_path();
    let lower = path.to_ascii_lowercase();
    let dots = lower.split('/').find(|segment| is_dots(segment));
    if let Some(segment) = dots {
        report(&kinds::DOT_SEGMENT, Field::Path, &format!("the path contains the segment {segment}"));
    }
    if path.contains('\\') {
        report(&kinds::BACKSLASH, Field::Path, "the path contains a backslash");
    }
    if dots.is_none() && !path.contains('\\') && is_rewritten(path) {
        report(
            &kinds::PATH_REWRITTEN,
            Field::Path,
            "the path contains characters that browsers encode before they send it",
        );
    }
    if path.contains('+') {
        report(&kinds::PLUS_IN_PATH, Field::Path, "the path contains +, which S3 reads as a space");
    }
    if lower.contains("%2f") {
        report(&kinds::ENCODED_SLASH, Field::Path, "the path contains %2F in place of a slash");
    }
    if let Some(twice) = twice_encoded(path) {
        report(
            &kinds::DOUBLE_ENCODED,
            Field::Path,
            &format!("the key contains {twice}, which is the encoding of an encoded character"),
        );
    }
}

fn is_dots(segment: &str) -> bool {
    matches!(&*segment.replace("%2e", "."), "." | "..")
}

/// Returns whether the path changes in a parser of the URL standard.
fn is_rewritten(path: &str) -> bool {
    let parsed = ::url::Url::parse(&format!("https://host.example{path}"));
    parsed.is_ok_and(|parsed| parsed.path() != path && !(path.is_empty() && parsed.path() == "/"))
}

/// Returns the first `%25XX`, as the decoded key shows it: `%XX`.
fn twice_encoded(path: &str) -> Option<String> {
    path.match_indices("%25").find_map(|(at, _)| {
        let digits = path.get(at + 3..at + 5)?;
        digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| format!("%{digits}"))
    })
}

fn check_key(url: &SignedUrl, report: &mut Report<'_>) {
    let location = url.location();
    let Some(key) = url.key() else { return };
    let is_object_url = !matches!(location.style, AddressStyle::Distribution | AddressStyle::Container);
    if key.is_empty() && is_object_url && !location.is_assumed {
        report(&kinds::NO_KEY, Field::Key, "the URL leads to the bucket itself");
    }
    // Of the path, so that the bytes in front of the key count as well.
    if percent_decode_str(url.raw_path()).decode_utf8().is_err() {
        report(&kinds::NOT_UTF8, Field::Key, "the decoded path is not UTF-8");
    }
    if key.chars().any(char::is_control) {
        report(&kinds::CONTROL, Field::Key, "the key contains a control character");
    }
    let path = decode(url.raw_path());
    if path.contains("//") || (key.starts_with('/') && is_object_url) {
        report(&kinds::EMPTY_SEGMENT, Field::Key, "the key contains // or begins with a slash");
    }
    let is_s3 = location.provider.is_some() && url.scheme() != SignatureScheme::AzureSas;
    if is_s3 && key.len() > ObjectKey::MAX_BYTES {
        report(&kinds::KEY_TOO_LONG, Field::Key, &format!("the key has {} bytes", key.len()));
    }
    let in_host = matches!(location.style, AddressStyle::VirtualHosted | AddressStyle::Accelerate);
    let bucket = location.bucket.as_deref().filter(|_| in_host);
    if let Some(bucket) = bucket
        && key.strip_prefix(bucket).is_some_and(|rest| rest.starts_with('/'))
    {
        report(
            &kinds::BUCKET_TWICE,
            Field::Key,
            &format!("the host contains the bucket {bucket}, and the key begins with it"),
        );
    }
    let in_path = location.style == AddressStyle::Path && location.provider != Some(Provider::Custom);
    if let Some(bucket) = location.bucket.as_deref().filter(|_| in_path)
        && key.strip_prefix(bucket).is_some_and(|rest| rest.starts_with('/'))
    {
        report(&kinds::BUCKET_TWICE, Field::Key, &format!("the path contains the bucket {bucket} twice"));
    }
}
