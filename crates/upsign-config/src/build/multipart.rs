//! Multipart uploads: the keys of a route, and what contradicts them.

use std::time::Duration;

use upsign_core::{InvalidMultipartPlan, Provider};
use upsign_policy::{ChecksumAlgorithm, InvalidUploadPolicy, MultipartMode, MultipartOptions, ResumeWindow};

use super::pasted;
use super::route::Scope;
use super::values::Reader;
use crate::config::RouteConfig;
use crate::source::finding::Finding;
use crate::source::raw::Value;
use crate::units;
use crate::warning::WarningCode;

pub(super) const MULTIPART: &str = "multipart";
const ABOVE: &str = "multipart_above";
const PART_SIZE: &str = "part_size";
const PARTS_AT_ONCE: &str = "parts_at_once";
pub(super) const RESUME_WINDOW: &str = "resume_window";

const MODES: [(&str, MultipartMode); 3] =
    [("no", MultipartMode::No), ("auto", MultipartMode::Auto), ("always", MultipartMode::Always)];

impl Reader {
    /// Reads the options of multipart uploads. Returns `None` if `multipart` is invalid, because nothing can be said about the other
    /// settings then.
    pub(super) fn multipart(&mut self, scope: &Scope) -> Option<MultipartOptions> {
        let key = scope.key(MULTIPART);
        let mode = match self.choice(&key, &MODES) {
            None if self.has(&key) || self.raw.is_spoiled(&key) => None,
            mode => Some(mode.unwrap_or_default()),
        };
        let store =
            self.store(scope).map_or_else(|| Provider::Aws.capabilities(), |store| store.capabilities);
        let mut options = MultipartOptions::new(mode.unwrap_or_default(), store);
        if let Some(bytes) = self.threshold(&scope.key(ABOVE)) {
            options = options.with_above(bytes);
        }
        if let Some(bytes) = self.size_amount(&scope.key(PART_SIZE)) {
            options = options.with_part_size(bytes);
        }
        if let Some(parts) = self.parts_at_once(&scope.key(PARTS_AT_ONCE)) {
            options = options.with_parts_at_once(parts);
        }
        if let Some(window) = self.resume_window(&scope.key(RESUME_WINDOW)) {
            options = options.with_resume_window(window);
        }
        self.report_keys_without_parts(scope, mode?);
        Some(options)
    }

    fn threshold(&mut self, key: &str) -> Option<u64> {
        let bytes = self.size_amount(key)?;
        if bytes == 0 {
            let finding = Finding::invalid("must be at least 1 byte, not 0");
            self.report(key, finding.help("for every file in parts, write multipart = \"always\""));
            return None;
        }
        Some(bytes)
    }

    fn parts_at_once(&mut self, key: &str) -> Option<u8> {
        let parts = self.count(key)?;
        let most = MultipartOptions::MAX_PARTS_AT_ONCE;
        match u8::try_from(parts).ok().filter(|parts| (1..=most).contains(parts)) {
            Some(parts) => Some(parts),
            None => {
                let nearest = if parts == 0 { 1 } else { u64::from(most) };
                let help = self.assignment(key, &Value::Number(nearest));
                self.report(key, Finding::invalid(format!("must be 1 to {most}, not {parts}")).help(help));
                None
            }
        }
    }

    fn resume_window(&mut self, key: &str) -> Option<ResumeWindow> {
        let seconds = self.amount(key, units::parse_seconds)?;
        if let Ok(window) = ResumeWindow::from_secs(seconds) {
            return Some(window);
        }
        let (message, nearest) = match seconds {
            0 => ("must be at least 1 second, not 0".to_owned(), "24h"),
            _ => {
                let found = units::format_duration(Duration::from_secs(seconds));
                (format!("must be at most 7 days, not {found}"), "7 days")
            }
        };
        let help = self.assignment(key, &Value::Text(nearest.into()));
        self.report(key, Finding::invalid(message).help(help));
        None
    }

    /// Reports keys that have no effect, because no file is uploaded in parts or every file is.
    fn report_keys_without_parts(&mut self, scope: &Scope, mode: MultipartMode) {
        let all = [ABOVE, PART_SIZE, PARTS_AT_ONCE, RESUME_WINDOW];
        let without_effect = match mode {
            MultipartMode::Auto => &[][..],
            MultipartMode::Always => &[ABOVE],
            _ => &all,
        };
        for name in without_effect {
            let key = scope.key(name);
            if self.has(&key) {
                let needed = if *name == ABOVE { "multipart = \"auto\"" } else { "multipart" };
                let auto = self.assignment(&scope.key(MULTIPART), &Value::Text("auto".into()));
                let finding = Finding::contradiction(format!("has an effect only with {needed}"));
                self.report(&key, finding.help(format!("{auto}, or remove {name}")));
            }
        }
    }

