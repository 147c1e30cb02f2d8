//! Error codes of stores.
//!
//! Source of the codes: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>. What other stores answer is named
//! where it differs.

use super::Diagnosis;
use super::case::Case;
use super::scrub::quoted;
use super::{cors, denied, mismatch, status};
use crate::cause::{Cause, known};
use crate::diff::{DiffLine, Field};
use crate::echo::StoreError;
use crate::url::SignedUrl;

/// Returns what an error code says about a request.
pub(super) fn find(case: &Case<'_>, error: &StoreError) -> Vec<Diagnosis> {
    match error.code() {
        "SignatureDoesNotMatch" => of_mismatch(case),
        "AccessDenied" | "AllAccessDisabled" | "AccessDeniedException" => denied::find(case, error),
        // The name that R2 has for an expired URL.
        "ExpiredRequest" => denied::expired(case, error),
        "InvalidAccessKeyId" | "InvalidToken" | "TokenRefreshRequired" => of_credentials(case, error),
        "AccessForbidden" | "BadRequest" => match cors::of_error(case, error) {
            found if found.is_empty() => other(case, error),
            found => found,
        },
        "ExpiredToken" | "ExpiredTokenException" if is_of_url(case, error) => denied::expired(case, error),
        "ExpiredToken" | "ExpiredTokenException" => vec![expired_token(case)],
        "AuthorizationQueryParametersError" | "AuthorizationHeaderMalformed" => of_parameters(case, error),
        "InvalidArgument" if error.says("Only one auth mechanism") => {
            let found = Diagnosis::candidate(&known::TWO_SIGNATURES, Field::header("authorization"));
            vec![found.certain_if(case.is_recorded() && case.differences.iter().any(is_second_signature))]
        }
        "EntityTooLarge" | "EntityTooSmall" => vec![of_size(case, error)],
        "BadDigest" | "XAmzContentChecksumMismatch" | "InvalidDigest" | "XAmzContentSHA256Mismatch" => {
            vec![of_digest(case, error)]
        }
        "PreconditionFailed" => vec![of_precondition(case, error)],
        "MetadataTooLarge" => vec![stated(
            case,
            error,
            &known::METADATA_TOO_LARGE,
            Field::header("x-amz-meta-*"),
            "MaxSizeAllowed",
        )],
        "NotImplemented" => vec![not_implemented(case, error)],
        "InvalidRequest" if error.says("x-amz-mp-object-size") => {
            vec![stated(case, error, &known::SIZE_MISMATCH, Field::header("x-amz-mp-object-size"), "Code")]
        }
        code => match simple(code) {
            Some((cause, field)) => {
                let found = stated(case, error, cause, field, "Code");
                let rest = case.of_differences().into_iter().map(|it| it.certain_if(false));
                std::iter::once(found).chain(rest).collect()
            }
            None => other(case, error),
        },
    }
}

/// The codes that name their cause themselves.
fn simple(code: &str) -> Option<(&'static Cause, Field)> {
    Some(match code {
        "RequestTimeTooSkewed" => (&known::CLOCK_SKEW, Field::Clock),
        "MissingContentLength" => (&known::LENGTH_MISSING, Field::header("content-length")),
        "IncompleteBody" | "RequestTimeout" => (&known::BODY_INCOMPLETE, Field::Body),
        "InvalidPart" => (&known::PART_INVALID, Field::Body),
        "InvalidPartOrder" => (&known::PART_ORDER, Field::Body),
        "NoSuchUpload" => (&known::UPLOAD_UNKNOWN, Field::query("uploadId")),
        "ConditionalRequestConflict" | "OperationAborted" => (&known::WRITE_CONFLICT, Field::Key),
        "PermanentRedirect" => (&known::PERMANENT_REDIRECT, Field::Region),
        "TemporaryRedirect" | "Redirect" => (&known::TEMPORARY_REDIRECT, Field::Host),
        "NoSuchBucket" => (&known::BUCKET_UNKNOWN, Field::Bucket),
        "AccessControlListNotSupported" => (&known::ACL_NOT_SUPPORTED, Field::header("x-amz-acl")),
        "KeyTooLongError" | "KeyTooLong" => (&known::KEY_TOO_LONG, Field::Key),
        "MaxMessageLengthExceeded" | "MaxPostPreDataLengthExceededError" | "MaxPostPreDataLengthExceeded" => {
            (&known::FORM_TOO_LONG, Field::FormField("policy".into()))
        }
        "InvalidPolicyDocument" => (&known::FORM_POLICY_INVALID, Field::FormField("policy".into())),
        "MalformedPOSTRequest" | "IncorrectNumberOfFilesInPostRequest" => {
            (&known::FORM_MALFORMED, Field::FormField("file".into()))
        }
        "MethodNotAllowed" => (&known::METHOD_NOT_ALLOWED, Field::Method),
        "SlowDown" | "ServiceUnavailable" | "TooManyRequests" => (&known::SLOW_DOWN, Field::Unknown),
        "InternalError" | "InternalServerError" => (&known::STORE_ERROR, Field::Unknown),
        _ => return None,
    })
}

