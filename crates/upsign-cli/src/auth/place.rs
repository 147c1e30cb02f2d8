//! Where the settings of an issuer are, for messages that say what is wrong and what to change.

use std::path::Path;

use upsign_cognito::authorizer::LambdaAuthorizer;
use upsign_cognito::{Rejection, VerifierConfig};
use upsign_config::{AuthSource, Config};
use upsign_core::IssuerName;

use crate::exit::Diagnostic;

/// The table of `upsign.toml` with the settings of an issuer, or no table if options of the command line describe the issuer.
pub(crate) struct AuthPlace {
    config: Option<Config>,
    index: usize,
    count: usize,
    name: Option<IssuerName>,
}

impl AuthPlace {
    /// No table: options of the command line configure the issuer.
    pub(crate) const fn options() -> Self {
        Self { config: None, index: 0, count: 1, name: None }
    }

    /// The table number `index` (from 0) of `count`.
    pub(crate) fn file(config: Config, index: usize, count: usize, name: Option<&IssuerName>) -> Self {
        Self { config: Some(config), index, count, name: name.cloned() }
    }

    /// Returns the name of the issuer, if it has one.
    pub(crate) const fn name(&self) -> Option<&IssuerName> {
        self.name.as_ref()
    }

    /// Returns whether the file has several issuers.
    pub(crate) const fn is_one_of_several(&self) -> bool {
        self.count > 1
    }

    /// Returns the name of the issuer in the file that writes this `iss`.
    pub(crate) fn issuer_of(&self, iss: &str) -> Option<&IssuerName> {
        let issuers = &self.config.as_ref()?.auth()?.issuers;
        issuers.iter().find(|issuer| issuer.verifier.issuer().is_issuer(iss))?.name.as_ref()
    }

    /// Returns the issuer in the file that differs from this one only in a slash at the end, or in upper and lower case: its table,
    /// as in "in [auth] of upsign.toml".
    pub(crate) fn table_of_similar(&self, iss: &str) -> Option<String> {
        let issuers = &self.config.as_ref()?.auth()?.issuers;
        let plain = |issuer: &str| issuer.trim_end_matches('/').to_ascii_lowercase();
        let is_similar = |name: &str| plain(name) == plain(iss);
        // Those of a user pool follow from its id.
        let mut written = issuers.iter().filter(|issuer| issuer.user_pool.is_none());
        let similar = written.find(|issuer| issuer.verifier.issuer().names().any(is_similar))?;
        Some(table_of(similar.name.as_ref(), issuers.len()))
    }

    /// Returns what the only issuer of the file accepts, if its provider is not Amazon Cognito.
    pub(crate) fn other_provider(&self) -> Option<&VerifierConfig> {
        let only = self.config.as_ref()?.auth()?.only_issuer()?;
        Some(&only.verifier).filter(|verifier| verifier.is_oidc())
    }

    /// Returns why the function of the file verifies tokens itself, if it does.
    pub(crate) fn reason_to_verify_tokens(&self) -> Option<String> {
        let config = self.config.as_ref().filter(|config| config.auth_source() == AuthSource::Token)?;
        Some(config.auth_source_reason())
    }

    /// Returns whether the settings are in a file.
    pub(crate) const fn is_in_file(&self) -> bool {
        self.config.is_some()
    }

    /// Returns the table, as in "in [auth] of upsign.toml".
    pub(crate) fn table(&self) -> String {
        table_of(self.name.as_ref(), self.count)
    }

