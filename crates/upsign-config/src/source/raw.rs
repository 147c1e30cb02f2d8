//! The values of the file and of the environment variables, with their places, before they are interpreted.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::error::{InvalidSetting, Place};
use crate::keys::{KEYS, Key, ROUTE, Shape, in_route, nearest, sections};

/// A value and the place it comes from.
#[derive(Clone, Debug)]
pub(crate) struct Located {
    pub(crate) value: Value,
    pub(crate) place: Place,
}

/// The value of a key. The variants correspond to those of [`Shape`]; an amount is text or a number.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(String),
    Texts(Vec<String>),
    Flag(bool),
    Number(u64),
    Table(Vec<(String, String)>),
    Lists(Vec<(String, Vec<String>)>),
}

/// Every value that is set, by its complete name: `section.name` or `route.NAME.name`.
#[derive(Debug, Default)]
pub(crate) struct Raw {
    pub(crate) values: BTreeMap<String, Located>,
    /// The names of routes, in the order of the file.
    pub(crate) routes: Vec<(String, Place)>,
    pub(crate) problems: Vec<InvalidSetting>,
}

impl Raw {
    /// Reads the file. Everything that is invalid is reported and skipped; the rest is kept, so that one run reports every
    /// problem.
    pub(crate) fn read(&mut self, file: &str, text: &str) {
        let lines = &Lines::new(text);
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let line = error.span().map_or(1, |span| lines.line_at(span.start));
            self.problem(Place::Line(file.into(), line), "toml", error.message().trim(), "");
        }
        for (name, section) in table.get_ref() {
            let place = Place::Line(file.into(), lines.line_at(name.span().start));
            let name = name.get_ref().as_ref();
            if name != ROUTE && !sections().any(|section| section == name) {
                self.report_unknown_key(place, &escaped(name), name, sections().chain([ROUTE]));
                continue;
            }
            match section.get_ref() {
                DeValue::Table(routes) if name == ROUTE => self.routes(file, lines, routes),
                DeValue::Table(section) => self.section(file, lines, name, section),
                other => {
                    let message = format!("must be a section, but it is a {}", other.type_str());
                    self.problem(place, name, &message, &format!("write [{name}] on a separate line"));
                }
            }
        }
    }

    fn section(&mut self, file: &str, lines: &Lines, section: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let place = Place::Line(file.into(), lines.line_at(name.span().start));
            let path = format!("{section}.{}", escaped(name.get_ref()));
            let name = name.get_ref().as_ref();
            match KEYS.iter().find(|key| key.section == section && key.name == name) {
                Some(key) => self.value(place, path, key, value),
                None => {
                    let names = KEYS.iter().filter(|key| key.section == section).map(|key| key.name);
                    self.report_unknown_key(place, &path, name, names);
                }
            }
        }
    }

    fn routes(&mut self, file: &str, lines: &Lines, routes: &DeTable<'_>) {
        for (route, table) in routes {
            let place = Place::Line(file.into(), lines.line_at(route.span().start));
            let route = route.get_ref().as_ref();
            let DeValue::Table(table) = table.get_ref() else {
                let hint = "write [route.NAME] on a separate line";
                self.problem(place, ROUTE, "must contain only sections, one for each route", hint);
                continue;
            };
            self.routes.push((route.to_owned(), place));
            for (name, value) in table {
                let place = Place::Line(file.into(), lines.line_at(name.span().start));
                let path = format!("{ROUTE}.{}.{}", escaped(route), escaped(name.get_ref()));
                let name = name.get_ref().as_ref();
                match in_route(name) {
                    Some(key) => self.value(place, path, key, value),
                    None => {
                        let names = KEYS.iter().filter_map(Key::name_in_route);
                        self.report_unknown_key(place, &path, name, names);
                    }
                }
            }
        }
    }

    fn value(&mut self, place: Place, path: String, key: &Key, value: &Spanned<DeValue<'_>>) {
        match converted(key.shape, value) {
            Ok(Value::Table(pairs)) if pairs.iter().any(|(name, value)| is_secret(name, value)) => {
                self.report_secret(place, &path);
            }
            Ok(value) => drop(self.values.insert(path, Located { value, place })),
            Err(message) => self.problem(place, &path, &message, ""),
        }
    }

    fn report_unknown_key<'a>(
        &mut self,
        place: Place,
        path: &str,
        name: &str,
        known: impl Iterator<Item = &'a str> + Clone,
    ) {
        if looks_secret(name) {
            self.report_secret(place, path);
        } else {
            self.report_unknown_name(place, path, name, known);
        }
    }

    fn report_secret(&mut self, place: Place, path: &str) {
        let message = "secrets must not be stored in this file; remove the value";
        self.problem(
            place,
            path,
            message,
            "set credentials with environment variables such as AWS_ACCESS_KEY_ID",
        );
    }

    /// Sets the value of `path` from an environment variable. It replaces the value of the file.
    pub(crate) fn variable(&mut self, path: &str, key: &Key, name: &str, text: &str) {
        let place = Place::Variable(name.into());
        let value = match key.shape {
            Shape::Text | Shape::Amount => Value::Text(text.into()),
            Shape::Texts => Value::Texts(parts(text, ',')),
            Shape::Count => match text.parse() {
                Ok(number) => Value::Number(number),
                Err(_) => {
                    return self.problem(place, path, "must be a whole number of at least 0", "");
                }
            },
            Shape::Table => match pairs(text) {
                Some(pairs) => Value::Table(pairs),
                None => return self.problem(place, path, "must be name=value, separated by commas", ""),
            },
            Shape::Lists => match pairs(text) {
                Some(pairs) => {
                    Value::Lists(pairs.into_iter().map(|(name, value)| (name, parts(&value, '|'))).collect())
                }
                None => {
                    return self.problem(place, path, "must be name=value|value, separated by commas", "");
                }
            },
            Shape::Flag => match text {
                "true" | "1" => Value::Flag(true),
                "false" | "0" => Value::Flag(false),
                _ => return self.problem(place, path, "must be true or false", ""),
            },
        };
        drop(self.values.insert(path.to_owned(), Located { value, place }));
    }

    /// Returns whether no further problem is recorded. More would not help to correct the file, and would make the message
    /// arbitrarily long.
    pub(crate) const fn is_full(&self) -> bool {
        self.problems.len() >= MAX_PROBLEMS
    }

    pub(crate) fn problem(&mut self, place: Place, key: &str, message: &str, hint: &str) {
        if !self.is_full() {
            self.problems.push(InvalidSetting {
                place,
                key: key.into(),
                message: message.into(),
                hint: hint.into(),
            });
        }
    }

    fn report_unknown_name<'a>(
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
                format!("known names: {}", names.join(", "))
            }
        };
        self.problem(place, path, "unknown", &hint);
    }
}

