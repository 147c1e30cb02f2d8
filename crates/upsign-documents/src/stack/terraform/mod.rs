//! The whole deployment as a Terraform module.

mod api;
mod bucket;
mod function;
mod monitoring;

use super::{InvalidDeployment, check};
use crate::deployment::{AccountId, Deployment, NotificationTarget};
use crate::node::{Node, list, map, text};

/// A Terraform module. It requires Terraform 1.5 and version 5.70 of the provider `hashicorp/aws`, or later.
///
/// [`terraform_module`] has an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TerraformModule(Node);

impl TerraformModule {
    /// Returns the module as one `.tf` file, formatted as by `terraform fmt`.
    #[must_use]
    pub fn to_hcl(&self) -> String {
        self.0.to_hcl()
    }
}

/// The type, the name and the body of each resource.
type Parts = Vec<(&'static str, String, Node)>;

/// Returns a Terraform module with the whole deployment: the same resources as [`sam_template`](super::sam_template).
///
/// The path of the function's zip file is a variable of the module, so [`CodeLocation`](crate::CodeLocation) is ignored.
///
/// # Errors
/// Fails for the same reasons as [`sam_template`](super::sam_template).
///
/// ```
/// use upsign_documents::{ApiAuthorizer, Deployment, terraform_module};
/// # use upsign_core::{CorsOrigins, Target};
/// # use upsign_policy::{Bodyless, UploadPolicy};
/// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// # let policy = UploadPolicy::builder(target, "articles/{id}.{ext}".parse()?, Bodyless::Refuse)
/// #     .content_types(["image/jpeg"])
/// #     .max_size(10 << 20)
/// #     .build()?;
/// # let origins = CorsOrigins::listed(["https://app.example.com".parse()?]);
/// // `policy` is the `UploadPolicy` that signs the uploads, `origins` are those of the pages that upload.
/// let authorizer =
///     ApiAuthorizer::Cognito { user_pool: "ap-southeast-1_AbCdEf123".into(), scopes: Vec::new() };
/// let deployment = Deployment::new([policy], origins).with_authorizer(authorizer);
/// let module = terraform_module(&deployment)?;
/// assert!(module.to_hcl().contains("aws_s3_bucket_cors_configuration"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn terraform_module(deployment: &Deployment) -> Result<TerraformModule, InvalidDeployment> {
    check(deployment)?;
    let deployment = &deployment.clone().with_account(AccountId::terraform_reference());
    let mut parts = bucket::buckets(deployment)?;
    parts.extend(function::function(deployment));
    parts.extend(api::api(deployment)?);
    if deployment.monitoring {
        parts.extend(monitoring::monitoring(deployment));
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

/// Returns an empty block.
fn empty() -> Node {
    Node::Map(Vec::new())
}

/// Returns one nested block.
pub(super) fn block<K: Into<String>>(members: impl IntoIterator<Item = (K, Node)>) -> Node {
    Node::Blocks(vec![map(members)])
}

/// Groups resources by type, as Terraform's JSON syntax requires.
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

/// Returns the body of the resource in a document of the shape `{"resource": {type: {name: body}}}`.
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
    let variable = |description: &str, default: Option<Node>| {
        let known = [("description", text(description)), ("type", text("${string}"))];
        map(known.into_iter().chain(default.map(|default| ("default", default))))
    };
    let one_of = text("${contains([\"arm64\", \"x86_64\"], var.architecture)}");
    let validation =
        map([("condition", one_of), ("error_message", text("The architecture must be arm64 or x86_64."))]);
    let architecture = map([
        ("description", text("Processor architecture of the function")),
        ("type", text("${string}")),
        ("default", text("arm64")),
        ("validation", Node::Blocks(vec![validation])),
    ]);
    let package = "Path of the function's zip file, built in the folder of its crate with cargo lambda build --release --arm64 --output-format zip --include upsign.toml, without --arm64 for x86_64";
    map([
        ("package", variable(package, None)),
        ("architecture", architecture),
        (
            "alarm_topic_arns",
            map([
                ("description", text("ARNs of the SNS topics that receive alarms")),
                ("type", text("${list(string)}")),
                ("default", list::<&str>([])),
            ]),
        ),
    ])
}

fn outputs(deployment: &Deployment) -> Node {
    let output =
        |description: &str, value: &str| map([("description", text(description)), ("value", text(value))]);
    let mut all =
        vec![("upload_url", output("URL at which clients request uploads (POST)", &api::url(deployment)))];
    if deployment.notification_target == NotificationTarget::Queue {
        all.push((
            "queue_url",
            output(
                "URL of the queue that receives notifications of new objects",
                "${aws_sqs_queue.uploads.url}",
            ),
        ));
    }
    map(all)
}
