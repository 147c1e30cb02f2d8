//! The permission of the function to read the secrets of upload tokens.

use crate::deployment::Deployment;
use crate::iam::{Effect, IamStatement};

/// The number of random characters at the end of the ARN of a secret.
const SUFFIX: usize = 6;

/// Returns the statement that permits reading the secrets of upload tokens in AWS Secrets Manager, or `None` if the function
/// reads none.
///
/// Source: <https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html>.
pub(super) fn statement(deployment: &Deployment) -> Option<IamStatement> {
    let secrets = deployment.has_tokens().then_some(&deployment.token_secrets)?;
    read("ReadTokenSecrets", secrets)
}

/// Returns the statement that permits reading these secrets, or `None` if there are none.
pub(super) fn read(sid: &str, secrets: &[String]) -> Option<IamStatement> {
    let resources = secrets.iter().map(|arn| resource(arn));
    let actions = ["secretsmanager:GetSecretValue"];
    (!secrets.is_empty()).then(|| IamStatement::new(sid, Effect::Allow, actions, resources))
}

/// Returns the ARN of a secret with its random characters, or with a pattern for them if the configuration leaves them out.
fn resource(arn: &str) -> String {
    let is_random =
        |suffix: &str| suffix.len() == SUFFIX && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match arn.rsplit_once('-') {
        Some((_, suffix)) if is_random(suffix) => arn.to_owned(),
        _ => format!("{arn}-{}", "?".repeat(SUFFIX)),
    }
}

/// Returns the statement that permits reading the private key that signs URLs of CloudFront, or `None` if the function signs none.
pub(super) fn read_key(deployment: &Deployment) -> Option<IamStatement> {
    let secret = deployment.read_key_secret.as_ref().filter(|_| deployment.signs_reads_of_cloudfront())?;
    let action = ["secretsmanager:GetSecretValue"];
    Some(IamStatement::new("ReadCloudFrontKey", Effect::Allow, action, [resource(secret)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_characters_of_an_arn_are_added_if_they_are_missing() {
        let arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:upsign/uploads";
        assert_eq!(resource(&format!("{arn}-AbCd12")), format!("{arn}-AbCd12"));
        for name in ["", "-old", "-AbCd1_", "-AbCd123"] {
            assert_eq!(resource(&format!("{arn}{name}")), format!("{arn}{name}-??????"));
        }
    }
}
