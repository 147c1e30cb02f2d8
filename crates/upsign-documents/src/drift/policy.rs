//! Compares policies: each action and resource that one of them permits or denies is looked up in the other.

use super::{Affected, Difference, Severity};
use crate::iam::{Effect, IamContext, IamPolicy, IamRequest, IamStatement, RequestPrincipal, holds};

/// The role for which policies are compared. Its ARN does not affect the result.
const ROLE: &str = "arn:aws:iam::000000000000:role/signer";

impl IamPolicy {
    /// Returns what the deployed policy `deployed` permits or denies differently from this one.
    ///
    /// An action on a resource counts as permitted if a single statement covers it and has no condition that the statement of
    /// the other policy lacks. Permissions that several statements only grant together are therefore reported as missing.
    /// Requests are taken to use TLS, so a permission may require `aws:SecureTransport`.
    ///
    /// A deployed `Deny` that this policy lacks is [`Severity::Broken`] only if it can apply to something that this policy
    /// permits. The policy of a bucket permits no uploads itself; there it is if the `Deny` can apply to an action that a
    /// deployment may call on the bucket, such as `s3:PutObject`. Any other `Deny` is [`Severity::Narrower`], and so is one that
    /// only applies to requests without TLS, with a TLS version older than 1.2, or with a signature other than Signature
    /// Version 4.
    ///
    /// A deployed policy may hold more than the derived one on purpose, such as the permission to write logs. Add these
    /// statements to the derived policy first:
    ///
    /// ```
    /// use upsign_documents::{Effect, IamPolicy, IamStatement};
    /// # let derived = IamPolicy::new([]);
    /// let logs = "arn:aws:logs:eu-central-1:123456789012:log-group:uploads:*";
    /// let write_logs = IamStatement::new("WriteLogs", Effect::Allow, ["logs:CreateLogStream", "logs:PutLogEvents"], [logs]);
    /// let expected = IamPolicy::new(derived.statements().iter().cloned().chain([write_logs]));
    ///
    /// let deployed = format!(
    ///     r#"{{"Version": "2012-10-17", "Statement":
    ///         {{"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "{logs}"}}}}"#,
    /// );
    /// let deployed = IamPolicy::from_json(&deployed)?;
    /// assert_eq!(derived.differences(&deployed).len(), 2);
    /// assert_eq!(expected.differences(&deployed), []);
    /// # Ok::<(), upsign_documents::InvalidIamPolicy>(())
    /// ```
    #[must_use]
    pub fn differences(&self, deployed: &Self) -> Vec<Difference> {
        let is_resource_policy = [self, deployed]
            .iter()
            .any(|policy| policy.statements().iter().any(|it| it.has_principal()));
        let mut out = Vec::new();
        for Entry { statement, name, action, resource } in each(self, Effect::Allow) {
            if !deployed.permits(statement, action, resource) {
                let description = format!("{action} on {resource} is not allowed ({name})");
                let consequence = consequence(action, is_resource_policy);
                let affected = self.affected(action, is_resource_policy);
                out.push(Difference::new(Severity::Broken, description, consequence).affecting(affected));
            }
        }
        for Entry { statement, name, action, resource } in each(self, Effect::Deny) {
            if !deployed.forbids(statement, action, resource) {
                let description = format!("{action} on {resource} is not denied ({name})");
                out.push(Difference::new(
                    Severity::Wider,
                    description,
                    "requests that the guard would stop are permitted",
                ));
            }
        }
        for Entry { statement, action, resource, .. } in each(deployed, Effect::Allow) {
            if !self.permits(statement, action, resource) {
                let description = format!("{action} on {resource} is allowed");
                let consequence = if is_resource_policy {
                    "the routes do not need this, but the principals of the statement can use it"
                } else {
                    "the routes do not need this, but anyone who obtains the role's credentials can use it"
                };
                out.push(Difference::new(Severity::Wider, description, consequence));
            }
        }
        for denied in each(deployed, Effect::Deny) {
            let Entry { statement, action, resource, .. } = &denied;
            if !self.forbids(statement, action, resource) {
                out.push(self.additional_deny(&denied, is_resource_policy));
            }
        }
        out
    }

    /// Returns what fails without the permission for `action`.
    pub(super) fn affected(&self, action: &str, is_resource_policy: bool) -> Affected {
        let allows =
            |action: &str| each(self, Effect::Allow).any(|it| it.action.eq_ignore_ascii_case(action));
        match action {
            "s3:GetObject" | "s3:GetObjectVersion" if is_resource_policy => Affected::Reads,
            "s3:ListBucket" => Affected::Confirmation,
            "kms:Decrypt" if allows("s3:AbortMultipartUpload") => Affected::Uploads,
            // Only a deployment that confirms uploads may list the bucket.
            "s3:GetObject" | "s3:GetObjectVersion" | "kms:Decrypt" if allows("s3:ListBucket") => {
                Affected::Confirmation
            }
            "s3:GetObject" | "s3:GetObjectVersion" | "kms:Decrypt" => Affected::Reads,
            "sqs:SendMessage" => Affected::Processing,
            _ => Affected::Uploads,
        }
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
        // A `Deny` has to apply without TLS too, so only permissions may depend on it.
        let with_tls = IamContext::new().with("aws:SecureTransport", "true");
        let of_effect = self.statements().iter().filter(|it| it.effect() == effect);
        of_effect.filter(within).any(|it| {
            it.principals() == like.principals()
                && it.conditions().iter().all(|condition| {
                    like.conditions().contains(condition)
                        || effect == Effect::Allow
                            && is_about_tls(condition.key())
                            && holds(condition, &with_tls)
                })
        })
    }
}

pub(super) fn is_about_tls(key: &str) -> bool {
    key.eq_ignore_ascii_case("aws:SecureTransport")
}

/// One action on one resource of a statement.
pub(super) struct Entry<'a> {
    pub(super) statement: &'a IamStatement,
    /// The statement id, or the number of the statement.
    pub(super) name: String,
    pub(super) action: &'a str,
    pub(super) resource: &'a str,
}

/// Returns each action on each resource of the statements with this effect.
pub(super) fn each(policy: &IamPolicy, effect: Effect) -> impl Iterator<Item = Entry<'_>> {
    let statements =
        (1..).zip(policy.statements()).filter(move |(_, statement)| statement.effect() == effect);
    statements.flat_map(|(number, statement): (usize, &IamStatement)| {
        let name = move || match statement.sid() {
            "" => format!("statement {number}"),
            sid => sid.to_owned(),
        };
        statement.actions().iter().flat_map(move |action| {
            statement.resources().iter().map(move |resource| Entry {
                statement,
                name: name(),
                action,
                resource,
            })
        })
    })
}

/// Returns what fails without the permission for `action`.
pub(super) fn consequence(action: &str, is_resource_policy: bool) -> &'static str {
    match action {
        "s3:GetObject" if is_resource_policy => {
            "the principal that reads the uploads, such as CloudFront, gets 403"
        }
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
