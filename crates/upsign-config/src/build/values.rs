//! Values out of what was given, each in its shape or as a problem.

use std::fmt::Display;
use std::str::FromStr;

use crate::error::{Place, Problem};
use crate::keys::ROUTE;
use crate::raw::{Raw, Value};

pub(super) struct Reader<'a> {
    pub(super) file: &'a str,
    pub(super) raw: Raw,
}

impl Reader<'_> {
    pub(super) fn text(&self, key: &str) -> Option<String> {
        match &self.raw.values.get(key)?.value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    }

    pub(super) fn texts(&self, key: &str) -> Option<Vec<String>> {
        match &self.raw.values.get(key)?.value {
            Value::Texts(texts) => Some(texts.clone()),
            _ => None,
        }
    }

    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        match self.raw.values.get(key)?.value {
            Value::Flag(flag) => Some(flag),
            _ => None,
        }
    }

    pub(super) fn required(&mut self, key: &str, hint: &str) -> Option<String> {
        if !self.raw.values.contains_key(key) {
            self.missing(key, hint);
        }
        self.text(key)
    }

    pub(super) fn parsed<T: FromStr<Err: Display>>(&mut self, key: &str, hint: &str) -> Option<T> {
        let text = self.required(key, hint)?;
        text.parse().map_err(|error| self.wrong(key, &error, hint)).ok()
    }

    pub(super) fn optional<T: FromStr<Err: Display>>(&mut self, key: &str) -> Option<T> {
        let text = self.text(key)?;
        text.parse().map_err(|error| self.wrong(key, &error, "")).ok()
    }

    pub(super) fn choice<T: Copy>(&mut self, key: &str, choices: &[(&str, T)], hint: &str) -> Option<T> {
        let text = self.text(key)?;
        let found = choices.iter().find(|(name, _)| *name == text);
        if found.is_none() {
            let names: Vec<String> = choices.iter().map(|(name, _)| format!("\"{name}\"")).collect();
            self.wrong(key, &format!("must be {}", names.join(" or ")), hint);
        }
        found.map(|(_, choice)| *choice)
    }

    pub(super) fn each<T, E: Display>(
        &mut self,
        key: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Vec<T>> {
        let texts = self.texts(key)?;
        let (wanted, mut parsed) = (texts.len(), Vec::with_capacity(texts.len()));
        for text in texts {
            match parse(&text) {
                Ok(item) => parsed.push(item),
                Err(error) => self.wrong(key, &format!("`{}`: {error}", text.escape_debug()), ""),
            }
        }
        (parsed.len() == wanted).then_some(parsed)
    }

    pub(super) fn count(&self, key: &str) -> Option<u64> {
        match self.raw.values.get(key)?.value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    pub(super) fn table(&self, key: &str) -> Option<Vec<(String, String)>> {
        match &self.raw.values.get(key)?.value {
            Value::Table(pairs) => Some(pairs.clone()),
            _ => None,
        }
    }

    pub(super) fn lists(&self, key: &str) -> Option<Vec<(String, Vec<String>)>> {
        match &self.raw.values.get(key)?.value {
            Value::Lists(lists) => Some(lists.clone()),
            _ => None,
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.raw.values.contains_key(key)
    }

    pub(super) fn amount(
        &mut self,
        key: &str,
        read: impl Fn(&str) -> Option<u64>,
        form: &str,
    ) -> Option<u64> {
        let amount = match &self.raw.values.get(key)?.value {
            Value::Number(number) => Some(*number),
            Value::Text(text) => read(text),
            _ => None,
        };
        if amount.is_none() {
            self.wrong(key, &format!("must be {form}"), "");
        }
        amount
    }

    pub(super) fn missing(&mut self, key: &str, hint: &str) {
        if !self.raw.problems.iter().any(|problem| problem.key == key) {
            let of_route = |(name, _): &&(String, Place)| key.starts_with(&format!("{ROUTE}.{name}."));
            let place = self.raw.routes.iter().find(of_route).map(|(_, place)| place.clone());
            let place = place.unwrap_or_else(|| Place::File(self.file.into()));
            self.raw.problem(place, key, "missing", hint);
        }
    }

    /// A problem at the place of the value, or of the whole file where a section is meant.
    pub(super) fn wrong(&mut self, key: &str, what: &dyn Display, hint: &str) {
        let place = self.raw.values.get(key).map(|located| located.place.clone());
        let place = place.unwrap_or_else(|| Place::File(self.file.into()));
        let problem = Problem { place, key: key.into(), what: what.to_string(), hint: hint.into() };
        // Routes share a bucket: what is wrong with it is wrong once.
        if !self.raw.problems.contains(&problem) {
            self.raw.problems.push(problem);
        }
    }
}
