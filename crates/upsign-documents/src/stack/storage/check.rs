//! Settings of a bucket that contradict each other, or what its routes sign.

use upsign_policy::{CannedAcl, StorageClass, UploadPolicy};

use super::super::InvalidDeployment;
use crate::deployment::{AccountId, Deployment, DeploymentBucket, Reads};
use crate::guard::Guard;

/// Checks that a bucket can be created so that it takes what its routes sign.
pub(in super::super) fn check(
    deployment: &Deployment,
    bucket: &DeploymentBucket<'_>,
) -> Result<(), InvalidDeployment> {
    let problem = namespace(deployment, bucket)
        .or_else(|| public_acl(deployment, bucket))
        .or_else(|| infrequent_access(bucket));
    match problem {
        None => Ok(()),
        Some(problem) => Err(InvalidDeployment::Bucket { bucket: bucket.bucket().to_string(), problem }),
    }
}

/// The name of a bucket in the namespace of an account ends with `-ACCOUNT-REGION-an`. It is part of what is signed, so it is
/// the configured name; CloudFormation and Terraform must not append to it.
fn namespace(deployment: &Deployment, bucket: &DeploymentBucket<'_>) -> Option<String> {
    let name = bucket.bucket().as_str();
    let region = bucket.target().region();
    let before_region = name.strip_suffix("-an").and_then(|name| name.strip_suffix(region.as_str()));
    let account = before_region.and_then(|name| name.strip_suffix('-')?.rsplit_once('-'));
    let account = account.filter(|(prefix, _)| !prefix.is_empty()).map(|(_, account)| account);
    let account = account.and_then(|account| account.parse::<AccountId>().ok());
    let other = deployment.account.as_ref().filter(|own| account.as_ref().is_some_and(|it| it != *own));
    match (deployment.account_regional_buckets, account) {
        (true, None) => Some(format!(
            "the name of a bucket in the account's regional namespace ends with the account ID, the region and -an, as in \
             uploads-123456789012-{region}-an"
        )),
        (true, Some(account)) => {
            other.map(|own| format!("its name contains the account {account}, but the account is {own}"))
        }
        (false, Some(_)) => Some(
            "its name is in an account's regional namespace, where S3 creates buckets only on request: set \
             account_regional_buckets = true"
                .to_owned(),
        ),
        (false, None) => None,
    }
}

/// A public ACL lets anybody read an upload, which some settings promise to prevent.
fn public_acl(deployment: &Deployment, bucket: &DeploymentBucket<'_>) -> Option<String> {
    let acl = bucket.policies().filter_map(UploadPolicy::acl).find(|acl| CannedAcl::is_public(*acl))?;
    if deployment.reads == Reads::CloudFront {
        return Some(format!(
            "a route sets the ACL {acl}, so that anybody can read the uploads from S3 directly, but reads go through \
             CloudFront: remove one of the two"
        ));
    }
    deployment.guards.contains(&Guard::Account).then(|| {
        format!(
            "a route sets the ACL {acl}, but the guard {} denies everybody outside of the account: remove one of the two",
            Guard::Account.name()
        )
    })
}

/// A lifecycle rule applies to every key with its prefix, also to those of other routes.
fn infrequent_access(bucket: &DeploymentBucket<'_>) -> Option<String> {
    for route in bucket.routes() {
        let Some(days) = route.infrequent_access_after() else { continue };
        let prefix = route.policy().template().literal_prefix();
        // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html>
        let moves = [StorageClass::Standard, StorageClass::ReducedRedundancy];
        let class = route.policy().storage_class().filter(|class| !moves.contains(class));
        if let Some(class) = class {
            return Some(format!(
                "a route stores uploads as {class}, but infrequent_after moves only those of STANDARD: remove one of the two"
            ));
        }
        let covers = |other: &str| other.starts_with(prefix);
        let is_other = |days_of_other: Option<u32>| days_of_other != Some(days);
        let conflict = bucket.routes().iter().find(|other| {
            covers(other.policy().template().literal_prefix()) && is_other(other.infrequent_access_after())
        });
        if let Some(conflict) = conflict {
            return Some(format!(
                "infrequent_after = {days} of the keys {} also moves the uploads of the route with the keys {}: set the same \
                 number there, or use separate prefixes",
                route.policy().template(),
                conflict.policy().template(),
            ));
        }
    }
    None
}
