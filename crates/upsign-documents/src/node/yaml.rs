//! Writes a conservative subset of YAML that every parser reads alike.

use std::fmt::Write;

use super::Node;

impl Node {
    /// Returns YAML in block style. Texts that a parser could take for another type are in double quotes.
    pub(crate) fn to_yaml(&self) -> String {
        let mut out = String::new();
        write(&mut out, self, 0);
        out
    }
}

fn write(out: &mut String, node: &Node, depth: usize) {
    match node {
        Node::Map(members) => {
            for (name, value) in members {
                indent(out, depth);
                out.push_str(&scalar(name));
                out.push(':');
                value_of(out, value, depth + 1);
            }
        }
        Node::List(list) | Node::Blocks(list) => {
            for item in list {
                indent(out, depth);
                out.push('-');
                element(out, item, depth + 1);
            }
        }
        other => value_of(out, other, depth),
    }
}

fn is_empty(node: &Node) -> bool {
    match node {
        Node::Map(members) => members.is_empty(),
        Node::List(list) | Node::Blocks(list) => list.is_empty(),
        _ => false,
    }
}

/// Writes what follows `name:`.
fn value_of(out: &mut String, node: &Node, depth: usize) {
    match node {
        Node::Map(_) if is_empty(node) => out.push_str(" {}\n"),
        Node::List(_) | Node::Blocks(_) if is_empty(node) => out.push_str(" []\n"),
        Node::List(list) if list.iter().all(is_short) && flow(list).len() + 2 * depth <= 90 => {
            // Writing to a `String` cannot fail.
            let _ = writeln!(out, " {}", flow(list));
        }
        Node::Map(_) | Node::List(_) | Node::Blocks(_) => {
            out.push('\n');
            write(out, node, depth);
        }
        other => {
            let _ = writeln!(out, " {}", leaf(other));
        }
    }
}

/// Writes what follows `-`. A map starts on the same line.
fn element(out: &mut String, node: &Node, depth: usize) {
    match node {
        Node::Map(members) if !members.is_empty() => {
            let mut inner = String::new();
            write(&mut inner, node, depth);
            out.push(' ');
            out.push_str(inner.trim_start());
        }
        other => value_of(out, other, depth),
    }
}

fn is_short(node: &Node) -> bool {
    matches!(node, Node::Text(_) | Node::Number(_) | Node::Bool(_))
}

fn flow(list: &[Node]) -> String {
    format!("[{}]", list.iter().map(leaf).collect::<Vec<_>>().join(", "))
}

fn leaf(node: &Node) -> String {
    match node {
        Node::Bool(yes) => yes.to_string(),
        Node::Number(number) => number.to_string(),
        Node::Text(text) => scalar(text),
        Node::Expression(text) => quoted(&format!("${{{text}}}")),
        Node::Encoded(inner) => quoted(&serde_json::to_string(inner).unwrap_or_default()),
        Node::List(_) | Node::Map(_) | Node::Blocks(_) => quoted(""),
    }
}

/// Returns a text unquoted if no parser of YAML 1.1 or 1.2 could take it for a number, a date, a boolean or syntax.
fn scalar(text: &str) -> String {
    let letter = text.starts_with(|first: char| first.is_ascii_alphabetic());
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./:".contains(&byte));
    let word = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let taken = word.contains(&text.to_ascii_lowercase().as_str());
    if letter && plain && !taken && !text.ends_with(':') { text.to_owned() } else { quoted(text) }
}

/// Quotes a text. Every JSON string is a double-quoted YAML scalar.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::super::{list, map, text};
    use super::*;

    #[test]
    fn yaml_is_written_in_block_style() {
        let node = map([
            ("a", text("x")),
            ("b", list(["PUT", "*", "no", "1"])),
            ("c", Node::List(vec![map([("d", Node::Number(1)), ("e", map::<&str>([]))])])),
            ("2012-10-17", text("2012-10-17")),
        ]);
        let yaml =
            "a: x\nb: [PUT, \"*\", \"no\", \"1\"]\nc:\n  - d: 1\n    e: {}\n\"2012-10-17\": \"2012-10-17\"\n";
        assert_eq!(node.to_yaml(), yaml);
    }
}
