//! Reads the templates inside of texts of Terraform: `${…}` and what it refers to.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/expressions/strings#string-templates>.

use super::tree::{Piece, Reference, Tree};

/// Splits a template: `${…}` is an expression, `$${` stands for the text `${`.
pub(super) fn template(text: &str) -> Tree {
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
