//! Writes a stack as a Terraform module.

use super::reference::{Id, Segment, segments};
use crate::node::{Node, map, text};

/// The first version of the provider `hashicorp/aws` that every module works with: major and minor.
const PROVIDER: (u32, u32) = (5, 70);

type Members = Vec<(String, Node)>;

/// A module under construction. Every text may contain placeholders of references; expressions are [`Node::Expression`].
#[derive(Debug, Default)]
pub(super) struct Module {
    /// The first version of the provider that has every attribute, if it is later than [`PROVIDER`].
    provider: Option<(u32, u32)>,
    data: Members,
    variables: Members,
    resources: Vec<(String, Members)>,
    outputs: Members,
}

/// Returns a Terraform expression.
pub(super) fn expression(text: impl Into<String>) -> Node {
    Node::Expression(text.into())
}

/// Returns one nested block.
pub(super) fn block<K: Into<String>>(members: impl IntoIterator<Item = (K, Node)>) -> Node {
    Node::Blocks(vec![map(members)])
}

/// Properties whose arguments have other names than in snake case.
const RENAMED: [(&str, &str); 13] = [
    ("AccelerationStatus", "status"),
    ("Actions", "action"),
    ("AssumeRolePolicyDocument", "assume_role_policy"),
    ("IdentitySource", "identity_sources"),
    ("LogGroupName", "name"),
    ("MessageRetentionPeriod", "message_retention_seconds"),
    ("Origins", "origin"),
    ("PolicyDocument", "policy"),
    ("Rules", "rule"),
    ("ServerSideEncryptionByDefault", "apply_server_side_encryption_by_default"),
    ("ServerSideEncryptionConfiguration", "rule"),
    ("StageName", "name"),
    ("VisibilityTimeout", "visibility_timeout_seconds"),
];

/// Properties that hold a document, which is a string of JSON in Terraform.
const DOCUMENTS: [&str; 3] = ["AssumeRolePolicyDocument", "PolicyDocument", "RedrivePolicy"];

/// Properties whose members have names of their own, so that they are a map instead of a block.
const MAPS: [&str; 2] = ["Variables", "triggers"];

/// Returns the Terraform arguments for CloudFormation properties: `MetricName` becomes `metric_name`, and values are
/// [`nested`] blocks.
pub(super) fn arguments<'a>(
    properties: impl IntoIterator<Item = (&'a str, Node)>,
) -> impl Iterator<Item = (String, Node)> {
    properties.into_iter().map(|(name, node)| {
        let renamed = RENAMED.iter().find(|(property, _)| *property == name);
        let argument = renamed.map_or_else(|| snake_case(name), |(_, argument)| (*argument).to_owned());
        let node = match node {
            node if DOCUMENTS.contains(&name) => Node::Encoded(Box::new(node)),
            node if MAPS.contains(&name) => node,
            node => nested(node),
        };
        (argument, node)
    })
}

/// Returns the value of a CloudFormation property in Terraform: a map is a block, a list of maps one block for each.
pub(super) fn nested(node: Node) -> Node {
    let body = |members: Members| {
        let each = members.into_iter().flat_map(|(name, node)| arguments([(name.as_str(), node)]).last());
        map(each)
    };
    match node {
        Node::Map(members) => Node::Blocks(vec![body(members)]),
        Node::List(items) if items.iter().any(|item| matches!(item, Node::Map(_))) => {
            let blocks = items.into_iter().filter_map(|item| match item {
                Node::Map(members) => Some(body(members)),
                _ => None,
            });
            Node::Blocks(blocks.collect())
        }
        other => other,
    }
}

