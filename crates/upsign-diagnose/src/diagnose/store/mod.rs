//! Error codes of stores.
//!
//! Source of the codes: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>. What other stores answer is named
//! where it differs.

mod argument;
mod body;
mod credentials;
mod parameters;

use super::Diagnosis;
use super::case::Case;
use super::scrub::{quoted, quoted_message};
use super::{cors, denied, mismatch};
use crate::cause::{Cause, known};
use crate::diff::{DiffLine, Field};
use crate::echo::StoreError;
use crate::url::{SignedUrl, time};
use body::{not_implemented, of_digest, of_precondition, of_size};
use credentials::{expired_token, is_of_url, of_credentials};
use parameters::of_parameters;

/// S3 refuses requests whose time differs by more than this many seconds from its own.
const MAX_SKEW: u64 = 900;

/// Codes whose rules need more than the code, in addition to those of [`simple`].
const OTHERS: [&str; 25] = [
    "SignatureDoesNotMatch",
    "AccessDenied",
    "AllAccessDisabled",
    "AccessDeniedException",
    "ExpiredRequest",
    "InvalidAccessKeyId",
    "InvalidToken",
    "TokenRefreshRequired",
    "AccessForbidden",
    "ExpiredToken",
    "ExpiredTokenException",
    "AuthorizationQueryParametersError",
    "AuthorizationHeaderMalformed",
    "MissingFields",
    "InvalidArgument",
    "InvalidRequest",
    "EntityTooLarge",
    "EntityTooSmall",
    "BadDigest",
    "XAmzContentChecksumMismatch",
    "InvalidDigest",
    "XAmzContentSHA256Mismatch",
    "PreconditionFailed",
    "MetadataTooLarge",
    "NotImplemented",
];

/// Returns whether a text is an error code of a store that a rule knows.
pub(super) fn is_known(code: &str) -> bool {
    OTHERS.contains(&code) || simple(code).is_some()
}

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
        // The last one is SeaweedFS's and MinIO's, for a query without all parts of a signature.
        "AuthorizationQueryParametersError" | "AuthorizationHeaderMalformed" | "MissingFields" => {
            of_parameters(case, error)
        }
        "InvalidArgument" | "InvalidRequest" => argument::find(case, error),
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
        "UserKeyMustBeSpecified" => {
            vec![stated(case, error, &known::FORM_MALFORMED, Field::FormField("key".into()), "Code")]
        }
        // MinIO waits for the rest of a body that is shorter than announced, and then answers so.
        "SlowDownWrite" => vec![
            stated(case, error, &known::SLOW_DOWN, Field::Unknown, "Code").certain_if(false),
            Diagnosis::candidate(&known::BODY_INCOMPLETE, Field::Body),
        ],
        "InvalidTag" => argument::of_header(case, error, "x-amz-tagging"),
        "InvalidStorageClass" => argument::of_header(case, error, "x-amz-storage-class"),
        "InvalidEncryptionAlgorithmError" => argument::of_header(case, error, "x-amz-server-side-encryption"),
        // Names of KMS's own errors: https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html
        code if code.starts_with("KMS.") => {
            let is_denied = code.contains("AccessDenied") || code.contains("Grant");
            let cause = if is_denied { &known::KMS_DENIED } else { &known::KMS_KEY_UNUSABLE };
            let found = stated(case, error, cause, Field::Action("kms:GenerateDataKey".into()), "Code");
            let message = quoted_message(error.message());
            vec![match message.as_str() {
                "" => found,
                message => {
                    let sentence = format!("{}: {message}", found.sentence);
                    found.saying(sentence)
                }
            }]
        }
        code => match simple(code) {
            Some((cause, field)) => {
                // The message of `ServiceUnavailable` tells whether the number of requests is the reason.
                let is_of_rate = code == "ServiceUnavailable" && error.says("reduce your request rate");
                let cause = if is_of_rate { &known::SLOW_DOWN } else { cause };
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
        "NoSuchKey" => (&known::OBJECT_UNKNOWN, Field::Key),
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
        "SlowDown" | "SlowDownRead" | "TooManyRequests" => (&known::SLOW_DOWN, Field::Unknown),
        "InternalError" | "InternalServerError" | "ServiceUnavailable" => {
            (&known::STORE_ERROR, Field::Unknown)
        }
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
        "clock-skew" => skew(case, found, error),
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

fn skew(case: &Case<'_>, found: Diagnosis, error: &StoreError) -> Diagnosis {
    let (Some(request), Some(server)) = (error.text("RequestTime"), error.text("ServerTime")) else {
        return found;
    };
    // A third clock decides which of the two is wrong: that of the record, otherwise that of this machine.
    let third = case.sent().and_then(|sent| sent.at).or(case.evidence.at);
    let agrees = |shown: &str| {
        let (third, shown) = (third?, time::basic(shown).or_else(|| time::iso(shown))?);
        Some(third.seconds_since(shown).max(shown.seconds_since(third)) <= MAX_SKEW)
    };
    let (which, fix) = match (agrees(request), agrees(server)) {
        (Some(true), Some(false)) => {
            ("; a third clock agrees with the signer's", "correct the clock of the store (NTP)")
        }
        (Some(false), Some(true)) => {
            ("; a third clock agrees with the store's", "correct the clock of the machine that signs (NTP)")
        }
        _ => ("", "compare both clocks with NTP, and correct the one that is wrong"),
    };
    let sentence = format!(
        "the clocks of signer and store differ: the URL is signed for {}, and the store's clock shows {}{which}",
        quoted(request),
        quoted(server)
    );
    let line = DiffLine::new(Field::Clock, Some(request), Some(server));
    found.saying(sentence).fixed_by(fix).with_diff(vec![line]).certain_if(true)
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

/// The store computed another signature.
pub(super) fn of_mismatch(case: &Case<'_>) -> Vec<Diagnosis> {
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

/// An unknown code. Nothing is guessed from its status: the store says what it means, in words of its own.
fn other(case: &Case<'_>, error: &StoreError) -> Vec<Diagnosis> {
    let message = if error.message().is_empty() {
        String::new()
    } else {
        format!(": {}", quoted_message(error.message()))
    };
    let unknown = Diagnosis::candidate(&known::OTHER_REFUSAL, Field::Unknown);
    let unknown =
        unknown.saying(format!("the store refused the request with {}{message}", quoted(error.code())));
    let rest = case.of_differences().into_iter().map(|it| it.certain_if(false));
    std::iter::once(unknown).chain(rest).collect()
}

/// Returns whether a difference is a second signature.
fn is_second_signature(difference: &crate::diff::Difference) -> bool {
    difference.cause.code == known::TWO_SIGNATURES.code
}
