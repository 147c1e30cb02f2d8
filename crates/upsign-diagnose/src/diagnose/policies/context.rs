//! What the evidence shows of a request, as policies see it.

use upsign_core::Timestamp;
use upsign_documents::{IamCondition, IamContext, IamStatement};

use super::super::case::Case;

/// A request as the policies in hand are applied to it.
pub(super) struct Applied {
    pub(super) partition: &'static str,
    pub(super) region: Option<Box<str>>,
    pub(super) bucket: Option<Box<str>>,
    pub(super) key: Option<Box<str>>,
    pub(super) context: IamContext,
    /// Whether the headers of the request are known, so that those that are absent are absent.
    has_headers: bool,
}

impl Applied {
    pub(super) fn new(case: &Case<'_>) -> Option<Self> {
        if let Some(form) = case.form() {
            let context = IamContext::new()
                .with("s3:authType", "POST")
                .with("s3:signatureversion", "AWS4-HMAC-SHA256")
                .with("s3:ObjectCreationOperation", "true")
                .with("aws:SecureTransport", is_true(case.sent().is_some_and(|sent| sent.is_https)));
            let fields = form.fields().iter().map(|field| (field.name.to_ascii_lowercase(), &*field.value));
            let context = fields.fold(context, |context, (name, value)| with_header(context, &name, value));
            let region = form.credential_scope().and_then(|scope| Some(Box::<str>::from(scope.region?)));
            return Some(Self {
                partition: partition(region.as_deref()),
                region,
                bucket: form.bucket().map(Into::into),
                key: form.key().map(Into::into),
                context: with_age(context, form.signed_at(), case),
                has_headers: true,
            });
        }
        let url = case.url.as_ref()?;
        let mut context = IamContext::new()
            .with("aws:SecureTransport", is_true(url.is_https()))
            .with("s3:authType", "REST-QUERY-STRING")
            .with("s3:signatureversion", "AWS4-HMAC-SHA256");
        let (is_part, is_of_upload) =
            (url.parameter("partNumber").is_some(), url.parameter("uploads").is_some());
        // Parts and the beginning of an upload create no object:
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
        context = context.with("s3:ObjectCreationOperation", is_true(!is_part && !is_of_upload));
        let headers = case.request().map(|request| request.headers.as_slice()).unwrap_or_default();
        context = headers.iter().fold(context, |context, (name, value)| with_header(context, name, value));
        Some(Self {
            partition: partition(url.signing_region()),
            region: url.signing_region().map(Into::into),
            bucket: url.bucket().map(Into::into),
            key: url.key().map(Into::into),
            context: with_age(context, url.signed_at(), case),
            has_headers: case.request().is_some(),
        })
    }

    /// Returns the keys of a statement's conditions whose values the evidence does not show.
    pub(super) fn unknown_keys(&self, statement: &IamStatement) -> Vec<String> {
        let keys = statement.conditions().iter().map(IamCondition::key);
        let mut unknown: Vec<String> = keys.filter(|key| !self.is_known(key)).map(str::to_owned).collect();
        unknown.dedup();
        unknown
    }

    fn is_known(&self, key: &str) -> bool {
        let key = key.to_ascii_lowercase();
        // Only uploads have tags in their requests.
        let is_of_headers =
            ["s3:x-amz-", "s3:if-", "s3:requestobjecttag"].iter().any(|start| key.starts_with(start));
        // A query parameter of this name is not evaluated, and presigned URLs have no such header.
        let is_of_header = is_of_headers && key != "s3:x-amz-content-sha256" && self.has_headers;
        is_of_header || self.context.iter().any(|(known, _)| known == key)
    }
}

/// Adds the condition keys of a header or form field.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html>.
fn with_header(context: IamContext, name: &str, value: &str) -> IamContext {
    if name == "x-amz-tagging" {
        let tags: Vec<(String, String)> =
            url::form_urlencoded::parse(value.as_bytes()).into_owned().collect();
        let names: Vec<String> = tags.iter().map(|(name, _)| name.clone()).collect();
        let context = context.with_values("s3:RequestObjectTagKeys", names);
        return tags.into_iter().fold(context, |context, (name, value)| {
            context.with(&format!("s3:RequestObjectTag/{name}"), value)
        });
    }
    let is_key = (name.starts_with("x-amz-") || matches!(name, "if-none-match" | "if-match"))
        && !name.starts_with("x-amz-meta-")
        && !name.contains("token")
        && name != "x-amz-content-sha256";
    if is_key { context.with(&format!("s3:{name}"), value) } else { context }
}

/// Adds the age of the signature in milliseconds, if the evidence shows when the request was sent.
fn with_age(context: IamContext, signed_at: Option<Timestamp>, case: &Case<'_>) -> IamContext {
    match (signed_at, case.evidence.time()) {
        (Some(signed), Some((at, true))) => {
            context.with("s3:signatureAge", (at.seconds_since(signed) * 1_000).to_string())
        }
        _ => context,
    }
}

const fn is_true(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// Returns the partition of a region in ARNs.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>.
fn partition(region: Option<&str>) -> &'static str {
    match region {
        Some(region) if region.starts_with("cn-") => "aws-cn",
        Some(region) if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}
