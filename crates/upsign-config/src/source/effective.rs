//! The effective configuration in the format of the file.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::keys::{AUTH, base_section};
use crate::source::raw::{ItemOrigin, Located, Origin, Raw, Value};

/// Returns every value that is set, in its section, with a comment that names its place. Those above all sections come first.
pub(crate) fn text(raw: &Raw) -> String {
    // The issuers of `[[auth]]` in the order of the file.
    let mut sections: BTreeMap<(&str, usize), Vec<(&str, &Located)>> = BTreeMap::new();
    for (path, located) in &raw.values {
        let (section, name) = path.rsplit_once('.').unwrap_or(("", path));
        sections.entry(numbered(section)).or_default().push((name, located));
    }
    let mut text = String::new();
    for ((section, _), values) in sections {
        if !text.is_empty() {
            text.push('\n');
        }
        // Writing to a String cannot fail.
        let _ = match section {
            "" => Ok(()),
            AUTH if raw.issuer_count() > 1 => writeln!(text, "[[{section}]]"),
            section => writeln!(text, "[{section}]"),
        };
        for (name, located) in values {
            let _ = writeln!(text, "{name} = {}  # {}", toml(&located.value), source(raw, &located.origin));
        }
    }
    text
}

/// Returns the name of a section and, for one of several issuers, its number, counted from 0: `("auth", 1)` for `auth[1]`.
pub(crate) fn numbered(section: &str) -> (&str, usize) {
    let number = section.split_once('[').and_then(|(_, rest)| rest.strip_suffix(']')?.parse().ok());
    (base_section(section), number.unwrap_or(0))
}

/// Returns where a value comes from, for people.
pub(crate) fn source(raw: &Raw, origin: &Origin) -> String {
    match origin {
        Origin::File(span, _) => format!("{}:{}", raw.source.file, raw.source.line_at(span.start)),
        Origin::Variable(name) | Origin::Option(name) => name.to_string(),
        Origin::Extended(base, items) => {
            let mut sources = vec![source(raw, base)];
            for item in items {
                if let ItemOrigin::Option(name) = item
                    && !sources.iter().any(|known| **known == **name)
                {
                    sources.push(name.to_string());
                }
            }
            sources.join(", ")
        }
    }
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
        Value::Flags(pairs) => table(pairs.iter().map(|(name, flag)| (name, flag.to_string()))),
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
