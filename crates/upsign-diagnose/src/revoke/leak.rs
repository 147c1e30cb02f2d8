//! Revocations by key: of one URL, and of the uploads of one caller.

use upsign_core::{Bucket, Partition, Provider, Region, Timestamp};
use upsign_documents::{IamCondition, IamOperator};
use upsign_policy::UploadPolicy;

use super::{PRESIGNED, Revocation, RevocationError, RevocationKind, deny, effect, partition};
use crate::explain::NamedPolicy;
use crate::url::{AddressStyle, SignatureScheme, SignedUrl};

/// How much younger a signature may look to S3 than here, because the clocks differ: 60 seconds.
const CLOCK_MARGIN: u64 = 60;

pub(super) fn of_url(url: &SignedUrl, at: Timestamp) -> Result<Revocation, RevocationError> {
    let (bucket, key) = object(url)?;
    let end = url.expires_at().ok_or(RevocationError::NoEnd)?;
    if end <= at {
        return Err(RevocationError::Expired { at: end });
    }
    let region: Option<Region> =
        url.location().region.as_deref().or(url.signing_region()).and_then(|it| it.parse().ok());
    let object = format!("arn:{}:s3:::{bucket}/{key}", partition(region.as_ref()));
    let (actions, sample) = actions(url);
    let statement = deny("Url", end, actions, vec![without_wildcards(&object)], ["REST-QUERY-STRING"]);
    // The age of a signature of version 2 is always 0.
    let signed_at = url.signed_at().filter(|_| url.scheme() != SignatureScheme::SigV2);
    let age = signed_at.map_or(0, |signed| at.seconds_since(signed).saturating_sub(CLOCK_MARGIN)) * 1_000;
    let statement = match age {
        0 => statement,
        age => statement.with_condition(IamCondition::new(
            IamOperator::NUMERIC_GREATER_THAN,
            "s3:signatureAge",
            [age.to_string()],
        )),
    };
    let mut limits = vec![
        "a person who has the URL may have others: revoke the caller, or everything before an instant, if more than this URL leaked".into(),
    ];
    if age == 0 {
        limits.push("the age of the signature is less than a minute or unknown, so new URLs for the key are stopped as well".into());
    } else {
        limits.push(
            format!(
                "until the statement is removed, new URLs for this key work for {} s after signing",
                age / 1_000
            )
            .into(),
        );
    }
    if key.contains(['*', '?']) || key.contains("${") {
        limits.push("the key contains characters that are wildcards in a policy, so keys that differ only there are stopped as well".into());
    }
    let samples = effect::of_url(&object, sample, age + CLOCK_MARGIN * 1_000);
    Ok(Revocation::new(RevocationKind::Url, bucket, statement, end, limits, &samples))
}

/// Returns bucket and key of a URL whose bucket has a policy with keys of S3.
fn object(url: &SignedUrl) -> Result<(&str, &str), RevocationError> {
    let location = url.location();
    let is_aws =
        matches!(url.scheme(), SignatureScheme::SigV4 | SignatureScheme::SigV4a | SignatureScheme::SigV2);
    if location.provider != Some(Provider::Aws) || !is_aws {
        return Err(RevocationError::NotS3);
    }
    if !matches!(location.style, AddressStyle::Path | AddressStyle::VirtualHosted | AddressStyle::Accelerate)
    {
        return Err(RevocationError::NotABucket);
    }
    match (url.bucket(), url.key()) {
        // A path can contain anything, and the name becomes a part of commands.
        (Some(bucket), _) if bucket.parse::<Bucket>().is_err() => Err(RevocationError::Bucket),
        (Some(bucket), Some(key)) if !key.is_empty() => Ok((bucket, key)),
        _ => Err(RevocationError::NoKey),
    }
}

