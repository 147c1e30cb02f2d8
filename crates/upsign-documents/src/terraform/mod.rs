//! Terraform's configuration language: functions for every document that is written as a Terraform resource.

#[cfg(feature = "hcl")]
mod hcl;
mod show;

use serde_json::Value;

use crate::node::{Node, map};

#[cfg(feature = "hcl")]
pub(crate) use self::hcl::parse;
pub(crate) use show::{configuration, configured, default_of};

/// Returns `{"resource": {"type": {"name": {…}}}}`: one resource in Terraform's JSON syntax.
pub(crate) fn resource(kind: &str, name: &str, body: Node) -> Node {
    map([("resource", map([(kind, map([(name, body)]))]))])
}

/// Returns the blocks of one name. Terraform's JSON syntax has an object for one block and an array for several.
pub(crate) fn blocks(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(list) => list.iter().collect(),
        one => vec![one],
    }
}

/// Returns whether a text looks like HCL: whether a line opens a top-level block as `resource "…"` or `terraform {` does.
///
/// Indented lines do not count: they may be code inside of a YAML template.
pub(crate) fn looks_like_hcl(text: &str) -> bool {
    const KINDS: [&str; 12] = [
        "resource",
        "data",
        "module",
        "variable",
        "output",
        "provider",
        "terraform",
        "locals",
        "moved",
        "import",
        "removed",
        "check",
    ];
    text.lines().any(|line| {
        KINDS.iter().any(|kind| {
            let rest = line.strip_prefix(kind);
            rest.is_some_and(|rest| rest.starts_with([' ', '\t', '{', '"']) && rest.contains(['{', '"']))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hcl_is_distinguished_from_other_text() {
        for text in [
            "resource \"aws_s3_bucket_policy\" \"uploads\" {\n}\n",
            "# A comment.\n\nterraform {\n  required_version = \">= 1.5\"\n}\n",
            "locals{}",
        ] {
            assert!(looks_like_hcl(text), "{text}");
        }
        for text in [
            "",
            "resources:\n  - a\n",
            "data is missing",
            "{\"resource\": {}",
            "Resources:\n  Code: |\n    import {a} from \"b\"\n",
        ] {
            assert!(!looks_like_hcl(text), "{text}");
        }
    }
}
