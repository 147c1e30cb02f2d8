//! The effective configuration in the format of the file.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::source::raw::{Located, Origin, Raw, Value};

/// Returns every value that is set, in its section, with a comment that names its place.
pub(crate) fn text(raw: &Raw) -> String {
    let mut sections: BTreeMap<&str, Vec<(&str, &Located)>> = BTreeMap::new();
    for (path, located) in &raw.values {
        if let Some((section, name)) = path.rsplit_once('.') {
            sections.entry(section).or_default().push((name, located));
        }
    }
    let mut text = String::new();
    for (section, values) in sections {
        if !text.is_empty() {
            text.push('\n');
        }
        // Writing to a String cannot fail.
        let _ = writeln!(text, "[{section}]");
        for (name, located) in values {
            let _ = match &located.origin {
                Origin::File(span, _) => {
                    let line = raw.source.line_at(span.start);
                    writeln!(text, "{name} = {}  # {}:{line}", toml(&located.value), raw.source.file)
                }
                Origin::Variable(variable) => {
                    writeln!(text, "{name} = {}  # {variable}", toml(&located.value))
                }
            };
        }
    }
    text
}

/// Returns a value in the format of the file.
pub(crate) fn toml(value: &Value) -> String {
    match value {
        Value::Text(text) => quoted(text),
        Value::Texts(texts) => list(texts),
        Value::Flag(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Table(pairs) => table(pairs.iter().map(|(name, value)| (name, quoted(value)))),
        Value::Counts(pairs) => table(pairs.iter().map(|(name, number)| (name, number.to_string()))),
        Value::Lists(pairs) => table(pairs.iter().map(|(name, values)| (name, list(values)))),
    }
}

pub(super) fn list(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
}

fn table<'a>(pairs: impl Iterator<Item = (&'a String, String)>) -> String {
    let pairs: Vec<String> = pairs.map(|(name, value)| format!("{} = {value}", quoted(name))).collect();
    format!("{{ {} }}", pairs.join(", "))
}

/// Returns a basic string of TOML (<https://toml.io/en/v1.1.0#string>).
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
