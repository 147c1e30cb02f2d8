//! Converts the values of the file and of variables to the types of their keys.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};
use upsign_policy::LockMode;

use super::effective::{list, quoted};
use super::raw::Value;
use crate::keys::Shape;

/// The word that stands for every value, where a list is expected otherwise.
const ANY: &str = "any";

/// A value of the wrong type.
pub(crate) struct WrongType {
    /// What was expected, and what was found.
    pub(crate) message: String,
    /// The value as it would be right, or empty if it cannot be guessed.
    pub(super) instead: String,
    /// The part of the value that is wrong, if not all of it is.
    pub(super) span: Option<Range<usize>>,
}

impl WrongType {
    fn new(message: impl Into<String>, instead: impl Into<String>) -> Self {
        Self { message: message.into(), instead: instead.into(), span: None }
    }
}

/// Converts a value of the file. Also returns the positions of its items.
pub(super) fn from_toml(
    shape: Shape,
    value: &Spanned<DeValue<'_>>,
) -> Result<(Value, Vec<Range<usize>>), WrongType> {
    let value = value.get_ref();
    let value = match (shape, value) {
        (Shape::Text | Shape::Amount | Shape::TextOrTable, DeValue::String(text)) => {
            Value::Text(text.as_ref().into())
        }
        (Shape::TextsOrAny, DeValue::String(text)) if text.as_ref() == ANY => Value::Text(ANY.to_owned()),
        (Shape::Flag, DeValue::Boolean(flag)) => Value::Flag(*flag),
        (Shape::Amount | Shape::Count, DeValue::Integer(number)) if number.radix() == 10 => {
            let parsed = number.as_str().parse().map(Value::Number);
            parsed.map_err(|_| WrongType::new(not_natural(number.as_str()), ""))?
        }
        (Shape::Texts | Shape::TextsOrAny, DeValue::Array(items)) => {
            let spans = items.iter().map(Spanned::span).collect();
            return Ok((Value::Texts(texts(items)?), spans));
        }
        (Shape::Table | Shape::TextOrTable | Shape::Retention, DeValue::Table(table)) => {
            let (mut pairs, mut spans) = (Vec::new(), Vec::new());
            for (name, value) in table {
                let number = match value.get_ref() {
                    DeValue::Integer(number) if shape == Shape::Retention => Some(number.as_str()),
                    _ => None,
                };
                let Some(text) = value.get_ref().as_str().or(number) else {
                    let found = found(value.get_ref());
                    let message = match value.get_ref() {
                        DeValue::Integer(number) => format!(
                            "the value of `{0}` must be a string in quotes: {0} = \"{1}\"",
                            name.get_ref(),
                            number.as_str()
                        ),
                        _ => format!(
                            "the value of `{}` must be a string in quotes, not {found}",
                            name.get_ref()
                        ),
                    };
                    return Err(WrongType { span: Some(value.span()), ..WrongType::new(message, "") });
                };
                pairs.push((name.get_ref().to_string(), text.to_owned()));
                spans.push(name.span());
            }
            return Ok((Value::Table(pairs), spans));
        }
        (Shape::Counts, DeValue::Table(table)) => {
            let (mut counts, mut spans) = (Vec::new(), Vec::new());
            for (name, value) in table {
                let wrong = |message: String| WrongType {
                    span: Some(value.span()),
                    ..WrongType::new(message, only_count(table, value.get_ref().as_str()))
                };
                let number = match value.get_ref() {
                    DeValue::Integer(number) if number.radix() == 10 => {
                        number.as_str().parse().map_err(|_| wrong(not_natural(number.as_str())))?
                    }
                    other => {
                        let found = found(other);
                        return Err(wrong(format!(
                            "the value of `{}` must be a whole number without quotes, not {found}",
                            name.get_ref()
                        )));
                    }
                };
                counts.push((name.get_ref().to_string(), number));
                spans.push(name.span());
            }
            return Ok((Value::Counts(counts), spans));
        }
        (Shape::Flags, DeValue::Table(table)) => {
            let (mut flags, mut spans) = (Vec::new(), Vec::new());
            for (name, value) in table {
                let Some(flag) = value.get_ref().as_bool() else {
                    let found = found(value.get_ref());
                    let message =
                        format!("the value of `{}` must be true or false, not {found}", name.get_ref());
                    return Err(WrongType { span: Some(value.span()), ..WrongType::new(message, "") });
                };
                flags.push((name.get_ref().to_string(), flag));
                spans.push(name.span());
            }
            return Ok((Value::Flags(flags), spans));
        }
        (Shape::Lists, DeValue::Table(table)) => {
            let (mut lists, mut spans) = (Vec::new(), Vec::new());
            for (name, value) in table {
                let DeValue::Array(items) = value.get_ref() else {
                    let found = found(value.get_ref());
                    let message = format!(
                        "the value of `{}` must be a list such as [\"jpg\"], not {found}",
                        name.get_ref()
                    );
                    return Err(WrongType { span: Some(value.span()), ..WrongType::new(message, "") });
                };
                lists.push((name.get_ref().to_string(), texts(items)?));
                spans.push(name.span());
            }
            return Ok((Value::Lists(lists), spans));
        }
        (shape, other) => return Err(mismatch(shape, other)),
    };
    Ok((value, Vec::new()))
}

