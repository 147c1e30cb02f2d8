//! Reads Terraform's JSON syntax, to which HCL is converted first, and the output of `terraform show -json`.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/syntax/json>.

use std::collections::BTreeMap;

use serde_json::Value;

use super::cloudformation::document;
use super::stack::{Dialect, Item, Stack};
use super::tree::{Piece, Reference, Tree, number_text};
use crate::terraform::blocks;

/// Returns the resources of a configuration in JSON syntax, or `None` if the value is not a configuration.
pub(crate) fn stack(configuration: &Value, dialect: Dialect) -> Option<Stack> {
    const BLOCKS: [&str; 6] = ["resource", "data", "module", "variable", "locals", "provider"];
    let members = configuration.as_object()?;
    if !BLOCKS.iter().any(|block| members.contains_key(*block)) {
        return None;
    }
    let read: &dyn Fn(&Value) -> Tree = match dialect {
        // The values of a state are no templates.
        Dialect::TerraformState => &plain,
        _ => &|value| tree(value, &template),
    };
    let mut items = Vec::new();
    for (kind, body) in members {
        match kind.as_str() {
            "resource" => items.extend(labelled(body, "", read)),
            "data" => items.extend(labelled(body, "data.", read)),
            "variable" => items.extend(variables(body, read)),
            "module" => {
                let modules = blocks(body).into_iter().filter_map(Value::as_object).flatten();
                items.extend(modules.map(|(name, body)| Item {
                    kind: "module".to_owned(),
                    name: format!("module.{name}"),
                    body: read(body),
                }));
            }
            "provider" => items.extend(providers(body, read)),
            "terraform" => items.extend(sources(body)),
            // `output`, `moved`, `import`, `removed` and `check` change no resource; `locals` are inlined below.
            _ => {}
        }
    }
    let locals = members.get("locals").map(blocks).unwrap_or_default();
    let locals: BTreeMap<String, Tree> = locals
        .into_iter()
        .filter_map(Value::as_object)
        .flatten()
        .map(|(name, value)| (name.clone(), read(value)))
        .collect();
    for item in &mut items {
        let body = std::mem::replace(&mut item.body, Tree::empty());
        item.body = inlined(body, &locals, 0);
    }
    Some(Stack { dialect, items })
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
                let body = shaped(&kind, read(body));
                items.push(Item { kind, name: address.clone(), body });
            }
        }
    }
    items
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

/// Returns the providers that are configured with more than the place and the credentials of the deployment.
fn providers(value: &Value, read: &dyn Fn(&Value) -> Tree) -> Vec<Item> {
    const USUAL: [&str; 4] = ["region", "profile", "default_tags", "shared_credentials_files"];
    let named = blocks(value).into_iter().filter_map(Value::as_object).flatten();
    let each = named.flat_map(|(name, bodies)| blocks(bodies).into_iter().map(move |body| (name, body)));
    let unusual = each.filter(|(name, body)| {
        let mut members = body.as_object().into_iter().flatten();
        *name != "aws" || members.any(|(name, _)| !USUAL.contains(&name.as_str()))
    });
    let item = |(name, body): (&String, &Value)| Item {
        kind: "provider".to_owned(),
        name: format!("provider.{name}"),
        body: read(body),
    };
    unusual.map(item).collect()
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

/// Splits a template: `${…}` is an expression, `$${` stands for the text `${`.
fn template(text: &str) -> Tree {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(before) = before.strip_suffix('$') {
            pieces.push(Piece::Literal(format!("{before}${{")));
            rest = after;
            continue;
        }
        pieces.push(Piece::Literal(before.to_owned()));
        let (inner, after) = split_expression(after);
        pieces.extend(expression(inner));
        rest = after;
    }
    pieces.push(Piece::Literal(rest.to_owned()));
    if text.contains("%{") {
        // A directive, such as `%{ if … }`, is not evaluated.
        pieces = vec![Piece::Expression(pieces)];
    }
    Tree::text(pieces)
}

