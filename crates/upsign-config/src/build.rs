//! From values to meaning.

use std::fmt::Display;
use std::str::FromStr;

use upsign_cognito::{TokenUse, TrustedIssuer, UserPool, VerifierConfig};
use upsign_core::{Addressing, Endpoint, ExpiresIn, Provider, Region, Target, WhenShort};
use upsign_documents::{CorsOrigins, Origin};
use upsign_policy::{Bodyless, ContentRules, IdName, KeyTemplate, SizeLimit, UploadPolicy};

use crate::config::{Auth, Config, UnknownExpiry};
use crate::error::{InvalidConfig, Place, Problem};
use crate::raw::{Located, Raw, Value};
use crate::units;

/// Builds what it can, so that one look finds every problem.
pub(crate) fn build(file: &str, raw: Raw) -> Result<Config, InvalidConfig> {
    let mut reader = Reader { file, raw };
    let target = reader.target();
    let policy = reader.policy(target);
    let origins = reader.origins();
    let auth = reader.auth();
    let unknown_expiry = reader.unknown_expiry();
    match (policy, origins, reader.raw.problems.is_empty()) {
        (Some(policy), Some(origins), true) => Ok(Config { policy, auth, origins, unknown_expiry }),
        _ => Err(InvalidConfig::of(reader.raw.problems)),
    }
}

struct Reader<'a> {
    file: &'a str,
    raw: Raw,
}

