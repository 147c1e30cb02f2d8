//! The values of the file and of the environment variables, with their places, before they are interpreted.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::convert::{self, WrongType};
use super::finding::Finding;
use super::text::Source;
use super::token;
use crate::error::{InvalidSetting, Place, ProblemCode};
use crate::keys::{AUTH, Key};
use crate::warning::Warning;

/// A value and where it comes from.
#[derive(Clone, Debug)]
pub(crate) struct Located {
    pub(crate) value: Value,
    pub(crate) origin: Origin,
}

/// Where a value comes from.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// The file: the span of the value, and the spans of its items if it is a list or a table.
    File(Range<usize>, Vec<Range<usize>>),
    /// An environment variable.
    Variable(Box<str>),
    /// An option of the command line.
    Option(Box<str>),
    /// A list or a table to which options of the command line add items: where the others come from, and the origin of each
    /// item. Further items come from where the others do.
    Extended(Box<Origin>, Vec<ItemOrigin>),
}

/// Where an item of a list or a table comes from.
#[derive(Clone, Debug)]
pub(crate) enum ItemOrigin {
    /// The item with this index in the list without options.
    Base(usize),
    /// An option of the command line.
    Option(Box<str>),
}

/// The value of a key. The variants correspond to those of `Shape`; an amount is text or a number.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Text(String),
    Texts(Vec<String>),
    Flag(bool),
    Number(u64),
    Table(Vec<(String, String)>),
    Counts(Vec<(String, u64)>),
    Flags(Vec<(String, bool)>),
    Lists(Vec<(String, Vec<String>)>),
}

/// Every value that is set, by its complete name: `section.name` or `route.NAME.name`.
#[derive(Debug, Default)]
pub(crate) struct Raw {
    pub(crate) source: Source,
    pub(crate) values: BTreeMap<String, Located>,
    /// The headings of the sections that the file has, by name. Those of routes are in `routes`.
    pub(crate) sections: BTreeMap<String, Range<usize>>,
    /// The number of `[[auth]]`; 0 with `[auth]` or none.
    pub(crate) listed_issuers: usize,
    /// The names of routes and the spans of their headings, in the order of the file.
    pub(crate) routes: Vec<(String, Range<usize>)>,
    /// Keys and sections that the file sets in a form that was reported. That they have no value is a consequence.
    spoiled: BTreeSet<String>,
    pub(crate) problems: Vec<InvalidSetting>,
    pub(crate) warnings: Vec<Warning>,
}

/// Returns the section of an issuer in complete names: `auth`, and for further ones `auth[1]`.
pub(crate) fn issuer_section(index: usize) -> String {
    if index == 0 { AUTH.to_owned() } else { format!("{AUTH}[{index}]") }
}

impl Raw {
    /// Returns the number of issuers that the file describes. There is one if it has no section for it, as variables can
    /// describe it.
    pub(crate) fn issuer_count(&self) -> usize {
        self.listed_issuers.max(1)
    }

    /// Sets the value of `path` from an environment variable. It replaces the value of the file.
    pub(crate) fn variable(&mut self, path: &str, key: &Key, name: &str, text: &str) {
        if key.is_list_of_secrets()
            && let Some((index, item)) = token::first_pasted_in_variable(text)
        {
            let help = format!(
                "the variable names where the secret is, and does not contain it: set {name}=env:{}",
                token::example(path).1
            );
            let finding = token::not_a_source(path, index, item).help(help);
            return self.add(Place::Variable(name.into()), path, finding);
        }
        let quotes = text.len() > 1 && text.starts_with(['"', '\'']) && text.ends_with(['"', '\'']);
        if quotes {
            let value = text.trim_matches(['"', '\'']);
            let finding = Finding::new(ProblemCode::WrongType, "the quotes are part of the value").help(
                format!("set it without quotes, as files for `docker --env-file` need it: {name}={value}"),
            );
            return self.add(Place::Variable(name.into()), path, finding);
        }
        match convert::from_variable(key.shape, text) {
            Ok(value) => {
                let origin = Origin::Variable(name.into());
                drop(self.values.insert(path.to_owned(), Located { value, origin }));
            }
            Err(WrongType { message, instead, .. }) => {
                let mut finding = Finding::new(ProblemCode::WrongType, message);
                if !instead.is_empty() {
                    finding = finding.help(format!("set {name}={instead}"));
                }
                self.add(Place::Variable(name.into()), path, finding);
            }
        }
    }

    /// Returns the place of a value, or of one of its items.
    pub(crate) fn place_of(&self, key: &str, item: Option<usize>) -> Option<Place> {
        Some(self.place_in(&self.values.get(key)?.origin, item))
    }

    fn place_in(&self, origin: &Origin, item: Option<usize>) -> Place {
        match origin {
            Origin::File(span, items) => {
                self.source.place(item.and_then(|index| items.get(index)).unwrap_or(span))
            }
            Origin::Variable(name) => Place::Variable(name.as_ref().into()),
            Origin::Option(name) => Place::Option(name.as_ref().into()),
            Origin::Extended(base, items) => match item.and_then(|index| items.get(index)) {
                Some(ItemOrigin::Option(name)) => Place::Option(name.as_ref().into()),
                Some(ItemOrigin::Base(index)) => self.place_in(base, Some(*index)),
                None => self.place_in(base, item),
            },
        }
    }

    /// Returns the place of a part of a string value, or `None` if the file does not contain it in this form.
    pub(crate) fn place_of_part(&self, key: &str, part: &str) -> Option<Place> {
        let Origin::File(span, _) = &self.values.get(key)?.origin else { return None };
        let start = span.start + self.source.text.get(span.clone())?.find(part)?;
        (!part.is_empty()).then(|| self.source.place(&(start..start + part.len())))
    }

    /// Returns the place of a section's heading.
    pub(crate) fn heading(&self, section: &str) -> Option<Place> {
        let route = self
            .routes
            .iter()
            .find(|(name, _)| section.strip_prefix("route.").is_some_and(|section| section == name));
        let span = route.map(|(_, span)| span).or_else(|| self.sections.get(section))?;
        Some(self.source.place(span))
    }

    /// Records that the file sets a key or a section in a form that was reported.
    pub(crate) fn spoil(&mut self, path: impl Into<String>) {
        self.spoiled.insert(path.into());
    }

    /// Returns whether a key, or its section, is set in a form that was reported.
    pub(crate) fn is_spoiled(&self, key: &str) -> bool {
        if self.spoiled.is_empty() {
            return false;
        }
        let section = key.rsplit_once('.').map_or(key, |(section, _)| section);
        self.spoiled.contains(key) || self.spoiled.contains(section)
    }

    /// Returns whether no further problem is recorded. More would not help to correct the file, and would make the message
    /// arbitrarily long.
    pub(crate) const fn is_full(&self) -> bool {
        self.problems.len() >= MAX_PROBLEMS
    }

    /// Records a problem. Several routes read the same keys of `[bucket]`: a problem with one of them is recorded once.
    pub(crate) fn add(&mut self, place: Place, key: &str, finding: Finding) {
        if self.is_full() {
            return;
        }
        let Finding { code, message, help, quotable } = finding;
        let quotable = quotable && code != ProblemCode::SecretInFile && self.source.is_quotable(&place);
        let problem = InvalidSetting { code, place, key: key.into(), message, help, quotable };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}

/// Maximum number of reported problems.
const MAX_PROBLEMS: usize = 100;
