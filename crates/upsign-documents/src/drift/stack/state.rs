//! What a state of Terraform has in place of references, and in addition to the configuration.

use super::matching::Matching;
use super::properties::Change;
use crate::read::{Item, Piece, Stack, Tree};

/// Returns whether a state shows a value that AWS computes, or that another resource of the module sets.
pub(super) fn is_computed(item: &Item, change: &Change<'_>, region: &str) -> bool {
    let Some(name) = change.path.split('.').next_back() else { return false };
    // Hashes of values that are compared themselves.
    if change.path == "source_code_hash" || change.path.starts_with("triggers") {
        return true;
    }
    if name == "region" {
        return change.actual.and_then(Tree::as_literal) == Some(region);
    }
    let of_bucket = item.kind == "aws_s3_bucket" && BUCKET_COMPUTED.contains(&change.path.as_str());
    change.expected.is_none() && (COMPUTED.contains(&name) || of_bucket)
}

/// The attributes that a state has of every resource, or that only say how it was created.
const COMPUTED: [&str; 37] = [
    "id",
    "arn",
    "tags_all",
    "url",
    "unique_id",
    "create_date",
    "created_date",
    "invoke_arn",
    "qualified_arn",
    "qualified_invoke_arn",
    "response_streaming_invoke_arn",
    "version",
    "last_modified",
    "last_modified_time",
    "source_code_size",
    "code_sha256",
    "execution_arn",
    "root_resource_id",
    "api_endpoint",
    "api_id",
    "hosted_zone_id",
    "bucket_domain_name",
    "bucket_regional_domain_name",
    "bucket_region",
    "owner_id",
    "etag",
    "domain_name",
    "caller_reference",
    "status",
    "dashboard_arn",
    "invoke_url",
    "function_arn",
    "function_url",
    "url_id",
    "log_group_class",
    "max_session_duration",
    "kms_data_key_reuse_period_seconds",
];

/// The attributes of a bucket that resources of their own set.
const BUCKET_COMPUTED: [&str; 9] = [
    "grant",
    "policy",
    "versioning",
    "cors_rule",
    "lifecycle_rule",
    "request_payer",
    "server_side_encryption_configuration",
    "object_lock_configuration",
    "bucket_namespace",
];

/// Returns whether the generated value refers to something whose value the state does not have.
pub(super) fn has_references(tree: &Tree) -> bool {
    match tree {
        Tree::Text(pieces) => !pieces.iter().all(|piece| matches!(piece, Piece::Literal(_))),
        Tree::List(list) => list.iter().any(has_references),
        Tree::Map(members) => members.values().any(has_references),
        Tree::Call(..) => true,
    }
}

/// Replaces references by the values that the state has for them.
pub(super) fn as_in_state(expected: Stack, actual: &Stack, matching: &Matching) -> Stack {
    let values: Vec<(String, Tree)> = expected
        .items
        .iter()
        .filter_map(|item| Some((item.name.clone(), matching.actual(actual, item)?.body.clone())))
        .collect();
    let defaults: Vec<(String, Tree)> = expected
        .items
        .iter()
        .filter_map(|item| Some((item.name.clone(), item.body.get("default")?.clone())))
        .collect();
    let items = expected.items.into_iter().map(|item| {
        let body = item.body.with_pieces(&|piece| {
            let Piece::Reference(reference) = &piece else { return vec![piece] };
            let of = |all: &[(String, Tree)], attribute: Option<&str>| {
                let (_, tree) = all.iter().find(|(name, _)| *name == reference.name)?;
                let value = attribute.map_or(Some(tree), |attribute| tree.at(attribute))?;
                value.as_literal().map(str::to_owned)
            };
            let value = of(&values, Some(&reference.attribute)).or_else(|| of(&defaults, None));
            vec![value.map_or(piece, Piece::Literal)]
        });
        let mut body = with_defaults(body, &defaults);
        if let Tree::Map(members) = &mut body {
            members.retain(|name, value| !META.contains(&name.as_str()) && !is_empty(value));
        }
        Item { body, ..item }
    });
    Stack { items: items.collect(), ..expected }
}

/// The arguments for Terraform itself, which no state has.
const META: [&str; 5] = ["count", "depends_on", "for_each", "lifecycle", "provider"];

fn is_empty(tree: &Tree) -> bool {
    matches!(tree, Tree::List(list) if list.is_empty())
}

/// Replaces references to variables whose default is no text, such as a list.
fn with_defaults(tree: Tree, defaults: &[(String, Tree)]) -> Tree {
    match tree {
        Tree::Text(pieces) => match pieces.as_slice() {
            [Piece::Reference(reference)] => {
                let default = defaults.iter().find(|(name, _)| *name == reference.name);
                default.map_or(Tree::Text(pieces.clone()), |(_, value)| value.clone())
            }
            _ => Tree::Text(pieces),
        },
        Tree::List(list) => Tree::List(list.into_iter().map(|it| with_defaults(it, defaults)).collect()),
        Tree::Map(members) => {
            Tree::Map(members.into_iter().map(|(name, it)| (name, with_defaults(it, defaults))).collect())
        }
        call @ Tree::Call(..) => call,
    }
}