/// Returns the actions of the URL, and one of them for an example. A URL does not contain its method. Unless its parameters or a signed
/// length prove it, all actions on the object are denied: a signed type does not, because clients sign it for reads too.
fn actions(url: &SignedUrl) -> (Vec<&'static str>, &'static str) {
    let is_plain = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.starts_with("x-amz-")
            || name.starts_with("response-")
            || matches!(&*name, "x-id" | "uploadid" | "partnumber")
    };
    let has = |name| url.parameter(name).is_some();
    let has_length = url.signed_headers().iter().any(|name| name.eq_ignore_ascii_case("content-length"));
    let is_part = has("uploadId") && has("partNumber");
    let is_plain = url.parameters().iter().all(|parameter| is_plain(&parameter.name));
    match url.method_hint() {
        Some("PUT") if is_plain && (has("x-id") || is_part || has_length) => {
            (vec!["s3:PutObject"], "s3:PutObject")
        }
        Some("GET" | "HEAD") if is_plain && !has("uploadId") => (vec!["s3:GetObject"], "s3:GetObject"),
        Some("PUT" | "POST") => (vec!["s3:*"], "s3:PutObject"),
        _ => (vec!["s3:*"], "s3:GetObject"),
    }
}

/// Replaces what has a meaning in a policy by `?`, which stands for any one character. `${*}` would need the version of the policy
/// that has variables, and the present policy may have an older one.
fn without_wildcards(arn: &str) -> String {
    arn.replace('*', "?").replace("${", "?{")
}

pub(super) fn of_caller(
    subject: &str,
    bucket: &str,
    routes: &[NamedPolicy<'_>],
    at: Timestamp,
) -> Result<Revocation, RevocationError> {
    if subject.is_empty() {
        return Err(RevocationError::EmptySubject);
    }
    let of_bucket: Vec<_> =
        routes.iter().filter(|route| route.policy.target().bucket().as_str() == bucket).collect();
    if of_bucket.iter().any(|route| !is_at_aws(route.policy)) {
        return Err(RevocationError::NotS3);
    }
    if of_bucket.iter().any(|route| is_elsewhere(route.policy)) {
        return Err(RevocationError::NotABucket);
    }
    let mut arns: Vec<String> = of_bucket.iter().flat_map(|route| patterns(route.policy, subject)).collect();
    arns.sort_unstable();
    arns.dedup();
    let example = arns.first().ok_or(RevocationError::CallerNotInKeys)?.replace('*', "x");
    let others =
        of_bucket.iter().find_map(|route| patterns(route.policy, "another-caller").into_iter().next());
    let other = others.unwrap_or_default().replace('*', "x");
    let lives = of_bucket.iter().map(|route| longest_grant(route.policy));
    let removable_at = at.saturating_add(lives.max().unwrap_or_default());
    let mut limits: Vec<Box<str>> = of_bucket
        .iter()
        .filter(|route| patterns(route.policy, subject).is_empty())
        .map(|route| format!("the route {}: its keys do not contain {{sub}}", route.name).into())
        .collect();
    limits.push("the service still issues URLs to the caller, which work again after the removal: first block the account at its issuer".into());
    let statement = deny("Caller", removable_at, vec!["s3:PutObject"], arns, PRESIGNED);
    let samples = effect::of_caller(&example, &other);
    Ok(Revocation::new(RevocationKind::Caller, bucket, statement, removable_at, limits, &samples))
}

fn is_at_aws(policy: &UploadPolicy) -> bool {
    let target = policy.target();
    match target.endpoint_url().parse().ok().and_then(|endpoint| Provider::of_host(&endpoint)) {
        Some(store) => store.provider == Provider::Aws,
        None => target.host().ends_with(Partition::of(target.region()).dns_suffix()),
    }
}

/// Returns for how many seconds after a grant its uploads can be made.
fn longest_grant(policy: &UploadPolicy) -> u64 {
    let window = policy.multipart().map_or(0, |options| options.resume_window().as_secs());
    window.max(policy.expires_in().as_secs().into())
}

fn is_elsewhere(policy: &UploadPolicy) -> bool {
    policy.target().access_point().is_some() || policy.target().bucket().is_directory()
}

/// Returns the objects to which clients of a route upload for a subject: the final keys and the pending ones.
fn patterns(policy: &UploadPolicy, subject: &str) -> Vec<String> {
    let templates = policy.key_templates().into_iter().chain(policy.pending_templates());
    templates
        .filter_map(|template| template.arn_pattern_of_subject(subject))
        .map(|pattern| policy.target().object_arn(&pattern))
        .collect()
}
