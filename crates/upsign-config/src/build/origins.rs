//! The section `[cors]`: the origins of the pages that may upload, and the headers that they may send.

use upsign_core::api_cors::AllowHeaders;
use upsign_core::{CorsOrigins, InvalidOrigin, OriginPattern, OriginWildcard};

use super::features::CORS_WILDCARD;
use super::pasted::{self, MeantOrigin};
use super::route::Scope;
use super::shared_host;
use super::values::Reader;
use crate::error::ProblemCode;
use crate::source::finding::{Finding, shown};
use crate::source::raw::Value;
use crate::warning::WarningCode;

const KEY: &str = "cors.origins";
const EXAMPLE: &str = "[\"https://app.example.com\"]";
const WILDCARD_EXAMPLE: &str = "[\"https://*.example.com\"]";

impl Reader {
    /// Returns the default and the headers of `cors.allow_headers`. Each name is checked by itself, so that every invalid one
    /// is reported.
    pub(super) fn allow_headers(&mut self) -> AllowHeaders {
        const KEY: &str = "cors.allow_headers";
        let names =
            self.parsed_list(KEY, |name| AllowHeaders::default().with_names([name]).map(|_| name.to_owned()));
        let Some(names) = names else { return AllowHeaders::default() };
        AllowHeaders::default().with_names(names).unwrap_or_else(|error| {
            self.report(KEY, Finding::invalid(error.to_string()));
            AllowHeaders::default()
        })
    }

    pub(super) fn origins(&mut self, scopes: &[Scope]) -> Option<CorsOrigins> {
        if !self.has(KEY) {
            self.report_missing(KEY, EXAMPLE);
            return None;
        }
        let texts = self.texts(KEY)?;
        if texts.is_empty() {
            let finding = Finding::invalid("must contain at least one origin");
            let help = format!("write the origins of the pages that may upload: origins = {EXAMPLE}");
            self.report(KEY, finding.help(help));
            return None;
        }
        let mut origins = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            let Some(origin) = self.origin(index, text) else { continue };
            self.judge_origin(index, &origin);
            self.check_wildcard(index, &origin, scopes);
            origins.push(origin);
        }
        (origins.len() == texts.len()).then(|| CorsOrigins::listed(origins))
    }

    /// Returns the instruction that corrects every origin of the list whose meaning is known, or else this one.
    fn corrected(&self, index: usize, meant: &str) -> String {
        let correct = |text: String| match pasted::origin(&text) {
            Some(MeantOrigin::Same(meant) | MeantOrigin::Probably(meant))
                if text.parse::<OriginPattern>().is_err() =>
            {
                meant
            }
            _ => text,
        };
        let all = self.texts(KEY).unwrap_or_default().into_iter().map(correct).collect();
        let whole = self.assignment(KEY, &Value::Texts(all));
        if whole.len() <= 120 { whole } else { self.replacement(KEY, index, meant) }
    }

    fn origin(&mut self, index: usize, text: &str) -> Option<OriginPattern> {
        let error = match text.parse::<OriginPattern>() {
            Ok(origin) => return Some(origin),
            Err(error) => error,
        };
        let finding = match pasted::origin(text) {
            Some(MeantOrigin::Same(meant)) => {
                let origin = meant.parse().ok()?;
                let message = format!("{} is read as \"{meant}\", as browsers send it", shown(text));
                let help = self.corrected(index, &meant);
                self.warn(WarningCode::Corrected, KEY, Some(index), message, help);
                return Some(origin);
            }
            Some(MeantOrigin::Probably(meant)) if text.contains('*') => {
                Finding::malformed(text, &error).help(self.corrected(index, &meant))
            }
            Some(MeantOrigin::Probably(meant)) => {
                let message =
                    format!("{} is not an origin, which is a scheme, a host and a port", shown(text));
                Finding::invalid(message).help(self.corrected(index, &meant))
            }
            None if text.rsplit("//").next().is_some_and(|rest| rest == "*" || rest.starts_with("*:")) => {
                let message =
                    format!("{}: list each origin; a wildcard would let any page upload", shown(text));
                Finding::invalid(message).help(format!("for example origins = {EXAMPLE}"))
            }
            None if text == "null" => {
                let message = "\"null\" is not the origin of one page: every local file and every sandboxed frame sends it";
                Finding::invalid(message)
                    .help("serve the page over HTTP while you develop, for example with: upsign dev")
            }
            None if matches!(error, InvalidOrigin::WildcardDomain) => {
                let help =
                    format!("list each origin, or write a domain of your own behind it: {WILDCARD_EXAMPLE}");
                Finding::malformed(text, &error).help(help)
            }
            None => Finding::malformed(text, &error),
        };
        self.report_item(KEY, index, finding);
        None
    }

    /// Warns about an origin whose pages others can change on their way to the browser, and about one that others can have.
    fn judge_origin(&mut self, index: usize, origin: &OriginPattern) {
        if let Some(domain) = shared_host::domain_of_many(origin) {
            let message = format!(
                "{origin} matches pages that anybody can publish below {domain}: they may call the API and upload"
            );
            let help = "list each origin, or use a domain whose names only you can register";
            self.warn(WarningCode::SharedOrigin, KEY, Some(index), message, help);
        }
        let Some(rest) = origin.as_str().strip_prefix("http://") else { return };
        if !origin.example().is_loopback() {
            let message = format!(
                "{origin} is not encrypted: anyone between the browser and the server can change its pages"
            );
            let help = self.replacement(KEY, index, &format!("https://{rest}"));
            self.warn(WarningCode::InsecureOrigin, KEY, Some(index), message, help);
        }
    }

    /// Reports an origin with `*` that the CORS rules of a route's bucket cannot contain, once for each store.
    fn check_wildcard(&mut self, index: usize, origin: &OriginPattern, scopes: &[Scope]) {
        let Some(wildcard) = origin.wildcard() else { return };
        let mut reported = Vec::new();
        // A directory bucket has no CORS rules at all, which a warning says.
        let stores = scopes.iter().filter_map(|scope| {
            self.store(scope).filter(|store| !self.has_directory_bucket(scope, store.provider))
        });
        for store in stores.collect::<Vec<_>>() {
            if store.capabilities.cors_wildcard.holds(wildcard) || reported.contains(&store.provider) {
                continue;
            }
            reported.push(store.provider);
            let place = match wildcard {
                OriginWildcard::HostStart => "at the start of the host",
                OriginWildcard::Port => "as the port",
                _ => "within the host",
            };
            let message = format!(
                "{origin}: {} does not support `*` {place} of an origin in the CORS rules of buckets, so its pages could not upload",
                store.provider.title()
            );
            let help =
                format!("list each origin; if the store does, add {CORS_WILDCARD} = true to [bucket.can]");
            self.report_item(KEY, index, Finding::new(ProblemCode::Unsupported, message).help(help));
        }
    }
}
