//! The policy of one route: the settings that every policy needs.

use upsign_core::{Target, error_chain};
use upsign_policy::{
    Bodyless, IdName, InvalidKeyTemplate, InvalidUploadPolicy, KeyTemplate, MultipartMode, Replace,
    SizeBound, Unbounded, UploadMethod, UploadPolicy,
};

use super::confirmation;
use super::multipart::MULTIPART;
use super::route::Scope;
use super::support::NATIVE;
use super::values::Reader;
use super::{multipart, pasted};
use crate::error::ProblemCode;
use crate::source::finding::Finding;
use crate::source::raw::Value;

const METHODS: [(&str, UploadMethod); 2] = [("put", UploadMethod::Put), ("post", UploadMethod::Post)];
const REPLACE: [(&str, Replace); 3] =
    [("never", Replace::Never), ("if-match", Replace::IfMatch), ("allow", Replace::Allow)];
const BODYLESS: [(&str, Bodyless); 2] = [("allow", Bodyless::Allow), ("refuse", Bodyless::Refuse)];
impl Reader {
    /// Reads the policy of a route. Every key is read before the first missing value ends the function, so that one run
    /// reports every problem.
    pub(super) fn policy(&mut self, scope: &Scope, target: Option<Target>) -> Option<UploadPolicy> {
        let template = self.template(scope);
        let content = self.content(scope);
        let multipart = self.multipart(scope);
        let has_parts = multipart.is_none_or(|options| options.mode() != MultipartMode::No);
        let size = self.size(scope, has_parts);
        let confirmation = self.confirmation(scope);
        let files = self.files(scope);
        let bodyless = self.bodyless(scope);
        let no_overwrite = self.flag(&scope.key("no_overwrite"));
        let replace = self.choice(&scope.key("replace"), &REPLACE);
        let keys = self.key_options(scope);
        let method = self.choice(&scope.key("method"), &METHODS).unwrap_or_default();
        let size_bound = self.size_bound(scope, has_parts);
        let unbounded = self.unbounded(scope);
        let lifetime = self.lifetime(scope);
        let checksums = self.checksums(scope);
        let file_names = self.file_names(scope);
        let disposition = self.disposition(scope);
        let storage = self.storage(scope);
        let headers = self.header_options(scope);
        let lock = self.lock(scope);
        let form = self.form(scope);
        let metadata = self.metadata(scope);
        let tags = self.tags(scope);
        let mut builder = UploadPolicy::builder(target?, template?, bodyless?)
            .keys(keys)
            .content(content?)
            .size(size?)
            .method(method)
            .size_bound(size_bound?)
            .unbounded(unbounded?)
            .multipart(multipart?)
            .confirmation(confirmation?)
            .files(files?)
            .lifetime(lifetime)
            .checksums(checksums)
            .file_names(file_names)
            .disposition(disposition)
            .storage(storage)
            .headers(headers)
            .lock(lock)
            .form(form)
            .metadata(metadata)
            .tags(tags);
        if let Some(no_overwrite) = no_overwrite {
            builder = builder.no_overwrite(no_overwrite);
        }
        if let Some(replace) = replace {
            builder = builder.replace(replace);
        }
        let replace_key = scope.key("replace");
        if replace.is_none() && (self.has(&replace_key) || self.raw.is_spoiled(&replace_key)) {
            // With a valid value, uploads may share a key.
            return None;
        }
        let policy = builder.build().map_err(|error| {
            let name = match &error {
                InvalidUploadPolicy::LockWithoutChecksum => self.lock_key(scope),
                InvalidUploadPolicy::PostCannotPreventOverwrite if self.has(&scope.key("replace")) => {
                    "replace"
                }
                other => key_to_change(other),
            };
            let mut candidates = [name, "key"].map(|name| scope.key(name)).into_iter();
            let key = candidates.find(|key| self.has(key)).unwrap_or_else(|| scope.section().to_owned());
            self.report_policy(scope, &key, &error);
        });
        let policy = policy.ok()?;
        self.check_support(scope, &policy);
        self.judge(scope, &policy);
        Some(policy)
    }

