//! The requirements for tokens, and the handling of credentials with an unknown expiry.

use upsign_cognito::{
    InvalidIssuer, InvalidVerifierConfig, TokenUse, TrustedIssuer, UserPool, VerifierConfig,
};
use upsign_core::error_chain;

use super::pasted;
use super::values::Reader;
use crate::auth_source::AuthSource;
use crate::config::{Auth, UnknownExpiry};
use crate::source::finding::{Finding, shown};
use crate::source::raw::Value;
use crate::units;
use crate::warning::WarningCode;

impl Reader {
    pub(super) fn unknown_expiry(&mut self) -> Option<UnknownExpiry> {
        let assumes = self.choice("credentials.unknown_expiry", &UNKNOWN_EXPIRY);
        let seconds = self.amount("credentials.assume_for", units::parse_seconds);
        if assumes.is_none()
            && (self.has("credentials.unknown_expiry") || self.raw.is_spoiled("credentials.unknown_expiry"))
        {
            return None;
        }
        match (assumes.unwrap_or(false), seconds) {
            (false, None) if assumes.is_none() => None,
            (false, None) => Some(UnknownExpiry::Refuse),
            (true, Some(seconds)) => Some(UnknownExpiry::Assume(seconds)),
            (false, Some(_)) => {
                let message = "has an effect only with unknown_expiry = \"assume\"";
                let help = "write unknown_expiry = \"assume\", or remove assume_for";
                self.report("credentials.assume_for", Finding::contradiction(message).help(help));
                None
            }
            (true, None) => {
                self.report_missing("credentials.assume_for", "\"1h\"");
                None
            }
        }
    }

    pub(super) fn auth(&mut self, claims: &[String]) -> Option<Auth> {
        if !self.raw.values.keys().any(|key| key.starts_with("auth.")) && self.raw.heading("auth").is_none() {
            return None;
        }
        let issuer = self.issuer();
        if !self.has("auth.token_use") {
            self.report_missing("auth.token_use", "\"access\"");
        }
        let token_use = self.named::<TokenUse>("auth.token_use");
        if !self.has("auth.client_ids") {
            self.report_missing(
                "auth.client_ids",
                "[\"3n4b5urk1ft4fl3mg5e62d9ado\"] # the ids of your app clients",
            );
        }
        let client_ids = self.untrimmed("auth.client_ids");
        self.judge_client_ids(client_ids.as_deref().unwrap_or_default());
        let (groups, scopes) = (self.untrimmed("auth.groups"), self.untrimmed("auth.scopes"));
        let leeway = self.leeway();
        let source = self.choice("auth.source", &SOURCES);
        let config = VerifierConfig::new(issuer?, client_ids?, token_use?);
        let config = config.map_err(|error| {
            let help = "list the app clients of the user pool: client_ids = [\"3n4b5urk1ft4fl3mg5e62d9ado\"]";
            self.report("auth.client_ids", Finding::invalid(error.to_string()).help(help));
        });
        let mut config = config.ok()?.with_identity_claims(claims);
        if let Some(leeway) = leeway {
            config = config.with_leeway(leeway);
        }
        let open = "remove the key to accept every caller with a valid token";
        if let Some(groups) = groups {
            let updated = config.with_required_groups(groups);
            let report = |error: InvalidVerifierConfig| {
                self.report("auth.groups", Finding::invalid(error.to_string()).help(open));
            };
            config = updated.map_err(report).ok()?;
        }
        if let Some(scopes) = scopes {
            let updated = config.with_required_scopes(scopes);
            let report = |error: InvalidVerifierConfig| {
                self.report("auth.scopes", Finding::invalid(error.to_string()).help(open));
            };
            config = updated.map_err(report).ok()?;
        }
        let accept_raw_authorization = self.flag("auth.accept_raw_authorization").unwrap_or(false);
        let user_pool = self.text("auth.user_pool").and_then(|id| id.parse().ok());
        Some(Auth { verifier: config, accept_raw_authorization, user_pool, source })
    }

    /// Returns the tolerated clock difference in seconds.
    fn leeway(&mut self) -> Option<u32> {
        let leeway = self.amount("auth.leeway", units::parse_seconds)?;
        let seconds = u32::try_from(leeway).ok().filter(|seconds| *seconds <= 600);
        if seconds.is_none() {
            let found = units::format_duration(std::time::Duration::from_secs(leeway));
            let finding = Finding::invalid(format!("must be at most 10 minutes, not {found}"));
            self.report("auth.leeway", finding.help("60 seconds suffice for clocks that are synchronized"));
        }
        seconds
    }

    /// Returns a list whose items must match exactly, and reports items with spaces around them: they would match nothing.
    fn untrimmed(&mut self, key: &str) -> Option<Vec<String>> {
        let texts = self.texts(key)?;
        let mut valid = true;
        for (index, text) in texts.iter().enumerate() {
            if text.trim() != text {
                let help = self.replacement(key, index, text.trim());
                let finding = Finding::invalid(format!(
                    "{} has spaces around it, so it would match nothing",
                    shown(text)
                ));
                self.report_item(key, index, finding.help(help));
                valid = false;
            }
        }
        valid.then_some(texts)
    }