/// Converts a value of the file. An error describes the expected type and the type that was found.
fn converted(shape: Shape, value: &Spanned<DeValue<'_>>) -> Result<Value, String> {
    let value = value.get_ref();
    let expected = match (shape, value) {
        (Shape::Text | Shape::Amount, DeValue::String(text)) => return Ok(Value::Text(text.as_ref().into())),
        (Shape::Flag, DeValue::Boolean(flag)) => return Ok(Value::Flag(*flag)),
        (Shape::Amount | Shape::Count, DeValue::Integer(number)) if number.radix() == 10 => {
            let number = number.as_str().parse().map(Value::Number);
            return number.map_err(|_| "must be a whole number of at least 0".to_owned());
        }
        (Shape::Texts, DeValue::Array(items)) => {
            return texts(items)
                .map(Value::Texts)
                .ok_or_else(|| "must be a list that contains only strings".to_owned());
        }
        (Shape::Table, DeValue::Table(table)) => {
            let pair = |(name, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
                let name: &str = AsRef::<str>::as_ref(name.get_ref());
                Some((name.to_owned(), value.get_ref().as_str()?.to_owned()))
            };
            let pairs: Option<Vec<_>> = table.iter().map(pair).collect();
            return pairs
                .map(Value::Table)
                .ok_or_else(|| "must be a table that contains only strings".to_owned());
        }
        (Shape::Lists, DeValue::Table(table)) => {
            let list = |(name, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
                let name: &str = AsRef::<str>::as_ref(name.get_ref());
                let DeValue::Array(items) = value.get_ref() else { return None };
                Some((name.to_owned(), texts(items)?))
            };
            let lists: Option<Vec<_>> = table.iter().map(list).collect();
            return lists
                .map(Value::Lists)
                .ok_or_else(|| "must be a table that contains only lists of strings".to_owned());
        }
        (Shape::Text, _) => "a string",
        (Shape::Texts, _) => "a list of strings",
        (Shape::Flag, _) => "true or false",
        (Shape::Amount, _) => "a string with a unit or a whole number",
        (Shape::Count, _) => "a whole number",
        (Shape::Table, _) => "a table of strings, for example { name = \"value\" }",
        (Shape::Lists, _) => "a table of lists, for example { \"image/jpeg\" = [\"jpg\"] }",
    };
    Err(format!("must be {expected}, but it is a {}", value.type_str()))
}

fn texts(items: &DeArray<'_>) -> Option<Vec<String>> {
    items.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect()
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

/// Returns whether a name is typical of a secret.
fn looks_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let words = [
        "secret",
        "password",
        "passwd",
        "passphrase",
        "token",
        "access_key",
        "accesskey",
        "api_key",
        "apikey",
        "private_key",
        "signing_key",
        "credential",
    ];
    words.iter().any(|word| name.replace('-', "_").contains(word))
}

/// Returns whether an entry of a table looks like a secret: by its name, or because its value has the form of an access key
/// id.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>.
fn is_secret(name: &str, value: &str) -> bool {
    let is_key = |prefix| value.starts_with(prefix) && value.len() == 20;
    looks_secret(name) || is_key("AKIA") || is_key("ASIA")
}

/// Maximum number of reported problems.
const MAX_PROBLEMS: usize = 100;

/// The offsets of the line breaks of a text.
struct Lines(Vec<usize>);

impl Lines {
    fn new(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self(breaks.map(|(offset, _)| offset).collect())
    }

    /// Returns the number of the line that contains a byte offset, counted from 1.
    fn line_at(&self, offset: usize) -> usize {
        1 + self.0.partition_point(|end| *end < offset)
    }
}

/// Returns a name for a message: escaped, and shortened to 64 characters.
fn escaped(name: &str) -> String {
    name.chars().take(64).flat_map(char::escape_debug).collect()
}
