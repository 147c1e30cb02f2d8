//! The content types and sizes that a route accepts.

use std::error::Error;

use upsign_core::{Provider, error_chain};
use upsign_policy::{ContentRules, InvalidContentRules, InvalidSizeLimit, SizeLimit};

use super::multipart::MULTIPART;
use super::pasted;
use super::route::Scope;
use super::values::Reader;
use crate::source::finding::{Finding, shown};
use crate::source::raw::Value;
use crate::units::{self, AmbiguousSize};
use crate::warning::WarningCode;

impl Reader {
    pub(super) fn content(&mut self, scope: &Scope) -> Option<ContentRules> {
        let key = scope.key("types");
        let rules = if self.text(&key).is_some() { ContentRules::any_file() } else { self.listed(&key)? };
        self.with_extensions(scope, rules)
    }

    /// Reads the list of content types.
    fn listed(&mut self, key: &str) -> Option<ContentRules> {
        let Some(types) = self.texts(key) else {
            self.report_missing(key, "[\"image/jpeg\", \"image/png\"]");
            return None;
        };
        if !self.check_types(key, &types) {
            return None;
        }
        let report = |error: InvalidContentRules| {
            let finding = Finding::invalid(error_chain(&error).to_string());
            match &error {
                InvalidContentRules::Repeated(range) => {
                    let range = range.to_string();
                    let item = types.iter().rposition(|text| text.eq_ignore_ascii_case(&range)).unwrap_or(0);
                    self.report_item(key, item, finding.help("remove one of them"));
                }
                _ => self.report(key, finding),
            }
        };
        ContentRules::new(types.iter().map(String::as_str)).map_err(report).ok()
    }

    /// Replaces the extensions of the types for which the file declares them.
    fn with_extensions(&mut self, scope: &Scope, mut rules: ContentRules) -> Option<ContentRules> {
        let extensions_key = scope.key("extensions");
        let declared = self.lists(&extensions_key).unwrap_or_default();
        for (index, (content_type, extensions)) in declared.iter().enumerate() {
            let updated = rules.with_extensions(content_type, extensions);
            let report = |error: InvalidContentRules| {
                let finding = Finding::invalid(error_chain(&error).to_string());
                let finding = match extensions.iter().find(|extension| extension.starts_with('.')) {
                    Some(_) => {
                        let plain: Vec<String> =
                            extensions.iter().map(|text| text.trim_start_matches('.').to_owned()).collect();
                        let all = vec![(content_type.clone(), plain)];
                        finding.help(self.assignment(&extensions_key, &Value::Lists(all)))
                    }
                    None => finding,
                };
                self.report_item(&extensions_key, index, finding);
            };
            rules = updated.map_err(report).ok()?;
        }
        Some(rules)
    }

    /// Reports each text that is no content type. If all that are wrong have an obvious correction, the first is reported with
    /// the corrected list.
    fn check_types(&mut self, key: &str, types: &[String]) -> bool {
        let wrong = types.iter().enumerate().filter(|(_, text)| ContentRules::new([text.as_str()]).is_err());
        let wrong: Vec<(usize, &String)> = wrong.collect();
        let Some((first, text)) = wrong.first() else { return true };
        if matches!(types, [only] if matches!(only.as_str(), "any" | "*" | "all")) {
            let finding = Finding::invalid(format!("{} is not a content type", shown(text)));
            let help = self.assignment(key, &Value::Text("any".into()));
            self.report_item(key, *first, finding.help(help));
            return false;
        }
        let meant = |text: &str| pasted::content_type(text).unwrap_or_else(|| text.to_owned());
        let corrected: Vec<String> = types.iter().map(|text| meant(text)).collect();
        if wrong.iter().all(|(_, text)| pasted::content_type(text).is_some()) {
            let finding = Finding::invalid(format!("{} is not a content type", shown(text)));
            let help = match self.assignment(key, &Value::Texts(corrected)) {
                long if long.len() > 120 => format!("write \"{}\" instead", meant(text)),
                short => short,
            };
            self.report_item(key, *first, finding.help(help));
            return false;
        }
        for (index, text) in wrong {
            let Err(error) = ContentRules::new([text.as_str()]) else { continue };
            let finding = match pasted::content_type(text) {
                Some(right) => {
                    let finding = Finding::invalid(format!("{} is not a content type", shown(text)));
                    finding.help(self.replacement(key, index, &right))
                }
                None => {
                    let error = error_chain(error.source().unwrap_or(&error)).to_string();
                    Finding::malformed(text, &error)
                }
            };
            self.report_item(key, index, finding);
        }
        false
    }

