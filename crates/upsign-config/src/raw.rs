//! The file and the variables, before they mean anything.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::error::{Place, Problem};
use crate::keys::{KEYS, Key, ROUTE, Shape, in_route, nearest, sections};

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
    Table(Vec<(String, String)>),
    Lists(Vec<(String, Vec<String>)>),
}

/// What was given, by `section.name`, or `route.NAME.name`.
#[derive(Debug, Default)]
pub(crate) struct Raw {
    pub(crate) values: BTreeMap<String, Located>,
    /// The names of routes, in the order of the file.
    pub(crate) routes: Vec<(String, Place)>,
    pub(crate) problems: Vec<Problem>,
}

impl Raw {
    /// Reads the file. What it cannot understand becomes a problem; the rest is kept, so that one look finds all.
    pub(crate) fn read(&mut self, file: &str, text: &str) {
        let lines = &Lines::of_text(text);
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let line = error.span().map_or(1, |span| lines.of(span.start));
            self.problem(Place::Line(file.into(), line), "toml", error.message().trim(), "");
        }
        for (name, section) in table.get_ref() {
            let place = Place::Line(file.into(), lines.of(name.span().start));
            let name = name.get_ref().as_ref();
            if name != ROUTE && !sections().any(|section| section == name) {
                self.unknown_key(place, &shown(name), name, sections().chain([ROUTE]));
                continue;
            }
            match section.get_ref() {
                DeValue::Table(routes) if name == ROUTE => self.routes(file, lines, routes),
                DeValue::Table(section) => self.section(file, lines, name, section),
                other => {
                    let what = format!("must be a section, not a {}", other.type_str());
                    self.problem(place, name, &what, &format!("write [{name}] on a line of its own"));
                }
            }
        }
    }

    fn section(&mut self, file: &str, lines: &Lines, section: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let place = Place::Line(file.into(), lines.of(name.span().start));
            let path = format!("{section}.{}", shown(name.get_ref()));
            let name = name.get_ref().as_ref();
            match KEYS.iter().find(|key| key.section == section && key.name == name) {
                Some(key) => self.value(place, path, key, value),
                None => {
                    let names = KEYS.iter().filter(|key| key.section == section).map(|key| key.name);
                    self.unknown_key(place, &path, name, names);
                }
            }
        }
    }

    fn routes(&mut self, file: &str, lines: &Lines, routes: &DeTable<'_>) {
        for (route, table) in routes {
            let place = Place::Line(file.into(), lines.of(route.span().start));
            let route = route.get_ref().as_ref();
            let DeValue::Table(table) = table.get_ref() else {
                let hint = "write [route.NAME] on a line of its own";
                self.problem(place, ROUTE, "holds routes, each a section of its own", hint);
                continue;
            };
            self.routes.push((route.to_owned(), place));
            for (name, value) in table {
                let place = Place::Line(file.into(), lines.of(name.span().start));
                let path = format!("{ROUTE}.{}.{}", shown(route), shown(name.get_ref()));
                let name = name.get_ref().as_ref();
                match in_route(name) {
                    Some(key) => self.value(place, path, key, value),
                    None => {
                        let names = KEYS.iter().filter_map(Key::name_in_route);
                        self.unknown_key(place, &path, name, names);
                    }
                }
            }
        }
    }

    fn value(&mut self, place: Place, path: String, key: &Key, value: &Spanned<DeValue<'_>>) {
        match converted(key.shape, value) {
            Ok(Value::Table(pairs)) if pairs.iter().any(|(name, value)| is_secret(name, value)) => {
                self.secret(place, &path);
            }
            Ok(value) => drop(self.values.insert(path, Located { value, place })),
            Err(what) => self.problem(place, &path, &what, ""),
        }
    }

    fn unknown_key<'a>(
        &mut self,
        place: Place,
        path: &str,
        name: &str,
        known: impl Iterator<Item = &'a str> + Clone,
    ) {
        if looks_secret(name) {
            self.secret(place, path);
        } else {
            self.unknown(place, path, name, known);
        }
    }

    fn secret(&mut self, place: Place, path: &str) {
        let what = "a secret does not belong into this file, and none is read from it";
        self.problem(place, path, what, "give credentials by AWS_ACCESS_KEY_ID and its kin");
    }

    /// Lays a variable over the file's value at `path`.
    pub(crate) fn variable(&mut self, path: &str, key: &Key, name: &str, text: &str) {
        let place = Place::Variable(name.into());
        let value = match key.shape {
            Shape::Text | Shape::Amount => Value::Text(text.into()),
            Shape::Texts => Value::Texts(parts(text, ',')),
            Shape::Count => match text.parse() {
                Ok(number) => Value::Number(number),
                Err(_) => {
                    return self.problem(place, path, "must be a whole number that is not negative", "");
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

    pub(crate) fn problem(&mut self, place: Place, key: &str, what: &str, hint: &str) {
        // What is wrong in a hundred places is wrong as a whole.
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(Problem { place, key: key.into(), what: what.into(), hint: hint.into() });
        }
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
        (Shape::Amount | Shape::Count, DeValue::Integer(number)) if number.radix() == 10 => {
            let number = number.as_str().parse().map(Value::Number);
            return number.map_err(|_| "must be a whole number that is not negative".to_owned());
        }
        (Shape::Texts, DeValue::Array(items)) => {
            return texts(items).map(Value::Texts).ok_or_else(|| "must be a list of strings only".to_owned());
        }
        (Shape::Table, DeValue::Table(table)) => {
            let pair = |(name, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
                let name: &str = AsRef::<str>::as_ref(name.get_ref());
                Some((name.to_owned(), value.get_ref().as_str()?.to_owned()))
            };
            let pairs: Option<Vec<_>> = table.iter().map(pair).collect();
            return pairs.map(Value::Table).ok_or_else(|| "must be a table of strings only".to_owned());
        }
        (Shape::Lists, DeValue::Table(table)) => {
            let list = |(name, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
                let name: &str = AsRef::<str>::as_ref(name.get_ref());
                let DeValue::Array(items) = value.get_ref() else { return None };
                Some((name.to_owned(), texts(items)?))
            };
            let lists: Option<Vec<_>> = table.iter().map(list).collect();
            return lists.map(Value::Lists).ok_or_else(|| "must be a table of lists of strings".to_owned());
        }
        (Shape::Text, _) => "a string",
        (Shape::Texts, _) => "a list of strings",
        (Shape::Flag, _) => "true or false",
        (Shape::Amount, _) => "a string with a unit or a whole number",
        (Shape::Count, _) => "a whole number",
        (Shape::Table, _) => "a table of strings, as in { name = \"value\" }",
        (Shape::Lists, _) => "a table of lists, as in { \"image/jpeg\" = [\"jpg\"] }",
    };
    Err(format!("must be {wanted}, not a {}", value.type_str()))
}

fn texts(items: &DeArray<'_>) -> Option<Vec<String>> {
    items.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect()
}

fn parts(text: &str, between: char) -> Vec<String> {
    text.split(between).map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let pair = |part: String| {
        let (name, value) = part.split_once('=')?;
        Some((name.trim().to_owned(), value.trim().to_owned()))
    };
    parts(text, ',').into_iter().map(pair).collect()
}

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

/// An access key's id begins so: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>.
fn is_secret(name: &str, value: &str) -> bool {
    let is_key = |prefix| value.starts_with(prefix) && value.len() == 20;
    looks_secret(name) || is_key("AKIA") || is_key("ASIA")
}

/// The most problems that are told.
const MOST_PROBLEMS: usize = 100;

/// Where the lines of a text begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of_text(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self(breaks.map(|(offset, _)| offset).collect())
    }

    /// The line of a byte offset, counted from 1.
    fn of(&self, offset: usize) -> usize {
        1 + self.0.partition_point(|end| *end < offset)
    }
}

/// A name as a message shows it: on one line, and not longer than a line.
fn shown(name: &str) -> String {
    name.chars().take(64).flat_map(char::escape_debug).collect()
}
