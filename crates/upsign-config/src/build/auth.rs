//! The requirements for tokens, the allowed origins, and the handling of credentials with an unknown expiry.

use upsign_cognito::{TokenUse, TrustedIssuer, UserPool, VerifierConfig};
use upsign_core::{CorsOrigins, Origin};

use super::values::Reader;
use crate::units;
use crate::config::{Auth, UnknownExpiry};

impl Reader<'_> {
    pub(super) fn unknown_expiry(&mut self) -> Option<UnknownExpiry> {
        let assumes = self.choice("credentials.unknown_expiry", &UNKNOWN_EXPIRY, "");
        let seconds =
            self.amount("credentials.assume_for", units::parse_seconds, "whole seconds, for example \"1h\"");
        match (assumes?, seconds) {
            (false, None) => Some(UnknownExpiry::Refuse),
            (true, Some(seconds)) => Some(UnknownExpiry::Assume(seconds)),
            (false, Some(_)) => {
                let message = "requires unknown_expiry = \"assume\"";
                self.report("credentials.assume_for", &message, "");
                None
            }
            (true, None) => {
                let hint = "set the assumed lifetime, for example assume_for = \"1h\"";
                self.report_missing("credentials.assume_for", hint);
                None
            }
        }
    }

    pub(super) fn origins(&mut self) -> Option<CorsOrigins> {
        let hint = "list the origins of the pages that may upload, for example origins = [\"https://app.example.com\"]";
        if !self.raw.values.contains_key("cors.origins") {
            self.report_missing("cors.origins", hint);
            return None;
        }
        let origins = self.parsed_list("cors.origins", str::parse::<Origin>)?;
        if origins.is_empty() {
            self.report("cors.origins", &"must contain at least one origin", hint);
            return None;
        }
        Some(CorsOrigins::listed(origins))
    }

    pub(super) fn auth(&mut self, claims: &[String]) -> Option<Auth> {
        if !self.raw.values.keys().any(|key| key.starts_with("auth.")) {
            return None;
        }
        let issuer = self.issuer();
        let token_use = self.parsed::<TokenUse>("auth.token_use", "write \"access\", \"id\" or \"any\"");
        if !self.raw.values.contains_key("auth.client_ids") {
            self.report_missing("auth.client_ids", "list the app clients whose tokens are accepted");
        }
        let client_ids = self.texts("auth.client_ids");
        let leeway = self.amount("auth.leeway", units::parse_seconds, "whole seconds, for example \"60s\"");
        let (groups, scopes) = (self.texts("auth.groups"), self.texts("auth.scopes"));
        let config = VerifierConfig::new(issuer?, client_ids?, token_use?);
        let config = config.map_err(|error| self.report("auth.client_ids", &error, "")).ok()?;
        let mut config = config.with_identity_claims(claims);
        if let Some(leeway) = leeway {
            let seconds = u32::try_from(leeway).ok().filter(|seconds| *seconds <= 600);
            let Some(seconds) = seconds else {
                self.report("auth.leeway", &"must be at most 10 minutes", "");
                return None;
            };
            config = config.with_leeway(seconds);
        }
        if let Some(groups) = groups {
            let updated = config.with_required_groups(groups);
            config = updated.map_err(|error| self.report("auth.groups", &error, "")).ok()?;
        }
        if let Some(scopes) = scopes {
            let updated = config.with_required_scopes(scopes);
            config = updated.map_err(|error| self.report("auth.scopes", &error, "")).ok()?;
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
                    TrustedIssuer::custom(&issuer, &jwks)
                };
                let hint = if danger {
                    ""
                } else {
                    "for an emulator on this machine, write danger_http_issuer = true"
                };
                trusted.map_err(|error| self.report("auth.jwks_uri", &error, hint)).ok()
            }
            (Some(_), ..) => {
                self.report(
                    "auth.user_pool",
                    &"cannot be combined with auth.issuer or auth.jwks_uri",
                    "remove one of them",
                );
                None
            }
            (None, ..) => {
                if !self.raw.values.contains_key("auth.user_pool") {
                    self.report_missing(
                        "auth.user_pool",
                        "set it, or set both auth.issuer and auth.jwks_uri",
                    );
                }
                None
            }
        }
    }
}

const UNKNOWN_EXPIRY: [(&str, bool); 2] = [("refuse", false), ("assume", true)];
