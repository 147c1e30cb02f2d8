//! Reads values by key.

use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

use crate::keys::KEYS;
use crate::source::finding::Finding;
use crate::source::raw::{Located, Raw, Value, issuer_section};

/// Reads the values of one configuration and collects the problems.
pub(super) struct Reader {
    pub(super) raw: Raw,
    /// The `[[auth]]` that is read now, counted from 0. Every method that receives a key of `auth` reads that of this issuer.
    pub(super) issuer_index: usize,
}

impl Reader {
    /// Returns the complete name of a key. Keys of `auth` become those of the issuer that is read now.
    pub(super) fn path<'a>(&self, key: &'a str) -> Cow<'a, str> {
        match key.strip_prefix("auth.") {
            Some(name) if self.issuer_index > 0 => {
                format!("{}.{name}", issuer_section(self.issuer_index)).into()
            }
            _ => key.into(),
        }
    }

    pub(super) fn located(&self, key: &str) -> Option<&Located> {
        self.raw.values.get(self.path(key).as_ref())
    }

    /// Returns the string value of a key, or `None` if the key is not set or has another type. A wrong type is reported when
    /// the file is read.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        match &self.located(key)?.value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    }

    /// Returns a list of strings.
    pub(super) fn texts(&self, key: &str) -> Option<Vec<String>> {
        match &self.located(key)?.value {
            Value::Texts(texts) => Some(texts.clone()),
            _ => None,
        }
    }

    /// Returns a Boolean.
    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        match self.located(key)?.value {
            Value::Flag(flag) => Some(flag),
            _ => None,
        }
    }

    /// Returns the string value of a mandatory key, and reports the key if it is missing. `example` is a valid value in the
    /// format of the file.
    pub(super) fn required(&mut self, key: &str, example: &str) -> Option<String> {
        if !self.has(key) {
            self.report_missing(key, example);
        }
        self.text(key)
    }

    /// Parses the string value of an optional key.
    pub(super) fn optional<T: FromStr<Err: Display>>(&mut self, key: &str) -> Option<T> {
        let text = self.text(key)?;
        text.parse().map_err(|error| self.report(key, Finding::malformed(&text, &error))).ok()
    }

    /// Returns the value that belongs to one of the listed strings, and reports any other string.
    pub(super) fn choice<T: Copy>(&mut self, key: &str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        if let Some((_, choice)) = choices.iter().find(|(name, _)| *name == text) {
            return Some(*choice);
        }
        self.report_choice(key, &text, choices.iter().map(|(name, _)| *name));
        None
    }

    /// Parses a string that has only a few possible values, and reports any other string.
    pub(super) fn named<T: FromStr>(&mut self, key: &str) -> Option<T> {
        let name = key.rsplit('.').next().unwrap_or_default();
        let known = KEYS.iter().find(|known| known.name == name).map_or(&[][..], |known| known.values);
        self.named_with(key, known)
    }

    /// Parses a string that has one of these values, and reports any other string.
    pub(super) fn named_with<T: FromStr>(&mut self, key: &str, names: &[&str]) -> Option<T> {
        let text = self.text(key)?;
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.report_choice(key, &text, names.iter().copied());
        }
        parsed
    }

    /// Parses every item of a list. Returns `None` if the list is missing or an item is invalid.
    pub(super) fn parsed_list<T, E: Display>(
        &mut self,
        key: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Vec<T>> {
        let texts = self.texts(key)?;
        let (count, mut parsed) = (texts.len(), Vec::with_capacity(texts.len()));
        for (index, text) in texts.into_iter().enumerate() {
            match parse(&text) {
                Ok(item) => parsed.push(item),
                Err(error) => self.report_item(key, index, Finding::malformed(&text, &error)),
            }
        }
        (parsed.len() == count).then_some(parsed)
    }

    /// Returns a whole number.
    pub(super) fn count(&self, key: &str) -> Option<u64> {
        match self.located(key)?.value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// Returns the entries of a table of strings.
    pub(super) fn table(&self, key: &str) -> Option<Vec<(String, String)>> {
        match &self.located(key)?.value {
            Value::Table(pairs) => Some(pairs.clone()),
            _ => None,
        }
    }

    /// Returns the entries of a table of whole numbers.
    pub(super) fn counts(&self, key: &str) -> Option<Vec<(String, u64)>> {
        match &self.located(key)?.value {
            Value::Counts(pairs) => Some(pairs.clone()),
            _ => None,
        }
    }

    /// Returns the entries of a table of Booleans.
    pub(super) fn flags(&self, key: &str) -> Option<Vec<(String, bool)>> {
        match &self.located(key)?.value {
            Value::Flags(pairs) => Some(pairs.clone()),
            _ => None,
        }
    }

    /// Returns the entries of a table of lists.
    pub(super) fn lists(&self, key: &str) -> Option<Vec<(String, Vec<String>)>> {
        match &self.located(key)?.value {
            Value::Lists(pairs) => Some(pairs.clone()),
            _ => None,
        }
    }

    /// Returns whether a key has a value.
    pub(super) fn has(&self, key: &str) -> bool {
        self.located(key).is_some()
    }

    /// Returns a quantity that is written as a number or as a string with a unit.
    pub(super) fn amount<E: Display>(
        &mut self,
        key: &str,
        read: impl Fn(&str) -> Result<u64, E>,
    ) -> Option<u64> {
        match &self.located(key)?.value {
            Value::Number(number) => Some(*number),
            Value::Text(text) => {
                read(text).map_err(|error| self.report(key, Finding::invalid(error.to_string()))).ok()
            }
            _ => None,
        }
    }

    /// Returns a quantity like [`amount`](Self::amount). If the text is no quantity, the report names the possible ones: `range`,
    /// as in `from 1s to 30s`.
    pub(super) fn amount_within<E: Display>(
        &mut self,
        key: &str,
        range: &str,
        read: impl Fn(&str) -> Result<u64, E>,
    ) -> Option<u64> {
        self.amount(key, |text| read(text).map_err(|error| format!("{error}; it must be {range}")))
    }
}
