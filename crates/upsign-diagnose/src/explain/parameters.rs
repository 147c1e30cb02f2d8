//! Oddities of the query, and the settings that S3 reads there.

use crate::diff::Field;
use crate::explain::azure;
use crate::explain::oddity::{Oddity, OddityKind};
use crate::explain::table as kinds;
use crate::redacted::Redacted;
use crate::url::{QueryParameter, SignatureScheme, SignedUrl};

/// The checksums of an empty body, in base64, which clients put into URLs because there is no body yet when they presign.
const EMPTY_CHECKSUMS: [(&str, &str); 5] = [
    ("x-amz-checksum-crc32", "AAAAAA=="),
    ("x-amz-checksum-crc32c", "AAAAAA=="),
    ("x-amz-checksum-crc64nvme", "AAAAAAAAAAA="),
    ("x-amz-checksum-sha1", "2jmj7l5rSw0yVb/vlWAYkK/YBwk="),
    ("x-amz-checksum-sha256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
];

/// The SHA-256 hash of no bytes.
const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Headers without `x-amz-` that S3 reads from headers only.
const PLAIN_HEADERS: [&str; 9] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-md5",
    "content-type",
    "if-match",
    "if-none-match",
];

/// Parameters that other programs append to URLs.
const TRACKING: [&str; 6] = ["fbclid", "gclid", "msclkid", "mc_cid", "mc_eid", "_gl"];

/// Parameters of a signature, or that select the operation.
const SIGNING: [&str; 11] = [
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-signedheaders",
    "x-amz-signature",
    "x-amz-security-token",
    "x-amz-s3session-token",
    "x-amz-content-sha256",
    "x-amz-region-set",
    "x-amz-user-agent",
];

pub(super) fn check(url: &SignedUrl, oddities: &mut Vec<Oddity>) {
    check_names(url, oddities);
    check_signed_headers(url, oddities);
    for parameter in url.parameters() {
        check_parameter(url, parameter, oddities);
    }
    check_cloudfront(url, oddities);
}

/// Returns the parameters that set something, and that S3 reads from the query: metadata, ACL and storage class, as was seen in
/// <https://github.com/aws/aws-sdk-js-v3/issues/4694>, and the overrides of the response of a read. Of Azure,
/// what the signature permits.
pub(super) fn settings(url: &SignedUrl) -> Vec<(Redacted, Redacted)> {
    if url.scheme() == SignatureScheme::AzureSas {
        return azure::limits(url);
    }
    let is_setting = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.starts_with("response-")
            || name.starts_with("x-amz-meta-")
            || matches!(
                &*name,
                "x-amz-acl" | "x-amz-storage-class" | "versionid" | "partnumber" | "uploadid" | "x-id"
            )
    };
    let found = url.parameters().iter().filter(|it| is_setting(&it.name));
    found.map(|it| (Redacted::new(&it.name), Redacted::new(&it.value))).collect()
}

fn check_names(url: &SignedUrl, oddities: &mut Vec<Oddity>) {
    if let Some(names) = url.scheme().v4_names() {
        let algorithm =
            if url.scheme() == SignatureScheme::Goog4 { "X-Goog-Algorithm" } else { "X-Amz-Algorithm" };
        for name in names.into_iter().chain([algorithm]).filter(|name| url.parameter(name).is_none()) {
            let sentence = format!("the parameter {name} is absent");
            oddities.push(Oddity::new(&kinds::PARAMETER_MISSING, Field::query(name), &sentence));
        }
    } else {
        let name = match url.scheme() {
            SignatureScheme::AzureSas if url.parameter("si").is_none() => "se",
            SignatureScheme::SigV2 | SignatureScheme::Goog2 | SignatureScheme::CloudFrontCanned => "Expires",
            _ => return,
        };
        if url.parameter(name).is_none() {
            let sentence = format!("the parameter {name} is absent");
            oddities.push(Oddity::new(&kinds::PARAMETER_MISSING, Field::query(name), &sentence));
        }
    }
}

