//! One issuer of `[auth]` or `[[auth]]`: the requirements for its tokens.

use upsign_cognito::{InvalidVerifierConfig, ListForm, VerifierConfig};
use upsign_core::IssuerName;

use super::issuer::{PROVIDERS, Provider};
use super::values::Reader;
use crate::auth::AuthIssuer;
use crate::source::finding::{Finding, shown};
use crate::source::raw::Value;
use crate::units;

impl Reader {
    /// Returns every issuer, or `None` if one of them is invalid.
    pub(super) fn issuers(&mut self, claims: &[String], max_token_bytes: usize) -> Option<Vec<AuthIssuer>> {
        let mut issuers = Vec::new();
        for index in 0..self.raw.issuer_count() {
            self.issuer_index = index;
            issuers.push(self.auth_issuer(claims, max_token_bytes));
        }
        self.issuer_index = 0;
        let issuers: Option<Vec<AuthIssuer>> = issuers.into_iter().collect();
        if let Some(issuers) = &issuers {
            self.report_same_issuers(issuers);
        }
        issuers
    }

    fn auth_issuer(&mut self, claims: &[String], max_token_bytes: usize) -> Option<AuthIssuer> {
        let name = self.issuer_name();
        let provider = match self.choice("auth.provider", &PROVIDERS) {
            None if self.has("auth.provider") || self.raw.is_spoiled(&self.path("auth.provider")) => {
                return None;
            }
            provider => provider.unwrap_or_default(),
        };
        let issuer = self.issuer(provider);
        let token_use = self.token_use(provider);
        let client_ids = self.client_ids(provider);
        let audiences = self.audiences(provider);
        let requires_type = self.token_type(provider, token_use);
        let algorithms = self.algorithms();
        let groups_claim = self.list_claim("auth.groups_claim", ListForm::Json);
        let scopes_claim = self.list_claim("auth.scopes_claim", ListForm::Space);
        let subject_claim = self.subject_claim();
        let leeway = self.leeway();
        self.judge_claims(provider, token_use, claims);
        let (issuer, client_ids, token_use) = (issuer?, client_ids?, token_use?);
        let config = match provider {
            Provider::Cognito => VerifierConfig::new(issuer, client_ids, token_use),
            Provider::Oidc => VerifierConfig::oidc(issuer, audiences.as_deref()?, token_use)
                .and_then(|config| config.with_client_ids(client_ids)),
        };
        let mut config =
            config.map_err(|error| self.report_verifier(error)).ok()?.with_identity_claims(claims);
        if provider == Provider::Cognito
            && let Some(audiences) = audiences
        {
            config = config.with_audiences(audiences).map_err(|error| self.report_verifier(error)).ok()?;
        }
        if let Some(algorithms) = algorithms {
            config = config.with_algorithms(algorithms).map_err(|error| self.report_verifier(error)).ok()?;
        }
        if requires_type {
            config = config.with_required_type();
        }
        if let Some(claim) = subject_claim {
            config = config.with_subject_claim(&claim);
        }
        if let Some(claim) = groups_claim {
            config = config.with_groups_claim(claim);
        }
        if let Some(claim) = scopes_claim {
            config = config.with_scopes_claim(claim);
        }
        if let Some(leeway) = leeway {
            config = config.with_leeway(leeway);
        }
        if let Some(name) = &name {
            config = config.with_issuer_name(name.clone());
        }
        let config = config.with_max_token_bytes(max_token_bytes).ok()?;
        let verifier = self.with_demands(config)?;
        let user_pool = self.text("auth.user_pool").and_then(|id| id.parse().ok());
        let allows_http_keys = self.flag("auth.danger_http_keys").unwrap_or(false);
        self.check_inline_keys(&verifier)?;
        self.judge_key_address(verifier.issuer().jwks_uri());
        Some(AuthIssuer { name, verifier, user_pool, keys: self.keys(), allows_http_keys })
    }

    /// Adds the groups and scopes that every caller needs.
    fn with_demands(&mut self, config: VerifierConfig) -> Option<VerifierConfig> {
        let mut config = config;
        if let Some(groups) = self.untrimmed("auth.groups") {
            config = config.with_required_groups(groups).map_err(|error| self.report_verifier(error)).ok()?;
        }
        if let Some(scopes) = self.untrimmed("auth.scopes") {
            config = config.with_required_scopes(scopes).map_err(|error| self.report_verifier(error)).ok()?;
        }
        Some(config)
    }

    /// Returns the name, which is mandatory if there are several issuers.
    pub(super) fn issuer_name(&mut self) -> Option<IssuerName> {
        let key = "auth.name";
        if self.raw.issuer_count() > 1 && !self.has(key) {
            self.report_missing(
                key,
                "\"staff\" # each of several issuers needs one, for {issuer} in keys and for messages",
            );
        }
        let text = self.text(key)?;
        let report = |error| {
            let meant = text.trim().to_ascii_lowercase().replace(['_', ' ', '.'], "-");
            let help = match meant.parse::<IssuerName>() {
                Ok(meant) => self.assignment(key, &Value::Text(meant.to_string())),
                Err(_) => self.assignment(key, &Value::Text("staff".to_owned())),
            };
            self.report(key, Finding::malformed(&text, &error).help(help));
        };
        text.parse().map_err(report).ok()
    }

    /// Reports requirements that accept every token or none.
    pub(super) fn report_verifier(&mut self, error: InvalidVerifierConfig) {
        let open = "remove the key to accept every caller with a valid token";
        let (key, help) = match error {
            InvalidVerifierConfig::ClientWildcard => {
                let any = self.assignment("auth.client_ids", &Value::Text("any".to_owned()));
                let finding = Finding::invalid("\"*\" is not a client id");
                let help = format!("{any}, the word that accepts every client of the issuer");
                return self.report("auth.client_ids", finding.help(help));
            }
            InvalidVerifierConfig::Audiences => {
                ("auth.audiences", "list the `aud` of the tokens: audiences = [\"https://api.example.com\"]")
            }
            InvalidVerifierConfig::Algorithms => {
                ("auth.algorithms", "list what the issuer signs with, or remove the key for [\"RS256\"]")
            }
            InvalidVerifierConfig::Groups => ("auth.groups", open),
            InvalidVerifierConfig::Scopes => ("auth.scopes", open),
            _ => (
                "auth.client_ids",
                "list the app clients of the user pool: client_ids = [\"3n4b5urk1ft4fl3mg5e62d9ado\"]",
            ),
        };
        self.report(key, Finding::invalid(error.to_string()).help(help));
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
    pub(super) fn untrimmed(&mut self, key: &str) -> Option<Vec<String>> {
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
}