impl Reader<'_> {
    fn target(&mut self) -> Option<Target> {
        let bucket = self.parsed("bucket.name", "name the bucket: name = \"…\"");
        let region =
            self.parsed("bucket.region", "a URL signed for another region than the bucket's does not work");
        let given: Option<Endpoint> = self.optional("bucket.endpoint");
        let provider = self.provider(given.is_some());
        let addressing = self.choice("bucket.addressing", &ADDRESSING, "");
        let (bucket, region): (_, Region) = (bucket?, region?);
        let Some(endpoint) = given.or_else(|| provider.endpoint(&region)) else {
            if provider != Provider::Aws {
                let hint = "this provider has no endpoint of its own by region: give yours";
                self.missing("bucket.endpoint", hint);
                return None;
            }
            if let Some(Located { place, .. }) = self.raw.values.get("bucket.addressing").cloned() {
                let hint = "leave it out: AWS's buckets are addressed as they must be";
                self.raw.problem(place, "bucket.addressing", "goes with bucket.endpoint", hint);
            }
            return Some(Target::aws(bucket, region));
        };
        if !provider.answers_at(&endpoint) {
            let hint = "take the account's own endpoint: signatures count there alone";
            self.wrong("bucket.endpoint", &format!("no endpoint of {provider}"), hint);
            return None;
        }
        let target =
            Target::at(&endpoint, addressing.unwrap_or_else(|| provider.addressing()), bucket, region);
        target.map_err(|error| self.wrong("bucket.addressing", &error, "")).ok()
    }

    /// The store: AWS unless named, or unless an endpoint is given.
    fn provider(&mut self, has_endpoint: bool) -> Provider {
        let named: Option<Provider> = self.optional("bucket.provider");
        named.unwrap_or(if has_endpoint { Provider::Custom } else { Provider::Aws })
    }

    /// What the policy asks of the store and the store cannot do.
    fn fits_provider(&mut self, policy: &UploadPolicy) {
        let Some(provider) = self.text("bucket.provider").and_then(|name| name.parse::<Provider>().ok())
        else {
            return;
        };
        let can = provider.capabilities();
        if policy.no_overwrite() && !can.if_none_match {
            let what = format!("{provider} does not honour If-None-Match, so nothing would keep an object");
            self.wrong("upload.no_overwrite", &what, "write no_overwrite = false to do without");
        }
        if policy.max_size() > can.max_put_bytes {
            let what = format!("{provider} takes at most {} bytes in one PUT", can.max_put_bytes);
            self.wrong("upload.max_size", &what, "");
        }
    }

    fn policy(&mut self, target: Option<Target>) -> Option<UploadPolicy> {
        let declares = self.raw.values.contains_key("upload.ids");
        let ids = self.each("upload.ids", str::parse::<IdName>);
        // A template is judged by the ids it may name: with wrong ones there is nothing more to say of it.
        let template = if declares && ids.is_none() { None } else { self.template(&ids.unwrap_or_default()) };
        let content = self.content();
        let size = self.size();
        let expires_in = self.expires_in();
        let bodyless = self.required("upload.bodyless", BODYLESS_HINT).is_some();
        let bodyless = if bodyless { self.choice("upload.bodyless", &BODYLESS, BODYLESS_HINT) } else { None };
        let mut builder = UploadPolicy::builder(target?, template?, bodyless?).content(content?).size(size?);
        if let Some(expires_in) = expires_in {
            builder = builder.expires_in(expires_in);
        }
        if let Some(no_overwrite) = self.flag("upload.no_overwrite") {
            builder = builder.no_overwrite(no_overwrite);
        }
        if let Some(when_short) = self.choice("upload.short_credentials", &WHEN_SHORT, "") {
            builder = builder.when_short(when_short);
        }
        let policy = builder.build().map_err(|error| self.wrong("upload", &error, "")).ok()?;
        self.fits_provider(&policy);
        Some(policy)
    }

    fn unknown_expiry(&mut self) -> Option<UnknownExpiry> {
        let assumes = self.choice("credentials.unknown_expiry", &UNKNOWN_EXPIRY, "");
        let seconds = self.amount("credentials.assume_for", units::seconds, "whole seconds, as in \"1h\"");
        match (assumes?, seconds) {
            (false, None) => Some(UnknownExpiry::Refuse),
            (true, Some(seconds)) => Some(UnknownExpiry::Assume(seconds)),
            (false, Some(_)) => {
                let what = "goes with unknown_expiry = \"assume\"";
                self.wrong("credentials.assume_for", &what, "");
                None
            }
            (true, None) => {
                let hint = "say for how long, as in assume_for = \"1h\"";
                self.missing("credentials.assume_for", hint);
                None
            }
        }
    }

    fn template(&mut self, ids: &[IdName]) -> Option<KeyTemplate> {
        let hint = "write a template, as in key = \"articles/{article_id}/raw/{id}.{ext}\"";
        let text = self.required("upload.key", hint)?;
        KeyTemplate::parse(&text, ids).map_err(|error| self.wrong("upload.key", &error, "")).ok()
    }

    fn content(&mut self) -> Option<ContentRules> {
        let Some(types) = self.texts("upload.types") else {
            self.missing("upload.types", "name the types, as in types = [\"image/jpeg\"]");
            return None;
        };
        ContentRules::of(types).map_err(|error| self.wrong("upload.types", &error, "")).ok()
    }

    fn size(&mut self) -> Option<SizeLimit> {
        let max = self.amount("upload.max_size", units::size, "a size, as in \"10 MiB\"");
        let min = self.amount("upload.min_size", units::size, "a size, as in \"1 KiB\"");
        if !self.raw.values.contains_key("upload.max_size") {
            self.missing("upload.max_size", "say how large a file may be, as in max_size = \"10 MiB\"");
        }
        let limit = match min {
            Some(min) => SizeLimit::between(min, max?),
            None => SizeLimit::up_to(max?),
        };
        limit.map_err(|error| self.wrong("upload.max_size", &error, "")).ok()
    }

    fn expires_in(&mut self) -> Option<ExpiresIn> {
        let seconds = self.amount("upload.expires_in", units::seconds, "whole seconds, as in \"15m\"")?;
        ExpiresIn::from_secs(seconds).map_err(|error| self.wrong("upload.expires_in", &error, "")).ok()
    }

    fn origins(&mut self) -> Option<CorsOrigins> {
        let hint = "name the pages that may upload, as in origins = [\"https://app.example.com\"]";
        if !self.raw.values.contains_key("cors.origins") {
            self.missing("cors.origins", hint);
            return None;
        }
        let origins = self.each("cors.origins", str::parse::<Origin>)?;
        if origins.is_empty() {
            self.wrong("cors.origins", &"names no page", hint);
            return None;
        }
        Some(CorsOrigins::listed(origins))
    }

    fn auth(&mut self) -> Option<Auth> {
        if !self.raw.values.keys().any(|key| key.starts_with("auth.")) {
            return None;
        }
        let issuer = self.issuer();
        let token_use = self.parsed::<TokenUse>("auth.token_use", "write \"access\", \"id\" or \"any\"");
        if !self.raw.values.contains_key("auth.client_ids") {
            self.missing("auth.client_ids", "name the app clients whose tokens count");
        }
        let client_ids = self.texts("auth.client_ids");
        let leeway = self.amount("auth.leeway", units::seconds, "whole seconds, as in \"60s\"");
        let (groups, scopes) = (self.texts("auth.groups"), self.texts("auth.scopes"));
        let config = VerifierConfig::new(issuer?, client_ids?, token_use?);
        let mut config = config.map_err(|error| self.wrong("auth.client_ids", &error, "")).ok()?;
        if let Some(leeway) = leeway {
            let seconds = u32::try_from(leeway).ok().filter(|seconds| *seconds <= 600);
            let Some(seconds) = seconds else {
                self.wrong("auth.leeway", &"at most 10 minutes", "");
                return None;
            };
            config = config.with_leeway(seconds);
        }
        if let Some(groups) = groups {
            let with = config.with_required_groups(groups);
            config = with.map_err(|error| self.wrong("auth.groups", &error, "")).ok()?;
        }
        if let Some(scopes) = scopes {
            let with = config.with_required_scopes(scopes);
            config = with.map_err(|error| self.wrong("auth.scopes", &error, "")).ok()?;
        }
        let accept_raw_authorization = self.flag("auth.accept_raw_authorization").unwrap_or(false);
        Some(Auth { verifier: config, accept_raw_authorization })
    }

    fn issuer(&mut self) -> Option<TrustedIssuer> {
        let pool: Option<UserPool> = self.optional("auth.user_pool");
        let (issuer, jwks) = (self.text("auth.issuer"), self.text("auth.jwks_uri"));
        let danger = self.flag("auth.danger_http_issuer").unwrap_or(false);
        match (pool, issuer, jwks) {
            (Some(pool), None, None) => Some(TrustedIssuer::user_pool(&pool)),
            (None, Some(issuer), Some(jwks)) => {
                let trusted = if danger {
                    TrustedIssuer::danger_http(&issuer, &jwks)
                } else {
                    TrustedIssuer::other(&issuer, &jwks)
                };
                let hint =
                    if danger { "" } else { "for an emulator on this machine, danger_http_issuer = true" };
                trusted.map_err(|error| self.wrong("auth.jwks_uri", &error, hint)).ok()
            }
            (Some(_), ..) => {
                self.wrong(
                    "auth.user_pool",
                    &"stands beside auth.issuer or auth.jwks_uri",
                    "keep one of the two",
                );
                None
            }
            (None, ..) => {
                if !self.raw.values.contains_key("auth.user_pool") {
                    self.missing("auth.user_pool", "or both auth.issuer and auth.jwks_uri");
                }
                None
            }
        }
    }
}