    fn template(&mut self, scope: &Scope) -> Option<KeyTemplate> {
        let key = scope.key("key");
        self.required(&key, "\"uploads/{sub}/{id}.{ext}\"");
        self.template_at(scope, &key)
    }

    /// Reads the template that is the value of a key of the route.
    pub(super) fn template_at(&mut self, scope: &Scope, key: &str) -> Option<KeyTemplate> {
        let ids_key = scope.key("ids");
        let ids = self.ids(&ids_key);
        let text = self.text(key);
        if (self.has(&ids_key) && ids.is_none()) || self.raw.is_spoiled(&ids_key) {
            // Without valid ids, every placeholder of the template that names one would be reported as unknown.
            return None;
        }
        let (text, ids) = (text?, ids.unwrap_or_default());
        let report = |error: InvalidKeyTemplate| {
            if matches!(error, InvalidKeyTemplate::Duplicate(..)) {
                return self.report(&ids_key, Finding::invalid(error.to_string()).help("rename one of them"));
            }
            let meant = pasted::template(&text).filter(|meant| KeyTemplate::parse(meant, &ids).is_ok());
            let corrected = |meant: String| match KeyTemplate::parse(&meant, &ids) {
                Ok(_) => self.assignment(key, &Value::Text(meant)),
                Err(_) => String::new(),
            };
            let finding = match (&error, meant) {
                (_, Some(meant)) => {
                    let help = self.assignment(key, &Value::Text(meant));
                    Finding::invalid(error_chain(&error).to_string()).help(help)
                }
                (InvalidKeyTemplate::Unknown { name, .. }, None) if name.contains('{') => {
                    Finding::invalid(format!("the `}}` after `{}` is missing", part_of(&error)))
                        .help(corrected(pasted::closed(&text)))
                }
                (InvalidKeyTemplate::Unbalanced('{'), None) => {
                    Finding::invalid(error.to_string()).help(corrected(pasted::closed(&text)))
                }
                (InvalidKeyTemplate::Unknown { name, nearest }, None)
                    if pasted::means_caller(name)
                        && !nearest
                            .as_ref()
                            .is_some_and(|near| ids.iter().any(|id| id.as_str() == near.as_ref())) =>
                {
                    let finding = Finding::invalid(format!("unknown placeholder `{{{name}}}`"));
                    let sub = match corrected(text.replace(&format!("{{{name}}}"), "{sub}")) {
                        none if none.is_empty() => "write {sub}".to_owned(),
                        help => help,
                    };
                    finding.help(format!(
                        "{sub} for the caller's subject; if it is an id of your application, which gets a new UUID for each \
                         upload, declare it: ids = [\"{}\"]",
                        pasted::snake_case(name)
                    ))
                }
                (InvalidKeyTemplate::Unknown { name, nearest: Some(near) }, None) => {
                    let finding = Finding::invalid(format!("unknown placeholder `{{{name}}}`"));
                    let meant = text.replace(&format!("{{{name}}}"), &format!("{{{near}}}"));
                    finding.help(match corrected(meant) {
                        none if none.is_empty() => format!("did you mean `{{{near}}}`?"),
                        help => help,
                    })
                }
                (InvalidKeyTemplate::Unknown { name, nearest: None }, None)
                    if name.parse::<IdName>().is_ok() =>
                {
                    let finding = Finding::invalid(format!("unknown placeholder `{{{name}}}`"));
                    finding.help(format!(
                        "if it is an id of your application, declare it: ids = [\"{name}\"]; built in are {{id}}, \
                         {{id:sealed}}, {{issuer}}, {{sub}}, {{group}}, {{claim:NAME}}, {{ext}}, {{filename}}, {{date}} and {{sha256}}"
                    ))
                }
                _ => Finding::invalid(error_chain(&error).to_string()),
            };
            self.report_part(key, &part_of(&error), finding);
        };
        KeyTemplate::parse(&text, &ids).map_err(report).ok()
    }

