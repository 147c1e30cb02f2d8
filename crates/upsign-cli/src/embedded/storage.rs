//! The embedded S3 server: its buckets, its keys and its CORS rules.

use upsign::fill_random;
use upsign_config::Config;
use upsign_core::{Bucket, Credentials, MaxSizeBinding, Origin, Target};
use upsign_documents::{CorsDocument, CorsMethod, CorsRule};
use upsign_local::{LocalS3, generate_credentials};
use upsign_policy::{SizeBound, UploadPolicy};

use super::origins::Origins;
use crate::exit::CommandError;

/// Starts an S3 server with the buckets of the configuration. It has one region, that of the first route. The buckets have versions
/// if a route confirms uploads and the deployment has versions, which `gate = "tag"` requires and receipts name.
pub(super) async fn start(config: &Config) -> Result<LocalS3, CommandError> {
    let mut targets = config.policies().map(UploadPolicy::target);
    let first = targets.next().ok_or_else(|| CommandError::failure("the configuration has no route"))?;
    let s3 = LocalS3::builder(random_credentials()?, first.region().clone(), bucket(first));
    let s3 = targets.fold(s3, |s3, target| s3.additional_bucket(bucket(target)));
    s3.versioned(is_versioned(config))
        .start()
        .await
        .map_err(|error| CommandError::caused("the S3 server", &error))
}

/// Returns whether the buckets of this configuration have versions.
fn is_versioned(config: &Config) -> bool {
    let confirms = config.policies().any(|policy| policy.confirmation().confirm());
    confirms && config.deployment().versioned()
}

/// Returns whether a server that was started for `old` can serve `new`: its region and its versions do not change.
pub(super) fn fits(old: &Config, new: &Config) -> bool {
    let region = |config: &Config| config.policies().next().map(|policy| policy.target().region().clone());
    region(old) == region(new) && is_versioned(old) == is_versioned(new)
}

/// Returns the bucket that stands for a target. For an access point, it is the bucket with the name of the access point. The
/// server has neither directory buckets nor tenants: their names become those of usual buckets.
pub(super) fn bucket(target: &Target) -> Bucket {
    let bucket = target.bucket();
    let name = match (target.access_point(), bucket.as_str().split_once(':')) {
        (Some(access_point), _) => access_point.name().to_owned(),
        (None, Some((tenant, name))) => format!("{}-{name}", tenant.to_ascii_lowercase().replace('_', "-")),
        (None, None) if bucket.is_directory() => bucket.as_str().replace("--", "-"),
        (None, None) => return bucket.clone(),
    };
    name.parse().unwrap_or_else(|_| bucket.clone())
}

/// Returns what the policy binds of the size at this server, which binds a maximum as RustFS does.
pub(super) fn size_bound(policy: &UploadPolicy) -> SizeBound {
    match policy.size_bound() {
        SizeBound::Max(_) => SizeBound::Max(MaxSizeBinding::RustFs),
        other => other,
    }
}

/// The rules of S3's CORS documents are at most 100, and one is for reads.
const MAX_UPLOAD_RULES: usize = 99;

/// Returns the CORS rules that uploads of every route need, and one for GET: the page reads an upload back to compare it. Uploads that
/// were granted by `previous`, the configuration before this one, still work.
pub(super) fn cors(
    config: &Config,
    previous: Option<&Config>,
    origins: &Origins,
) -> Result<CorsDocument, Box<dyn std::error::Error>> {
    let all = origins.all();
    let mut derived: Vec<CorsRule> = Vec::new();
    for policy in config.policies().chain(previous.into_iter().flat_map(Config::policies)) {
        for rule in CorsDocument::for_policy(policy, &all)?.rules() {
            if !derived.contains(rule) && derived.len() < MAX_UPLOAD_RULES {
                derived.push(rule.clone());
            }
        }
    }
    // Rules for the same method have the same id, which a document allows once.
    let numbered =
        derived.into_iter().zip(1..).map(|(rule, number)| rule.with_id(&format!("upload-{number}")));
    let mut rules = numbered.collect::<Result<Vec<CorsRule>, _>>()?;
    let own = origins.own.iter().map(Origin::as_str);
    rules.push(CorsRule::new(own, [CorsMethod::Get])?);
    Ok(CorsDocument::new(rules)?)
}

/// Generates credentials.
///
/// If the operating system fails to give random bytes, `generate_credentials` would use zeros, so failures are recorded and
/// checked before the credentials are used.
fn random_credentials() -> Result<Credentials, CommandError> {
    let mut failed = false;
    let credentials = generate_credentials(&mut |bytes| failed |= fill_random(bytes).is_err());
    if failed {
        Err(CommandError::failure("the operating system returned no random bytes"))
    } else {
        Ok(credentials)
    }
}
