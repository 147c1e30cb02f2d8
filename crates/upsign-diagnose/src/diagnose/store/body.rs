//! Errors about the body, its digests and the conditions of a request.

use super::super::Diagnosis;
use super::super::case::Case;
use super::super::scrub::quoted;
use crate::cause::known;
use crate::diff::{DiffLine, Field};
use crate::echo::StoreError;

pub(super) fn of_size(case: &Case<'_>, error: &StoreError) -> Diagnosis {
    let is_large = error.code() == "EntityTooLarge";
    let cause = if is_large { &known::TOO_LARGE } else { &known::TOO_SMALL };
    let found = Diagnosis::candidate(cause, Field::Body).certain_if(case.sent().is_some());
    let limit = error.text(if is_large { "MaxSizeAllowed" } else { "MinSizeAllowed" });
    let (Some(proposed), Some(limit)) = (error.text("ProposedSize"), limit) else { return found };
    let bound = if is_large { "at most" } else { "at least" };
    let line = DiffLine::new(
        Field::Body,
        Some(&format!("{bound} {limit} bytes")),
        Some(&format!("{proposed} bytes")),
    );
    let sentence =
        format!("the body has {} bytes, and {bound} {} are allowed", quoted(proposed), quoted(limit));
    found.saying(sentence).with_diff(vec![line]).certain_if(true)
}

pub(super) fn of_digest(case: &Case<'_>, error: &StoreError) -> Diagnosis {
    let crc32 = case.url.as_ref().and_then(|url| url.parameter("x-amz-checksum-crc32"));
    if crc32 == Some("AAAAAA==") {
        return Diagnosis::candidate(&known::CHECKSUM_OF_NOTHING, Field::query("x-amz-checksum-crc32"))
            .certain_if(case.sent().is_some());
    }
    let field = digest_header(case, error).map_or(Field::Body, Field::header);
    let cause =
        if error.code() == "InvalidDigest" { &known::DIGEST_INVALID } else { &known::CHECKSUM_DIFFERS };
    let found = Diagnosis::candidate(cause, field.clone()).certain_if(case.sent().is_some());
    let (expected, calculated) = (error.text("ExpectedDigest"), error.text("CalculatedDigest"));
    if expected.is_none() && calculated.is_none() {
        return found;
    }
    found.with_diff(vec![DiffLine::new(field, expected, calculated)]).certain_if(true)
}

/// Returns the header whose digest differs: the one that the message names, or the only one that was sent.
///
/// Messages are `The SHA256 you specified did not match the calculated checksum` and `The Content-MD5 you specified …`; SeaweedFS
/// has the latter for every checksum, so a header that was not sent is not named.
fn digest_header(case: &Case<'_>, error: &StoreError) -> Option<&'static str> {
    // Longer names first: CRC32 is the beginning of CRC32C.
    const HEADERS: [(&str, &str); 6] = [
        ("crc64nvme", "x-amz-checksum-crc64nvme"),
        ("crc32c", "x-amz-checksum-crc32c"),
        ("crc32", "x-amz-checksum-crc32"),
        ("sha256", "x-amz-checksum-sha256"),
        ("sha1", "x-amz-checksum-sha1"),
        ("content-md5", "content-md5"),
    ];
    // The hash of the payload is no checksum: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    let can_be_sent = |header: &str| case.sent().is_none_or(|sent| sent.request.header(header).is_some());
    if error.code() != "XAmzContentSHA256Mismatch"
        && let Some((_, header)) = HEADERS.iter().find(|(name, _)| error.says(name))
        && can_be_sent(header)
    {
        return Some(header);
    }
    let request = &case.sent()?.request;
    let mut sent = HEADERS.iter().filter(|(_, header)| request.header(header).is_some());
    let (_, only) = sent.next()?;
    sent.next().is_none().then_some(*only)
}

pub(super) fn of_precondition(case: &Case<'_>, error: &StoreError) -> Diagnosis {
    let condition = error.text("Condition").unwrap_or_default();
    // `Bucket POST must be of the enclosure-type multipart/form-data`: nothing was compared, and nothing is stored.
    if condition.contains("enclosure-type") || error.says("enclosure-type") {
        return Diagnosis::candidate(&known::FORM_MALFORMED, Field::header("content-type"))
            .saying("the request is a form by its method and URL, and its Content-Type is not multipart/form-data")
            .fixed_by("send the fields and the file as multipart/form-data, and let the client write Content-Type with its boundary")
            .certain_if(true);
    }
    let has = |name: &str| {
        let is_signed = case.signed.as_ref().is_some_and(|it| it.headers.iter().any(|known| known == name));
        is_signed || case.request().is_some_and(|request| request.header(name).is_some())
    };
    let states = |name: &str| condition.eq_ignore_ascii_case(name);
    let if_match = states("If-Match") || (has("if-match") && !has("if-none-match"));
    let is_stated = states("If-Match") || states("If-None-Match");
    let is_only = has("if-match") != has("if-none-match");
    let is_known = is_stated || (condition.is_empty() && is_only && case.sent().is_some());
    match if_match {
        true => Diagnosis::candidate(&known::OBJECT_CHANGED, Field::header("if-match")).certain_if(is_known),
        false => {
            Diagnosis::candidate(&known::KEY_EXISTS, Field::header("if-none-match")).certain_if(is_known)
        }
    }
}

pub(super) fn not_implemented(case: &Case<'_>, error: &StoreError) -> Diagnosis {
    let sent = case.request().and_then(|request| request.header("transfer-encoding"));
    let header = error.text("Header").unwrap_or_default();
    if header.eq_ignore_ascii_case("Transfer-Encoding") || sent.is_some() {
        return Diagnosis::candidate(&known::CHUNKED, Field::header("transfer-encoding"))
            .certain_if(!header.is_empty());
    }
    let field = if header.is_empty() { Field::Method } else { Field::header(header) };
    Diagnosis::candidate(&known::NOT_IMPLEMENTED, field)
}
