//! Reads Terraform's JSON syntax, to which HCL is converted first, and the output of `terraform show -json`.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/syntax/json>.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::Value;

use super::cloudformation::document;
use super::stack::{Dialect, Item, Stack};
use super::template::template;
use super::tree::{Piece, Reference, Tree, number_text};
use crate::terraform::blocks;

/// Returns the resources of a configuration in JSON syntax, or `None` if the value is not a configuration.
pub(crate) fn stack(configuration: &Value, dialect: Dialect) -> Option<Stack> {
    const BLOCKS: [&str; 13] = [
        "resource",
        "data",
        "module",
        "variable",
        "locals",
        "provider",
        "output",
        "terraform",
        "moved",
        "import",
        "removed",
        "check",
        "ephemeral",
    ];
    let members = configuration.as_object()?;
    if !BLOCKS.iter().any(|block| members.contains_key(*block)) {
        return None;
    }
    let read: &dyn Fn(&Value) -> Tree = match dialect {
        // The values of a state are no templates.
        Dialect::TerraformState => &plain,
        _ => &|value| tree(value, &template),
    };
    let mut stack = Stack::new(dialect, Vec::new());
    for (kind, body) in members {
        match kind.as_str() {
            "resource" => stack.items.extend(labelled(body, "", read)),
            "data" => stack.items.extend(labelled(body, "data.", read)),
            "variable" => stack.items.extend(variables(body, read)),
            "provider" => stack.items.extend(providers(body, read)),
            "terraform" => stack.items.extend(sources(body)),
            "locals" => {
                let locals = blocks(body).into_iter().filter_map(Value::as_object).flatten();
                locals.for_each(|(name, value)| stack.add_local(name, read(value)));
            }
            // They change no resource of the configuration. The last one is a comment in JSON.
            "output" | "moved" | "import" | "removed" | "check" | "//" => {}
            // A module, or a block of a later version of Terraform.
            other => stack.items.extend(unknown_blocks(other, body, read)),
        }
    }
    Some(stack)
}

/// Returns blocks whose effect is not known, by their first label.
fn unknown_blocks(kind: &str, body: &Value, read: &dyn Fn(&Value) -> Tree) -> Vec<Item> {
    let named = blocks(body).into_iter().filter_map(Value::as_object).flatten();
    let mut items: Vec<Item> = named
        .map(|(name, body)| Item { kind: kind.to_owned(), name: format!("{kind}.{name}"), body: read(body) })
        .collect();
    if items.is_empty() {
        items.push(Item { kind: kind.to_owned(), name: kind.to_owned(), body: Tree::empty() });
    }
    items
}

/// Reads `{type: {name: body}}`.
fn labelled(value: &Value, prefix: &str, read: &dyn Fn(&Value) -> Tree) -> Vec<Item> {
    let mut items = Vec::new();
    for (kind, named) in blocks(value).into_iter().filter_map(Value::as_object).flatten() {
        for (name, bodies) in blocks(named).into_iter().filter_map(Value::as_object).flatten() {
            // A state names resources by their address, which starts with the type.
            let address = if name.contains('.') { name.clone() } else { format!("{prefix}{kind}.{name}") };
            for body in blocks(bodies) {
                let kind = format!("{prefix}{kind}");
                let body = shaped(&kind, without_single_count(read(body)));
                items.push(Item { kind, name: address.clone(), body });
            }
        }
    }
    items
}

/// Removes `count = 1`, which is the same as no count.
fn without_single_count(mut body: Tree) -> Tree {
    if let Tree::Map(members) = &mut body
        && members.get("count").and_then(Tree::as_literal) == Some("1")
    {
        members.remove("count");
    }
    body
}

/// Moves the arguments of a notification configuration, which is one document, below one member.
fn shaped(kind: &str, body: Tree) -> Tree {
    match body {
        Tree::Map(members) if kind == "aws_s3_bucket_notification" => {
            const OUTSIDE: [&str; 3] = ["bucket", "depends_on", "id"];
            let (mut outside, inside): (BTreeMap<_, _>, BTreeMap<_, _>) =
                members.into_iter().partition(|(name, _)| OUTSIDE.contains(&name.as_str()));
            outside.insert("notification".to_owned(), Tree::Map(inside));
            Tree::Map(outside)
        }
        other => other,
    }
}

fn variables(value: &Value, read: &dyn Fn(&Value) -> Tree) -> Vec<Item> {
    let named = blocks(value).into_iter().filter_map(Value::as_object).flatten();
    let item = |(name, body): (&String, &Value)| {
        let mut body = read(body);
        if let Tree::Map(members) = &mut body {
            members.retain(|name, _| !matches!(name.as_str(), "description" | "validation" | "nullable"));
        }
        Item { kind: "variable".to_owned(), name: format!("var.{name}"), body }
    };
    named.map(item).collect()
}