const ADDRESSING: [(&str, Addressing); 3] =
    [("path", Addressing::Path), ("virtual", Addressing::VirtualHosted), ("auto", Addressing::Auto)];
const WHEN_SHORT: [(&str, WhenShort); 2] = [("clamp", WhenShort::Clamp), ("refuse", WhenShort::Refuse)];
const UNKNOWN_EXPIRY: [(&str, bool); 2] = [("refuse", false), ("assume", true)];
const BODYLESS: [(&str, Bodyless); 2] = [("allow", Bodyless::Allow), ("refuse", Bodyless::Refuse)];
const BODYLESS_HINT: &str = "write \"refuse\", or \"allow\" if clients send no body: then neither the size nor \
                             overwriting is bound for them";

/// The shapes of values.
impl Reader<'_> {
    fn text(&self, key: &str) -> Option<String> {
        match &self.raw.values.get(key)?.value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    }

    fn texts(&self, key: &str) -> Option<Vec<String>> {
        match &self.raw.values.get(key)?.value {
            Value::Texts(texts) => Some(texts.clone()),
            _ => None,
        }
    }

    fn flag(&self, key: &str) -> Option<bool> {
        match self.raw.values.get(key)?.value {
            Value::Flag(flag) => Some(flag),
            _ => None,
        }
    }

    fn required(&mut self, key: &str, hint: &str) -> Option<String> {
        if !self.raw.values.contains_key(key) {
            self.missing(key, hint);
        }
        self.text(key)
    }

    fn parsed<T: FromStr<Err: Display>>(&mut self, key: &str, hint: &str) -> Option<T> {
        let text = self.required(key, hint)?;
        text.parse().map_err(|error| self.wrong(key, &error, hint)).ok()
    }

    fn optional<T: FromStr<Err: Display>>(&mut self, key: &str) -> Option<T> {
        let text = self.text(key)?;
        text.parse().map_err(|error| self.wrong(key, &error, "")).ok()
    }

    fn choice<T: Copy>(&mut self, key: &str, choices: &[(&str, T)], hint: &str) -> Option<T> {
        let text = self.text(key)?;
        let found = choices.iter().find(|(name, _)| *name == text);
        if found.is_none() {
            let names: Vec<String> = choices.iter().map(|(name, _)| format!("\"{name}\"")).collect();
            self.wrong(key, &format!("must be {}", names.join(" or ")), hint);
        }
        found.map(|(_, choice)| *choice)
    }

    fn each<T, E: Display>(&mut self, key: &str, parse: impl Fn(&str) -> Result<T, E>) -> Option<Vec<T>> {
        let texts = self.texts(key)?;
        let (wanted, mut parsed) = (texts.len(), Vec::with_capacity(texts.len()));
        for text in texts {
            match parse(&text) {
                Ok(item) => parsed.push(item),
                Err(error) => self.wrong(key, &format!("`{}`: {error}", text.escape_debug()), ""),
            }
        }
        (parsed.len() == wanted).then_some(parsed)
    }

    fn amount(&mut self, key: &str, read: impl Fn(&str) -> Option<u64>, form: &str) -> Option<u64> {
        let amount = match &self.raw.values.get(key)?.value {
            Value::Number(number) => Some(*number),
            Value::Text(text) => read(text),
            _ => None,
        };
        if amount.is_none() {
            self.wrong(key, &format!("must be {form}"), "");
        }
        amount
    }

    fn missing(&mut self, key: &str, hint: &str) {
        if !self.raw.problems.iter().any(|problem| problem.key == key) {
            self.raw.problem(Place::File(self.file.into()), key, "missing", hint);
        }
    }

    /// A problem at the place of the value, or of the whole file where a section is meant.
    fn wrong(&mut self, key: &str, what: &dyn Display, hint: &str) {
        let place = self.raw.values.get(key).map(|located| located.place.clone());
        let place = place.unwrap_or_else(|| Place::File(self.file.into()));
        self.raw.problems.push(Problem { place, key: key.into(), what: what.to_string(), hint: hint.into() });
    }
}
