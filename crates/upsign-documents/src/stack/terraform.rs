//! The same deployment as a Terraform module.

mod api;
mod bucket;
mod function;
mod watch;

use super::{InvalidDeployment, check};
use crate::deployment::AccountId;
use crate::node::{Node, list, map, text};
use crate::{Deployment, Guard, NotificationTarget};

/// A Terraform module, for the provider `hashicorp/aws` from 5.70 on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TerraformModule(Node);

impl TerraformModule {
    /// The module as one file, in the format of `terraform fmt`.
    #[must_use]
    pub fn to_hcl(&self) -> String {
        self.0.to_hcl()
    }
}

/// Name, type and body of each resource.
type Parts = Vec<(&'static str, String, Node)>;

/// The article's deployment as a Terraform module: what [`sam_template`](super::sam_template) makes, resource for resource.
///
/// # Errors
/// [`InvalidDeployment`].
pub fn terraform_module(
    deployment: &Deployment,
    guards: &[Guard],
) -> Result<TerraformModule, InvalidDeployment> {
    check(deployment)?;
    let deployment = &deployment.clone().with_account(AccountId::of_module());
    let mut parts = bucket::buckets(deployment, guards)?;
    parts.extend(function::function(deployment));
    parts.extend(api::api(deployment)?);
    if deployment.watched {
        parts.extend(watch::watch(deployment));
    }
    let provider = map([("source", text("hashicorp/aws")), ("version", text(">= 5.70"))]);
    let needs = map([
        ("required_version", text(">= 1.5")),
        ("required_providers", Node::Blocks(vec![map([("aws", provider)])])),
    ]);
    Ok(TerraformModule(map([
        ("terraform", needs),
        ("variable", variables()),
        ("data", map([("aws_caller_identity", map([("current", empty())]))])),
        ("resource", Node::Map(by_kind(parts))),
        ("output", outputs(deployment)),
    ])))
}

/// A block with nothing in it.
fn empty() -> Node {
    Node::Map(Vec::new())
}

/// One block.
pub(super) fn block<K: Into<String>>(members: impl IntoIterator<Item = (K, Node)>) -> Node {
    Node::Blocks(vec![map(members)])
}

/// Resources of one type stand together, as in Terraform's JSON.
fn by_kind(parts: Parts) -> Vec<(String, Node)> {
    let mut out: Vec<(String, Node)> = Vec::new();
    for (kind, name, body) in parts {
        match out.iter_mut().find(|(known, _)| known == kind) {
            Some((_, Node::Map(named))) => named.push((name, body)),
            _ => out.push((kind.to_owned(), map([(name, body)]))),
        }
    }
    out
}

/// What a resource is in a document that is a resource of its own.
pub(super) fn body_of(document: Node) -> Node {
    let mut node = document;
    for _ in 0..3 {
        if let Node::Map(members) = node {
            node = members.into_iter().next().map_or_else(empty, |(_, inner)| inner);
        } else {
            return node;
        }
    }
    node
}

fn variables() -> Node {
    let variable = |what: &str, default: Option<Node>| {
        let known = [("description", text(what)), ("type", text("${string}"))];
        map(known.into_iter().chain(default.map(|default| ("default", default))))
    };
    let one_of = text("${contains([\"arm64\", \"x86_64\"], var.architecture)}");
    let validation = map([
        ("condition", one_of),
        ("error_message", text("arm64 or x86_64, what the function is built for.")),
    ]);
    let architecture = map([
        ("description", text("What the function is built for")),
        ("type", text("${string}")),
        ("default", text("arm64")),
        ("validation", Node::Blocks(vec![validation])),
    ]);
    let package = "The function's zip: cargo lambda build --release --arm64 --output-format zip";
    map([
        ("package", variable(package, None)),
        ("architecture", architecture),
        (
            "alarm_topic_arns",
            map([
                ("description", text("SNS topics that alarms go to")),
                ("type", text("${list(string)}")),
                ("default", list::<&str>([])),
            ]),
        ),
    ])
}

fn outputs(deployment: &Deployment) -> Node {
    let output = |what: &str, value: &str| map([("description", text(what)), ("value", text(value))]);
    let mut all = vec![("upload_url", output("Where grants are asked for, by POST", &api::url(deployment)))];
    if deployment.notify == NotificationTarget::Queue {
        all.push(("queue_url", output("Where new objects are told of", "${aws_sqs_queue.uploads.url}")));
    }
    map(all)
}
