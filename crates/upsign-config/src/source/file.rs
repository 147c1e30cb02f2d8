//! Reads the values of the file.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::convert::{self, WrongType};
use super::finding::Finding;
use super::raw::{Located, Origin, Raw, Value, issuer_section};
use super::secret::{is_secret, looks_secret};
use super::syntax;
use super::text::Source;
use crate::error::ProblemCode;
use crate::keys::{AUTH, KEYS, Key, ROUTE, base_section, difference, in_route, meant_by, nearest, sections};

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
            let finding = Finding::new(ProblemCode::InvalidToml, message).help(error.help);
            self.add(self.source.place(&error.span), "", finding);
            return false;
        }
        for (name, section) in table.get_ref() {
            let (span, name) = (name.span(), name.get_ref().as_ref());
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

    fn report_unknown_section(&mut self, span: &Range<usize>, name: &str) {
        if looks_secret(name) && nearest(name, sections()).is_none() {
            return self.report_secret(span, &escaped(name));
        }
        let is_key = KEYS.iter().find(|key| key.name == name);
        let message = if is_key.is_some() { "this key needs a section" } else { "unknown section" };
        let finding = Finding::new(ProblemCode::UnknownKey, message);
        let help = if let Some(key) = is_key {
            self.spoil(key.path());
            format!("write it below [{}]", key.section)
        } else if let Some(near) = nearest(name, sections().chain([ROUTE])).or_else(|| beginning_with(name)) {
            self.spoil(near);
            if near == ROUTE {
                format!("did you mean [{ROUTE}.NAME]?")
            } else {
                format!("did you mean [{near}]?")
            }
        } else {
            let names: Vec<String> = sections().map(|name| format!("[{name}]")).collect();
            format!("the sections are {} and [{ROUTE}.NAME]", names.join(", "))
        };
        self.add(self.source.place(span), &escaped(name), finding.help(help));
    }

    fn report_unknown_key<'a>(
        &mut self,
        span: &Range<usize>,
        section: &str,
        name: &str,
        is_table: bool,
        known: impl Iterator<Item = &'a str> + Clone,
    ) {
        let path = format!("{section}.{}", escaped(name));
        if looks_secret(name) && nearest(name, known.clone()).is_none() {
            return self.report_secret(span, &path);
        }
        let elsewhere = KEYS.iter().find(|key| key.name == name && key.section != base_section(section));
        let here = if section.starts_with("route.") {
            ["upload", "bucket"].iter().find_map(|of| meant_by(name, Some(of)))
        } else {
            meant_by(name, Some(base_section(section)))
        };
        let name_here = |key: &Key| match section.starts_with("route.") {
            true => key.name_in_route().unwrap_or(key.name),
            false => key.name,
        };
        let help = if let Some(key) = here.filter(|_| !is_table) {
            let meant = name_here(key);
            self.spoil(format!("{section}.{meant}"));
            format!("did you mean `{meant}`?{}", difference(name, key))
        } else if let Some(near) = nearest(name, known.clone()) {
            self.spoil(format!("{section}.{near}"));
            format!("did you mean `{near}`?")
        } else if let Some(key) = elsewhere {
            self.spoil(key.path());
            format!("`{name}` is a key of [{}]: write it there", key.section)
        } else if is_table && section == AUTH {
            format!("a further issuer is a section [[{AUTH}]] with name = \"{}\"", escaped(name))
        } else if is_table && section == "upload" {
            format!("a further route is a section [{ROUTE}.{}]", escaped(name))
        } else if let Some(key) = meant_by(name, None) {
            self.spoil(key.path());
            format!("did you mean `{}`? It is a key of [{}]", key.name, key.section)
        } else {
            let mut names: Vec<&str> = known.collect();
            names.dedup();
            match names.len() > 12 {
                true => "`upsign schema` lists every key with its description".to_owned(),
                false => format!("known names: {}", names.join(", ")),
            }
        };
        let finding = Finding::new(ProblemCode::UnknownKey, "unknown key").help(help);
        self.add(self.source.place(span), &path, finding);
    }

    fn report_secret(&mut self, span: &Range<usize>, path: &str) {
        let message = "secrets must not be stored in this file; remove the value";
        let finding = Finding::new(ProblemCode::SecretInFile, message)
            .help("set credentials with environment variables such as AWS_ACCESS_KEY_ID");
        self.add(self.source.place(span), path, finding);
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
        ("token_header", DeValue::Array(_)) => {
            "write the one header that contains the token: token_header = \"x-upload-token\""
        }
        _ => "",
    }
}

/// Returns the section whose name begins with this one: `[deploy]` means `[deployment]`.
fn beginning_with(name: &str) -> Option<&'static str> {
    sections().find(|section| name.len() >= 4 && section.starts_with(name))
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
        _ if !is_on => "remove the line for the default".to_owned(),
        [first, ..] => format!("write {name} = \"{first}\", or remove the line for the default"),
        [] => String::new(),
    };
    (message, help)
}

/// Returns a list of possible values: `"allow" or "refuse"`.
fn one_of(values: &[&str]) -> String {
    let quoted: Vec<String> = values.iter().map(|value| format!("\"{value}\"")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// Returns a name for a message: escaped, and shortened to 64 characters.
fn escaped(name: &str) -> String {
    name.chars().take(64).flat_map(char::escape_debug).collect()
}
