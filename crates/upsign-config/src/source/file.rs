//! Reads the values of the file.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::convert::{self, WrongType};
use super::finding::Finding;
use super::raw::{Located, Origin, Raw, Value, issuer_section};
use super::secret::is_secret;
use super::syntax;
use super::text::Source;
use super::token;
use super::unknown::escaped;
use crate::error::ProblemCode;
use crate::keys::{AUTH, KEYS, Key, ROUTE, at_top, base_section, in_route, sections};

impl Raw {
    /// Reads the file. Everything that is invalid is reported and skipped; the rest is kept, so that one run reports every
    /// mistake. A file with a syntax error is not read further: what it means is unknown.
    ///
    /// Returns whether the syntax is valid.
    pub(crate) fn read(&mut self, file: &str, text: &str) -> bool {
        self.source = Source::new(file, text);
        let (table, errors) = DeTable::parse_recoverable(text);
        if let Some(error) = syntax::explain(text, &errors) {
            let message = format!("not valid TOML: {}", error.message);
            let place = self.source.place(&error.span);
            // The help repeats a part of the line.
            let help = if self.source.is_quotable(&place) { error.help } else { String::new() };
            self.add(place, "", Finding::new(ProblemCode::InvalidToml, message).help(help));
            return false;
        }
        for (name, section) in table.get_ref() {
            let (span, name) = (name.span(), name.get_ref().as_ref());
            if let Some(key) = at_top().find(|key| key.name == name) {
                self.read_value(key.path(), key, section);
                continue;
            }
            if name != ROUTE && !sections().any(|section| section == name) {
                self.report_unknown_section(&span, name);
                continue;
            }
            match section.get_ref() {
                DeValue::Table(routes) if name == ROUTE => self.read_routes(&span, routes),
                DeValue::Table(section) => {
                    self.sections.insert(name.to_owned(), span);
                    self.read_section(name, section);
                }
                DeValue::Array(entries) if name == AUTH => self.read_issuers(&span, entries),
                DeValue::Array(_) => {
                    let finding =
                        Finding::new(ProblemCode::WrongType, "must be a section with single brackets");
                    self.add_section(&span, name, finding.help(format!("write [{name}]")));
                }
                _ => {
                    let finding = Finding::new(ProblemCode::WrongType, "must be a section, not a value");
                    let help = match name {
                        "bucket" => {
                            "write [bucket] on one line, and name = \"BUCKET\" on the next".to_owned()
                        }
                        _ => format!("write [{name}] on a line of its own, and its keys below"),
                    };
                    self.add_section(&span, name, finding.help(help));
                }
            }
        }
        true
    }

    /// Reports a section as a whole. What its keys would have been is unknown.
    fn add_section(&mut self, span: &Range<usize>, name: &str, finding: Finding) {
        self.add(self.source.place(span), &escaped(name), finding);
        self.spoil(name);
    }

    /// Reads each `[[auth]]`. The keys of the first have the same complete names as those of `[auth]`.
    fn read_issuers(&mut self, span: &Range<usize>, entries: &DeArray<'_>) {
        let tables: Option<Vec<_>> =
            entries.iter().map(|entry| Some((entry.span(), entry.get_ref().as_table()?))).collect();
        let Some(tables) = tables.filter(|tables| !tables.is_empty()) else {
            let finding = Finding::new(ProblemCode::WrongType, "must be a section, not a value");
            let help = "write [auth] on a line of its own, or [[auth]] for each of several issuers";
            return self.add_section(span, AUTH, finding.help(help));
        };
        if let Some((span, _)) = tables.get(MAX_ISSUERS) {
            let message =
                format!("there are {} issuers, and at most {MAX_ISSUERS} are possible", tables.len());
            let finding = Finding::invalid(message);
            let help = "split them over several services, or let one identity provider federate them";
            self.add(self.source.place(span), AUTH, finding.help(help));
        }
        self.listed_issuers = tables.len().min(MAX_ISSUERS);
        for (index, (span, table)) in tables.into_iter().enumerate().take(MAX_ISSUERS) {
            let section = issuer_section(index);
            self.sections.insert(section.clone(), span);
            self.read_section(&section, table);
        }
    }

