//! Describes documents without comparing them: what they permit, and what is risky in them.

use std::collections::BTreeSet;

use super::deployed::DeployedFile;
use super::found::FoundDocuments;
use super::stack;
use crate::cors::{CorsDocument, CorsRule};
use crate::iam::{Effect, IamPolicy, IamPrincipal, IamStatement};
use crate::read::{Item, Stack, Tree};

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
    buckets: Vec<String>,
    origins: Vec<String>,
    actions: Vec<String>,
    risks: Vec<Risk>,
    unjudged: Vec<String>,
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

    fn risk(&mut self, what: impl Into<String>, why: &'static str) {
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

    fn add_item(&mut self, stack: &Stack, item: &Item) {
        let literal = |path: &str| item.body.at(path).and_then(Tree::as_literal);
        match item.kind.as_str() {
            "AWS::S3::Bucket" => {
                self.buckets.push(literal("BucketName").unwrap_or(&item.name).to_owned());
                if literal("AccessControl").is_some_and(|acl| acl.starts_with("Public")) {
                    self.risk(
                        format!("the ACL of {} is public", item.name),
                        "everyone can list or read the bucket",
                    );
                }
                self.add_access_block(&item.name, item.body.get("PublicAccessBlockConfiguration"));
            }
            "aws_s3_bucket" => {
                self.buckets.push(literal("bucket").unwrap_or(&item.name).to_owned());
                let has_block = stack.items.iter().any(|it| it.kind == "aws_s3_bucket_public_access_block");
                if !has_block {
                    self.add_access_block(&item.name, None);
                }
            }
            "aws_s3_bucket_public_access_block" => self.add_access_block(&item.name, Some(&item.body)),
            "AWS::Serverless::Api" | "AWS::Serverless::HttpApi"
                if literal("Auth.DefaultAuthorizer").is_none_or(|name| name == "NONE")
                    && !has_security(&item.body) =>
            {
                self.risk(format!("the API {} has no authorizer for every method", item.name), VERIFY);
            }
            "AWS::Lambda::Url" | "aws_lambda_function_url" | "AWS::Serverless::Function" => {
                let authorization = ["AuthType", "authorization_type", "FunctionUrlConfig.AuthType"];
                if authorization.into_iter().filter_map(literal).any(|it| it == "NONE") {
                    let what =
                        format!("the function URL of {} needs no authorization (AuthType: NONE)", item.name);
                    self.risk(what, VERIFY);
                }
            }
            "AWS::Lambda::Permission" | "aws_lambda_permission"
                if literal("Principal").or_else(|| literal("principal")) == Some("*") =>
            {
                self.risk(format!("{} lets everyone invoke the function (Principal: *)", item.name), VERIFY);
            }
            "AWS::IAM::Role" | "aws_iam_role" | "aws_iam_role_policy_attachment" => self.add_role_item(item),
            "aws_api_gateway_method" | "aws_apigatewayv2_route" => {
                let authorization = literal("authorization").or_else(|| literal("authorization_type"));
                if authorization.is_none_or(|it| it == "NONE") && literal("http_method") != Some("OPTIONS") {
                    self.risk(
                        format!("{} has no authorizer", item.name),
                        "the function must verify every caller itself",
                    );
                }
            }
            _ => {}
        }
    }

    /// Adds the trust policy of a role and the managed policies that are attached to it.
    fn add_role_item(&mut self, item: &Item) {
        let member = |names: [&str; 3]| names.into_iter().find_map(|name| item.body.get(name));
        let attached = member(["ManagedPolicyArns", "managed_policy_arns", "policy_arn"]);
        for arn in attached.map(Tree::elements).unwrap_or_default() {
            let shown = arn.shown();
            let is_wide = ["AdministratorAccess", "PowerUserAccess", "FullAccess"];
            if is_wide.iter().any(|name| shown.ends_with(name)) {
                let what = format!("{} has the managed policy {shown}", item.name);
                self.risk(what, "a caller with the role's credentials can do far more than upload");
            } else {
                self.unjudged.push(format!("{}: the managed policy {shown}", item.name));
            }
        }
        let trust = member(["AssumeRolePolicyDocument", "assume_role_policy", "AssumeRolePolicy"]);
        let statements =
            trust.and_then(|trust| trust.get("Statement")).map(Tree::elements).unwrap_or_default();
        let is_everyone = |statement: &Tree| {
            let principal = statement.get("Principal");
            let accounts =
                principal.map(|it| it.get("AWS").unwrap_or(it)).map(Tree::elements).unwrap_or_default();
            let is_allowed = statement.get("Effect").and_then(Tree::as_literal) == Some("Allow");
            is_allowed && (accounts.contains(&Tree::literal("*")) || statement.get("NotPrincipal").is_some())
        };
        if statements.iter().any(is_everyone) {
            let what = format!("everyone may assume the role {} (Principal: *)", item.name);
            self.risk(
                what,
                "only the conditions of the statement, if it has any, limit who gets the role's permissions",
            );
        }
    }

    fn add_access_block(&mut self, name: &str, block: Option<&Tree>) {
        let settings = match block {
            Some(Tree::Map(members)) => members.clone(),
            _ => Default::default(),
        };
        let is_on = |tree: &&Tree| tree.as_literal() == Some("true");
        if settings.values().filter(is_on).count() < 4 {
            self.risk(
                format!("public access to {name} is not blocked"),
                "an ACL or a policy can make the bucket or its objects public",
            );
        }
    }
}

const VERIFY: &str = "the function must verify every caller itself";

/// The types of resources whose risks are known.
const JUDGED: [&str; 31] = [
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::IAM::Role",
    "AWS::IAM::Policy",
    "AWS::IAM::RolePolicy",
    "AWS::Serverless::Api",
    "AWS::Serverless::HttpApi",
    "AWS::Serverless::Function",
    "AWS::Lambda::Url",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "Transform",
    "aws_s3_bucket",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_cors_configuration",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_notification",
    "aws_sqs_queue_policy",
    "aws_iam_role",
    "aws_iam_role_policy",
    "aws_iam_policy",
    "aws_iam_role_policy_attachment",
    "aws_lambda_permission",
    "aws_lambda_function_url",
    "aws_api_gateway_method",
    "aws_apigatewayv2_route",
    "provider",
];

/// Returns the actions of a statement, or those that it leaves out.
fn actions_of(statement: &IamStatement) -> String {
    match statement.not_actions() {
        [] => statement.actions().join(", "),
        except => format!("everything but {}", except.join(", ")),
    }
}

/// Returns whether the description of an API demands an authorizer for every method but `OPTIONS`.
fn has_security(api: &Tree) -> bool {
    let Some(Tree::Map(paths)) = api.at("DefinitionBody.paths") else { return false };
    let members = |tree: &Tree| match tree {
        Tree::Map(members) => members.clone(),
        _ => Default::default(),
    };
    let mut methods = paths.values().flat_map(members).filter(|(method, _)| method != "options").peekable();
    methods.peek().is_some()
        && methods.all(|(_, method)| {
            method.get("security").is_some_and(|list| list.elements().iter().all(|it| *it != Tree::empty()))
        })
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