/// Splits what follows `${` at the closing brace.
fn split_expression(text: &str) -> (&str, &str) {
    let (mut depth, mut quoted) = (0_usize, false);
    let mut characters = text.char_indices();
    while let Some((index, character)) = characters.next() {
        match character {
            '\\' if quoted => {
                characters.next();
            }
            '"' => quoted = !quoted,
            '{' if !quoted => depth += 1,
            '}' if !quoted && depth > 0 => depth -= 1,
            '}' if !quoted => {
                let (inner, after) = text.split_at(index);
                return (inner, after.get(1..).unwrap_or_default());
            }
            _ => {}
        }
    }
    (text, "")
}

/// Returns a reference, the parts of a text in quotes, or an expression with the references that it contains.
fn expression(text: &str) -> Vec<Piece> {
    let text = text.trim().trim_start_matches('~').trim_end_matches('~').trim();
    if let Some(reference) = reference(text) {
        return vec![Piece::Reference(reference)];
    }
    if text.starts_with('"')
        && let Ok(inner) = serde_json::from_str::<String>(text)
        && let Tree::Text(pieces) = template(&inner)
    {
        return pieces;
    }
    let mut pieces = Vec::new();
    let (mut rest, mut quoted) = (text, false);
    while let Some(first) = rest.chars().next() {
        let length = if quoted || !first.is_ascii_alphabetic() {
            first.len_utf8()
        } else {
            rest.find(|it: char| !is_address(it)).unwrap_or(rest.len())
        };
        let (word, after) = rest.split_at(length);
        if first == '"' {
            quoted = !quoted;
        }
        let found = if length > 1 && !after.starts_with('(') { reference(word) } else { None };
        match found {
            Some(found) => pieces.push(Piece::Reference(found)),
            // Spaces outside of texts have no meaning.
            None if !quoted && word.trim().is_empty() => {}
            None => pieces.push(Piece::Literal(word.to_owned())),
        }
        rest = after;
    }
    vec![Piece::Expression(pieces)]
}

const fn is_address(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.')
}

/// Reads `TYPE.NAME`, `TYPE.NAME.ATTRIBUTE…`, `var.NAME`, `local.NAME`, `module.NAME.OUTPUT` or `data.TYPE.NAME.ATTRIBUTE…`.
/// The index `[0]`, which resources with `count` need, means the only one.
fn reference(text: &str) -> Option<Reference> {
    let text = text.replacen("[0].", ".", 1);
    if !text.starts_with(|first: char| first.is_ascii_alphabetic()) || !text.chars().all(is_address) {
        return None;
    }
    let parts: Vec<&str> = text.split('.').collect();
    let length = match parts.as_slice() {
        ["data", _, _, ..] => 3,
        [_, _, ..] => 2,
        _ => return None,
    };
    let (name, attribute) = parts.split_at_checked(length)?;
    Some(Reference { name: name.join("."), attribute: attribute.join(".") })
}

/// Replaces `local.NAME` by its value. Locals may use other locals, up to a depth that no module reaches.
fn inlined(body: Tree, locals: &BTreeMap<String, Tree>, depth: usize) -> Tree {
    const DEEPEST: usize = 8;
    if locals.is_empty() || depth > DEEPEST {
        return body;
    }
    let local = |reference: &Reference| {
        let name = reference.name.strip_prefix("local.").filter(|_| reference.attribute.is_empty())?;
        locals.get(name).map(|value| inlined(value.clone(), locals, depth + 1))
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
        Tree::List(list) => Tree::List(list.into_iter().map(|it| inlined(it, locals, depth)).collect()),
        Tree::Map(members) => {
            Tree::Map(members.into_iter().map(|(name, it)| (name, inlined(it, locals, depth))).collect())
        }
        call @ Tree::Call(..) => call,
    }
}