    fn read_section(&mut self, section: &str, table: &DeTable<'_>) {
        let base = base_section(section);
        let is_unknown_table = |name: &str, value: &DeValue<'_>| {
            matches!(value, DeValue::Table(_))
                && !KEYS.iter().any(|key| key.section == base && key.name == name)
        };
        if !table.is_empty()
            && table.iter().all(|(name, value)| is_unknown_table(name.get_ref(), value.get_ref()))
        {
            // Only `[upload.avatars]` and the like: that the section has no keys is a consequence.
            self.spoil(section);
        }
        for (name, value) in table {
            let (span, name) = (name.span(), name.get_ref().as_ref());
            let path = format!("{section}.{}", escaped(name));
            match KEYS.iter().find(|key| key.section == base && key.name == name) {
                Some(key) => self.read_value(path, key, value),
                None => {
                    let names = KEYS.iter().filter(|key| key.section == base).map(|key| key.name);
                    self.report_unknown_key(
                        &span,
                        section,
                        name,
                        matches!(value.get_ref(), DeValue::Table(_)),
                        names,
                    );
                }
            }
        }
    }

    fn read_routes(&mut self, heading: &Range<usize>, routes: &DeTable<'_>) {
        for (route, table) in routes {
            let (span, route) = (route.span(), route.get_ref().as_ref());
            let DeValue::Table(table) = table.get_ref() else {
                let finding = Finding::new(
                    ProblemCode::WrongType,
                    "a route needs a name, and its keys in its own section",
                );
                let help = format!("write [{ROUTE}.NAME], for example [{ROUTE}.avatars]");
                // Once: the other keys have the same cause.
                return self.add(self.source.place(heading), ROUTE, finding.help(help));
            };
            self.routes.push((route.to_owned(), span));
            for (name, value) in table {
                let (span, name) = (name.span(), name.get_ref().as_ref());
                let section = format!("{ROUTE}.{}", escaped(route));
                match in_route(name) {
                    Some(key) => self.read_value(format!("{section}.{name}"), key, value),
                    None => {
                        let names = KEYS.iter().filter_map(Key::name_in_route);
                        self.report_unknown_key(&span, &section, name, false, names);
                    }
                }
            }
        }
    }

    fn read_value(&mut self, path: String, key: &Key, value: &Spanned<DeValue<'_>>) {
        if key.is_list_of_secrets()
            && let Some((index, item)) = token::first_pasted(value.get_ref())
        {
            let items = value.get_ref().as_array();
            let span = items.and_then(|items| items.get(index)).map_or_else(|| value.span(), Spanned::span);
            self.add(self.source.place(&span), &path, token::not_a_source(&path, index, item));
            return self.spoil(path);
        }
        match convert::from_toml(key.shape, value) {
            Ok((Value::Table(pairs), _)) if pairs.iter().any(|(name, value)| is_secret(name, value)) => {
                self.report_secret(&value.span(), &path);
            }
            Ok((value_of, items)) => {
                let origin = Origin::File(value.span(), items);
                drop(self.values.insert(path, Located { value: value_of, origin }));
            }
            Err(_) if !key.values.is_empty() && value.get_ref().as_bool().is_some() => {
                let is_on = value.get_ref().as_bool() == Some(true);
                let (message, help) = not_a_choice(key, is_on);
                let finding = Finding::new(ProblemCode::WrongType, message).help(help);
                self.add(self.source.place(&value.span()), &path, finding);
                self.spoil(path);
            }
            Err(WrongType { message, instead, span }) => {
                let is_choice = !key.values.is_empty() && message.starts_with("must be a string in quotes");
                let is_possible =
                    !is_choice || key.values.iter().any(|value| instead == format!("\"{value}\""));
                let message = match is_choice {
                    true => message.replacen("a string in quotes", &one_of(key.values), 1),
                    false => message,
                };
                // A number in quotes is no name of an issuer.
                let is_possible = is_possible && !(key.section == AUTH && key.name == "name");
                let instead = if is_possible { instead } else { String::new() };
                let mut finding = Finding::new(ProblemCode::WrongType, message);
                if !instead.is_empty() {
                    let name = path.rsplit('.').next().unwrap_or_default();
                    finding = finding.help(format!("write {name} = {instead}"));
                } else if is_choice {
                    finding = finding.help(not_a_choice(key, true).1);
                } else {
                    finding = finding.help(help_for_wrong_type(key, value.get_ref()));
                }
                self.add(self.source.place(&span.unwrap_or_else(|| value.span())), &path, finding);
                self.spoil(path);
            }
        }
    }
}

/// Maximum number of issuers. Each has a key set of its own, which is fetched and kept.
const MAX_ISSUERS: usize = 100;

/// Returns the next step for a value of another type, where the value itself does not show what is meant.
fn help_for_wrong_type(key: &Key, value: &DeValue<'_>) -> &'static str {
    match (key.name, value) {
        ("jwks", _) => "write the key set as text: jwks = '{\"keys\": […]}'",
        ("user_pool" | "issuer", DeValue::Array(_)) => {
            "write a section [[auth]] for each of several issuers, with a name"
        }
        ("name", _) if key.section == AUTH => "write a name that begins with a letter: name = \"staff\"",
        ("groups", DeValue::Table(_)) => {
            "write groups_claim = { claim = \"…\", form = \"…\" } in [auth]; groups lists those of which callers must have one"
        }
        ("scopes", DeValue::Table(_)) => {
            "write scopes_claim = { claim = \"…\", form = \"…\" } in [auth]; scopes lists those of which tokens must have one"
        }
        ("dialects", DeValue::Table(_)) => "write dialects = [\"uppy\"] above the first section",
        ("token_header", DeValue::Array(_)) => {
            "write the one header that contains the token: token_header = \"x-upload-token\""
        }
        _ => "",
    }
}

/// Returns the message and the help for `true` or `false` as the value of a key that has a few possible strings.
fn not_a_choice(key: &Key, is_on: bool) -> (String, String) {
    let name = key.name;
    let message = format!("must be {}, not {is_on}", one_of(key.values));
    let help = match key.values {
        // Also instead of `true`: `allow` is for those who read what it gives up.
        values if name == "bodyless" && values.contains(&"refuse") => {
            "write bodyless = \"refuse\"".to_owned()
        }
        _ if matches!(name, "token_use") => "write token_use = \"access\"".to_owned(),
        _ if is_on && name == "multipart" => "write multipart = \"auto\"".to_owned(),
        _ if !is_on => "remove the line for the default".to_owned(),
        [first, ..] => format!("write {name} = \"{first}\", or remove the line for the default"),
        [] => String::new(),
    };
    (message, help)
}

/// Returns a list of possible values: `"allow" or "refuse"`.
pub(crate) fn one_of(values: &[&str]) -> String {
    let quoted: Vec<String> = values.iter().map(|value| format!("\"{value}\"")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}