/// Returns the error for a value of another type, with the same content in the right type if there is one.
fn mismatch(shape: Shape, value: &DeValue<'_>) -> WrongType {
    let expected = match shape {
        Shape::Text => "a string in quotes",
        Shape::Texts => "a list of strings",
        Shape::Flag => "true or false, without quotes",
        Shape::Amount => "a whole number, or a number with a unit in quotes (\"10 MiB\", \"15m\")",
        Shape::Count => "a whole number, without quotes",
        Shape::Table => "a table of strings",
        Shape::Counts => "a table of whole numbers",
        Shape::Flags => "a table of true and false",
        Shape::Lists => "a table of lists",
        Shape::Retention => "a table { mode = \"…\", days = … }",
        Shape::TextsOrAny => "a list of strings, or \"any\"",
        Shape::TextOrTable => "a string in quotes, or a table { claim = \"…\", form = \"…\" }",
    };
    let text = value.as_str();
    let instead = match (shape, value) {
        (Shape::TextsOrAny, DeValue::String(text))
            if matches!(text.as_ref(), "*" | "ANY" | "Any" | "all") =>
        {
            quoted(ANY)
        }
        (Shape::Texts | Shape::TextsOrAny, DeValue::String(text)) => list(&parts(text, ',')),
        (Shape::Text | Shape::TextOrTable, DeValue::Array(items)) if items.len() == 1 => {
            texts(items).ok().and_then(|texts| texts.first().map(|text| quoted(text))).unwrap_or_default()
        }
        (Shape::Text, DeValue::Integer(number)) => quoted(number.as_str()),
        (Shape::Flag, _) => match text.map(str::to_ascii_lowercase).as_deref() {
            Some("true" | "yes" | "on" | "1") => "true".into(),
            Some("false" | "no" | "off" | "0") => "false".into(),
            _ => String::new(),
        },
        (Shape::Count, _) => {
            text.and_then(|text| text.trim().parse::<u64>().ok()).map_or_else(String::new, |n| n.to_string())
        }
        (Shape::Table, DeValue::Array(items)) => {
            table_of(items).unwrap_or_else(|| "{ name = \"value\" }".into())
        }
        (Shape::Table, _) => "{ name = \"value\" }".into(),
        (Shape::Counts, _) => "{ \"pending/\" = 1 }".into(),
        (Shape::Flags, _) => "{ post = true }".into(),
        (Shape::Retention, DeValue::Integer(days)) => {
            format!("{{ mode = \"governance\", days = {} }}", days.as_str())
        }
        (Shape::Retention, DeValue::String(mode)) if mode.parse::<LockMode>().is_ok() => {
            format!("{{ mode = {}, days = 30 }}", quoted(&mode.to_ascii_lowercase()))
        }
        (Shape::Retention, _) => "{ mode = \"governance\", days = 30 }".into(),
        (Shape::Lists, _) => "{ \"image/jpeg\" = [\"jpg\"] }".into(),
        _ => String::new(),
    };
    WrongType::new(format!("must be {expected}, not {}", found(value)), instead)
}

/// Returns the table with the number that its only value means, for example 1 for `"1 day"`. Empty if it has other values.
fn only_count(table: &DeTable<'_>, text: Option<&str>) -> String {
    let digits: String =
        text.unwrap_or_default().trim_start().chars().take_while(char::is_ascii_digit).collect();
    match (table.keys().next(), table.len()) {
        (Some(name), 1) if !digits.is_empty() => format!("{{ {} = {digits} }}", quoted(name.get_ref())),
        _ => String::new(),
    }
}

/// Returns the table that a list of `name=value` items means.
fn table_of(items: &DeArray<'_>) -> Option<String> {
    let pairs = texts(items).ok()?.into_iter().map(|item| {
        let (name, value) = item.split_once(['=', ':'])?;
        Some(format!("{} = {}", quoted_name(name.trim()), quoted(value.trim())))
    });
    Some(format!("{{ {} }}", pairs.collect::<Option<Vec<_>>>()?.join(", ")))
}

