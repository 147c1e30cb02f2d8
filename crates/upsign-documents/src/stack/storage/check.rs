//! Settings of a bucket that contradict each other, or what its routes sign.

use upsign_policy::{CannedAcl, Encryption, Gate, KmsKey, StorageClass, UploadPolicy};

use super::super::InvalidDeployment;
use super::settings::has_object_lock;
use crate::deployment::{AccountId, Deployment, DeploymentBucket, Reads};
use crate::guard::Guard;
use crate::lifecycle::LifecycleDocument;

/// Checks that a bucket can be created so that it takes what its routes sign.
pub(in super::super) fn check(
    deployment: &Deployment,
    bucket: &DeploymentBucket<'_>,
) -> Result<(), InvalidDeployment> {
    let problem = namespace(deployment, bucket)
        .or_else(|| acceleration(bucket))
        .or_else(|| cloudfront(deployment, bucket))
        .or_else(|| public_acl(deployment, bucket))
        .or_else(|| infrequent_access(bucket))
        .or_else(|| object_lock(deployment, bucket))
        .or_else(|| gate(deployment, bucket))
        .or_else(|| lifecycle_rules(deployment, bucket));
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

/// Source: <https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-s3.html>,
/// <https://docs.amazonaws.cn/en_us/aws/latest/userguide/s3.html>.
fn acceleration(bucket: &DeploymentBucket<'_>) -> Option<String> {
    let partition = bucket.target().partition();
    (bucket.is_accelerated() && partition != "aws").then(|| {
        format!("S3 has no transfer acceleration in the partition {partition}: remove accelerate = true")
    })
}

/// CloudFront is not part of the other partitions, except for that of China. A distribution there needs a domain name of its
/// own with an ICP registration and a certificate, because it serves nothing at its default domain.
///
/// Source: <https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/setting-up-credentials.html>,
/// <https://docs.amazonaws.cn/en_us/aws/latest/userguide/cloudfront.html>.
fn cloudfront(deployment: &Deployment, bucket: &DeploymentBucket<'_>) -> Option<String> {
    if deployment.reads != Reads::CloudFront {
        return None;
    }
    match bucket.target().partition() {
        "aws" => signers(deployment).or_else(|| aws_managed_key(bucket)),
        "aws-cn" => Some(
            "in China, a CloudFront distribution needs a domain name of its own with an ICP registration, which no \
             configuration contains: create the distribution yourself, or set reads = \"none\""
                .to_owned(),
        ),
        partition => Some(format!(
            "the partition {partition} of its region has no CloudFront: set reads = \"presigned\" or \"none\""
        )),
    }
}

/// A distribution without a trusted key would serve everybody.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html>.
fn signers(deployment: &Deployment) -> Option<String> {
    const MAX_KEYS: usize = 5;
    let keys = &deployment.read_keys;
    if deployment.public_reads {
        return (!keys.is_empty()).then(|| {
            "public_reads = true lets everybody read without a signature, so public_keys have no effect: remove one of the two"
                .to_owned()
        });
    }
    let is_repeated =
        || keys.iter().enumerate().any(|(index, key)| keys.iter().take(index).any(|it| it == key));
    if keys.is_empty() {
        return Some(
            "its CloudFront distribution needs the public key of those who may read: set public_keys in [cloudfront], or \
             public_reads = true if everybody may read every upload whose key they know"
                .to_owned(),
        );
    }
    if keys.len() > MAX_KEYS {
        return Some(format!(
            "CloudFront trusts at most {MAX_KEYS} public keys, and there are {}",
            keys.len()
        ));
    }
    is_repeated().then(|| "a public key is listed twice: remove one of the two".to_owned())
}

/// CloudFront can only decrypt with a key whose policy permits it, and the policy of `aws/s3` cannot be changed.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html>,
/// <https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html>.
fn aws_managed_key(bucket: &DeploymentBucket<'_>) -> Option<String> {
    let is_managed = |encryption: &Encryption| {
        matches!(encryption, Encryption::Kms(KmsKey::AwsManaged) | Encryption::KmsDsse(KmsKey::AwsManaged))
    };
    bucket.policies().filter_map(UploadPolicy::encryption).any(is_managed).then(|| {
        "a route encrypts uploads with the key aws/s3, whose policy nobody can change, so CloudFront cannot decrypt them: \
         set kms_key to a key of your own, or use encryption = \"s3\""
            .to_owned()
    })
}

fn lifecycle_rules(deployment: &Deployment, bucket: &DeploymentBucket<'_>) -> Option<String> {
    LifecycleDocument::for_bucket(deployment, bucket).check_size().err().map(|error| error.to_string())
}

/// Object Lock works only in buckets with versions.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>.
fn object_lock(deployment: &Deployment, bucket: &DeploymentBucket<'_>) -> Option<String> {
    (has_object_lock(bucket) && !deployment.versioned).then(|| {
        "a route locks its objects, and Object Lock works only in versioned buckets: set versioned = true"
            .to_owned()
    })
}

/// The policy of a directory bucket has no actions on objects, and so cannot keep anybody from reading them.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-security-iam.html>.
fn gate(deployment: &Deployment, bucket: &DeploymentBucket<'_>) -> Option<String> {
    let has_gate = |is_gate: fn(&Gate) -> bool| bucket.policies().any(|it| is_gate(it.confirmation().gate()));
    if bucket.is_directory() && has_gate(|gate| *gate != Gate::None) {
        let problem = "its policy cannot deny reads of objects that are not confirmed: remove pending_key and gate, or use a \
                       general purpose bucket";
        return Some(problem.to_owned());
    }
    // Without versions, a tag would let readers into whatever is uploaded next.
    (!deployment.versioned && has_gate(|gate| *gate == Gate::Tag)).then(|| {
        "a route has gate = \"tag\", which needs versions of objects: set versioned = true, or use pending_key"
            .to_owned()
    })
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
        if bucket.is_directory() {
            return Some(
                "the objects of a directory bucket have one storage class: remove infrequent_after"
                    .to_owned(),
            );
        }
        let prefixes = route.policy().key_prefixes();
        // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html>
        let moves = [StorageClass::Standard, StorageClass::ReducedRedundancy];
        let class = route.policy().storage_class().filter(|class| !moves.contains(class));
        if let Some(class) = class {
            return Some(format!(
                "a route stores uploads as {class}, but infrequent_after moves only those of STANDARD: remove one of the two"
            ));
        }
        let covers = |other: &String| prefixes.iter().any(|prefix| other.starts_with(prefix));
        let is_other = |days_of_other: Option<u32>| days_of_other != Some(days);
        let conflict = bucket.routes().iter().find(|other| {
            other.policy().key_prefixes().iter().any(covers) && is_other(other.infrequent_access_after())
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
