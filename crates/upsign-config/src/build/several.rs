//! Several issuers: their names, keys that are not theirs, and the object keys of their callers.

use std::collections::HashMap;

use upsign_core::IssuerName;
use upsign_policy::KeyTemplate;

use super::contradictions::section;
use super::values::Reader;
use crate::auth::AuthIssuer;
use crate::config::RouteConfig;
use crate::keys::{AUTH, KEYS};
use crate::source::finding::{Finding, shown};
use crate::source::raw::{Value, issuer_section};

impl Reader {
    /// Returns the names of the issuers that have a valid one.
    pub(super) fn issuer_names(&self) -> Vec<IssuerName> {
        let names = (0..self.raw.issuer_count()).map(|index| format!("{}.name", issuer_section(index)));
        names.filter_map(|key| self.text(&key)?.parse().ok()).collect()
    }

    /// Reports keys of the whole API in an `[[auth]]` other than the first.
    pub(super) fn report_keys_of_the_api(&mut self) {
        for index in 1..self.raw.issuer_count() {
            let section = issuer_section(index);
            for key in KEYS.iter().filter(|key| key.section == AUTH && !key.is_of_one_issuer()) {
                let (path, first) = (format!("{section}.{}", key.name), key.path());
                if !self.has(&path) {
                    continue;
                }
                let help = match self.has(&first) {
                    true => format!("remove it: the first [[auth]] has {} as well", key.name),
                    false => "move it to the first [[auth]]".to_owned(),
                };
                let message = "is about the whole API and not about one issuer";
                self.report(&path, Finding::contradiction(message).help(help));
            }
        }
    }

    /// Reports issuers that have the same name, or that accept the tokens of the same issuer.
    pub(super) fn report_same_issuers(&mut self, issuers: &[Option<AuthIssuer>]) {
        let (mut names, mut accepted) = (HashMap::new(), HashMap::new());
        // Those that are invalid are reported already.
        let valid = issuers.iter().enumerate().filter_map(|(index, issuer)| Some((index, issuer.as_ref()?)));
        for (index, issuer) in valid {
            let section = issuer_section(index);
            if let Some(name) = &issuer.name
                && names.insert(name, index).is_some()
            {
                let key = format!("{section}.name");
                let finding = Finding::contradiction(format!(
                    "{} is the name of another [[auth]] too",
                    shown(name.as_str())
                ));
                self.report(&key, finding.help("give each issuer a name of its own"));
            }
            let earlier: Vec<usize> = issuer
                .verifier
                .issuer()
                .names()
                .filter_map(|iss| accepted.insert(iss.to_owned(), index))
                .filter(|earlier| *earlier != index)
                .collect();
            if let Some(earlier) = earlier.first() {
                let key = ["user_pool", "issuer"].map(|name| format!("{section}.{name}"));
                let key = key.into_iter().find(|key| self.has(key)).unwrap_or(section);
                let line = self.raw.heading(&issuer_section(*earlier)).and_then(|place| place.line());
                let line = line.map(|line| format!(" on line {line}")).unwrap_or_default();
                let message = format!("the [[auth]]{line} accepts the tokens of this issuer already");
                let help = "list the clients and audiences of both in one [[auth]]";
                self.report(&key, Finding::contradiction(message).help(help));
            }
        }
    }

    /// Reports object keys that callers of different issuers would share, and those with the name of an issuer that has none.
    pub(super) fn report_templates(&mut self, routes: &[RouteConfig]) {
        if !self.has_auth() {
            return;
        }
        let issuers = self.raw.issuer_count();
        for route in routes {
            let template = route.policy.template();
            let key = format!("{}.key", section(route));
            if issuers > 1 && template.names_caller() && !template.contains_issuer() {
                let part = template.placeholders().find(|it| it.names_caller()).map(ToString::to_string);
                let message = format!(
                    "there are {issuers} issuers, and {} is unique only within one: callers of different issuers would share a \
                     folder",
                    part.unwrap_or_default()
                );
                let help = self.assignment(&key, &Value::Text(with_issuer(template)));
                self.report(&key, Finding::contradiction(message).help(help));
            }
            if issuers == 1
                && template.contains_issuer()
                && !self.has("auth.name")
                && !self.raw.is_spoiled("auth.name")
            {
                let message = "contains {issuer}, but the issuer has no name";
                let help =
                    "add name = \"main\" to [auth], or remove {issuer} as long as there is only one issuer";
                self.report_part(&key, "{issuer}", Finding::contradiction(message).help(help));
            }
        }
    }
}

/// Returns a template with `{issuer}/` before the segment that first names a caller, so that the text in front of it, which
/// lifecycle rules and permissions may use, stays.
fn with_issuer(template: &KeyTemplate) -> String {
    let text = template.as_str();
    let parts = template.placeholders().filter(|it| it.names_caller()).map(ToString::to_string);
    let first = parts.filter_map(|part| text.find(&part)).min().unwrap_or_default();
    let start = text.get(..first).and_then(|before| before.rfind('/')).map_or(0, |slash| slash + 1);
    let (before, after) = text.split_at_checked(start).unwrap_or(("", text));
    format!("{before}{{issuer}}/{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuer_is_inserted_before_the_caller() {
        for (template, expected) in [
            ("{sub}/{id}", "{issuer}/{sub}/{id}"),
            ("articles/{sub}/{id}.{ext}", "articles/{issuer}/{sub}/{id}.{ext}"),
            ("a/u-{sub}/{claim:tenant}/{id}", "a/{issuer}/u-{sub}/{claim:tenant}/{id}"),
            ("a/{date}/{group}/{sub}/{id}", "a/{date}/{issuer}/{group}/{sub}/{id}"),
        ] {
            let with_issuer = with_issuer(&template.parse().unwrap());
            assert_eq!(with_issuer, expected);
            assert!(with_issuer.parse::<KeyTemplate>().unwrap().contains_issuer());
        }
    }
}
