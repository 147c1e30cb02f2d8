//! Judges the `Deny` statements of a deployed policy that the derived policy lacks, by the requests that they deny.

use super::policy::{Entry, each};
use super::{Affected, Difference, Severity, needs};
use crate::iam::{Effect, IamContext, IamPolicy, IamPrincipal, IamStatement, holds, is_tls};

/// The actions that a deployment may call on a bucket. A bucket policy does not say which of them its routes use, so a `Deny`
/// of any of them counts.
const BUCKET_ACTIONS: [&str; 8] = [
    "s3:PutObject",
    "s3:PutObjectTagging",
    "s3:PutObjectAcl",
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:ListBucket",
];

impl IamPolicy {
    /// Returns the difference for a `Deny` of the deployed policy that this policy lacks.
    pub(super) fn additional_deny(&self, denied: &Entry<'_>, is_resource_policy: bool) -> Difference {
        let description = format!("{denied} is denied ({})", denied.name);
        let difference = match self.only_denies_others(denied.part.statement, denied.resource()) {
            Some(consequence) => Difference::new(Severity::Narrower, description, consequence),
            None => match self.denied_need(denied, is_resource_policy) {
                Some((consequence, affected)) => {
                    Difference::new(Severity::Broken, description, consequence).affecting(affected)
                }
                None => {
                    let consequence = "the uploads do not need what this statement denies";
                    Difference::new(Severity::Narrower, description, consequence)
                }
            },
        };
        Difference { denied_by: Some(denied.name.clone()), ..difference }
    }

    /// Returns why a statement never applies to a request over TLS 1.2 or 1.3 that is signed with Signature Version 4, as every
    /// upload is, or `None` if it may apply to one.
    fn only_denies_others(&self, statement: &IamStatement, resource: &str) -> Option<&'static str> {
        let mut arns = each(self, Effect::Allow).map(|allowed| allowed.resource()).chain([resource]);
        // Requests to a multi-region access point are signed with SigV4a.
        let sigv4a = arns.any(|arn| arn.contains(".mrap")).then_some("AWS4-ECDSA-P256-SHA256");
        let never = |key: &str, values: &mut dyn Iterator<Item = &'static str>| {
            let mut contexts = values.map(|value| IamContext::new().with(key, value));
            let mut conditions =
                statement.conditions().iter().filter(|it| it.key().eq_ignore_ascii_case(key));
            contexts.all(|context| conditions.clone().any(|it| !holds(it, &context)))
                && conditions.next().is_some()
        };
        if never("aws:SecureTransport", &mut ["true"].into_iter()) {
            return Some("this statement only denies requests over plain HTTP; uploads use HTTPS");
        }
        if never("s3:TlsVersion", &mut ["1.2", "1.3"].into_iter()) {
            return Some(
                "this statement only denies TLS versions older than 1.2; no upload of a current client has one",
            );
        }
        if never("s3:signatureversion", &mut ["AWS4-HMAC-SHA256"].into_iter().chain(sigv4a)) {
            return Some(
                "this statement only denies signatures older than Signature Version 4; uploads have that one",
            );
        }
        None
    }

    /// Returns what fails because of a `Deny`, or `None` if it applies to nothing that is needed.
    fn denied_need(&self, denied: &Entry<'_>, is_resource_policy: bool) -> Option<(&'static str, Affected)> {
        let statement = denied.part.statement;
        let needed = each(self, Effect::Allow).find(|allowed| {
            denied.part.may_include_action(allowed.action())
                && denied.part.may_include_resource(allowed.resource())
                && share_principals(statement, allowed.part.statement)
        });
        let is_conditional = statement.conditions().iter().any(|it| !is_tls(it.key()));
        if let Some(allowed) = needed {
            let (affected, consequence) = needs::without(self, &allowed, is_resource_policy);
            let consequence =
                if is_conditional { "requests that match its conditions fail with 403" } else { consequence };
            return Some((consequence, affected));
        }
        // The signing role is not a service, so a `Deny` for a service does not concern uploads.
        let is_service = |principal: &IamPrincipal| matches!(principal, IamPrincipal::Service(_));
        let only_services =
            !statement.principals().is_empty() && statement.principals().iter().all(is_service);
        if !is_resource_policy || only_services {
            return None;
        }
        let needed = BUCKET_ACTIONS.into_iter().find(|needed| denied.part.may_include_action(needed))?;
        let affected = match needed {
            _ if self.has_gate(denied) => Affected::Confirmation,
            "s3:GetObject" | "s3:GetObjectVersion" => Affected::Reads,
            "s3:ListBucket" => Affected::Confirmation,
            _ => Affected::Uploads,
        };
        let consequence = if affected == Affected::Uploads {
            "uploads may fail; if the statement is intended, derive the policy with the same guards"
        } else {
            "reads and confirmations may fail; if the statement is intended, derive the policy with the same guards"
        };
        Some((consequence, affected))
    }
}

impl IamPolicy {
    /// Returns whether this policy lets only some roles do the same with the same objects, as that of a bucket with a gate does.
    /// Then a statement that keeps out others too keeps out the service, which confirms the uploads.
    fn has_gate(&self, denied: &Entry<'_>) -> bool {
        each(self, Effect::Deny).any(|own| {
            let is_same = own.part.action == denied.part.action && own.part.resource == denied.part.resource;
            let mut conditions = own.part.statement.conditions().iter();
            is_same && conditions.any(|it| it.key().eq_ignore_ascii_case("aws:PrincipalArn"))
        })
    }
}

/// Returns whether a principal can be among both. Statements of a role's policy have none and apply to the role, and a
/// statement with `NotPrincipal` may apply to anyone.
fn share_principals(one: &IamStatement, other: &IamStatement) -> bool {
    let share = |one: &IamPrincipal, other: &IamPrincipal| match (one, other) {
        (IamPrincipal::Everyone, _) | (_, IamPrincipal::Everyone) => true,
        (IamPrincipal::Aws(_), IamPrincipal::Aws(_)) => true,
        _ => one == other,
    };
    let (one, other) = (one.principals(), other.principals());
    one.is_empty() || other.is_empty() || one.iter().any(|one| other.iter().any(|other| share(one, other)))
}