    /// Warns about client ids that a user pool does not generate, such as the name of an app client: they match no token.
    fn judge_client_ids(&mut self, client_ids: &[String]) {
        let Some(pool) = self.text("auth.user_pool") else { return };
        for (index, id) in client_ids.iter().enumerate() {
            if id.is_empty() || id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                continue;
            }
            let message = format!(
                "{} is probably not the id of an app client, which has only letters and digits",
                shown(id)
            );
            // The value is not checked yet.
            let pool = match pool.parse::<UserPool>() {
                Ok(_) => pool.as_str(),
                Err(_) => "USER_POOL",
            };
            let help =
                format!("`aws cognito-idp list-user-pool-clients --user-pool-id {pool}` prints the ids");
            self.warn(WarningCode::UnlikelyClientId, "auth.client_ids", Some(index), message, help);
        }
    }

    fn user_pool(&mut self) -> Option<UserPool> {
        let key = "auth.user_pool";
        let text = self.text(key)?;
        let report = |error| {
            let finding = Finding::malformed(&text, &error);
            let finding = match pasted::user_pool(&text) {
                Some(id) => {
                    let finding = if text.starts_with("arn:") {
                        Finding::invalid("write the id of the user pool, not its ARN")
                    } else if text.contains("://") {
                        Finding::invalid("write the id of the user pool, not a URL")
                    } else {
                        Finding::malformed(&text, &error)
                    };
                    finding.help(self.assignment(key, &Value::Text(id)))
                }
                None => finding.help("`aws cognito-idp list-user-pools --max-results 10` prints the ids"),
            };
            self.report(key, finding);
        };
        text.parse().map_err(report).ok()
    }

    fn issuer(&mut self) -> Option<TrustedIssuer> {
        let pool = self.user_pool();
        let (issuer, jwks) = (self.text("auth.issuer"), self.text("auth.jwks_uri"));
        let danger = self.flag("auth.danger_http_issuer").unwrap_or(false);
        if self.has("auth.user_pool") {
            let other = ["auth.issuer", "auth.jwks_uri"].into_iter().find(|key| self.has(key));
            if let Some(other) = other {
                let name = other.trim_start_matches("auth.");
                let help = format!("remove user_pool for another issuer, or {name} for the user pool");
                let finding =
                    Finding::contradiction("cannot be combined with user_pool, which implies both URLs");
                self.report(other, finding.help(help));
                return None;
            }
            return pool.map(|pool| pool.trusted_issuer());
        }
        match (issuer, jwks) {
            (Some(issuer), Some(jwks)) => {
                let trusted = if danger {
                    TrustedIssuer::danger_http(&issuer, &jwks)
                } else {
                    TrustedIssuer::custom(&issuer, &jwks)
                };
                trusted.map_err(|error| self.report_issuer(&issuer, &jwks, &error)).ok()
            }
            (Some(issuer), None) => {
                match pasted::user_pool(&issuer).filter(|_| issuer.contains("cognito-idp")) {
                    Some(id) => {
                        let message = "needs jwks_uri; for a Cognito user pool, its id is enough";
                        let help = format!("write user_pool = \"{id}\" instead of issuer");
                        self.report("auth.issuer", Finding::contradiction(message).help(help));
                    }
                    None => {
                        let example = format!("\"{}/.well-known/jwks.json\"", issuer.trim_end_matches('/'));
                        self.report_missing("auth.jwks_uri", &example);
                    }
                }
                None
            }
            (None, Some(_)) => {
                self.report_missing(
                    "auth.issuer",
                    "\"https://issuer.example.com\" # the `iss` of the tokens",
                );
                None
            }
            (None, None) => {
                self.report_missing(
                    "auth.user_pool",
                    "\"ap-southeast-1_AbCdEf123\" # or else issuer and jwks_uri",
                );
                None
            }
        }
    }

    fn report_issuer(&mut self, issuer: &str, jwks: &str, error: &InvalidIssuer) {
        let (key, text) = match error {
            InvalidIssuer::Issuer(_) => ("auth.issuer", issuer),
            InvalidIssuer::JwksUri(_) => ("auth.jwks_uri", jwks),
            _ if issuer.starts_with("https://") => ("auth.jwks_uri", jwks),
            _ => ("auth.issuer", issuer),
        };
        let finding = Finding::malformed(text, &error_chain(error));
        let finding = match (pasted::endpoint(text), error) {
            (Some(url), _) => finding.help(self.assignment(key, &Value::Text(url))),
            (None, InvalidIssuer::Http) => {
                finding.help("for an emulator on this machine, add danger_http_issuer = true")
            }
            _ => finding,
        };
        self.report(key, finding);
    }
}

const SOURCES: [(&str, AuthSource); 2] =
    [("token", AuthSource::Token), ("authorizer", AuthSource::Authorizer)];
const UNKNOWN_EXPIRY: [(&str, bool); 2] = [("refuse", false), ("assume", true)];