/// Creates a diagnosis that the code states. It is certain if the request is recorded, or the answer names the values.
fn stated(
    case: &Case<'_>,
    error: &StoreError,
    cause: &'static Cause,
    field: Field,
    detail: &str,
) -> Diagnosis {
    let has_detail = detail != "Code" && error.text(detail).is_some();
    let found = Diagnosis::candidate(cause, field).certain_if(case.sent().is_some() || has_detail);
    match cause.code {
        "clock-skew" => skew(found, error),
        // Other redirects than those of the global endpoint are rare, and have another cause.
        "temporary-redirect" => {
            let host = case.url.as_ref().map(SignedUrl::canonical_host).unwrap_or_default();
            let is_global = host == "s3.amazonaws.com" || host.ends_with(".s3.amazonaws.com");
            found.certain_if(is_global && case.sent().is_some())
        }
        "permanent-redirect" => redirected(found, case, error),
        "bucket-unknown" => match error.text("BucketName") {
            Some(name) => found.saying(format!("there is no bucket {} at this store", quoted(name))),
            None => found,
        },
        _ => found,
    }
}

fn skew(found: Diagnosis, error: &StoreError) -> Diagnosis {
    let (Some(request), Some(server)) = (error.text("RequestTime"), error.text("ServerTime")) else {
        return found;
    };
    let sentence = format!(
        "the clock of the signer is wrong: it signed for {}, and the store's clock shows {}",
        quoted(request),
        quoted(server)
    );
    let line = DiffLine::new(Field::Clock, Some(request), Some(server));
    found.saying(sentence).with_diff(vec![line]).certain_if(true)
}

fn redirected(found: Diagnosis, case: &Case<'_>, error: &StoreError) -> Diagnosis {
    let of_header = case.evidence.answer.as_ref().and_then(|answer| answer.header("x-amz-bucket-region"));
    match of_header.as_deref().or_else(|| error.text("Endpoint")) {
        Some(place) => {
            let signed = case.url.as_ref().and_then(|url| url.signing_region());
            let line = DiffLine::new(Field::Region, signed, Some(place));
            found
                .saying(format!("the bucket is elsewhere: {}", quoted(place)))
                .with_diff(vec![line])
                .certain_if(true)
        }
        None => found,
    }
}

fn of_mismatch(case: &Case<'_>) -> Vec<Diagnosis> {
    // Neither a second signature nor an unsigned header takes part in the signature, so they do not prove why it differs. SeaweedFS
    // refuses unsigned headers with this code.
    let takes_part =
        |it: &Diagnosis| ![known::HEADER_UNSIGNED.code, known::TWO_SIGNATURES.code].contains(&it.cause.code);
    let (mut found, others): (Vec<_>, Vec<_>) = case.of_differences().into_iter().partition(takes_part);
    if case.url.as_ref().is_some_and(|url| url.parameter("x-amz-checksum-crc32") == Some("AAAAAA==")) {
        found.push(Diagnosis::candidate(&known::CHECKSUM_OF_NOTHING, Field::query("x-amz-checksum-crc32")));
    }
    if found.iter().any(|it| it.certain) {
        return found;
    }
    found.extend(mismatch::candidates(case, others));
    found
}

fn of_credentials(case: &Case<'_>, error: &StoreError) -> Vec<Diagnosis> {
    let is_signer = |it: &Diagnosis| matches!(&it.field, Field::Query(name) if matches!(&**name, "X-Amz-Security-Token" | "X-Amz-Credential"));
    let mut found: Vec<Diagnosis> = case.of_differences().into_iter().filter(is_signer).collect();
    let url = case.url.as_ref();
    let key = error.text("AWSAccessKeyId").or_else(|| url.and_then(|url| url.signer())).unwrap_or_default();
    let lacks_token = url.is_some_and(|url| !url.has_session_token());
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    let is_temporary = key.starts_with("ASIA");
    if error.code() != "InvalidAccessKeyId" {
        found.push(Diagnosis::candidate(&known::TOKEN_INVALID, Field::query("X-Amz-Security-Token")));
        return found;
    }
    let unknown = Diagnosis::candidate(&known::ACCESS_KEY_UNKNOWN, Field::query("X-Amz-Credential"));
    let unknown = match key {
        "" => unknown,
        key => unknown
            .saying(format!("the store does not know the access key id {} that signed the URL", quoted(key))),
    };
    if is_temporary && lacks_token {
        // A key that begins with ASIA is temporary, and no store knows one without its token.
        let missing = Diagnosis::candidate(&known::TOKEN_MISSING, Field::query("X-Amz-Security-Token"));
        found.push(missing.certain_if(found.is_empty()));
    }
    found.push(unknown);
    found
}

/// Returns whether `ExpiredToken` means the URL: Google's store answers so, and without a token of a session no other can expire.
fn is_of_url(case: &Case<'_>, error: &StoreError) -> bool {
    let details = error.text("Details").unwrap_or_default().to_ascii_lowercase();
    let is_stated = ["expired at", "request has expired"].iter().any(|part| details.contains(part));
    let is_of_google = |url: &SignedUrl| url.canonical_host().ends_with("storage.googleapis.com");
    is_stated || case.url.as_ref().is_some_and(|url| !url.has_session_token() || is_of_google(url))
}