    /// Reads a size, and warns about a unit that is easily mistaken for another.
    pub(super) fn size_amount(&mut self, key: &str) -> Option<u64> {
        let Some(text) = self.text(key) else { return self.amount(key, units::parse_size) };
        match units::parse_size(&text) {
            Ok(bytes) => {
                if let Some(found) = units::ambiguous_size(&text) {
                    let AmbiguousSize { decimal, binary, binary_bytes, exact } = found;
                    let message =
                        format!("{} is read as {decimal}; {binary} is {binary_bytes} bytes", shown(&text));
                    let meant = self.assignment(key, &Value::Text(binary));
                    let help = format!("{meant}, or \"{exact}\" if powers of 1000 are meant");
                    self.warn(WarningCode::Corrected, key, None, message, help);
                }
                Some(bytes)
            }
            Err(error) => {
                let help = units::probable_size(&text).map(|size| self.assignment(key, &Value::Text(size)));
                self.report(key, Finding::invalid(error.to_string()).help(help.unwrap_or_default()));
                None
            }
        }
    }

    /// Returns a size as it is written, and its number of bytes: `6 GB (6000000000 bytes)`.
    fn found_size(&self, key: &str, bytes: u64) -> String {
        let exact = units::format_size(bytes);
        match self.text(key) {
            Some(text)
                if text != exact && text.contains(|character: char| character.is_ascii_alphabetic()) =>
            {
                format!("{text} ({bytes} bytes)")
            }
            _ => exact,
        }
    }

    /// Returns the largest file that the store takes, as it can be written in the file.
    fn largest_file(&self, scope: &Scope, has_parts: bool) -> String {
        let store =
            self.store(scope).map_or_else(|| Provider::Aws.capabilities(), |store| store.capabilities);
        let largest = if has_parts { store.max_object_bytes } else { store.max_put_bytes };
        units::written_size(largest.min(SizeLimit::MAX_OBJECT))
    }

    /// Reads the sizes of files. More than one request can store needs multipart uploads.
    pub(super) fn size(&mut self, scope: &Scope, has_parts: bool) -> Option<SizeLimit> {
        let (min_key, max_key) = (scope.key("min_size"), scope.key("max_size"));
        let max = self.size_amount(&max_key);
        let min = self.size_amount(&min_key);
        if !self.has(&max_key) {
            self.report_missing(&max_key, "\"10 MiB\"");
        }
        if self.has(&min_key) && min.is_none() {
            return None;
        }
        let limit = match min {
            Some(min) => SizeLimit::between(min, max?),
            None => SizeLimit::up_to(max?),
        };
        let report = |error| match error {
            InvalidSizeLimit::MinAboveMax { min, max } => {
                let (min, max) = (units::format_size(min), units::format_size(max));
                let finding = Finding::contradiction(format!("must be at most max_size ({max}), not {min}"));
                let help = self.assignment(&min_key, &Value::Text(max));
                self.report(&min_key, finding.help(format!("{help}, or raise max_size")));
            }
            InvalidSizeLimit::AboveMaxObject(_) => {
                let largest = self.largest_file(scope, has_parts);
                let found = self.found_size(&max_key, max.unwrap_or_default());
                let message = format!("must be at most 50000 GiB (10000 parts of 5 GiB), not {found}");
                let help = self.assignment(&max_key, &Value::Text(largest));
                self.report(&max_key, Finding::invalid(message).help(help));
            }
            other => {
                let help = self.assignment(&max_key, &Value::Text("10 MiB".into()));
                self.report(&max_key, Finding::invalid(other.to_string()).help(help));
            }
        };
        let limit = limit.map_err(report).ok()?;
        if limit.max() > SizeLimit::MAX_PUT && !has_parts {
            let size = self.found_size(&max_key, limit.max());
            let message = format!(
                "must be at most 5 GiB (5368709120 bytes), the limit of one request to S3, not {size}"
            );
            let auto = self.assignment(&scope.key(MULTIPART), &Value::Text("auto".into()));
            let help = self.assignment(&max_key, &Value::Text("5 GiB".into()));
            let help = format!("{help}, or {auto} to upload large files in parts");
            self.report(&max_key, Finding::invalid(message).help(help));
            return None;
        }
        Some(limit)
    }
}
