//! Reports problems and warnings at the place of a key, and says what to write instead.

use super::values::Reader;
use crate::error::{Place, ProblemCode};
use crate::keys::{KEYS, ROUTE, base_section, in_route, nearest};
use crate::source::effective::toml;
use crate::source::finding::{Finding, shown};
use crate::source::raw::{Origin, Value};
use crate::warning::{Warning, WarningCode};

impl Reader {
    /// Reports a string that is not one of the possible values, with the nearest of them.
    pub(super) fn report_choice<'a>(
        &mut self,
        key: &str,
        text: &str,
        names: impl Iterator<Item = &'a str> + Clone,
    ) {
        let quoted: Vec<String> = names.clone().map(|name| format!("\"{name}\"")).collect();
        let message = match quoted.split_last() {
            Some((last, [])) => format!("must be {last}, not {}", shown(text)),
            Some((last, others)) => format!("must be {} or {last}, not {}", others.join(", "), shown(text)),
            None => format!("{} is not possible here", shown(text)),
        };
        let plain = |text: &str| text.trim().to_ascii_lowercase().replace(['-', ' '], "_");
        let same = |name: &&str| plain(name) == plain(text);
        let near =
            names.clone().find(same).or_else(|| nearest(text, names)).or_else(|| usual_choice(key, text));
        let help = near.map(|near| self.assignment(key, &Value::Text(near.to_owned())));
        self.report(key, Finding::invalid(message).help(help.unwrap_or_default()));
    }

    /// Reports a mandatory key without a value, at the heading of its section or else at the file. `example` is a valid value
    /// in the format of the file.
    pub(super) fn report_missing(&mut self, key: &str, example: &str) {
        let path = self.path(key);
        let key = path.as_ref();
        // Without the first check, a file with many incomplete routes would take quadratic time.
        if self.raw.is_full()
            || self.raw.is_spoiled(key)
            || self.raw.problems.iter().any(|problem| problem.key == key)
        {
            return;
        }
        let (section, name) = key.rsplit_once('.').unwrap_or(("", key));
        let heading = self.raw.heading(section);
        let known = match section.strip_prefix(ROUTE) {
            Some(_) => in_route(name),
            None => KEYS.iter().find(|known| known.section == base_section(section) && known.name == name),
        };
        let variable = known.map_or("", |known| known.variable);
        // Why this value, after the value.
        let (example, why) = example.split_once(" # ").unwrap_or((example, ""));
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        let help = if self.raw.source.is_empty() {
            let value = example.trim_matches(['[', ']']).replace('"', "").replace(", ", ",");
            format!("set {variable}={value}{why}")
        } else if heading.is_some() {
            format!("add {name} = {example}{why}")
        } else {
            format!("add {name} = {example} below [{section}], or set {variable}{why}")
        };
        let place = heading.unwrap_or_else(|| self.raw.source.whole());
        self.raw.add(place, key, Finding::new(ProblemCode::MissingKey, "missing").help(help));
    }

    /// Reports a problem with the value of a key, or with the heading of its section if the key has no value.
    pub(super) fn report(&mut self, key: &str, finding: Finding) {
        let place = self.place(key, None);
        self.raw.add(place, &self.path(key), finding);
    }

    /// Reports a problem at the start of a long value, because a mark under all of it would hide it.
    pub(super) fn report_start(&mut self, key: &str, finding: Finding) {
        let place = match self.place(key, None) {
            Place::Position { file, line, column, offset, len } => {
                let text = self.raw.source.text.get(offset..offset + len).unwrap_or_default();
                let first_line = text.lines().next().unwrap_or_default();
                let ends = first_line.char_indices().map(|(start, character)| start + character.len_utf8());
                let len = ends.take_while(|end| *end <= 40).last().unwrap_or_default();
                Place::Position { file, line, column, offset, len }
            }
            place => place,
        };
        self.raw.add(place, &self.path(key), finding);
    }

    /// Reports a problem with a part of a string value.
    pub(super) fn report_part(&mut self, key: &str, part: &str, finding: Finding) {
        let path = self.path(key);
        let place = self.raw.place_of_part(&path, part).unwrap_or_else(|| self.place(key, None));
        self.raw.add(place, &path, finding);
    }

    /// Reports a problem with an item of a list or a table.
    pub(super) fn report_item(&mut self, key: &str, item: usize, finding: Finding) {
        let place = self.place(key, Some(item));
        self.raw.add(place, &self.path(key), finding);
    }

    fn place(&self, key: &str, item: Option<usize>) -> Place {
        let path = self.path(key);
        let key = path.as_ref();
        let section = key.rsplit_once('.').map_or(key, |(section, _)| section);
        let place = self
            .raw
            .place_of(key, item)
            .or_else(|| self.raw.heading(section))
            .or_else(|| self.raw.heading(key));
        place.unwrap_or_else(|| self.raw.source.whole())
    }

    /// Records a warning about a key, or about an item of its list.
    pub(super) fn warn(
        &mut self,
        code: WarningCode,
        key: &str,
        item: Option<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let path = self.path(key);
        let key = path.as_ref();
        let section = key.rsplit_once('.').map_or(key, |(section, _)| section);
        let place = self.raw.place_of(key, item).or_else(|| self.raw.heading(section));
        let quotable = place.as_ref().is_none_or(|place| self.raw.source.is_quotable(place));
        let (message, help) = (message.into(), help.into());
        let warning = Warning { code, place, key: key.into(), message, help, quotable };
        // Several routes read the same keys of `[bucket]`.
        let is_shared = key.starts_with("bucket.") || key.starts_with("cors.");
        if !(is_shared && self.raw.warnings.contains(&warning)) {
            self.raw.warnings.push(warning);
        }
    }

    /// Returns the instruction that sets a key to this value, where the key is set now: `write name = "images"` or
    /// `set UPSIGN_BUCKET=images`.
    pub(super) fn assignment(&self, key: &str, value: &Value) -> String {
        let name = key.rsplit('.').next().unwrap_or_default();
        let mut origin = self.located(key).map(|located| &located.origin);
        if let Some(Origin::Extended(base, _)) = origin {
            origin = Some(base.as_ref());
        }
        match origin {
            Some(Origin::Variable(variable)) => format!("set {variable}={}", in_variable(value)),
            Some(Origin::Option(option)) => format!("pass {option} {}", in_variable(value)),
            _ => format!("write {name} = {}", toml(value)),
        }
    }

    /// Returns the instruction that replaces an item of a list: the whole list if it is short, or else the item.
    pub(super) fn replacement(&self, key: &str, item: usize, instead: &str) -> String {
        let mut texts = self.texts(key).unwrap_or_default();
        if let Some(text) = texts.get_mut(item) {
            instead.clone_into(text);
        }
        let whole = self.assignment(key, &Value::Texts(texts));
        if whole.len() <= 90 { whole } else { format!("write \"{instead}\" instead") }
    }
}

