//! What happens after an upload: the keys of a route about confirmation and about several files, and what contradicts them.

use std::time::Duration;

use upsign_core::ExpiresIn;
use upsign_policy::{
    ConfirmationOptions, FilesOptions, Gate, Inspection, InvalidUploadPolicy, KeyTemplate, ResumeWindow,
    UploadPolicy,
};

use super::pasted;
use super::route::Scope;
use super::values::Reader;
use crate::source::finding::Finding;
use crate::source::raw::Value;
use crate::units;

const CONFIRM: &str = "confirm";
const CONFIRM_WITHIN: &str = "confirm_within";
const PENDING_KEY: &str = "pending_key";
const PENDING_DAYS: &str = "pending_days";
const GATE: &str = "gate";
const READ_EXPIRES_IN: &str = "read_expires_in";
const MAX_FILES: &str = "max_files";
const MAX_TOTAL_SIZE: &str = "max_total_size";

const GATES: [(&str, bool); 2] = [("none", false), ("tag", true)];
const INSPECTIONS: [(&str, Inspection); 3] =
    [("none", Inspection::None), ("magic", Inspection::Magic), ("hook", Inspection::Hook)];

impl Reader {
    /// Reads the options of confirmations. Returns `None` if the gate is invalid, because nothing can be said about the other settings
    /// then.
    pub(super) fn confirmation(&mut self, scope: &Scope) -> Option<ConfirmationOptions> {
        let confirm = self.flag(&scope.key(CONFIRM)).unwrap_or_default();
        let mut options = ConfirmationOptions::new()
            .with_confirm(confirm)
            .with_claim(self.flag(&scope.key("claim")).unwrap_or_default())
            .with_delete(self.flag(&scope.key("delete")).unwrap_or_default())
            .with_delete_if_match(self.store(scope).is_some_and(|store| store.capabilities.delete_if_match));
        if let Some(window) = self.window(&scope.key(CONFIRM_WITHIN)) {
            options = options.with_confirm_within(window);
        }
        if let Some(inspection) = self.choice(&scope.key("inspect"), &INSPECTIONS) {
            options = options.with_inspection(inspection);
        }
        if let Some(expires_in) = self.read_expires_in(&scope.key(READ_EXPIRES_IN)) {
            options = options.with_read_expires_in(expires_in);
        }
        self.report_keys_without_confirmation(scope, confirm);
        Some(options.with_gate(self.gate(scope)?))
    }

    /// Reads how long an upload can be confirmed.
    fn window(&mut self, key: &str) -> Option<ResumeWindow> {
        let seconds = self.amount(key, units::parse_seconds)?;
        match ResumeWindow::from_secs(seconds) {
            Ok(window) => Some(window),
            Err(_) => self.report_duration(key, seconds, "24h"),
        }
    }

    fn read_expires_in(&mut self, key: &str) -> Option<ExpiresIn> {
        let seconds = self.amount(key, units::parse_seconds)?;
        match ExpiresIn::from_secs(seconds) {
            Ok(expires_in) => Some(expires_in),
            Err(_) => self.report_duration(key, seconds, "5m"),
        }
    }

    fn report_duration<T>(&mut self, key: &str, seconds: u64, usual: &str) -> Option<T> {
        let (message, nearest) = match seconds {
            0 => ("must be at least 1 second, not 0".to_owned(), usual),
            _ => {
                let found = units::format_duration(Duration::from_secs(seconds));
                (format!("must be at most 7 days, not {found}"), "7 days")
            }
        };
        let help = self.assignment(key, &Value::Text(nearest.into()));
        self.report(key, Finding::invalid(message).help(help));
        None
    }

    fn gate(&mut self, scope: &Scope) -> Option<Gate> {
        let (gate_key, pending_key) = (scope.key(GATE), scope.key(PENDING_KEY));
        let is_tag = self.choice(&gate_key, &GATES);
        if is_tag.is_none() && (self.has(&gate_key) || self.raw.is_spoiled(&gate_key)) {
            return None;
        }
        if !self.has(&pending_key) {
            let none = (!self.raw.is_spoiled(&pending_key)).then_some(Gate::None);
            return if is_tag == Some(true) { Some(Gate::Tag) } else { none };
        }
        if is_tag == Some(true) {
            let message = "pending_key and gate = \"tag\" are two ways to keep readers from an object";
            let finding = Finding::contradiction(message).help("remove one of them");
            self.report(&gate_key, finding);
            return None;
        }
        self.template_at(scope, &pending_key).map(Gate::Pending)
    }