    /// Returns what to change if multipart uploads contradict other settings.
    pub(super) fn help_for_multipart(&self, scope: &Scope, error: &InvalidUploadPolicy) -> String {
        let write = |name: &str, value: Value| self.assignment(&scope.key(name), &value);
        let text = |value: &str| Value::Text(value.to_owned());
        let template = self.text(&scope.key("key")).unwrap_or_default();
        match error {
            InvalidUploadPolicy::MultipartOfForm => {
                format!("{}, or {}", write(MULTIPART, text("auto")), write("method", text("put")))
            }
            InvalidUploadPolicy::MultipartAboveMinSize { min, .. } => {
                let put = write("method", text("put"));
                let most = self.store(scope).map_or(0, |store| store.capabilities.max_put_bytes);
                if *min > most {
                    return put;
                }
                format!("{}, or {put}", write(ABOVE, Value::Text(units::format_size(*min))))
            }
            InvalidUploadPolicy::MultipartAtGoogle => {
                "write signature = \"sigv4\" below [bucket], or remove multipart".to_owned()
            }
            InvalidUploadPolicy::MultipartWithoutId => write("key", Value::Text(pasted::with_id(&template))),
            InvalidUploadPolicy::MultipartWithSha256 => {
                let key = match template.contains("{id}") {
                    true => template.replace("{sha256}/", "").replace("{sha256}", ""),
                    false => template.replace("{sha256}", "{id}"),
                };
                format!("{}, or remove multipart", write("key", Value::Text(key)))
            }
            InvalidUploadPolicy::MultipartIfMatch => {
                format!("{}, or remove multipart", write("replace", text("never")))
            }
            InvalidUploadPolicy::MultipartBodyless => {
                format!("{}, or {}", write("bodyless", text("refuse")), write(MULTIPART, text("auto")))
            }
            InvalidUploadPolicy::MultipartAboveMaxPut { max, .. } => {
                write(ABOVE, Value::Text(units::format_size(*max)))
            }
            InvalidUploadPolicy::PartSize(plan) => self.help_for_plan(scope, plan),
            InvalidUploadPolicy::MultipartChecksums => self.help_for_checksums(scope),
            _ => String::new(),
        }
    }

    /// Returns the message of an error about sizes, in the units in which sizes are written.
    pub(super) fn multipart_message(&self, scope: &Scope, error: &InvalidUploadPolicy) -> Option<String> {
        let size = units::format_size;
        let plan = match error {
            InvalidUploadPolicy::PartSize(plan) => plan,
            InvalidUploadPolicy::MultipartAboveMaxPut { above, max } => {
                let (above, max) = (size(*above), units::written_size(*max));
                return Some(format!(
                    "must be at most {max}, the largest file that one PUT can store, not {above}"
                ));
            }
            InvalidUploadPolicy::MultipartAboveMinSize { above, min } => {
                let (above, min) = (size(*above), size(*min));
                return Some(format!(
                    "every file has at least {min} and would be uploaded in parts, because that is above {ABOVE} ({above}): a form \
                     would send none"
                ));
            }
            _ => return None,
        };
        let max_size = scope.key("max_size");
        let largest = self.text(&max_size).or_else(|| self.count(&max_size).map(size)).unwrap_or_default();
        let max_parts = self.store(scope).map_or(10_000, |store| store.capabilities.max_parts);
        let enough = |least: u64| {
            format!(
                "at least {}, so that a file of max_size ({largest}) has at most {max_parts} parts",
                size(least)
            )
        };
        Some(match *plan {
            InvalidMultipartPlan::ObjectTooLarge { max, .. } => format!(
                "must be at most {}, the largest file of a multipart upload to this store, not {largest}",
                units::written_size(max)
            ),
            InvalidMultipartPlan::ObjectTooSmall { size: found, min } => format!(
                "must be at least {}, the smallest file of a multipart upload to this store, not {}",
                size(min),
                size(found)
            ),
            InvalidMultipartPlan::PartSizeOutOfRange { part_size, min, max, nearest } => {
                let (least, most) = (size(min), size(max));
                let found = size(part_size);
                match nearest == min || nearest == max {
                    true => format!("must be from {least} to {most} at this store, not {found}"),
                    false => format!("must be {}, not {found}", enough(nearest)),
                }
            }
            InvalidMultipartPlan::PartSizeNotAligned { part_size, nearest } => {
                let found = size(part_size);
                match nearest.abs_diff(part_size) < 1 << 20 {
                    true => format!("must be a multiple of 1 MiB, not {found}"),
                    false => format!("must be a multiple of 1 MiB and {}, not {found}", enough(nearest)),
                }
            }
            InvalidMultipartPlan::TooManyParts { part_size, nearest, .. } => {
                format!("must be {}, not {}", enough(nearest), size(part_size))
            }
            _ => return None,
        })
    }