fn check_signed_headers(url: &SignedUrl, oddities: &mut Vec<Oddity>) {
    let Some([.., parameter]) = url.scheme().v4_names() else { return };
    let Some(written) = url.parameter(parameter) else { return };
    let names = url.signed_headers();
    if !names.iter().any(|name| name.eq_ignore_ascii_case("host")) {
        let sentence = "the list of signed headers does not contain host";
        oddities.push(Oddity::new(&kinds::HOST_UNSIGNED, Field::query(parameter), sentence));
    }
    let is_canonical = names.is_sorted()
        && written.split(';').count() == names.len()
        && !written.contains(|it: char| it.is_ascii_uppercase() || it.is_whitespace());
    if !is_canonical {
        let shown: String = written.chars().take(200).collect();
        let sentence = format!("the signed headers are listed as {shown:?}");
        oddities.push(Oddity::new(&kinds::SIGNED_HEADERS, Field::query(parameter), &sentence));
    }
    for name in names {
        let lower = name.to_ascii_lowercase();
        if !upsign_core::SignedHeaders::is_settable(&lower) && !matches!(&*lower, "host" | "content-length") {
            let sentence = format!("the header {lower} is signed, and browsers do not let a page set it");
            oddities.push(Oddity::new(&kinds::FORBIDDEN_HEADER, Field::header(&lower), &sentence));
        }
    }
}

fn check_parameter(url: &SignedUrl, parameter: &QueryParameter, oddities: &mut Vec<Oddity>) {
    let name = &*parameter.name;
    let lower = name.to_ascii_lowercase();
    let mut report = |kind: &'static OddityKind, sentence: &str| {
        oddities.push(Oddity::new(kind, Field::query(name), sentence));
    };
    if url.parameters().iter().filter(|other| other.name.eq_ignore_ascii_case(name)).count() > 1 {
        report(&kinds::DUPLICATE, &format!("the parameter {name} occurs more than once"));
    }
    if lower.starts_with("utm_") || TRACKING.contains(&&*lower) {
        report(&kinds::TRACKING, &format!("the parameter {name} was added after signing, to follow clicks"));
    }
    let is_signed_value = url.scheme().v4_names().is_some() || lower == "signature";
    if is_signed_value && parameter.raw_value.as_deref().is_some_and(|value| value.contains('+')) {
        report(&kinds::PLUS_IN_QUERY, &format!("the value of {name} contains +, which is read as a space"));
    }
    if !url.scheme().is_aws4() {
        return;
    }
    let is_upload = url.method_hint().is_none_or(|method| method == "PUT");
    if lower == "x-amz-content-sha256"
        && *parameter.value == *EMPTY_SHA256
        && is_upload
        && url.method_hint().is_some()
    {
        report(
            &kinds::EMPTY_PAYLOAD,
            "the hash of the payload in the query is that of an empty body, so a file cannot be sent",
        );
    }
    if SIGNING.contains(&&*lower) {
        return;
    }
    if EMPTY_CHECKSUMS.contains(&(&*lower, &*parameter.value)) && is_upload {
        let sentence = format!(
            "{name} is {:?}: the checksum of no bytes, added when the URL was presigned",
            parameter.value
        );
        report(&kinds::EMPTY_CHECKSUM, &sentence);
    } else if lower.starts_with("x-amz-checksum-") && lower != "x-amz-checksum-mode" {
        report(
            &kinds::CHECKSUM_IN_QUERY,
            &format!("S3 accepts other bytes than those of {name}, because it is in the query"),
        );
    } else if lower == "x-amz-tagging" {
        report(&kinds::TAGS_IN_QUERY, "the tags are in the query in place of a signed header");
    } else if lower.starts_with("x-amz-server-side-encryption") || PLAIN_HEADERS.contains(&&*lower) {
        report(
            &kinds::IGNORED_IN_QUERY,
            &format!("S3 reads {lower} from a header, and this URL has it in the query"),
        );
    }
}

fn check_cloudfront(url: &SignedUrl, oddities: &mut Vec<Oddity>) {
    if url.scheme() != SignatureScheme::CloudFrontCustom {
        return;
    }
    let Some(policy) = url.custom_policy() else {
        let sentence = "the value of Policy is not base64 of a policy";
        oddities.push(Oddity::new(&kinds::POLICY_UNREADABLE, Field::query("Policy"), sentence));
        return;
    };
    if let Some(resource) = policy.resource.as_deref().filter(|resource| resource.contains('*')) {
        let sentence = format!("the policy allows every URL of the form {resource}");
        oddities.push(Oddity::new(&kinds::WILDCARD, Field::query("Policy"), &sentence));
    }
}
