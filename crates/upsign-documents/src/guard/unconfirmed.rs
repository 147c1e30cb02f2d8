//! The statements of a bucket policy that keep readers from objects that are not confirmed.

use upsign_policy::{Gate, UploadPolicy};

use super::InvalidBucketPolicy;
use crate::deployment::{Deployment, DeploymentBucket, distinct};
use crate::iam::{Effect, IamCondition, IamOperator, IamPrincipal, IamStatement};

/// Reading a specific version is a separate action. `HEAD` requests and the sources of copies need these too.
const READS: [&str; 2] = ["s3:GetObject", "s3:GetObjectVersion"];

/// The actions with which a request can set tags.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/tagging-and-policies.html>.
const TAGGING: [&str; 3] = ["s3:PutObject", "s3:PutObjectTagging", "s3:PutObjectVersionTagging"];

/// Returns the statements for the gates of the bucket's routes. They deny what every other policy could permit, so that neither
/// an administrator's role nor a CloudFront distribution reads an object that is not confirmed.
///
/// For a session of a role, `aws:PrincipalArn` is the ARN of the role. A request of a service or of nobody has no such key, with
/// which `ArnNotLike` matches, so that it is denied.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn>,
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>.
pub(super) fn statements(
    deployment: &Deployment,
    bucket: &DeploymentBucket<'_>,
) -> Result<Vec<IamStatement>, InvalidBucketPolicy> {
    let pending = distinct(bucket.policies().flat_map(pending_folders));
    let tagged = bucket.policies().filter(|policy| *policy.confirmation().gate() == Gate::Tag);
    let tagged = distinct(tagged.flat_map(UploadPolicy::object_arns));
    if pending.is_empty() && tagged.is_empty() {
        return Ok(Vec::new());
    }
    let service = deployment.roles_of_service();
    if service.is_empty() {
        return Err(InvalidBucketPolicy::ServiceRole { bucket: bucket.bucket().to_string() });
    }
    let scanner = deployment.scanner_role.iter().map(|role| role.as_str().to_owned());
    let readers: Vec<String> = service.iter().cloned().chain(scanner).collect();
    let mut statements = Vec::new();
    if !pending.is_empty() {
        statements.push(deny_others("PendingIsNotRead", &READS, pending, &readers));
    }
    if !tagged.is_empty() {
        let confirmed = format!("s3:ExistingObjectTag/{}", Gate::TAG);
        let unconfirmed = deny_others("OnlyConfirmed", &READS, tagged.clone(), &readers);
        statements.push(unconfirmed.when(IamOperator::STRING_NOT_EQUALS, &confirmed, CONFIRMED));
        // Anyone who may set tags could otherwise let readers in.
        let requested = format!("s3:RequestObjectTag/{}", Gate::TAG);
        let forged = deny_others("NoForgedConfirmation", &TAGGING, tagged, &service);
        statements.push(forged.when(IamOperator::NULL, &requested, "false"));
    }
    Ok(statements)
}

/// Returns the ARNs of everything in the folders of objects that are not confirmed.
fn pending_folders(policy: &UploadPolicy) -> Vec<String> {
    let arn = |prefix: &String| policy.target().object_arn(&format!("{prefix}*"));
    policy.pending_prefixes().iter().map(arn).collect()
}

/// The value of the tag of an object that is confirmed.
const CONFIRMED: &str = "confirmed";

/// Returns a statement that denies everyone but these roles these actions on these objects.
fn deny_others(sid: &str, actions: &[&str], arns: Vec<String>, roles: &[String]) -> IamStatement {
    let others = IamCondition::new(IamOperator::ARN_NOT_LIKE, "aws:PrincipalArn", roles.iter().cloned());
    IamStatement::new(sid, Effect::Deny, actions.iter().copied(), arns)
        .with_principal(IamPrincipal::Everyone)
        .with_condition(others)
}
