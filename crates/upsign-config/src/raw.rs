//! The file and the variables, before they mean anything.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::{Place, Problem};
use crate::keys::{KEYS, Key, Shape, nearest};

/// A value with its place.
#[derive(Clone, Debug)]
pub(crate) struct Located {
    pub(crate) value: Value,
    pub(crate) place: Place,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(String),
    Texts(Vec<String>),
    Flag(bool),
    Number(u64),
}

/// What was given, by `section.name`.
#[derive(Debug, Default)]
pub(crate) struct Raw {
    pub(crate) values: BTreeMap<String, Located>,
    pub(crate) problems: Vec<Problem>,
}

impl Raw {
    /// Reads the file. What it cannot understand becomes a problem; the rest is kept, so that one look finds all.
    pub(crate) fn read(&mut self, file: &str, text: &str) {
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let line = error.span().map_or(1, |span| line_of(text, span.start));
            self.problem(Place::Line(file.into(), line), "toml", error.message().trim(), "");
        }
        for (name, section) in table.get_ref() {
            let place = Place::Line(file.into(), line_of(text, name.span().start));
            let name = name.get_ref().as_ref();
            if !KEYS.iter().any(|key| key.section == name) {
                self.unknown(place, name, name, KEYS.iter().map(|key| key.section));
                continue;
            }
            match section.get_ref() {
                DeValue::Table(section) => self.section(file, text, name, section),
                other => {
                    let what = format!("must be a section, not a {}", other.type_str());
                    self.problem(place, name, &what, &format!("write [{name}] on a line of its own"));
                }
            }
        }
    }

    fn section(&mut self, file: &str, text: &str, section: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let place = Place::Line(file.into(), line_of(text, name.span().start));
            let path = format!("{section}.{}", name.get_ref());
            let known = KEYS.iter().find(|key| key.section == section && key.name == name.get_ref().as_ref());
            let Some(key) = known else {
                if looks_secret(name.get_ref()) {
                    let what = "a secret does not belong into this file, and none is read from it";
                    self.problem(place, &path, what, "give credentials by AWS_ACCESS_KEY_ID and its kin");
                } else {
                    let names = KEYS.iter().filter(|key| key.section == section).map(|key| key.name);
                    self.unknown(place, &path, name.get_ref(), names);
                }
                continue;
            };
            match converted(key.shape, value) {
                Ok(value) => drop(self.values.insert(path, Located { value, place })),
                Err(what) => self.problem(place, &path, &what, ""),
            }
        }
    }

    /// Lays a variable over the file's value.
    pub(crate) fn variable(&mut self, key: &Key, name: &str, text: &str) {
        let place = Place::Variable(name.into());
        let value = match key.shape {
            Shape::Text | Shape::Amount => Value::Text(text.into()),
            Shape::Texts => Value::Texts(
                text.split(',').map(|part| part.trim().to_owned()).filter(|p| !p.is_empty()).collect(),
            ),
            Shape::Flag => match text {
                "true" | "1" => Value::Flag(true),
                "false" | "0" => Value::Flag(false),
                _ => return self.problem(place, &key.path(), "must be true or false", ""),
            },
        };
        drop(self.values.insert(key.path(), Located { value, place }));
    }

    pub(crate) fn problem(&mut self, place: Place, key: &str, what: &str, hint: &str) {
        self.problems.push(Problem { place, key: key.into(), what: what.into(), hint: hint.into() });
    }

    fn unknown<'a>(
        &mut self,
        place: Place,
        path: &str,
        name: &str,
        known: impl Iterator<Item = &'a str> + Clone,
    ) {
        let hint = match nearest(name, known.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                let mut names: Vec<&str> = known.collect();
                names.dedup();
                format!("known here: {}", names.join(", "))
            }
        };
        self.problem(place, path, "unknown", &hint);
    }
}

fn converted(shape: Shape, value: &Spanned<DeValue<'_>>) -> Result<Value, String> {
    let value = value.get_ref();
    let wanted = match (shape, value) {
        (Shape::Text | Shape::Amount, DeValue::String(text)) => return Ok(Value::Text(text.as_ref().into())),
        (Shape::Flag, DeValue::Boolean(flag)) => return Ok(Value::Flag(*flag)),
        (Shape::Amount, DeValue::Integer(number)) if number.radix() == 10 => {
            let number = number.as_str().parse().map(Value::Number);
            return number.map_err(|_| "must be a whole number that is not negative".to_owned());
        }
        (Shape::Texts, DeValue::Array(items)) => {
            let texts = items.iter().map(|item| item.get_ref().as_str().map(str::to_owned));
            let texts: Option<Vec<String>> = texts.collect();
            return texts.map(Value::Texts).ok_or_else(|| "must be a list of strings only".to_owned());
        }
        (Shape::Text, _) => "a string",
        (Shape::Texts, _) => "a list of strings",
        (Shape::Flag, _) => "true or false",
        (Shape::Amount, _) => "a string with a unit or a whole number",
    };
    Err(format!("must be {wanted}, not a {}", value.type_str()))
}

fn looks_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["secret", "password", "token", "access_key", "credential"].iter().any(|word| name.contains(word))
}

/// The line of a byte offset, counted from 1.
fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}