/// Returns the value that suits most configurations, where an unknown one resembles no value.
fn usual_choice(key: &str, text: &str) -> Option<&'static str> {
    match key.rsplit('.').next()? {
        "bodyless" => Some("refuse"),
        "provider" if key == "auth.provider" => match text.to_ascii_lowercase().as_str() {
            "aws" | "amazon" | "amazon-cognito" => Some("cognito"),
            // Auth0, Keycloak, Google, …: all of them are OpenID Connect issuers.
            _ => Some("oidc"),
        },
        "multipart" => match text.to_ascii_lowercase().as_str() {
            "false" | "never" | "none" | "off" => Some("no"),
            "all" | "force" => Some("always"),
            _ => Some("auto"),
        },
        "token_type" => Some("at+jwt"),
        "token_use" if text.eq_ignore_ascii_case("both") => Some("any"),
        "api" if text.to_ascii_lowercase().contains("url") => Some("url"),
        "api" if ["elb", "elbv2", "load-balancer", "load_balancer", "loadbalancer"].contains(&text) => {
            Some("alb")
        }
        "notify" if text.eq_ignore_ascii_case("sqs") => Some("queue"),
        "reads" if text.eq_ignore_ascii_case("cdn") => Some("cloudfront"),
        "source" if matches!(text, "function" | "lambda") => Some("token"),
        "source" if matches!(text, "api" | "api-gateway" | "cognito" | "gateway") => Some("authorizer"),
        _ => None,
    }
}

/// Returns a value in the format of a variable.
fn in_variable(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Texts(texts) => texts.join(","),
        other => toml(other),
    }
}