/// Tells expired credentials from an expired URL: the store checks the token first, and states which of them it is.
fn expired_token(case: &Case<'_>) -> Diagnosis {
    let found = Diagnosis::candidate(&known::CREDENTIALS_EXPIRED, Field::Credentials);
    let expiry = case.url.as_ref().and_then(SignedUrl::expires_at);
    let found = found.certain_if(case.sent().is_some());
    match (expiry, case.evidence.time()) {
        (Some(expiry), Some((at, true))) if at < expiry => found.saying(format!(
            "the temporary credentials that signed the URL have expired; the URL itself is valid until {expiry}"
        )),
        (Some(expiry), Some((at, _))) if at >= expiry => found.saying(format!(
            "the temporary credentials that signed the URL have expired, and the URL has expired as well, at {expiry}"
        )),
        _ => found,
    }
}

fn of_parameters(case: &Case<'_>, error: &StoreError) -> Vec<Diagnosis> {
    let mut found = case.of_differences();
    let url = case.url.as_ref();
    let stated = if error.says("is wrong; expecting") {
        let expected = error.text("Region").map(str::to_owned).or_else(|| quoted_last(error.message()));
        let signed = url.and_then(|url| url.signing_region()).map(str::to_owned);
        let sentence = match (&signed, &expected) {
            (Some(signed), Some(expected)) => {
                format!(
                    "the URL is signed for the region {}, and the bucket is in {}",
                    quoted(signed),
                    quoted(expected)
                )
            }
            (None, Some(expected)) => {
                format!("the URL is signed for another region than the bucket's, {expected}")
            }
            _ => known::WRONG_REGION.sentence.to_owned(),
        };
        let line = DiffLine::new(Field::Region, signed.as_deref(), expected.as_deref());
        let wrong = Diagnosis::candidate(&known::WRONG_REGION, Field::query("X-Amz-Credential"));
        wrong.saying(sentence).certain_if(expected.is_some()).with_diff(vec![line])
    } else if error.says("incorrect service") {
        Diagnosis::candidate(&known::WRONG_SERVICE, Field::query("X-Amz-Credential")).certain_if(true)
    } else if error.says("less than a week") {
        Diagnosis::candidate(&known::EXPIRES_TOO_LONG, Field::query("X-Amz-Expires")).certain_if(true)
    } else if error.says("X-Amz-Expires should be a number")
        || error.says("X-Amz-Expires must be non-negative")
    {
        Diagnosis::candidate(&known::EXPIRES_NOT_A_NUMBER, Field::query("X-Amz-Expires")).certain_if(true)
    } else if error.says("version 4 requires") {
        Diagnosis::candidate(&known::QUERY_INCOMPLETE, Field::Unknown)
    } else {
        let found = Diagnosis::candidate(&known::QUERY_MALFORMED, Field::Unknown);
        match error.message() {
            "" => found,
            message => {
                found.saying(format!("a parameter of the signature is malformed: {}", quoted(message)))
            }
        }
    };
    found.push(stated);
    found
}

/// Returns the last text in single quotes: `the region 'a' is wrong; expecting 'b'`.
fn quoted_last(message: &str) -> Option<String> {
    let (rest, _) = message.rsplit_once('\'')?;
    Some(rest.rsplit_once('\'')?.1.to_owned())
}

fn of_size(case: &Case<'_>, error: &StoreError) -> Diagnosis {
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

fn of_digest(case: &Case<'_>, error: &StoreError) -> Diagnosis {
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

fn of_precondition(case: &Case<'_>, error: &StoreError) -> Diagnosis {
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

fn not_implemented(case: &Case<'_>, error: &StoreError) -> Diagnosis {
    let sent = case.request().and_then(|request| request.header("transfer-encoding"));
    let header = error.text("Header").unwrap_or_default();
    if header.eq_ignore_ascii_case("Transfer-Encoding") || sent.is_some() {
        return Diagnosis::candidate(&known::CHUNKED, Field::header("transfer-encoding"))
            .certain_if(!header.is_empty());
    }
    let field = if header.is_empty() { Field::Method } else { Field::header(header) };
    Diagnosis::candidate(&known::NOT_IMPLEMENTED, field)
}

fn other(case: &Case<'_>, error: &StoreError) -> Vec<Diagnosis> {
    let mut found = case.of_differences();
    let message =
        if error.message().is_empty() { String::new() } else { format!(": {}", quoted(error.message())) };
    let unknown = Diagnosis::candidate(&known::OTHER_REFUSAL, Field::Unknown);
    found.push(
        unknown.saying(format!("the store refused the request with {}{message}", quoted(error.code()))),
    );
    found.extend(status::of_status(case).into_iter().filter(|it| it.cause.code != known::OTHER_REFUSAL.code));
    found
}

fn is_second_signature(difference: &crate::diff::Difference) -> bool {
    difference.cause.code == known::TWO_SIGNATURES.code
}