    /// Returns the table for keys that are about every issuer.
    pub(crate) fn first_table(&self) -> &'static str {
        if self.count > 1 { "in the first [[auth]] of upsign.toml" } else { "in [auth] of upsign.toml" }
    }

    /// Points a message at the setting that rejected a token or an event, if the file or a variable sets it.
    pub(crate) fn point(
        &self,
        error: &mut Diagnostic,
        rejection: &Rejection,
        accepted: Option<&VerifierConfig>,
    ) {
        self.point_at(error, keys(rejection, accepted));
    }

    /// Points a message at the member of a context that the file names.
    pub(crate) fn point_at_context(
        &self,
        error: &mut Diagnostic,
        rejection: &Rejection,
        authorizer: &LambdaAuthorizer,
    ) {
        let claims = authorizer.claims();
        let (Rejection::MissingClaim { claim } | Rejection::InvalidClaim { claim, .. }) = rejection else {
            return;
        };
        let is_list =
            |list: Option<&upsign_cognito::ListClaim>| list.is_some_and(|list| list.name() == claim);
        let key: &[&str] = if claim == claims.subject_claim() {
            &["subject_claim"]
        } else if is_list(claims.groups_claim()) {
            &["groups_claim"]
        } else if is_list(claims.scopes_claim()) {
            &["scopes_claim"]
        } else {
            &[]
        };
        self.point_at(error, key);
    }

    /// Returns whether the value of a key is the absolute path of a file.
    pub(crate) fn has_absolute_path(&self, key: &str) -> bool {
        self.value(&self.path(key)).is_some_and(|(value, _)| Path::new(value.trim_matches('"')).is_absolute())
    }

    /// Returns the complete name of a key of this issuer, or of the whole API.
    fn path(&self, key: &str) -> String {
        // Of the keys about the whole API, which are in the first table, only these reject a token.
        let is_shared = key == "max_token_size" || key == "source";
        if self.index == 0 || is_shared {
            format!("auth.{key}")
        } else {
            format!("auth[{}].{key}", self.index)
        }
    }

    /// Returns the value of a key, and where it is set.
    fn value(&self, path: &str) -> Option<(&str, &str)> {
        self.config.as_ref()?.effective_value(path)
    }

    /// Points a message at the first of these keys that the file or a variable sets.
    pub(crate) fn point_at(&self, error: &mut Diagnostic, keys: &[&str]) {
        let set = keys.iter().map(|key| self.path(key)).find(|path| self.value(path).is_some());
        let Some((key, (_, origin))) = set.and_then(|key| self.value(&key).map(|value| (key.clone(), value)))
        else {
            return;
        };
        match origin.rsplit_once(':').and_then(|(file, line)| Some((file, line.parse().ok()?))) {
            Some((file, line)) => {
                (error.file, error.line) = (Some(file.to_owned()), Some(line));
                error.key = Some(key);
            }
            // A variable or an option sets the value.
            None => {
                error.message.push_str(&format!("; {origin} sets what is accepted"));
                error.key = Some(origin.to_owned());
            }
        }
    }
}

fn table_of(name: Option<&IssuerName>, count: usize) -> String {
    match name {
        Some(name) if count > 1 => format!("in the [[auth]] with name = \"{name}\" of upsign.toml"),
        _ => "in [auth] of upsign.toml".to_owned(),
    }
}

/// Returns the keys of `[auth]` of which the first one that is set has rejected a token or an event.
fn keys(rejection: &Rejection, accepted: Option<&VerifierConfig>) -> &'static [&'static str] {
    match rejection {
        Rejection::ByIssuer { rejection, .. } => keys(rejection, accepted),
        Rejection::Issuer { .. } => &["user_pool", "issuer"],
        Rejection::Client { .. } => &["client_ids"],
        Rejection::Audience { .. } => &["audiences"],
        Rejection::TokenUse { .. } => &["token_use"],
        Rejection::Groups { .. } => &["groups"],
        Rejection::Scopes { .. } => &["scopes"],
        Rejection::Algorithm { .. } => &["algorithms"],
        Rejection::TokenTooLong { .. } => &["max_token_size"],
        Rejection::MissingClaim { claim } if claim == "aud" => &["audiences"],
        Rejection::MissingClaim { claim } if claim == "azp" => &["client_ids"],
        Rejection::MissingClaim { claim } | Rejection::InvalidClaim { claim, .. } => {
            let Some(accepted) = accepted else { return &[] };
            if claim == accepted.groups_claim().name() {
                &["groups_claim"]
            } else if claim == accepted.scopes_claim().name() {
                &["scopes_claim"]
            } else if claim == accepted.subject_claim() {
                &["subject_claim"]
            } else {
                &[]
            }
        }
        _ => &[],
    }
}