    fn ids(&mut self, key: &str) -> Option<Vec<IdName>> {
        let texts = self.texts(key)?;
        let count = texts.len();
        let mut ids = Vec::with_capacity(count);
        for (index, text) in texts.iter().enumerate() {
            match text.parse::<IdName>() {
                Ok(id) => ids.push(id),
                Err(error) => {
                    let meant = pasted::snake_case(text);
                    let help = match meant.parse::<IdName>() {
                        Ok(_) => self.replacement(key, index, &meant),
                        Err(_) => String::new(),
                    };
                    self.report_item(key, index, Finding::malformed(text, &error).help(help));
                }
            }
        }
        (ids.len() == count).then_some(ids)
    }

    /// Reads what a `PUT` binds of the size. A maximum needs a store that understands one, or multipart uploads.
    fn size_bound(&mut self, scope: &Scope, has_parts: bool) -> Option<SizeBound> {
        let key = scope.key("size_bound");
        let is_max = self.choice(&key, &[("exact", false), ("max", true)]);
        if is_max != Some(true) {
            return (is_max.is_some() || !self.has(&key)).then_some(SizeBound::Exact);
        }
        if has_parts {
            return Some(SizeBound::MaxInParts);
        }
        let store = self.store(scope)?;
        if let Some(binding) = store.capabilities.max_size {
            return Some(SizeBound::Max(binding));
        }
        let message = format!("{} cannot bind a maximum size of a PUT", store.provider.title());
        let exact = self.assignment(&key, &Value::Text("exact".into()));
        let help = match store.capabilities.post_form {
            true => format!("{exact}, or method = \"post\" for a form, which binds a range"),
            false if store.has_google_side() => format!("{exact}, or {NATIVE} below [bucket]"),
            false => exact,
        };
        let auto = self.assignment(&scope.key(MULTIPART), &Value::Text("auto".into()));
        let help = format!("{help}; or {auto}, so that files of unknown size are uploaded in parts");
        self.report(&key, Finding::new(ProblemCode::Unsupported, message).help(help));
        None
    }

    /// Reads whether a `PUT` may bind no size for clients that cannot state one.
    fn unbounded(&mut self, scope: &Scope) -> Option<Unbounded> {
        let key = scope.key("unbounded");
        let choice = self.choice(&key, &[("refuse", Unbounded::Refuse), ("danger", Unbounded::Danger)]);
        if self.has(&key) { choice } else { Some(Unbounded::Refuse) }
    }

    fn bodyless(&mut self, scope: &Scope) -> Option<Bodyless> {
        let key = scope.key("bodyless");
        self.required(&key, "\"refuse\" # clients must state type and size, and both are signed")?;
        self.choice(&key, &BODYLESS)
    }

    fn report_policy(&mut self, scope: &Scope, key: &str, error: &InvalidUploadPolicy) {
        // The checksum that a lock needs is no remedy at a store without locks.
        if *error == InvalidUploadPolicy::LockWithoutChecksum && self.report_missing_lock(scope) {
            return;
        }
        let message = self.multipart_message(scope, error).or_else(|| self.confirmation_message(error));
        let message = message.unwrap_or_else(|| error_chain(error).to_string());
        let finding = Finding::contradiction(message);
        let InvalidUploadPolicy::NoExtension { range, suggestion } = error else {
            let help = self.help_for_policy(scope, error);
            return self.report(key, finding.help(help));
        };
        let (text, key) = (range.to_string(), scope.key("types"));
        let item =
            self.texts(&key).and_then(|texts| texts.iter().position(|item| item.eq_ignore_ascii_case(&text)));
        let item = item.unwrap_or(0);
        let finding = match suggestion {
            Some(common) => {
                let message = format!("{text} is not a registered type: browsers send {common}");
                Finding::invalid(message).help(self.replacement(&key, item, common.as_str()))
            }
            None => {
                let subtype = text.rsplit('/').next().unwrap_or_default().trim_start_matches("x-");
                let extension: String =
                    subtype.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
                let extension =
                    if extension.is_empty() { "ext".to_owned() } else { extension.to_ascii_lowercase() };
                let message = format!("no file extension is known for {text}, and the key contains {{ext}}");
                let help = format!(
                    "add extensions = {{ \"{text}\" = [\"{extension}\"] }} below [{}]",
                    scope.section()
                );
                Finding::contradiction(message).help(help)
            }
        };
        self.report_item(&key, item, finding);
    }

