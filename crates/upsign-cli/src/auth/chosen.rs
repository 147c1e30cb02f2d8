//! The issuer that a token or an event is checked against, and what is known of its settings.

use std::sync::Arc;

use upsign_cognito::{Excerpt, FetchKeys, HttpFetch, Rejection, VerifierConfig};
use upsign_config::{Auth, AuthIssuer, Config};

use crate::auth::place::AuthPlace;
use crate::exit::CommandError;
use crate::verdict::unverified::UnverifiedClaims;

/// The configuration of a verifier, where it stands, and what it does not check.
pub(crate) struct ChosenVerifier {
    pub(crate) config: VerifierConfig,
    /// Where the settings are, for messages.
    pub(crate) place: AuthPlace,
    /// The options that are missing, and what a token or an event says about each. Empty if everything is checked.
    pub(crate) unchecked: Vec<Unchecked>,
    /// Why the issuer that the token names is not accepted. Nothing of the token was verified.
    pub(crate) mismatch: Option<Rejection>,
    /// The issuer in the file, if its keys are the ones that verify.
    of_file: Option<(Auth, AuthIssuer)>,
    danger_http_keys: bool,
}

/// Something that is not checked, because neither an option nor `upsign.toml` says what is accepted.
pub(crate) struct Unchecked {
    pub(super) what: &'static str,
    pub(super) option: &'static str,
    pub(super) claimed: Option<String>,
}

impl ChosenVerifier {
    /// Describes a verifier that options configure.
    pub(super) fn of_options(config: VerifierConfig, danger_http_keys: bool) -> Self {
        Self {
            config,
            place: AuthPlace::options(),
            unchecked: Vec::new(),
            mismatch: None,
            of_file: None,
            danger_http_keys,
        }
    }

    /// Describes the verifier of an issuer in the file. `own_keys` says that no option replaces the issuer.
    pub(super) fn of_file(
        config: Config,
        auth: &Auth,
        index: usize,
        issuer: &AuthIssuer,
        own_keys: bool,
    ) -> Self {
        Self {
            config: issuer.verifier.clone(),
            place: AuthPlace::file(config, index, auth.issuers.len(), issuer.name.as_ref()),
            unchecked: Vec::new(),
            mismatch: None,
            of_file: own_keys.then(|| (auth.clone(), issuer.clone())),
            danger_http_keys: issuer.allows_http_keys,
        }
    }

    /// Compares the issuer that a token names with those that are accepted.
    pub(super) fn with_mismatch(
        mut self,
        claims: Option<&UnverifiedClaims>,
        accepted: &[VerifierConfig],
    ) -> Self {
        let Some(found) = claims.and_then(UnverifiedClaims::issuer) else { return self };
        if accepted.iter().any(|config| config.issuer().is_issuer(found)) {
            return self;
        }
        let found = Excerpt::new(found);
        self.mismatch = Some(match accepted {
            [only] => Rejection::Issuer { found, expected: name(only).into() },
            several => {
                let trusted: Arc<[Box<str>]> = several.iter().map(|config| name(config).into()).collect();
                Rejection::UnknownIssuer { found, trusted }
            }
        });
        self
    }

    /// Returns what fetches the keys, or reads them from where `upsign.toml` says.
    pub(crate) fn keys(&self) -> Result<Box<dyn FetchKeys>, CommandError> {
        match &self.of_file {
            Some((auth, issuer)) => issuer
                .fetch_keys(auth.http_fetch(issuer))
                .map_err(|error| CommandError::caused("cannot verify", &error)),
            None => Ok(Box::new(http_fetch(self.danger_http_keys))),
        }
    }

    /// Returns what is not checked, in words.
    pub(crate) fn unchecked_text(&self) -> String {
        let parts: Vec<_> =
            self.unchecked.iter().map(|one| format!("{} ({})", one.what, one.option)).collect();
        parts.join(" and ")
    }

    /// Returns the options that would check it, with what the token or the event claims.
    pub(crate) fn options(&self) -> String {
        let options: Vec<_> = self
            .unchecked
            .iter()
            .map(|one| format!("{} {}", one.option, one.claimed.as_deref().unwrap_or("…")))
            .collect();
        options.join(" ")
    }
}

/// Returns what fetches the keys of an issuer that options name: with the default time limit and the proxy of the environment.
pub(crate) fn http_fetch(danger_http_keys: bool) -> HttpFetch {
    let fetch = HttpFetch::new().with_environment_proxy();
    if danger_http_keys { fetch.danger_accept_http() } else { fetch }
}

/// Returns the issuer as messages name it.
pub(crate) fn name(config: &VerifierConfig) -> &str {
    config.issuer().names().next().unwrap_or_default()
}
