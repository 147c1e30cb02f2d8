//! The risks of single resources of a template or a module.

use super::survey::Survey;
use crate::read::{Item, Stack, Tree};

impl Survey {
    pub(super) fn add_item(&mut self, stack: &Stack, item: &Item) {
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
            // Block Public Access is always on for directory buckets:
            // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-differences.html>.
            "AWS::S3Express::DirectoryBucket" | "aws_s3_directory_bucket" => {
                let name = literal("BucketName").or_else(|| literal("bucket"));
                self.buckets.push(name.unwrap_or(&item.name).to_owned());
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
                let is_preflight = literal("http_method") == Some("OPTIONS")
                    || literal("route_key").is_some_and(|key| key.starts_with("OPTIONS "));
                if authorization.is_none_or(|it| it == "NONE") && !is_preflight {
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
pub(super) const JUDGED: [&str; 35] = [
    "AWS::S3::Bucket",
    "AWS::S3Express::DirectoryBucket",
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
    "AWS::DynamoDB::Table",
    "AWS::CloudWatch::Dashboard",
    "Transform",
    "aws_s3_bucket",
    "aws_s3_directory_bucket",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_cors_configuration",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_notification",
    "aws_sqs_queue_policy",
    "aws_dynamodb_table",
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