fn quoted_name(name: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !name.is_empty() && name.bytes().all(is_bare) { name.to_owned() } else { quoted(name) }
}

/// Describes the type of a value that was found.
fn found(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a decimal point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn not_natural(number: &str) -> String {
    format!("must be a whole number of at least 0, not {}", number.chars().take(24).collect::<String>())
}

fn texts(items: &DeArray<'_>) -> Result<Vec<String>, WrongType> {
    let text = |item: &Spanned<DeValue<'_>>| match item.get_ref() {
        DeValue::String(text) => Ok(text.as_ref().to_owned()),
        other => {
            let message =
                format!("must be a list that contains only strings, but this item is {}", found(other));
            Err(WrongType { span: Some(item.span()), ..WrongType::new(message, "") })
        }
    };
    items.iter().map(text).collect()
}

/// Converts the text of a variable.
pub(crate) fn from_variable(shape: Shape, text: &str) -> Result<Value, WrongType> {
    match shape {
        Shape::Text | Shape::Amount => Ok(Value::Text(text.into())),
        Shape::TextsOrAny if text.trim() == ANY => Ok(Value::Text(ANY.to_owned())),
        Shape::TextOrTable if !text.contains('=') => Ok(Value::Text(text.into())),
        Shape::Texts | Shape::TextsOrAny if text.trim().starts_with('[') && text.trim().ends_with(']') => {
            let items = text.trim().trim_matches(['[', ']']).replace(['"', '\''], "");
            let message = "must be items separated by commas, without brackets and quotes";
            Err(WrongType::new(message, parts(&items, ',').join(",")))
        }
        Shape::Texts | Shape::TextsOrAny => Ok(Value::Texts(parts(text, ','))),
        Shape::Count => {
            let parsed = text.trim().parse().map(Value::Number);
            parsed.map_err(|_| WrongType::new(not_natural(&format!("\"{}\"", text.escape_debug())), ""))
        }
        Shape::Table | Shape::TextOrTable | Shape::Retention => {
            pairs(text).map(Value::Table).ok_or_else(|| not_pairs(text, "name=value"))
        }
        Shape::Counts => {
            let count = |(name, number): (String, String)| Some((name, number.parse().ok()?));
            let counts = pairs(text).and_then(|pairs| pairs.into_iter().map(count).collect());
            counts.map(Value::Counts).ok_or_else(|| not_pairs(text, "name=number"))
        }
        Shape::Flags => {
            let flag = |(name, flag): (String, String)| Some((name, flag.parse().ok()?));
            let flags = pairs(text).and_then(|pairs| pairs.into_iter().map(flag).collect());
            flags.map(Value::Flags).ok_or_else(|| not_pairs(text, "name=true or name=false"))
        }
        Shape::Lists => {
            let lists = pairs(text).map(|pairs| {
                Value::Lists(pairs.into_iter().map(|(name, value)| (name, parts(&value, '|'))).collect())
            });
            lists.ok_or_else(|| not_pairs(text, "name=value|value"))
        }
        Shape::Flag => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" => Ok(Value::Flag(true)),
            "false" | "0" => Ok(Value::Flag(false)),
            other => {
                let instead = match other {
                    "yes" | "on" => "true",
                    "no" | "off" => "false",
                    _ => "",
                };
                let found: String = text.chars().take(24).flat_map(char::escape_debug).collect();
                Err(WrongType::new(format!("must be true or false, not \"{found}\""), instead))
            }
        },
    }
}

/// Returns the error for a text that is not a list of pairs. Colons instead of equals signs are common.
fn not_pairs(text: &str, form: &str) -> WrongType {
    let instead = if text.contains('=') { String::new() } else { text.replace(": ", "=").replace(':', "=") };
    let instead = if pairs(&instead).is_some() && !instead.is_empty() { instead } else { String::new() };
    let found: String = text.chars().take(60).flat_map(char::escape_debug).collect();
    WrongType::new(format!("must be {form}, separated by commas, not \"{found}\""), instead)
}

/// Splits the text of a variable into trimmed items. Empty items are removed.
fn parts(text: &str, separator: char) -> Vec<String> {
    text.split(separator).map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// Splits `name=value` items that are separated by commas. Returns `None` if an item has no `=`.
fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let pair = |part: String| {
        let (name, value) = part.split_once('=')?;
        Some((name.trim().to_owned(), value.trim().to_owned()))
    };
    parts(text, ',').into_iter().map(pair).collect()
}
