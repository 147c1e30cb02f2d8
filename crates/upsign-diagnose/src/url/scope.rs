//! The credential scope, and what the rest of a URL implies about the request.

use crate::url::SignedUrl;
use crate::url::scheme::SignatureScheme;

/// The parts of a credential such as `AKIA…/20130524/us-east-1/s3/aws4_request`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CredentialScope<'a> {
    /// The access key id, or the email address of a service account. Not a secret.
    pub access_key_id: &'a str,
    /// The day, as in `20130524`.
    pub date: &'a str,
    /// The region. SigV4a has none here.
    pub region: Option<&'a str>,
    /// The service: `s3`, `s3express`, `s3-object-lambda`, `storage`.
    pub service: &'a str,
    /// `aws4_request` or `goog4_request`.
    pub terminator: &'a str,
}

impl<'a> CredentialScope<'a> {
    pub(crate) fn parse(credential: &'a str, scheme: SignatureScheme) -> Option<Self> {
        let mut parts = credential.rsplit('/');
        let (terminator, service) = (parts.next()?, parts.next()?);
        let region = if scheme == SignatureScheme::SigV4a { None } else { Some(parts.next()?) };
        let date = parts.next()?;
        // The rest, which may contain slashes.
        let after = [date, region.unwrap_or_default(), service, terminator]
            .iter()
            .map(|part| part.len())
            .sum::<usize>();
        let slashes = if region.is_some() { 4 } else { 3 };
        let access_key_id = credential.get(..credential.len().checked_sub(after + slashes)?)?;
        Some(Self { access_key_id, date, region, service, terminator })
    }
}

/// Returns the method that the operation of `x-id`, a sub-resource, or a signed header of a body implies.
pub(super) fn method(url: &SignedUrl) -> Option<&'static str> {
    if let Some(operation) = url.parameter("x-id") {
        return of_operation(operation);
    }
    if url.scheme() == SignatureScheme::AzureSas {
        return of_permissions(url.parameter("sp")?);
    }
    let has = |name| url.parameter(name).is_some();
    if has("uploads") {
        return Some("POST");
    }
    if has("partNumber") && has("uploadId") {
        return Some("PUT");
    }
    if url.parameters().iter().any(|it| it.name.starts_with("response-")) {
        return Some("GET");
    }
    let is_of_body = |name: &&str| {
        let name = name.to_ascii_lowercase();
        matches!(&*name, "content-type" | "content-length" | "content-md5")
            || name != "x-amz-checksum-mode"
                && ["x-amz-checksum-", "x-amz-meta-", "x-amz-tagging", "x-amz-acl", "x-amz-storage-class"]
                    .iter()
                    .any(|start| name.starts_with(start))
    };
    (!has("uploadId") && url.signed_headers().iter().any(is_of_body)).then_some("PUT")
}

/// Returns the method that all permissions of a shared access signature have in common.
fn of_permissions(permissions: &str) -> Option<&'static str> {
    let all =
        |letters: &[char]| !permissions.is_empty() && permissions.chars().all(|it| letters.contains(&it));
    match () {
        () if all(&['r']) => Some("GET"),
        () if all(&['a', 'c', 'w', 't']) => Some("PUT"),
        () if all(&['d', 'x', 'y']) => Some("DELETE"),
        () => None,
    }
}

/// Returns the method of an operation of S3, as SDKs name it in `x-id`.
fn of_operation(operation: &str) -> Option<&'static str> {
    Some(match operation {
        "HeadObject" | "HeadBucket" => "HEAD",
        "CreateMultipartUpload"
        | "CompleteMultipartUpload"
        | "DeleteObjects"
        | "RestoreObject"
        | "SelectObjectContent" => "POST",
        "UploadPart" | "UploadPartCopy" | "CopyObject" | "CreateBucket" => "PUT",
        "AbortMultipartUpload" => "DELETE",
        _ if operation.starts_with("Put") => "PUT",
        _ if operation.starts_with("Get") || operation.starts_with("List") => "GET",
        _ if operation.starts_with("Delete") => "DELETE",
        _ => return None,
    })
}