    /// Returns what to write instead of a key that several uploads would share.
    fn help_for_shared_key(&self, scope: &Scope) -> String {
        let key = scope.key("key");
        let text = self.text(&key).unwrap_or_default();
        let ids = self.texts(&scope.key("ids")).unwrap_or_default();
        let ids: Vec<IdName> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        let is_unique = |meant: &String| KeyTemplate::parse(meant, &ids).is_ok_and(|meant| meant.is_unique());
        // Placeholders in the notation of another tool.
        if let Some(meant) = pasted::template(&text).filter(is_unique) {
            return self.assignment(&key, &Value::Text(meant));
        }
        let with_id = self.assignment(&key, &Value::Text(pasted::with_id(&text)));
        if self.text(&scope.key(MULTIPART)).is_some_and(|mode| mode != "no") {
            return with_id;
        }
        let is_form = self.text(&scope.key("method")).is_some_and(|method| method == "post");
        let can_compare = self
            .store(scope)
            .is_none_or(|store| store.capabilities.if_match && store.capabilities.if_none_match);
        let replace = if can_compare && !is_form { "if-match" } else { "allow" };
        let add = if self.has(&scope.key("no_overwrite")) { "replace no_overwrite by" } else { "add" };
        format!("{with_id}; or {add} replace = \"{replace}\", so that an upload replaces the object")
    }

    /// Returns the change of one value that corrects an error, or an empty text.
    fn help_for_policy(&self, scope: &Scope, error: &InvalidUploadPolicy) -> String {
        let (name, value) = match error {
            InvalidUploadPolicy::BodylessKey(_) | InvalidUploadPolicy::BodylessType => {
                ("bodyless", Value::Text("refuse".into()))
            }
            InvalidUploadPolicy::PostCannotPreventOverwrite if self.has(&scope.key("replace")) => {
                ("replace", Value::Text("allow".into()))
            }
            InvalidUploadPolicy::PostCannotPreventOverwrite => ("no_overwrite", Value::Flag(false)),
            InvalidUploadPolicy::ReplaceTwice => return "remove no_overwrite".to_owned(),
            InvalidUploadPolicy::SizeBoundOfForm | InvalidUploadPolicy::SizeBoundOfOtherStore => {
                return "remove size_bound".to_owned();
            }
            InvalidUploadPolicy::UnboundedForm => return "remove unbounded".to_owned(),
            InvalidUploadPolicy::NotAtGoogle("replace") => {
                return self.assignment(&scope.key("replace"), &Value::Text("allow".into()));
            }
            InvalidUploadPolicy::NotAtGoogle("encryption") => {
                return "write encryption = \"kms\" and kms_key = \"projects/…/cryptoKeys/…\", or remove encryption"
                    .to_owned();
            }
            InvalidUploadPolicy::NotAtGoogle("checksums") => {
                return self.assignment(&scope.key("checksums"), &Value::Texts(vec!["md5".into()]));
            }
            InvalidUploadPolicy::NotAtGoogle("headers") => {
                return "remove the headers that start with x-amz-".to_owned();
            }
            InvalidUploadPolicy::NotAtGoogle(key) => {
                return format!("remove {key}");
            }
            InvalidUploadPolicy::MinSizeUnbound(_) => {
                return format!(
                    "remove min_size, or {}",
                    self.assignment(&scope.key("size_bound"), &Value::Text("exact".into()))
                );
            }
            InvalidUploadPolicy::LockWithoutChecksum
            | InvalidUploadPolicy::LockEndsBeforeGrant { .. }
            | InvalidUploadPolicy::NotInForms(_)
            | InvalidUploadPolicy::OnlyInForms(_)
            | InvalidUploadPolicy::SuccessTwice => return self.help_for_headers(scope, error),
            error if multipart::key_of(error).is_some() => return self.help_for_multipart(scope, error),
            error if confirmation::key_of(error).is_some() => {
                return self.help_for_confirmation(scope, error);
            }
            InvalidUploadPolicy::SharedKey => return self.help_for_shared_key(scope),
            InvalidUploadPolicy::NothingInert(range) => {
                let key = scope.key("types");
                let text = range.to_string();
                let texts = self.texts(&key).unwrap_or_default();
                let index = texts.iter().position(|item| item.eq_ignore_ascii_case(&text));
                if let Some((index, meant)) = index.zip(pasted::range(&text)) {
                    return self.replacement(&key, index, &meant);
                }
                ("disposition", Value::Text("attachment".into()))
            }
            InvalidUploadPolicy::AnyFileDisplayed => ("disposition", Value::Text("attachment".into())),
            InvalidUploadPolicy::Sha256NotRequired => {
                let checksums =
                    self.assignment(&scope.key("checksums"), &Value::Texts(vec!["sha256".into()]));
                return format!("{checksums} and require_checksum = true");
            }
            _ => return String::new(),
        };
        self.assignment(&scope.key(name), &value)
    }
}