    /// Reports keys that have no effect, because uploads are not confirmed.
    fn report_keys_without_confirmation(&mut self, scope: &Scope, confirm: bool) {
        if confirm || self.raw.is_spoiled(&scope.key(CONFIRM)) {
            return;
        }
        for name in [CONFIRM_WITHIN, READ_EXPIRES_IN] {
            let key = scope.key(name);
            if self.has(&key) {
                let write = self.assignment(&scope.key(CONFIRM), &Value::Flag(true));
                let finding = Finding::contradiction("has an effect only with confirm = true");
                self.report(&key, finding.help(format!("{write}, or remove {name}")));
            }
        }
    }

    /// Reads after how many days objects that nobody confirms are deleted.
    pub(super) fn pending_days(&mut self, scope: &Scope, policy: Option<&UploadPolicy>) -> Option<u32> {
        let key = scope.key(PENDING_DAYS);
        let days = self.count(&key)?;
        if !self.has(&scope.key(PENDING_KEY)) {
            let finding = Finding::contradiction("has an effect only with pending_key");
            self.report(&key, finding.help("add pending_key = \"pending/…\", or remove pending_days"));
            return None;
        }
        let least = least_pending_days(policy?);
        let valid = u32::try_from(days).ok().filter(|days| *days >= least && i32::try_from(*days).is_ok());
        if valid.is_none() {
            let message = match days < u64::from(least) {
                true => format!(
                    "must be at least {least}, not {days}: an upload can be confirmed for that long, and its object must exist then"
                ),
                false => format!("must be at most {} days, not {days}", i32::MAX),
            };
            let help = self.assignment(&key, &Value::Number(least.into()));
            self.report(&key, Finding::invalid(message).help(help));
        }
        valid
    }

    /// Reads the options for several files in one request.
    pub(super) fn files(&mut self, scope: &Scope) -> Option<FilesOptions> {
        let mut options = FilesOptions::new();
        let key = scope.key(MAX_FILES);
        if let Some(files) = self.count(&key) {
            let most = FilesOptions::MAX_FILES;
            match u16::try_from(files).ok().filter(|files| (1..=most).contains(files)) {
                Some(files) => options = options.with_max_files(files),
                None => {
                    let nearest = if files == 0 { 1 } else { most };
                    let help = self.assignment(&key, &Value::Number(nearest.into()));
                    self.report(
                        &key,
                        Finding::invalid(format!("must be 1 to {most}, not {files}")).help(help),
                    );
                    return None;
                }
            }
        }
        if let Some(bytes) = self.size_amount(&scope.key(MAX_TOTAL_SIZE)) {
            options = options.with_max_total_size(bytes);
        }
        Some(options)
    }

