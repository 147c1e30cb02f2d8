//! Compares the documents inside a stack by what they do: policies, CORS, lifecycle and notification configurations.

use serde_json::{Value, json};
use upsign_core::error_chain;

use super::Difference;
use super::found::UNKNOWN_VALUE;
use super::rest::{rest_of, typed, with_ids};
use crate::cors::CorsDocument;
use crate::iam::IamPolicy;
use crate::lifecycle::LifecycleDocument;
use crate::node::{Node, map, text};
use crate::notification::NotificationDocument;
use crate::read::{Dialect, Tree};

/// A property that holds a document with an evaluator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Document {
    /// A policy, or the list of a role's policies.
    Policy,
    /// The policy that says who may assume a role. It has no resource.
    Trust,
    Cors,
    Lifecycle,
    Notification,
}

/// The result of a comparison by meaning.
pub(super) struct Evaluated {
    pub(super) differences: Vec<Difference>,
    /// Why a part of the deployed document was not compared.
    pub(super) uncompared: Option<String>,
}

impl Document {
    /// Returns the paths of the configurations that a resource of this type holds.
    pub(super) fn configurations_of(kind: &str) -> &'static [(&'static str, Self)] {
        match kind {
            "AWS::S3::Bucket" => &[
                ("CorsConfiguration", Self::Cors),
                ("LifecycleConfiguration", Self::Lifecycle),
                ("NotificationConfiguration", Self::Notification),
            ],
            "AWS::S3Express::DirectoryBucket" => &[("LifecycleConfiguration", Self::Lifecycle)],
            "aws_s3_bucket_cors_configuration" => &[("cors_rule", Self::Cors)],
            "aws_s3_bucket_lifecycle_configuration" => &[("rule", Self::Lifecycle)],
            "aws_s3_bucket_notification" => &[("notification", Self::Notification)],
            _ => &[],
        }
    }

    /// Compares the property of the generated stack with that of the deployed one. An absent one counts as empty.
    pub(super) fn compare(
        self,
        dialect: Dialect,
        expected: Option<&Tree>,
        actual: Option<&Tree>,
    ) -> Evaluated {
        let compared = match self {
            Self::Policy | Self::Trust => self.compare_policies(expected, actual),
            Self::Cors => compare(
                (expected, actual),
                &|tree| cors(dialect, tree),
                &CorsDocument::empty(),
                CorsDocument::differences,
            ),
            Self::Lifecycle => compare(
                (expected, actual),
                &|tree| lifecycle(dialect, tree),
                &LifecycleDocument::default(),
                LifecycleDocument::differences,
            ),
            Self::Notification => compare(
                (expected, actual),
                &|tree| notification(dialect, tree),
                &NotificationDocument::default(),
                NotificationDocument::differences,
            ),
        };
        compared.unwrap_or_else(|reason| Evaluated { differences: Vec::new(), uncompared: Some(reason) })
    }

    fn compare_policies(self, expected: Option<&Tree>, actual: Option<&Tree>) -> Result<Evaluated, String> {
        let (expected, _) = self.policy(expected)?;
        let (actual, not_understood) = self.policy(actual)?;
        let uncompared = (!not_understood.is_empty()).then(|| not_understood.join("; "));
        Ok(Evaluated { differences: expected.differences(&actual), uncompared })
    }

    /// Reads a policy, or all policies of a list as one: a role has the permissions of all of them. Returns also what is not
    /// understood of them.
    fn policy(self, tree: Option<&Tree>) -> Result<(IamPolicy, Vec<String>), String> {
        let (mut statements, mut not_understood) = (Vec::new(), Vec::new());
        for one in tree.map(Tree::elements).unwrap_or_default() {
            let document = one.get("PolicyDocument").unwrap_or(one);
            if let Tree::Map(members) = one
                && members.contains_key("PolicyDocument")
            {
                let known = ["PolicyName", "PolicyDocument"];
                let other = members.keys().filter(|name| !known.contains(&name.as_str()));
                not_understood
                    .extend(other.map(|name| format!("`{name}`: not a member of a policy of a role")));
            }
            let mut value = document.to_value().ok_or(UNKNOWN_VALUE)?;
            if self == Self::Trust {
                name_resources(&mut value);
            }
            let policy = IamPolicy::from_value(&value).map_err(|error| error_chain(&error).to_string())?;
            not_understood.extend(policy.not_understood().iter().map(ToString::to_string));
            statements.extend(policy.statements().iter().cloned());
        }
        Ok((IamPolicy::new(statements), not_understood))
    }
}