/// Returns the part of a key template that an error is about, or an empty text.
fn part_of(error: &InvalidKeyTemplate) -> String {
    match error {
        InvalidKeyTemplate::Unknown { name, .. } if name.contains('{') => {
            let open: String =
                name.chars().take_while(|character| pasted::is_in_placeholder(*character)).collect();
            format!("{{{open}")
        }
        InvalidKeyTemplate::Unknown { name, .. } => format!("{{{name}}}"),
        InvalidKeyTemplate::Wildcard(character) => character.to_string(),
        InvalidKeyTemplate::PolicyVariable => "${".to_owned(),
        InvalidKeyTemplate::Ambiguous { first, .. } => first.to_string(),
        _ => String::new(),
    }
}

/// Returns the name of the key that an operator would change first to correct the error.
const fn key_to_change(error: &InvalidUploadPolicy) -> &'static str {
    if let Some(key) = multipart::key_of(error) {
        return key;
    }
    if let Some(key) = confirmation::key_of(error) {
        return key;
    }
    match error {
        InvalidUploadPolicy::NoRoomForTags(_) => "tags",
        InvalidUploadPolicy::NothingInert(_) => "types",
        InvalidUploadPolicy::SizeBoundOfForm | InvalidUploadPolicy::SizeBoundOfOtherStore => "size_bound",
        InvalidUploadPolicy::UnboundedForm => "unbounded",
        InvalidUploadPolicy::NotAtGoogle(key) => key,
        InvalidUploadPolicy::MinSizeUnbound(_) => "min_size",
        InvalidUploadPolicy::LockEndsBeforeGrant { .. } => "object_lock",
        InvalidUploadPolicy::NotInForms(key) | InvalidUploadPolicy::OnlyInForms(key) => key,
        InvalidUploadPolicy::SuccessTwice => "success_action_status",
        InvalidUploadPolicy::AnyFileDisplayed => "disposition",
        InvalidUploadPolicy::BodylessKey(_) | InvalidUploadPolicy::BodylessType => "bodyless",
        InvalidUploadPolicy::EmptyChecksums | InvalidUploadPolicy::Sha256NotRequired => "checksums",
        InvalidUploadPolicy::DuplicateMetadataName(_) => "metadata",
        InvalidUploadPolicy::InvalidClientMetadataName => "client_metadata",
        InvalidUploadPolicy::FileNameLimit(_) => "max_file_name",
        InvalidUploadPolicy::InvalidGroups => "key_groups",
        InvalidUploadPolicy::PostCannotPreventOverwrite | InvalidUploadPolicy::ReplaceTwice => "no_overwrite",
        InvalidUploadPolicy::UndeclaredClientId(_)
        | InvalidUploadPolicy::NoGeneratedId
        | InvalidUploadPolicy::ReservedClientId(_) => "client_may_supply",
        _ => "key",
    }
}
