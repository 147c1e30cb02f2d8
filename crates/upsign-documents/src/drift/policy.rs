//! Policies: each request that the derived one permits or forbids, put to both.

use super::{Difference, Severity};
use crate::{Effect, IamPolicy, IamRequest, IamStatement, RequestPrincipal};

/// Who asks, in comparisons.
const SOMEBODY: &str = "arn:aws:iam::000000000000:role/signer";

impl IamPolicy {
    /// What `found`, in use, permits or forbids differently from this role's policy.
    ///
    /// A permission is taken to be there when one of `found`'s statements covers its action and resource under no
    /// condition that this one has not.
    #[must_use]
    pub fn differences(&self, found: &Self) -> Vec<Difference> {
        let mut out = Vec::new();
        for (statement, action, resource) in each(self, Effect::Allow) {
            if !found.permits(statement, action, resource) {
                let what = format!("{action} on {resource} is not allowed ({})", statement.sid());
                out.push(Difference::new(Severity::Broken, what, consequence(action)));
            }
        }
        for (statement, action, resource) in each(self, Effect::Deny) {
            if !found.forbids(statement, action, resource) {
                let what = format!("{action} on {resource} is not denied ({})", statement.sid());
                out.push(Difference::new(Severity::Wider, what, "what the guard is there for goes through"));
            }
        }
        for (statement, action, resource) in each(found, Effect::Allow) {
            if !self.permits(statement, action, resource) {
                let what = format!("{action} on {resource} is allowed");
                let so = "more than the routes need: whoever gets hold of the role can do it";
                out.push(Difference::new(Severity::Wider, what, so));
            }
        }
        for (statement, action, resource) in each(found, Effect::Deny) {
            if !self.forbids(statement, action, resource) {
                let what = format!("{action} on {resource} is denied ({})", statement.sid());
                out.push(Difference::new(
                    Severity::Broken,
                    what,
                    "the routes may run into it: derive it with --guard",
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

    /// Whether one statement of that effect has this action and resource within its own and asks no more than `like`.
    fn covers(&self, effect: Effect, like: &IamStatement, action: &str, resource: &str) -> bool {
        let within = |statement: &&IamStatement| {
            let alone = Self::new([IamStatement::new(
                statement.sid(),
                Effect::Allow,
                statement.actions(),
                statement.resources(),
            )]);
            // A pattern is within another when it fits it as a text: `*` fits `*`.
            let request = IamRequest {
                principal: RequestPrincipal::Role(SOMEBODY.into()),
                action: action.to_owned(),
                resource: resource.to_owned(),
                context: crate::IamContext::new(),
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

fn each(policy: &IamPolicy, effect: Effect) -> impl Iterator<Item = (&IamStatement, &str, &str)> {
    let statements = policy.statements().iter().filter(move |statement| statement.effect() == effect);
    statements.flat_map(|statement| {
        statement.actions().iter().flat_map(move |action| {
            statement.resources().iter().map(move |resource| (statement, action.as_str(), resource.as_str()))
        })
    })
}

fn consequence(action: &str) -> &'static str {
    match action {
        "s3:PutObject" => "every upload by a URL or a form of this role is a 403",
        "s3:PutObjectTagging" => "uploads with tags are a 403",
        "s3:PutObjectAcl" => "uploads with an ACL are a 403",
        "s3:AbortMultipartUpload" | "s3:ListMultipartUploadParts" => {
            "uploads in parts can be neither resumed nor given up"
        }
        "s3:GetObject" | "s3:GetObjectVersion" => "confirmations and reads are a 403",
        "s3:ListBucket" => "an object that is absent looks forbidden",
        "s3:*" => "nothing of the bucket goes through",
        "kms:GenerateDataKey" => "every upload to an encrypted bucket is a 403",
        "kms:Decrypt" => "parts cannot be joined and objects not be read",
        "sqs:SendMessage" => "S3 refuses the notification, or nobody is told of new objects",
        "sts:AssumeRole" => "the service gets no credentials to sign with",
        _ => "the service fails where it calls it",
    }
}