/// Converts `DeadLetters` to `dead_letters`. A run of capitals is one word, except for the first letter of the next one.
pub(super) fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let is_upper = |index: usize| letters.get(index).is_some_and(char::is_ascii_uppercase);
    let is_lower =
        |index: usize| letters.get(index).is_some_and(|it| it.is_ascii_lowercase() || it.is_ascii_digit());
    let mut out = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let before = index.wrapping_sub(1);
        if is_upper(index) && (is_lower(before) || (is_upper(before) && is_lower(index + 1))) {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

impl Module {
    /// Adds a resource.
    pub(super) fn resource<K: Into<String>>(&mut self, id: Id, body: impl IntoIterator<Item = (K, Node)>) {
        self.named_resource(id.terraform_type(), id.terraform_name(), body);
    }

    /// Adds a resource of the type `kind` that has the name of another one, such as the versioning of a bucket.
    pub(super) fn part<K: Into<String>>(
        &mut self,
        id: Id,
        kind: &str,
        body: impl IntoIterator<Item = (K, Node)>,
    ) {
        self.named_resource(kind, id.terraform_name(), body);
    }

    /// Adds a resource. Resources of one type are written next to each other, as Terraform's JSON syntax requires.
    pub(super) fn named_resource<K: Into<String>>(
        &mut self,
        kind: &str,
        name: String,
        body: impl IntoIterator<Item = (K, Node)>,
    ) {
        let body = resolved(map(body));
        match self.resources.iter_mut().find(|(known, _)| known == kind) {
            Some((_, named)) => named.push((name, body)),
            None => self.resources.push((kind.to_owned(), vec![(name, body)])),
        }
    }

    /// Adds a variable, unless the module has one with this name. `members` follow the description.
    pub(super) fn variable<K: Into<String>>(
        &mut self,
        name: &str,
        description: &str,
        members: impl IntoIterator<Item = (K, Node)>,
    ) {
        if self.variables.iter().all(|(known, _)| known != name) {
            let members = members.into_iter().map(|(name, node)| (name.into(), node));
            let described = [("description".to_owned(), text(description))].into_iter().chain(members);
            self.variables.push((name.into(), map(described)));
        }
    }

    /// Requires this version of the provider or a later one, for an attribute that earlier ones do not have.
    pub(super) fn require_provider(&mut self, major: u32, minor: u32) {
        self.provider = self.provider.max(Some((major, minor)));
    }

    /// Adds a data source without arguments, which is named `current`, unless the module has one of this type.
    fn data(&mut self, kind: &str) {
        if self.data.iter().all(|(known, _)| known != kind) {
            self.data.push((kind.into(), map([("current", map::<&str>([]))])));
        }
    }

    pub(super) fn output(&mut self, name: impl Into<String>, description: &str, value: impl Into<Node>) {
        let value = resolved(value.into());
        self.outputs.push((name.into(), map([("description", text(description)), ("value", value)])));
    }

    /// Returns the whole module.
    pub(super) fn finished(mut self) -> Node {
        self.data("aws_caller_identity");
        let bodies = serde_json::to_string(&self.resources).unwrap_or_default();
        for kind in ["aws_partition", "aws_region"] {
            if bodies.contains(&format!("data.{kind}.current")) {
                self.data(kind);
            }
        }
        self.data.sort_by(|(one, _), (other, _)| one.cmp(other));
        let (major, minor) = self.provider.unwrap_or(PROVIDER);
        let version = format!(">= {major}.{minor}");
        let provider = map([("source", text("hashicorp/aws")), ("version", text(version))]);
        let needs =
            map([("required_version", text(">= 1.5")), ("required_providers", block([("aws", provider)]))]);
        let name = "Name of the deployment, with which the names of its resources begin; must be unique in the account";
        // A function may have 64 characters in its name; a CloudFront access control too, with the region.
        let fits = expression("can(regex(\"^[a-zA-Z0-9_-]{1,40}$\", var.name))");
        let message = text("The name must have at most 40 letters, digits, hyphens and underscores.");
        let name = [
            ("description", text(name)),
            ("type", expression("string")),
            ("default", text("uploads")),
            ("validation", block([("condition", fits), ("error_message", message)])),
        ];
        let name = ("name".to_owned(), map(name));
        let resources =
            self.resources.into_iter().map(|(kind, named)| (kind, Node::Map(named))).collect::<Vec<_>>();
        map([
            ("terraform", needs),
            ("variable", Node::Map([name].into_iter().chain(self.variables).collect())),
            ("data", Node::Map(self.data)),
            ("resource", Node::Map(resources)),
            ("output", Node::Map(self.outputs)),
        ])
    }
}

/// Replaces the placeholders in every text, and escapes what Terraform would take for an interpolation.
///
/// Source: <https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences-1>.
fn resolved(node: Node) -> Node {
    node.with_texts(&|text| {
        let parts = segments(&text);
        if let [Segment::Reference(reference)] = parts.as_slice() {
            return Node::Expression(reference.terraform());
        }
        let spelled = parts.iter().map(|part| match part {
            Segment::Reference(reference) => format!("${{{}}}", reference.terraform()),
            Segment::Literal(text) => text.replace("${", "$${").replace("%{", "%%{"),
        });
        Node::Text(spelled.collect())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_snake_case() {
        for (name, expected) in [
            ("DeadLetters", "dead_letters"),
            ("BlockPublicAcls", "block_public_acls"),
            ("SSEAlgorithm", "sse_algorithm"),
            ("KMSMasterKeyID", "kms_master_key_id"),
            ("Distribution2Domain", "distribution2_domain"),
        ] {
            assert_eq!(snake_case(name), expected);
        }
    }
}
