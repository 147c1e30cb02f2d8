//! Who may call, from where.

use upsign_cognito::{TokenUse, TrustedIssuer, UserPool, VerifierConfig};
use upsign_documents::{CorsOrigins, Origin};

use super::values::Reader;
use crate::config::{Auth, UnknownExpiry};
use crate::units;

impl Reader<'_> {
    pub(super) fn unknown_expiry(&mut self) -> Option<UnknownExpiry> {
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

    pub(super) fn origins(&mut self) -> Option<CorsOrigins> {
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

    pub(super) fn auth(&mut self, claims: &[String]) -> Option<Auth> {
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
        let config = config.map_err(|error| self.wrong("auth.client_ids", &error, "")).ok()?;
        let mut config = config.with_identity_claims(claims);
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

const UNKNOWN_EXPIRY: [(&str, bool); 2] = [("refuse", false), ("assume", true)];
