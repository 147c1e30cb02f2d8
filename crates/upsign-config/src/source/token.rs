//! Keeps secrets that were pasted into `[token]` or `[webhook]` out of every message.

use toml::de::DeValue;

use super::finding::Finding;
use crate::error::ProblemCode;

/// What an item of `token.keys` begins with.
const SCHEMES: [&str; 3] = ["env:", "file:", "secretsmanager:"];

/// The length from which a text without a known beginning counts as a secret.
const SECRET_LEN: usize = 16;

/// Returns whether an item of `token.keys` has a known beginning.
pub(crate) fn is_source(item: &str) -> bool {
    SCHEMES.iter().any(|scheme| item.starts_with(scheme))
}

/// Returns the name of a list of secrets, and a variable that could hold one.
pub(crate) fn example(path: &str) -> (&'static str, &'static str) {
    match path {
        "cloudfront.private_key" => ("private_key", "UPSIGN_CLOUDFRONT_KEY"),
        "webhook.secrets" => ("secrets", "UPSIGN_WEBHOOK_SECRET"),
        _ => ("keys", "UPSIGN_TOKEN_SECRET"),
    }
}

/// Returns the finding about an item of a list of secrets without a known beginning. It does not repeat the item.
pub(crate) fn not_a_source(path: &str, index: usize, item: &str) -> Finding {
    let (name, variable) = example(path);
    let is_list = !path.ends_with(".private_key");
    let example = if is_list {
        format!("{name} = [\"env:{variable}\"]")
    } else {
        format!("{name} = \"env:{variable}\"")
    };
    let item_number = if is_list { format!("item {} ", index + 1) } else { String::new() };
    let message = format!("{item_number}is not `env:NAME`, `file:PATH` or `secretsmanager:ARN`");
    let code = match item.len() >= SECRET_LEN && !item.contains(':') {
        true => ProblemCode::SecretInFile,
        false => ProblemCode::InvalidValue,
    };
    Finding::new(code, message)
        .help(format!("the file names where the secret is, and does not contain it: write {example}"))
        .not_quotable()
}

/// Returns the first text in the value of `token.keys` that has no known beginning, with its index.
pub(super) fn first_pasted<'a>(value: &'a DeValue<'_>) -> Option<(usize, &'a str)> {
    let texts: Vec<&str> = match value {
        DeValue::String(text) => vec![text.as_ref()],
        DeValue::Array(items) => items.iter().map(|item| item.get_ref().as_str().unwrap_or("env:")).collect(),
        DeValue::Table(entries) => entries.values().filter_map(|value| value.get_ref().as_str()).collect(),
        _ => Vec::new(),
    };
    texts.into_iter().enumerate().find(|(_, text)| !is_source(text))
}

/// Returns the first item in the variable of `token.keys` that has no known beginning, with its index. Quotes and brackets do not
/// count; they are reported later.
pub(super) fn first_pasted_in_variable(text: &str) -> Option<(usize, &str)> {
    let items = text.split(',').map(|item| item.trim().trim_matches(['[', ']', '"', '\'']).trim());
    items.filter(|item| !item.is_empty()).enumerate().find(|(_, item)| !is_source(item))
}

/// Returns whether a part of a file may show lines of `[token]` with something other than sources of secrets. `before` is the
/// text in front of the lines.
pub(super) fn may_show_token_secret(before: &str, lines: &str) -> bool {
    let has_secrets = |name: &str| matches!(name, "token" | "webhook" | "cloudfront");
    let mut is_inside = heading(before).is_some_and(has_secrets);
    for line in lines.lines() {
        match name_of_heading(line) {
            Some(name) => is_inside = has_secrets(name),
            None if is_inside && has_pasted(line) => return true,
            None => {}
        }
    }
    false
}

/// Returns the name of the last section that begins in a text.
fn heading(text: &str) -> Option<&str> {
    text.lines().rev().find_map(name_of_heading)
}

fn name_of_heading(line: &str) -> Option<&str> {
    let name = line.trim_start().strip_prefix('[')?.trim_start_matches('[').split(']').next()?.trim();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    (!name.is_empty() && name.bytes().all(is_name)).then_some(name)
}

fn has_pasted(line: &str) -> bool {
    let parts = line.split(['"', '\'', '[', ']', ',', '{', '}']).flat_map(|part| part.splitn(2, " = "));
    let mut parts = parts.map(str::trim).take_while(|part| !part.starts_with('#'));
    parts.any(|part| part.len() >= SECRET_LEN && !is_source(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: &str = "q3Jf0y1G8uVb2sXk5mPz7wRt9aLd4cNe6hQoTiYxUvM=";

    #[test]
    fn lines_with_something_other_than_sources_are_recognized() {
        for (before, line) in [
            ("[token]\n", format!("keys = [\"{LONG}\"]")),
            ("[token]\nkeys = [\n", format!("  \"{LONG}\",")),
            ("[cors]\n[token]\n", format!("keys = {LONG}")),
            ("[token]\n", format!("keys= '{LONG}")),
            ("[cors]\n", format!("[token]\nkey = \"{LONG}\"")),
        ] {
            assert!(may_show_token_secret(before, &line), "{before}{line}");
        }
        for (before, line) in [
            ("[token]\n", "keys = [\"env:UPSIGN_TOKEN_SECRET\", \"file:/run/secrets/token\"]".to_owned()),
            ("[token]\n", "keys = [\"env:A\"] # where the secret is, which is long".to_owned()),
            ("[token]\n[cors]\n", format!("origins = [\"{LONG}\"]")),
            ("[token]\nkeys = [\n", "[upload]".to_owned()),
            ("", format!("key = \"{LONG}\"")),
        ] {
            assert!(!may_show_token_secret(before, &line), "{before}{line}");
        }
    }
}