/// Adds the resource that the statements of a trust policy leave out: the role.
fn name_resources(policy: &mut Value) {
    match policy.get_mut("Statement") {
        Some(Value::Array(statements)) => statements.iter_mut().for_each(name_resource),
        Some(one) => name_resource(one),
        None => {}
    }
}

fn name_resource(statement: &mut Value) {
    if let Some(members) = statement.as_object_mut() {
        members.entry("Resource").or_insert_with(|| "*".into());
    }
}

/// A document that was read, and why a part of it was not understood.
pub(super) type Read<D> = Result<(D, Option<String>), String>;

/// Reads both documents and compares them.
fn compare<D>(
    (expected, actual): (Option<&Tree>, Option<&Tree>),
    read: &dyn Fn(&Tree) -> Read<D>,
    empty: &D,
    differences: fn(&D, &D) -> Vec<Difference>,
) -> Result<Evaluated, String> {
    let expected = expected.map(read).transpose()?.map(|(document, _)| document);
    let expected = expected.as_ref().unwrap_or(empty);
    let Some(tree) = actual else {
        return Ok(Evaluated { differences: differences(expected, empty), uncompared: None });
    };
    let (actual, uncompared) = read(tree)?;
    Ok(Evaluated { differences: differences(expected, &actual), uncompared })
}

/// Reads a CORS configuration, and names what its reader does not understand.
pub(super) fn cors(dialect: Dialect, tree: &Tree) -> Read<CorsDocument> {
    let value = typed(tree)?;
    let read = match dialect {
        Dialect::CloudFormation => CorsDocument::from_cloudformation_value(&value),
        _ => CorsDocument::from_terraform_value(&json!({"cors_rule": value})),
    };
    let document = read.map_err(|error| error_chain(&error).to_string())?;
    let written = match dialect {
        Dialect::CloudFormation => document.to_cloudformation_node(),
        _ => member(document.terraform_body(text("")), "cors_rule"),
    };
    let rest = rest_of(tree, &written);
    Ok((document, rest))
}

/// Reads a lifecycle configuration, and names what its reader does not understand.
pub(super) fn lifecycle(dialect: Dialect, tree: &Tree) -> Read<LifecycleDocument> {
    let value = typed(tree)?;
    let read = match dialect {
        Dialect::CloudFormation => {
            LifecycleDocument::from_cloudformation_value(&with_ids(value.clone(), "Rules", "Id"))
        }
        _ => {
            let enabled: Vec<Value> = crate::terraform::blocks(&value)
                .into_iter()
                .filter(|rule| rule.get("status") != Some(&"Disabled".into()))
                .cloned()
                .collect();
            LifecycleDocument::from_terraform_value(
                &json!({"resource": {"aws_s3_bucket_lifecycle_configuration": {"uploads": {"rule": enabled}}}}),
            )
        }
    };
    let document = read.map_err(|error| error_chain(&error).to_string())?;
    let written = match dialect {
        Dialect::CloudFormation => document.to_cloudformation_node(),
        _ => member(document.terraform_body(text("")), "rule"),
    };
    let rest = rest_of(tree, &written);
    Ok((document, rest))
}

/// Reads a notification configuration, and names what its reader does not understand.
pub(super) fn notification(dialect: Dialect, tree: &Tree) -> Read<NotificationDocument> {
    let value = typed(tree)?;
    let read = match dialect {
        Dialect::CloudFormation => {
            NotificationDocument::from_cloudformation_value(&json!({"NotificationConfiguration": value}))
        }
        _ => {
            let mut body = value;
            if let Some(members) = body.as_object_mut() {
                members.entry("bucket").or_insert_with(|| "".into());
            }
            NotificationDocument::from_terraform_value(
                &json!({"resource": {"aws_s3_bucket_notification": {"uploads": body}}}),
            )
        }
    };
    let document = read.map_err(|error| error_chain(&error).to_string())?;
    let written = match dialect {
        Dialect::CloudFormation => document.to_cloudformation_node(),
        _ => map(document.terraform_body(text(""))),
    };
    let rest = rest_of(tree, &written);
    Ok((document, rest))
}

/// Returns one member of the body of a Terraform resource.
fn member(body: Vec<(&'static str, Node)>, name: &str) -> Node {
    let found = body.into_iter().find(|(known, _)| *known == name);
    found.map_or(Node::List(Vec::new()), |(_, inner)| inner)
}