fn providers(value: &Value, read: &dyn Fn(&Value) -> Tree) -> Vec<Item> {
    let named = blocks(value).into_iter().filter_map(Value::as_object).flatten();
    let each = named.flat_map(|(name, bodies)| blocks(bodies).into_iter().map(move |body| (name, body)));
    let item = |(name, body): (&String, &Value)| Item {
        kind: "provider".to_owned(),
        name: format!("provider.{name}"),
        body: read(body),
    };
    each.map(item).collect()
}

/// Returns whether a provider is configured with nothing but the region and the credentials of the deployment.
///
/// The region may be a variable whose default is that region.
pub(super) fn is_usual_provider(item: &Item, variables: &[Item], region: &str) -> bool {
    const USUAL: [&str; 4] = ["region", "profile", "default_tags", "shared_credentials_files"];
    if item.kind != "provider" {
        return false;
    }
    let Tree::Map(members) = &item.body else { return false };
    let has_region = members.get("region").is_none_or(|value| {
        let default = match value {
            Tree::Text(pieces) => match pieces.as_slice() {
                [Piece::Reference(reference)] => variables.iter().find(|it| it.name == reference.name),
                _ => None,
            },
            _ => None,
        };
        let value = default.and_then(|variable| variable.body.get("default")).unwrap_or(value);
        value.as_literal() == Some(region)
    });
    // Other providers have no AWS resources.
    let is_aws = item.name == "provider.aws";
    is_aws && has_region && members.keys().all(|name| USUAL.contains(&name.as_str()))
}

/// Converts JSON in which texts are no templates.
pub(super) fn plain(value: &Value) -> Tree {
    tree(value, &|text| Tree::literal(text))
}

/// Returns the AWS provider if it comes from somewhere else than HashiCorp.
fn sources(terraform: &Value) -> Vec<Item> {
    const USUAL: [&str; 2] = ["hashicorp/aws", "registry.terraform.io/hashicorp/aws"];
    let providers = blocks(terraform).into_iter().filter_map(|body| body.get("required_providers"));
    let sources = providers.flat_map(blocks).filter_map(|providers| providers.pointer("/aws/source"));
    let unusual = sources.filter(|source| source.as_str().is_none_or(|source| !USUAL.contains(&source)));
    let item = |source: &Value| Item {
        kind: "provider".to_owned(),
        name: "provider.aws".to_owned(),
        body: Tree::Map([("source".to_owned(), plain(source))].into()),
    };
    unusual.map(item).collect()
}

fn tree(value: &Value, text: &dyn Fn(&str) -> Tree) -> Tree {
    match value {
        Value::Null => Tree::empty(),
        Value::Bool(yes) => Tree::literal(yes.to_string()),
        Value::Number(number) => Tree::literal(number_text(number)),
        Value::String(json) => document(json, text),
        Value::Array(list) => Tree::List(list.iter().map(|it| tree(it, text)).collect()),
        Value::Object(members) => {
            let members = members.iter().filter(|(_, value)| !value.is_null());
            Tree::Map(members.map(|(name, value)| (name.clone(), tree(value, text))).collect())
        }
    }
}

/// Replaces `local.NAME` by its value. Locals may use other locals, up to a depth that no module reaches.
pub(super) fn inlined(body: Tree, locals: &BTreeMap<String, Tree>, rest: &Cell<usize>, depth: usize) -> Tree {
    const DEEPEST: usize = 8;
    if locals.is_empty() || depth > DEEPEST {
        return body;
    }
    let local = |reference: &Reference| {
        let name = reference.name.strip_prefix("local.").filter(|_| reference.attribute.is_empty())?;
        let value = locals.get(name)?;
        rest.set(rest.get().checked_sub(1)?);
        Some(value).map(|value| inlined(value.clone(), locals, rest, depth + 1))
    };
    match body {
        Tree::Text(pieces) => {
            if let [Piece::Reference(reference)] = pieces.as_slice()
                && let Some(value) = local(reference)
            {
                return value;
            }
            Tree::text(pieces.into_iter().flat_map(|piece| match &piece {
                Piece::Reference(reference) => match local(reference) {
                    Some(Tree::Text(inner)) => inner,
                    _ => vec![piece],
                },
                _ => vec![piece],
            }))
        }
        Tree::List(list) => Tree::List(list.into_iter().map(|it| inlined(it, locals, rest, depth)).collect()),
        Tree::Map(members) => Tree::Map(
            members.into_iter().map(|(name, it)| (name, inlined(it, locals, rest, depth))).collect(),
        ),
        call @ Tree::Call(..) => call,
    }
}
