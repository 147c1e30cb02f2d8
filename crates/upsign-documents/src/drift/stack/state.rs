//! What a state of Terraform has in place of references, and in addition to the configuration.

use super::matching::Matching;
use super::mirrors;
use super::properties::Change;
use crate::read::{Item, Piece, Stack, Tree};
use crate::terraform::default_of;

/// Returns whether a state shows a value that AWS computes, or that another resource of the module sets.
pub(super) fn is_computed(stack: &Stack, item: &Item, change: &Change<'_>, region: &str) -> bool {
    // Hashes of values that are compared themselves.
    // Which package was deployed is in no configuration: its path is an argument of the module.
    let is_package = change.path == "filename" && change.expected.is_some_and(has_references);
    if is_package || change.path == "source_code_hash" || change.path.starts_with("triggers") {
        return true;
    }
    let Some(actual) = change.actual else {
        // A variable may have the default of the provider.
        let expected = change.expected.and_then(Tree::as_literal);
        return expected.is_some() && expected == default_of(&item.kind, &change.path);
    };
    if change.path == "region" {
        return actual.as_literal() == Some(region);
    }
    // Arguments of a resource have other names than what is nested in them.
    change.expected.is_none()
        && (COMPUTED.contains(&change.path.as_str()) || mirrors::is_mirror(stack, item, &change.path, actual))
}

/// The attributes that a state has of every resource, or that only say how it was created.
const COMPUTED: [&str; 34] = [
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
    "dashboard_arn",
    "invoke_url",
    "function_arn",
    "function_url",
    "url_id",
    "cache_namespace",
];

/// Returns whether a generated resource is not created with the defaults of the variables: `count = var.NAME ? 1 : 0`.
pub(super) fn is_left_out(stack: &Stack, name: &str) -> bool {
    let count = stack.find(name).and_then(|item| item.body.get("count"));
    let Some(Tree::Text(pieces)) = count else { return false };
    let inner = match pieces.as_slice() {
        [Piece::Expression(inner)] => inner,
        pieces => pieces,
    };
    let [Piece::Reference(variable), ..] = inner else { return false };
    let default = stack.find(&variable.name).and_then(|item| item.body.get("default"));
    default.and_then(Tree::as_literal) == Some("false")
}

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
            // `count` says whether the resource is created at all.
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
