//! Describes documents without comparing them: what they permit, and what is risky in them.

use std::collections::BTreeSet;

use super::deployed::DeployedFile;
use super::found::FoundDocuments;
use super::object_lock;
use super::risks::JUDGED;
use super::stack;
use crate::cors::{CorsDocument, CorsRule};
use crate::iam::{Effect, IamPolicy, IamPrincipal, IamStatement};
use crate::read::{Item, Stack};

/// What a file of unknown origin holds: buckets, origins, permissions, and what is risky in them.
///
/// ```
/// use upsign_documents::DeployedFile;
/// let template = r#"{"Resources": {"Files": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "files",
///     "CorsConfiguration": {"CorsRules": [{"AllowedOrigins": ["*"], "AllowedMethods": ["PUT"]}]}}}}}"#;
/// let survey = DeployedFile::read(template)?.survey();
/// assert_eq!(survey.buckets(), ["files"]);
/// assert_eq!(survey.origins(), ["*"]);
/// let risks: Vec<&str> = survey.risks().iter().map(|risk| risk.what()).collect();
/// assert!(risks.contains(&"pages of every origin may send requests (AllowedOrigins: *)"));
/// # Ok::<(), upsign_documents::UnrecognizedDocument>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    pub(super) buckets: Vec<String>,
    origins: Vec<String>,
    actions: Vec<String>,
    risks: Vec<Risk>,
    pub(super) unjudged: Vec<String>,
}

/// Something that permits more than direct uploads usually need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Risk {
    what: String,
    why: &'static str,
}

impl Risk {
    /// Returns what was found, with its value.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }

    /// Returns what it permits.
    #[must_use]
    pub const fn why(&self) -> &'static str {
        self.why
    }
}

impl Survey {
    /// Returns the names of the buckets. A bucket whose name is not known before the deployment has its logical id.
    #[must_use]
    pub fn buckets(&self) -> &[String] {
        &self.buckets
    }

    /// Returns the origins whose pages may send requests.
    #[must_use]
    pub fn origins(&self) -> &[String] {
        &self.origins
    }

    /// Returns what roles are allowed to do, as in `s3:PutObject on arn:aws:s3:::uploads/*`.
    #[must_use]
    pub fn actions(&self) -> &[String] {
        &self.actions
    }

    /// Returns what is risky. No risk may also mean that the file holds what is [not judged](Self::unjudged).
    #[must_use]
    pub fn risks(&self) -> &[Risk] {
        &self.risks
    }

    /// Returns what the file holds in addition, of which this crate does not know whether it is risky, as in
    /// `Topic (AWS::SNS::Topic)`.
    #[must_use]
    pub fn unjudged(&self) -> &[String] {
        &self.unjudged
    }

    pub(super) fn risk(&mut self, what: impl Into<String>, why: &'static str) {
        let risk = Risk { what: stack::readable(&what.into()), why };
        if !self.risks.contains(&risk) {
            self.risks.push(risk);
        }
    }

    fn add_cors(&mut self, cors: &CorsDocument) {
        let origins = cors.rules().iter().flat_map(CorsRule::allowed_origins);
        self.origins.extend(origins.map(ToString::to_string));
        if self.origins.iter().any(|origin| origin == "*") {
            self.risk(
                "pages of every origin may send requests (AllowedOrigins: *)",
                "any page that obtains an upload URL can use it, and read the answers of the bucket",
            );
        }
    }

    fn add_role(&mut self, policy: &IamPolicy) {
        for statement in policy.statements().iter().filter(|it| it.effect() == Effect::Allow) {
            let resources = statement.resources().join(", ");
            for action in statement.actions() {
                self.actions.push(stack::readable(&format!("{action} on {resources}")));
                if action == "*" || action.ends_with(":*") {
                    self.risk(
                        format!("a role may do {action} on {resources}"),
                        "a caller with the role's credentials can read, replace and delete everything there; uploads need only s3:PutObject on their prefix",
                    );
                }
            }
            if !statement.not_actions().is_empty() {
                self.risk(
                    format!("a role may do everything but {}", statement.not_actions().join(", ")),
                    "a list of exceptions permits every action that AWS adds later",
                );
            }
            if statement.resources().iter().any(|it| it == "*") {
                self.risk(
                    format!("a role may do {} on every resource (*)", actions_of(statement)),
                    "the permission is not limited to the bucket of the uploads",
                );
            }
        }
    }

    fn add_resource_policy(&mut self, policy: &IamPolicy) {
        let open = |it: &&IamStatement| {
            it.effect() == Effect::Allow && it.principals().contains(&IamPrincipal::Everyone)
        };
        for statement in policy.statements().iter().filter(open) {
            let conditions = if statement.conditions().is_empty() { "" } else { ", under conditions" };
            self.risk(
                format!("everyone may do {}{conditions} (Principal: *)", actions_of(statement)),
                "the policy permits this to anonymous callers too",
            );
        }
    }

    fn add_documents(&mut self, found: &FoundDocuments) {
        found.cors.iter().for_each(|cors| self.add_cors(cors));
        found.role.iter().for_each(|policy| self.add_role(policy));
        let policies = found.bucket_policy.iter().chain(&found.queue_policy);
        policies.for_each(|policy| self.add_resource_policy(policy));
    }
}

/// Returns the actions of a statement, or those that it leaves out.
fn actions_of(statement: &IamStatement) -> String {
    match statement.not_actions() {
        [] => statement.actions().join(", "),
        except => format!("everything but {}", except.join(", ")),
    }
}

impl DeployedFile {
    /// Describes what the file holds, without comparing it with a deployment.
    #[must_use]
    pub fn survey(&self) -> Survey {
        let mut survey = Survey::default();
        match self.stack().cloned().map(Stack::with_locals) {
            Some(content) => {
                let stack = &content;
                stack.items.iter().for_each(|item| survey.add_item(stack, item));
                survey.add_documents(&FoundDocuments::of_stack(stack));
                let is_unjudged = |it: &&Item| !it.is_passive() && !JUDGED.contains(&it.kind.as_str());
                let unjudged = stack.items.iter().filter(is_unjudged);
                survey.unjudged.extend(unjudged.map(|item| format!("{} ({})", item.name, item.kind)));
            }
            None => {
                if let Some(found) = self.documents() {
                    survey.add_documents(&found);
                    let settings = found.settings.iter().map(|_| object_lock::PART.to_owned());
                    survey.unjudged.extend(settings);
                    survey.unjudged.extend(found.uncompared.iter().map(|it| it.name().to_owned()));
                }
            }
        }
        for list in [&mut survey.buckets, &mut survey.origins, &mut survey.actions, &mut survey.unjudged] {
            let sorted: BTreeSet<String> = list.drain(..).collect();
            list.extend(sorted);
        }
        survey
    }

    /// Returns whether the file is a single bucket policy.
    #[must_use]
    pub fn has_bucket_policy(&self) -> bool {
        self.documents().is_some_and(|found| found.bucket_policy.is_some())
    }
}