    /// Returns what to change if settings about what happens after an upload contradict others.
    pub(super) fn help_for_confirmation(&self, scope: &Scope, error: &InvalidUploadPolicy) -> String {
        let write = |name: &str, value: Value| self.assignment(&scope.key(name), &value);
        let text = |value: String| Value::Text(value);
        let of = |name: &str| self.text(&scope.key(name)).unwrap_or_default();
        match error {
            InvalidUploadPolicy::OnlyConfirmed(name) => {
                format!("{}, or remove {name}", write(CONFIRM, Value::Flag(true)))
            }
            InvalidUploadPolicy::InspectionWithoutGate => {
                let tag = write(GATE, text("tag".into()));
                format!("{}, or {tag}, or remove inspect", self.help_for_pending_key(scope))
            }
            InvalidUploadPolicy::BodylessClaim => write("bodyless", text("refuse".into())),
            InvalidUploadPolicy::PendingTooLarge(_) => {
                let size = write("max_size", text("5 GiB".into()));
                format!("{size}, or gate = \"tag\" in place of pending_key")
            }
            InvalidUploadPolicy::PendingWithoutId => {
                let key = pasted::with_id(&of("key"));
                format!("{}, and {{id}} in pending_key", write("key", text(key)))
            }
            InvalidUploadPolicy::PendingIfMatch => write("replace", text("never".into())),
            InvalidUploadPolicy::PendingLacks(_)
            | InvalidUploadPolicy::PendingAdds(_)
            | InvalidUploadPolicy::PendingWithoutFolder
            | InvalidUploadPolicy::PendingOverlaps { .. } => self.help_for_pending_key(scope),
            InvalidUploadPolicy::TagGateWithClientTags => "remove client_tags".to_owned(),
            InvalidUploadPolicy::TotalSizeOfOneFile => {
                format!("{}, or remove max_total_size", write(MAX_FILES, Value::Number(10)))
            }
            InvalidUploadPolicy::TotalSizeBelowMaxSize { max, .. } => {
                write(MAX_TOTAL_SIZE, text(units::format_size(*max)))
            }
            _ => String::new(),
        }
    }

    /// Returns a template of pending keys that fits the final one, if there is a simple one.
    fn help_for_pending_key(&self, scope: &Scope) -> String {
        let key = self.text(&scope.key("key")).unwrap_or_default();
        let ids = self.texts(&scope.key("ids")).unwrap_or_default();
        let ids: Vec<_> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        let Ok(template) = KeyTemplate::parse(&key, &ids) else { return String::new() };
        match template.literal_prefix().split_once('/') {
            Some((folder, _)) if folder != "pending" => {
                self.assignment(&scope.key(PENDING_KEY), &Value::Text(format!("pending/{key}")))
            }
            _ => {
                let key = self.assignment(&scope.key("key"), &Value::Text(format!("files/{key}")));
                format!("{key}, and begin pending_key with another folder, as in \"pending/…\"")
            }
        }
    }

    /// Returns the message of an error about sizes, in the units in which sizes are written.
    pub(super) fn confirmation_message(&self, error: &InvalidUploadPolicy) -> Option<String> {
        let size = units::format_size;
        Some(match error {
            InvalidUploadPolicy::PendingTooLarge(max) => format!(
                "an object of {} cannot be copied to its final key: S3 copies at most 5 GiB",
                size(*max)
            ),
            InvalidUploadPolicy::TotalSizeBelowMaxSize { total, max } => format!(
                "must be at least max_size ({}), not {}: a request can describe a single file",
                size(*max),
                size(*total)
            ),
            _ => return None,
        })
    }
}

/// Returns the whole days in which an upload can be confirmed.
fn least_pending_days(policy: &UploadPolicy) -> u32 {
    upsign_documents::DeploymentRoute::new(policy.clone()).least_pending_days()
}

/// Returns the name of the key that an operator would change first, or `None` if the error is not about what happens after an
/// upload.
pub(super) const fn key_of(error: &InvalidUploadPolicy) -> Option<&'static str> {
    Some(match error {
        InvalidUploadPolicy::OnlyConfirmed(key) => key,
        InvalidUploadPolicy::InspectionWithoutGate => "inspect",
        InvalidUploadPolicy::BodylessClaim => "claim",
        InvalidUploadPolicy::PendingTooLarge(_)
        | InvalidUploadPolicy::PendingWithoutId
        | InvalidUploadPolicy::PendingIfMatch
        | InvalidUploadPolicy::PendingLacks(_)
        | InvalidUploadPolicy::PendingAdds(_)
        | InvalidUploadPolicy::PendingWithoutFolder
        | InvalidUploadPolicy::PendingOverlaps { .. } => PENDING_KEY,
        InvalidUploadPolicy::TagGateWithClientTags | InvalidUploadPolicy::NoRoomForGateTag => GATE,
        InvalidUploadPolicy::MaxFiles(_) => MAX_FILES,
        InvalidUploadPolicy::TotalSizeOfOneFile | InvalidUploadPolicy::TotalSizeBelowMaxSize { .. } => {
            MAX_TOTAL_SIZE
        }
        _ => return None,
    })
}
