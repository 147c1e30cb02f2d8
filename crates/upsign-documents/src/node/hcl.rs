//! Writes HCL in the format of `terraform fmt`, so that running it on a generated file changes nothing.

use super::Node;

impl Node {
    /// Returns HCL for a node in the shape of Terraform's JSON syntax: `{"resource": {"type": {"name": {…}}}}`.
    pub(crate) fn to_hcl(&self) -> String {
        let mut blocks = Vec::new();
        let Self::Map(kinds) = self else { return String::new() };
        for (kind, body) in kinds {
            top(&mut blocks, kind, body);
        }
        blocks.join("\n")
    }
}

/// Returns the number of labels of a top-level block: `resource "type" "name"` has two.
fn labels(kind: &str) -> usize {
    match kind {
        "resource" | "data" => 2,
        "terraform" | "locals" => 0,
        _ => 1,
    }
}

fn top(out: &mut Vec<String>, kind: &str, body: &Node) {
    fn each(out: &mut Vec<String>, head: &str, left: usize, body: &Node) {
        match (left, body) {
            (0, body) => out.push(format!("{head} {{\n{}}}\n", inside(body, 1))),
            (left, Node::Map(named)) => {
                for (name, body) in named {
                    each(out, &format!("{head} {}", quoted(name)), left - 1, body);
                }
            }
            _ => {}
        }
    }
    each(out, kind, labels(kind), body);
}

/// Returns the body of a block. Consecutive attributes have their `=` in one column; blank lines separate nested blocks.
fn inside(body: &Node, depth: usize) -> String {
    let Node::Map(members) = body else { return String::new() };
    let pad = "  ".repeat(depth);
    let mut out = String::new();
    let mut run: Vec<(&str, String)> = Vec::new();
    let mut apart = false;
    for (name, node) in members {
        if let Node::Blocks(blocks) = node {
            flush(&mut out, &mut run, &pad);
            for block in blocks {
                if !out.is_empty() {
                    out.push('\n');
                }
                out.push_str(&format!("{pad}{name} {{\n{}{pad}}}\n", inside(block, depth + 1)));
            }
            apart = true;
            continue;
        }
        if apart {
            out.push('\n');
            apart = false;
        }
        run.push((name, expression(node, depth)));
    }
    flush(&mut out, &mut run, &pad);
    out
}

/// Writes consecutive attributes. Those that take one line each have their `=` in one column; one with several lines is not
/// aligned.
fn flush(out: &mut String, run: &mut Vec<(&str, String)>, pad: &str) {
    let mut rest = run.as_slice();
    while !rest.is_empty() {
        let lines = rest.iter().take_while(|(_, value)| !value.contains('\n')).count();
        let take = if lines == 0 { 1 } else { lines };
        let (group, after) = rest.split_at(take.min(rest.len()));
        let width = group.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, value) in group {
            out.push_str(&format!("{pad}{name:<width$} = {value}\n"));
        }
        rest = after;
    }
    run.clear();
}

fn expression(node: &Node, depth: usize) -> String {
    match node {
        Node::Bool(yes) => yes.to_string(),
        Node::Number(number) => number.to_string(),
        Node::Text(text) => reference(text).map_or_else(|| quoted(text), str::to_owned),
        Node::Expression(text) => text.clone(),
        Node::Encoded(inner) => format!("jsonencode({})", expression(inner, depth)),
        Node::List(items) | Node::Blocks(items) => listed(items, depth),
        Node::Map(members) if members.is_empty() => "{}".into(),
        Node::Map(members) => {
            let pad = "  ".repeat(depth);
            let named: Vec<(String, String)> =
                members.iter().map(|(name, node)| (key(name), expression(node, depth + 1))).collect();
            let mut lines = String::new();
            let mut run: Vec<(&str, String)> =
                named.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
            flush(&mut lines, &mut run, &format!("{pad}  "));
            format!("{{\n{lines}{pad}}}")
        }
    }
}

fn listed(items: &[Node], depth: usize) -> String {
    let short = items
        .iter()
        .all(|item| matches!(item, Node::Text(_) | Node::Expression(_) | Node::Number(_) | Node::Bool(_)));
    let elements: Vec<String> = items.iter().map(|item| expression(item, depth + 1)).collect();
    let line = format!("[{}]", elements.join(", "));
    if short && line.len() <= 90 {
        return line;
    }
    let pad = "  ".repeat(depth);
    let lines: String = elements.iter().map(|item| format!("{pad}  {item},\n")).collect();
    format!("[\n{lines}{pad}]")
}

/// Returns the expression inside a text that consists of a single `${…}`. Such a text is written as a bare expression.
fn reference(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("${")?.strip_suffix('}')?;
    (!inner.contains(['{', '}'])).then_some(inner)
}

fn key(name: &str) -> String {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && name.starts_with(|first: char| first.is_ascii_alphabetic());
    if plain { name.to_owned() } else { quoted(name) }
}

/// Quotes a text. HCL has the same escapes as JSON for everything that documents contain.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}
