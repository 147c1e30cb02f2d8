//! Compares policies: each action and resource that one of them permits or denies is looked up in the other.

use super::{Difference, Severity};
use crate::iam::{Effect, IamContext, IamPolicy, IamRequest, IamStatement, RequestPrincipal};

/// The role for which policies are compared. Its ARN does not affect the result.
const ROLE: &str = "arn:aws:iam::000000000000:role/signer";

impl IamPolicy {
    /// Returns what the deployed policy `deployed` permits or denies differently from this one.
    ///
    /// An action on a resource counts as permitted if a single statement covers it and has no condition that the statement of
    /// the other policy lacks. Permissions that several statements only grant together are therefore reported as missing.
    #[must_use]
    pub fn differences(&self, deployed: &Self) -> Vec<Difference> {
        let mut out = Vec::new();
        for (statement, action, resource) in each(self, Effect::Allow) {
            if !deployed.permits(statement, action, resource) {
                let description = format!("{action} on {resource} is not allowed ({})", statement.sid());
                out.push(Difference::new(Severity::Broken, description, consequence(action)));
            }
        }
        for (statement, action, resource) in each(self, Effect::Deny) {
            if !deployed.forbids(statement, action, resource) {
                let description = format!("{action} on {resource} is not denied ({})", statement.sid());
                out.push(Difference::new(
                    Severity::Wider,
                    description,
                    "requests that the guard would stop are permitted",
                ));
            }
        }
        for (statement, action, resource) in each(deployed, Effect::Allow) {
            if !self.permits(statement, action, resource) {
                let description = format!("{action} on {resource} is allowed");
                let consequence =
                    "the routes do not need this, but anyone who obtains the role's credentials can use it";
                out.push(Difference::new(Severity::Wider, description, consequence));
            }
        }
        for (statement, action, resource) in each(deployed, Effect::Deny) {
            if !self.forbids(statement, action, resource) {
                let description = format!("{action} on {resource} is denied ({})", statement.sid());
                out.push(Difference::new(
                    Severity::Broken,
                    description,
                    "uploads may fail; if the statement is intended, derive the policy with the same --guard",
                ));
            }
        }
        out
    }

    fn permits(&self, like: &IamStatement, action: &str, resource: &str) -> bool {
        self.covers(Effect::Allow, like, action, resource)
    }

    fn forbids(&self, like: &IamStatement, action: &str, resource: &str) -> bool {
        self.covers(Effect::Deny, like, action, resource)
    }

    /// Returns whether one statement with this effect covers the action and the resource, and has the principal of `like` and
    /// no condition that `like` lacks.
    fn covers(&self, effect: Effect, like: &IamStatement, action: &str, resource: &str) -> bool {
        let within = |statement: &&IamStatement| {
            let alone = Self::new([IamStatement::new(
                statement.sid(),
                Effect::Allow,
                statement.actions(),
                statement.resources(),
            )]);
            // One pattern covers another if it matches the other as a text: `a*` matches `ab*`, and `*` matches `*`.
            let request = IamRequest {
                principal: RequestPrincipal::Role(ROLE.into()),
                action: action.to_owned(),
                resource: resource.to_owned(),
                context: IamContext::new(),
            };
            request.evaluate(&[&alone], None).is_allowed()
        };
        let of_effect = self.statements().iter().filter(|it| it.effect() == effect);
        of_effect.filter(within).any(|it| {
            it.principal() == like.principal()
                && it.conditions().iter().all(|condition| like.conditions().contains(condition))
        })
    }
}

/// Returns each action on each resource of the statements with this effect.
fn each(policy: &IamPolicy, effect: Effect) -> impl Iterator<Item = (&IamStatement, &str, &str)> {
    let statements = policy.statements().iter().filter(move |statement| statement.effect() == effect);
    statements.flat_map(|statement| {
        statement.actions().iter().flat_map(move |action| {
            statement.resources().iter().map(move |resource| (statement, action.as_str(), resource.as_str()))
        })
    })
}

/// Returns what fails without the permission for `action`.
fn consequence(action: &str) -> &'static str {
    match action {
        "s3:PutObject" => "every upload that this role signs fails with 403",
        "s3:PutObjectTagging" => "uploads with tags fail with 403",
        "s3:PutObjectAcl" => "uploads with an ACL fail with 403",
        "s3:AbortMultipartUpload" | "s3:ListMultipartUploadParts" => {
            "multipart uploads can be neither resumed nor aborted"
        }
        "s3:GetObject" | "s3:GetObjectVersion" => "confirmations and reads fail with 403",
        "s3:ListBucket" => "S3 answers 403 instead of 404 for an absent object",
        "s3:*" => "every request to the bucket fails",
        "kms:GenerateDataKey" => "every upload with this KMS key fails with 403",
        "kms:Decrypt" => "multipart uploads cannot be completed, and objects cannot be read",
        "sqs:SendMessage" => "S3 rejects the notification configuration, or sends no notifications",
        "sts:AssumeRole" => "the service obtains no credentials for signing",
        _ => "the service fails when it calls this action",
    }
}
