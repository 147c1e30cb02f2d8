//! One issuer of `[auth]` or `[[auth]]`: the requirements for its tokens.

use upsign_cognito::{
    Algorithm, InvalidVerifierConfig, ListClaim, ListForm, TokenUse, TrustedIssuer, VerifierConfig,
};
use upsign_core::IssuerName;

use super::claims::Clients;
use super::issuer::{PROVIDERS, Provider};
use super::values::Reader;
use crate::auth::AuthIssuer;
use crate::source::finding::{Finding, shown};
use crate::source::raw::Value;
use crate::units;

/// What a token must have, as the file says.
struct Requirements {
    provider: Provider,
    issuer: TrustedIssuer,
    token_use: TokenUse,
    client_ids: Clients,
    audiences: Option<Vec<String>>,
    requires_type: bool,
    algorithms: Option<Vec<Algorithm>>,
    groups_claim: Option<ListClaim>,
    scopes_claim: Option<ListClaim>,
    subject_claim: Option<String>,
    leeway: Option<u32>,
    groups: Option<Vec<String>>,
    scopes: Option<Vec<String>>,
}

impl Requirements {
    /// Returns the configuration of the verifier, or `None` without the audiences of an OpenID Connect issuer, which are
    /// reported as missing.
    fn verifier(self) -> Result<Option<VerifierConfig>, InvalidVerifierConfig> {
        let mut config = match (self.provider, self.audiences) {
            (Provider::Oidc, None) => return Ok(None),
            (Provider::Oidc, Some(audiences)) => {
                VerifierConfig::oidc(self.issuer, audiences, self.token_use)?
                    .with_client_ids(self.client_ids)?
            }
            (Provider::Cognito, audiences) => {
                let config = VerifierConfig::new(self.issuer, self.client_ids, self.token_use)?;
                match audiences {
                    Some(audiences) => config.with_audiences(audiences)?,
                    None => config,
                }
            }
        };
        if let Some(algorithms) = self.algorithms {
            config = config.with_algorithms(algorithms)?;
        }
        if self.requires_type {
            config = config.with_required_type();
        }
        if let Some(claim) = self.subject_claim {
            config = config.with_subject_claim(&claim);
        }
        if let Some(claim) = self.groups_claim {
            config = config.with_groups_claim(claim);
        }
        if let Some(claim) = self.scopes_claim {
            config = config.with_scopes_claim(claim);
        }
        if let Some(leeway) = self.leeway {
            config = config.with_leeway(leeway);
        }
        if let Some(groups) = self.groups {
            config = config.with_required_groups(groups)?;
        }
        if let Some(scopes) = self.scopes {
            config = config.with_required_scopes(scopes)?;
        }
        Ok(Some(config))
    }
}

impl Reader {
    /// Returns every issuer, or `None` if one of them is invalid.
    pub(super) fn issuers(&mut self, claims: &[String], max_token_bytes: usize) -> Option<Vec<AuthIssuer>> {
        let mut issuers = Vec::new();
        for index in 0..self.raw.issuer_count() {
            self.issuer_index = index;
            issuers.push(self.auth_issuer(claims, max_token_bytes));
        }
        self.issuer_index = 0;
        self.report_same_issuers(&issuers);
        issuers.into_iter().collect()
    }

    fn auth_issuer(&mut self, claims: &[String], max_token_bytes: usize) -> Option<AuthIssuer> {
        let name = self.issuer_name();
        let requirements = self.requirements(claims)?;
        let verifier = self.verifier(requirements)?.with_identity_claims(claims);
        let verifier = match &name {
            Some(name) => verifier.with_issuer_name(name.clone()),
            None => verifier,
        };
        let verifier = verifier.with_max_token_bytes(max_token_bytes).ok()?;
        self.check_inline_keys(&verifier)?;
        self.judge_key_address(verifier.issuer());
        let user_pool = self.text("auth.user_pool").and_then(|id| id.parse().ok());
        let allows_http_keys = self.flag("auth.danger_http_keys").unwrap_or(false);
        Some(AuthIssuer { name, verifier, user_pool, keys: self.keys(), allows_http_keys })
    }

    /// Reads every requirement before a missing one ends the function, so that one run reports every problem.
    fn requirements(&mut self, claims: &[String]) -> Option<Requirements> {
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
        let (groups, scopes) = (self.untrimmed("auth.groups"), self.untrimmed("auth.scopes"));
        self.judge_claims(provider, token_use, claims);
        Some(Requirements {
            provider,
            issuer: issuer?,
            token_use: token_use?,
            client_ids: client_ids?,
            audiences,
            requires_type,
            algorithms,
            groups_claim,
            scopes_claim,
            subject_claim,
            leeway,
            groups,
            scopes,
        })
    }

    /// Returns the configuration of the verifier, and reports requirements that accept every token or none.
    fn verifier(&mut self, requirements: Requirements) -> Option<VerifierConfig> {
        requirements.verifier().map_err(|error| self.report_verifier(error)).ok()?
    }

    /// Returns the name, which is mandatory if there are several issuers.
    pub(super) fn issuer_name(&mut self) -> Option<IssuerName> {
        let key = "auth.name";
        if self.raw.issuer_count() > 1 && !self.has(key) {
            // The names must differ.
            let example = if self.path(key) == key { "customers" } else { "staff" };
            self.report_missing(
                key,
                &format!(
                    "\"{example}\" # each of several issuers needs one, for {{issuer}} in keys and for messages"
                ),
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
        let leeway = self.amount_within("auth.leeway", LEEWAYS, units::parse_seconds)?;
        let seconds = u32::try_from(leeway).ok().filter(|seconds| *seconds <= 600);
        if seconds.is_none() {
            let found = units::format_duration(std::time::Duration::from_secs(leeway));
            let finding = Finding::invalid(format!("must be {LEEWAYS}, not {found}"));
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

/// The possible clock differences, for messages.
const LEEWAYS: &str = "at most 10 minutes";
