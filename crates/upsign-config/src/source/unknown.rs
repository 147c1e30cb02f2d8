//! Reports names that are no sections or keys, with what is probably meant.

use std::ops::Range;

use super::finding::Finding;
use super::raw::Raw;
use super::secret::looks_secret;
use crate::error::ProblemCode;
use crate::keys::{
    AUTH, KEYS, Key, ROUTE, TOP, at_top, base_section, difference, meant_by, nearest, sections,
};

impl Raw {
    pub(super) fn report_unknown_section(&mut self, span: &Range<usize>, name: &str) {
        if looks_secret(name) && nearest(name, sections()).is_none() {
            return self.report_secret(span, &escaped(name));
        }
        let is_key = KEYS.iter().find(|key| key.name == name);
        let message = if is_key.is_some() { "this key needs a section" } else { "unknown section" };
        let finding = Finding::new(ProblemCode::UnknownKey, message);
        let help = if let Some(key) = is_key {
            self.spoil(key.path());
            format!("write it below [{}]", key.section)
        } else if let Some(near) =
            nearest(name, sections().chain([ROUTE]).chain(at_top().map(|key| key.name)))
                .or_else(|| beginning_with(name))
        {
            self.spoil(near);
            if at_top().any(|key| key.name == near) {
                format!("did you mean `{near}`?")
            } else if near == ROUTE {
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

    pub(super) fn report_unknown_key<'a>(
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
            match key.section {
                TOP => {
                    format!("`{name}` stands at the top of the file, above the first section: write it there")
                }
                section => format!("`{name}` is a key of [{section}]: write it there"),
            }
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

    pub(super) fn report_secret(&mut self, span: &Range<usize>, path: &str) {
        let message = "secrets must not be stored in this file; remove the value";
        let finding = Finding::new(ProblemCode::SecretInFile, message)
            .help("set credentials with environment variables such as AWS_ACCESS_KEY_ID");
        self.add(self.source.place(span), path, finding);
    }
}

/// Returns the section whose name begins with this one: `[deploy]` means `[deployment]`.
fn beginning_with(name: &str) -> Option<&'static str> {
    sections().find(|section| name.len() >= 4 && section.starts_with(name))
}

/// Returns a name for a message: escaped, and shortened to 64 characters.
pub(super) fn escaped(name: &str) -> String {
    name.chars().take(64).flat_map(char::escape_debug).collect()
}
