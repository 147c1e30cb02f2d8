//! Reads values by key and reports problems.

use std::fmt::Display;
use std::str::FromStr;

use crate::error::{InvalidSetting, Place};
use crate::keys::ROUTE;
use crate::source::raw::{Raw, Value};

/// Reads the values of one configuration and collects the problems.
pub(super) struct Reader<'a> {
    pub(super) file: &'a str,
    pub(super) raw: Raw,
}

impl Reader<'_> {
    /// Returns the string value of a key, or `None` if the key is not set or has another type. A wrong type is reported when
    /// the file is read.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        match &self.raw.values.get(key)?.value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    }

    /// Returns a list of strings.
    pub(super) fn texts(&self, key: &str) -> Option<Vec<String>> {
        match &self.raw.values.get(key)?.value {
            Value::Texts(texts) => Some(texts.clone()),
            _ => None,
        }
    }

    /// Returns a Boolean.
    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        match self.raw.values.get(key)?.value {
            Value::Flag(flag) => Some(flag),
            _ => None,
        }
    }

    /// Returns the string value of a mandatory key, and reports the key if it is missing.
    pub(super) fn required(&mut self, key: &str, hint: &str) -> Option<String> {
        if !self.raw.values.contains_key(key) {
            self.report_missing(key, hint);
        }
        self.text(key)
    }

    /// Parses the string value of a mandatory key.
    pub(super) fn parsed<T: FromStr<Err: Display>>(&mut self, key: &str, hint: &str) -> Option<T> {
        let text = self.required(key, hint)?;
        text.parse().map_err(|error| self.report(key, &error, hint)).ok()
    }

    /// Parses the string value of an optional key.
    pub(super) fn optional<T: FromStr<Err: Display>>(&mut self, key: &str) -> Option<T> {
        let text = self.text(key)?;
        text.parse().map_err(|error| self.report(key, &error, "")).ok()
    }

    /// Returns the value that belongs to one of the listed strings, and reports any other string.
    pub(super) fn choice<T: Copy>(&mut self, key: &str, choices: &[(&str, T)], hint: &str) -> Option<T> {
        let text = self.text(key)?;
        let found = choices.iter().find(|(name, _)| *name == text);
        if found.is_none() {
            let names: Vec<String> = choices.iter().map(|(name, _)| format!("\"{name}\"")).collect();
            self.report(key, &format!("must be {}", names.join(" or ")), hint);
        }
        found.map(|(_, choice)| *choice)
    }

    /// Parses every item of a list. Returns `None` if the list is missing or an item is invalid.
    pub(super) fn parsed_list<T, E: Display>(
        &mut self,
        key: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Vec<T>> {
        let texts = self.texts(key)?;
        let (count, mut parsed) = (texts.len(), Vec::with_capacity(texts.len()));
        for text in texts {
            match parse(&text) {
                Ok(item) => parsed.push(item),
                Err(error) => self.report(key, &format!("`{}`: {error}", text.escape_debug()), ""),
            }
        }
        (parsed.len() == count).then_some(parsed)
    }

    /// Returns a whole number.
    pub(super) fn count(&self, key: &str) -> Option<u64> {
        match self.raw.values.get(key)?.value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// Returns the entries of a table of strings.
    pub(super) fn table(&self, key: &str) -> Option<Vec<(String, String)>> {
        match &self.raw.values.get(key)?.value {
            Value::Table(pairs) => Some(pairs.clone()),
            _ => None,
        }
    }

    /// Returns the entries of a table of lists.
    pub(super) fn lists(&self, key: &str) -> Option<Vec<(String, Vec<String>)>> {
        match &self.raw.values.get(key)?.value {
            Value::Lists(lists) => Some(lists.clone()),
            _ => None,
        }
    }

    /// Returns whether a key has a value.
    pub(super) fn has(&self, key: &str) -> bool {
        self.raw.values.contains_key(key)
    }

    /// Returns a quantity that is written as a number or as a string with a unit. `form` describes a valid value in the
    /// message.
    pub(super) fn amount<E>(
        &mut self,
        key: &str,
        read: impl Fn(&str) -> Result<u64, E>,
        form: &str,
    ) -> Option<u64> {
        let amount = match &self.raw.values.get(key)?.value {
            Value::Number(number) => Some(*number),
            Value::Text(text) => read(text).ok(),
            _ => None,
        };
        if amount.is_none() {
            self.report(key, &format!("must be {form}"), "");
        }
        amount
    }

    /// Reports a mandatory key without a value, at the route it belongs to or else at the file.
    pub(super) fn report_missing(&mut self, key: &str, hint: &str) {
        // Without the first check, a file with many incomplete routes would take quadratic time.
        if !self.raw.is_full() && !self.raw.problems.iter().any(|problem| problem.key == key) {
            let is_in_route = |(name, _): &&(String, Place)| {
                let name_and_key = key.strip_prefix(ROUTE).and_then(|rest| rest.strip_prefix('.'));
                name_and_key
                    .and_then(|rest| rest.strip_prefix(name.as_str()))
                    .is_some_and(|rest| rest.starts_with('.'))
            };
            let place = self.raw.routes.iter().find(is_in_route).map(|(_, place)| place.clone());
            let place = place.unwrap_or_else(|| Place::File(self.file.into()));
            self.raw.problem(place, key, "missing", hint);
        }
    }

    /// Reports a problem with the value of a key, or with the whole file if the key has no value.
    pub(super) fn report(&mut self, key: &str, message: &dyn Display, hint: &str) {
        let place = self.raw.values.get(key).map(|located| located.place.clone());
        let place = place.unwrap_or_else(|| Place::File(self.file.into()));
        let problem =
            InvalidSetting { place, key: key.into(), message: message.to_string(), hint: hint.into() };
        // Several routes read the same keys of `[bucket]`. A problem with one of them is reported once.
        if !self.raw.is_full() && !self.raw.problems.contains(&problem) {
            self.raw.problems.push(problem);
        }
    }
}
