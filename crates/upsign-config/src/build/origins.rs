//! The section `[cors]`: the origins of the pages that may upload, and the headers that they may send.

use upsign_core::api_cors::AllowHeaders;
use upsign_core::{CorsOrigins, Origin};

use super::pasted::{self, MeantOrigin};
use super::values::Reader;
use crate::source::finding::{Finding, shown};
use crate::source::raw::Value;
use crate::warning::WarningCode;

const KEY: &str = "cors.origins";
const EXAMPLE: &str = "[\"https://app.example.com\"]";

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

    pub(super) fn origins(&mut self) -> Option<CorsOrigins> {
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
        let count = texts.len();
        let origins: Vec<Origin> =
            texts.iter().enumerate().filter_map(|(index, text)| self.origin(index, text)).collect();
        (origins.len() == count).then(|| CorsOrigins::listed(origins))
    }

    /// Returns the instruction that corrects every origin of the list whose meaning is known, or else this one.
    fn corrected(&self, index: usize, meant: &str) -> String {
        let correct = |text: String| match pasted::origin(&text) {
            Some(MeantOrigin::Same(meant) | MeantOrigin::Probably(meant))
                if text.parse::<Origin>().is_err() =>
            {
                meant
            }
            _ => text,
        };
        let all = self.texts(KEY).unwrap_or_default().into_iter().map(correct).collect();
        let whole = self.assignment(KEY, &Value::Texts(all));
        if whole.len() <= 120 { whole } else { self.replacement(KEY, index, meant) }
    }

    fn origin(&mut self, index: usize, text: &str) -> Option<Origin> {
        let error = match text.parse::<Origin>() {
            Ok(origin) => {
                self.judge_origin(index, &origin);
                return Some(origin);
            }
            Err(error) => error,
        };
        let finding = match pasted::origin(text) {
            Some(MeantOrigin::Same(meant)) => {
                let origin = meant.parse::<Origin>().ok()?;
                let message = format!("{} is read as \"{meant}\", as browsers send it", shown(text));
                let help = self.corrected(index, &meant);
                self.warn(WarningCode::Corrected, KEY, Some(index), message, help);
                self.judge_origin(index, &origin);
                return Some(origin);
            }
            Some(MeantOrigin::Probably(meant)) => {
                let message =
                    format!("{} is not an origin, which is a scheme, a host and a port", shown(text));
                Finding::invalid(message).help(self.corrected(index, &meant))
            }
            None if text.contains('*') => {
                let message =
                    format!("{}: list each origin; a wildcard would let any page upload", shown(text));
                Finding::invalid(message).help(format!("for example origins = {EXAMPLE}"))
            }
            None if text == "null" => {
                let message = "\"null\" is not the origin of one page: every local file and every sandboxed frame sends it";
                Finding::invalid(message)
                    .help("serve the page over HTTP while you develop, for example with: upsign dev")
            }
            None => Finding::malformed(text, &error),
        };
        self.report_item(KEY, index, finding);
        None
    }

    /// Warns about an origin whose pages others can change on their way to the browser.
    fn judge_origin(&mut self, index: usize, origin: &Origin) {
        let Some(rest) = origin.as_str().strip_prefix("http://") else { return };
        let host = rest.rsplit_once(':').map_or(rest, |(host, port)| {
            if port.bytes().all(|byte| byte.is_ascii_digit()) { host } else { rest }
        });
        let is_loopback = host == "localhost"
            || host.ends_with(".localhost")
            || host == "[::1]"
            || host.starts_with("127.");
        if !is_loopback {
            let message = format!(
                "{origin} is not encrypted: anyone between the browser and the server can change its pages"
            );
            let help = self.replacement(KEY, index, &format!("https://{rest}"));
            self.warn(WarningCode::InsecureOrigin, KEY, Some(index), message, help);
        }
    }
}