    fn help_for_plan(&self, scope: &Scope, plan: &InvalidMultipartPlan) -> String {
        let size = |name: &str, bytes: u64| {
            self.assignment(&scope.key(name), &Value::Text(units::written_size(bytes)))
        };
        match plan {
            InvalidMultipartPlan::ObjectTooLarge { max, .. } => size("max_size", *max),
            InvalidMultipartPlan::ObjectTooSmall { min, .. } => size("min_size", *min),
            other => match other.nearest_part_size() {
                Some(nearest) => format!("{}, or remove part_size", size(PART_SIZE, nearest)),
                None => "remove multipart".to_owned(),
            },
        }
    }

    /// Returns the checksums that the store verifies in parts.
    fn help_for_checksums(&self, scope: &Scope) -> String {
        let Some(store) = self.store(scope) else { return String::new() };
        let options = MultipartOptions::new(MultipartMode::Auto, store.capabilities);
        let verified = ChecksumAlgorithm::ALL.into_iter().filter(|algorithm| {
            options.checksum(*algorithm).is_some() && store.capabilities.checksums.contain(algorithm.as_str())
        });
        let names: Vec<String> = verified.map(|algorithm| algorithm.to_string()).collect();
        if names.is_empty() {
            return "remove require_checksum, or remove multipart".to_owned();
        }
        self.assignment(&scope.key("checksums"), &Value::Texts(names))
    }

    /// Warns once about each store that would complete an upload under the key of an existing object, although its routes forbid
    /// overwriting.
    pub(super) fn judge_conditional_completes(&mut self, scopes: &[Scope], routes: &[RouteConfig]) {
        let mut known = Vec::new();
        for (scope, route) in scopes.iter().zip(routes) {
            let Some(options) = route.policy.multipart() else { continue };
            let store = (route.store.provider, scope.bucket_key("endpoint", self));
            if !route.policy.no_overwrite()
                || options.store().complete_if_none_match
                || known.contains(&store)
            {
                continue;
            }
            known.push(store);
            let message = format!(
                "{} completes a multipart upload even if an object has its key: only {{id}}, which is new for every upload, \
                 protects existing objects",
                route.store.provider.title()
            );
            let help = "if the store refuses it, add complete_if_none_match = true to [bucket.can]";
            self.warn(WarningCode::Policy, &scope.key(MULTIPART), None, message, help);
        }
    }
}

/// Returns the name of the key that an operator would change first, or `None` if the error is not about multipart uploads.
pub(super) const fn key_of(error: &InvalidUploadPolicy) -> Option<&'static str> {
    Some(match error {
        InvalidUploadPolicy::MultipartOfForm | InvalidUploadPolicy::MultipartAtGoogle => MULTIPART,
        InvalidUploadPolicy::MultipartWithoutId | InvalidUploadPolicy::MultipartWithSha256 => "key",
        InvalidUploadPolicy::MultipartIfMatch => "replace",
        InvalidUploadPolicy::MultipartBodyless => "bodyless",
        InvalidUploadPolicy::MultipartAboveMaxPut { .. } => ABOVE,
        // The default of `multipart_above` is no key that the file has.
        InvalidUploadPolicy::MultipartAboveMinSize { .. } => "min_size",
        InvalidUploadPolicy::PartsAtOnce(_) => PARTS_AT_ONCE,
        InvalidUploadPolicy::MultipartChecksums => "checksums",
        InvalidUploadPolicy::PartSize(InvalidMultipartPlan::ObjectTooLarge { .. }) => "max_size",
        InvalidUploadPolicy::PartSize(InvalidMultipartPlan::ObjectTooSmall { .. }) => "min_size",
        InvalidUploadPolicy::PartSize(InvalidMultipartPlan::NoPartSize { .. }) => MULTIPART,
        InvalidUploadPolicy::PartSize(_) => PART_SIZE,
        _ => return None,
    })
}
