//! The issuer of the tokens, and where its keys are.

use upsign_cognito::{InvalidIssuer, TrustedIssuer, UserPool};
use upsign_core::error_chain;

use super::key_set::CAN_ISSUE_TOKENS;
use super::values::Reader;
use super::{issuer_form, pasted};
use crate::auth::KeysFrom;
use crate::source::finding::Finding;
use crate::source::raw::Value;
use crate::warning::WarningCode;

/// Who issues the tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Provider {
    /// Amazon Cognito, or an emulator of it.
    #[default]
    Cognito,
    /// Any other OpenID Connect issuer.
    Oidc,
}

pub(super) const PROVIDERS: [(&str, Provider); 2] =
    [("cognito", Provider::Cognito), ("oidc", Provider::Oidc)];

impl Reader {
    /// Returns the issuer whose tokens are accepted.
    pub(super) fn issuer(&mut self, provider: Provider) -> Option<TrustedIssuer> {
        if !self.is_inline_key_set() || !self.is_key_file() || !self.has_one_source_of_keys() {
            return None;
        }
        if self.has("auth.user_pool") {
            return self.issuer_of_pool(provider);
        }
        let (issuer, jwks_uri) = (self.text("auth.issuer"), self.text("auth.jwks_uri"));
        let Some(issuer) = issuer else {
            self.report_missing_issuer(provider, jwks_uri.is_some());
            return None;
        };
        if !self.has_likely_form(&issuer, provider) {
            return None;
        }
        let foreign = (provider == Provider::Cognito).then(|| provider_of(&issuer)).flatten();
        match jwks_uri {
            Some(jwks_uri) => {
                if let Some(name) = foreign {
                    self.warn_about_other_provider(name);
                }
                self.trusted_issuer(&issuer, Some(&jwks_uri))
            }
            None if provider == Provider::Oidc || self.has("auth.jwks_file") || self.has("auth.jwks") => {
                if let Some(name) = foreign {
                    self.warn_about_other_provider(name);
                }
                self.trusted_issuer(&issuer, None)
            }
            None => {
                self.report_missing_jwks_uri(&issuer, foreign);
                None
            }
        }
    }

    fn issuer_of_pool(&mut self, provider: Provider) -> Option<TrustedIssuer> {
        let pool = self.user_pool();
        if provider == Provider::Oidc {
            let message = "belongs to Amazon Cognito, but provider is \"oidc\"";
            let help = "remove provider, or write issuer and audiences instead of user_pool";
            self.report("auth.user_pool", Finding::contradiction(message).help(help));
            return None;
        }
        let other = ["auth.issuer", "auth.jwks_uri"].into_iter().find(|key| self.has(key));
        if let Some(other) = other {
            let name = other.trim_start_matches("auth.");
            let help = format!("remove user_pool for another issuer, or {name} for the user pool");
            let finding =
                Finding::contradiction("cannot be combined with user_pool, which implies both URLs");
            self.report(other, finding.help(help));
            return None;
        }
        pool.map(|pool| pool.trusted_issuer())
    }

    /// Returns the issuer. Without the URL of its keys, its discovery document names it.
    fn trusted_issuer(&mut self, issuer: &str, jwks_uri: Option<&str>) -> Option<TrustedIssuer> {
        let danger = self.flag("auth.danger_http_keys").unwrap_or(false);
        let trusted = match (jwks_uri, danger) {
            _ if self.keys() != KeysFrom::Issuer => TrustedIssuer::offline(issuer),
            (Some(keys), true) => TrustedIssuer::danger_http_keys(issuer, keys),
            (Some(keys), false) => TrustedIssuer::custom(issuer, keys),
            (None, true) => TrustedIssuer::danger_http_discovery(issuer),
            (None, false) => TrustedIssuer::discover(issuer),
        };
        trusted.map_err(|error| self.report_issuer(issuer, jwks_uri, &error)).ok()
    }

    pub(super) fn user_pool(&mut self) -> Option<UserPool> {
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

    fn report_missing_issuer(&mut self, provider: Provider, has_keys: bool) {
        if provider == Provider::Oidc || has_keys {
            self.report_missing("auth.issuer", "\"https://issuer.example.com\" # the `iss` of the tokens");
        } else {
            let example = "\"ap-southeast-1_AbCdEf123\" # or else issuer and jwks_uri";
            self.report_missing("auth.user_pool", example);
        }
    }

    fn report_missing_jwks_uri(&mut self, issuer: &str, foreign: Option<&str>) {
        if let Some(name) = foreign {
            let message = format!("is an issuer of {name}, not of Amazon Cognito");
            let help = "add provider = \"oidc\", and audiences with the `aud` of the tokens";
            self.report("auth.issuer", Finding::contradiction(message).help(help));
        } else if let Some(id) = pasted::user_pool(issuer).filter(|_| issuer.contains("cognito-idp")) {
            let message = "needs jwks_uri; for a Cognito user pool, its id is enough";
            let help = format!("write user_pool = \"{id}\" instead of issuer");
            self.report("auth.issuer", Finding::contradiction(message).help(help));
        } else {
            let example = format!(
                "\"{}/.well-known/jwks.json\" # or provider = \"oidc\", if the issuer is not Cognito",
                issuer.trim_end_matches('/')
            );
            self.report_missing("auth.jwks_uri", &example);
        }
    }

    /// Reports the address of a document in place of the issuer, and warns of an issuer that no token names.
    fn has_likely_form(&mut self, issuer: &str, provider: Provider) -> bool {
        let key = "auth.issuer";
        if let Some(id) = issuer_form::user_pool(issuer) {
            if provider == Provider::Oidc {
                let message = "is a user pool of Amazon Cognito, whose access tokens have no `aud` unless they are requested for a resource";
                let help = format!(
                    "write user_pool = \"{id}\" and client_ids in place of provider, issuer and audiences"
                );
                self.warn(WarningCode::UnlikelyIssuer, key, None, message, help);
            }
            return true;
        }
        let name = provider_of(issuer);
        if let Some(meant) = issuer_form::of_document(issuer, name) {
            let message = "is the address of a document of the issuer, not the issuer itself";
            let help = format!(
                "{}: the value of `issuer` in the discovery document",
                self.assignment(key, &Value::Text(meant))
            );
            self.report(key, Finding::invalid(message).help(help));
            return false;
        }
        if let Some(unlikely) = issuer_form::unlikely(issuer, name) {
            let help = format!("{}{}", self.assignment(key, &Value::Text(unlikely.meant)), unlikely.note);
            self.warn(WarningCode::UnlikelyIssuer, key, None, unlikely.message, help);
        }
        true
    }

    fn warn_about_other_provider(&mut self, name: &str) {
        let message = format!(
            "is an issuer of {name}, whose tokens do not have the claims of Amazon Cognito: every one of them would be refused"
        );
        let help = "add provider = \"oidc\", and audiences with the `aud` of the tokens";
        self.warn(WarningCode::OtherProvider, "auth.issuer", None, message, help);
    }

    fn report_issuer(&mut self, issuer: &str, jwks_uri: Option<&str>, error: &InvalidIssuer) {
        let (key, text) = match (error, jwks_uri) {
            (InvalidIssuer::Issuer(_), _) | (_, None) => ("auth.issuer", issuer),
            (_, Some(keys)) => ("auth.jwks_uri", keys),
        };
        if *error == InvalidIssuer::Http {
            // A permission that is misspelled or has another type is reported already.
            if self.raw.is_spoiled(&self.path("auth.danger_http_keys")) {
                return;
            }
            let message = match key {
                "auth.jwks_uri" => "the keys must be fetched with https",
                _ => "the discovery document, which names the keys, must be fetched with https",
            };
            let help = format!("for an emulator, add danger_http_keys = true: {CAN_ISSUE_TOKENS}");
            return self.report(key, Finding::malformed(text, &message).help(help));
        }
        let finding = Finding::malformed(text, &error_chain(error));
        let finding = match pasted::endpoint(text) {
            Some(url) => {
                // An issuer is compared byte for byte.
                let slash = if key == "auth.issuer" && text.trim().ends_with('/') { "/" } else { "" };
                finding.help(self.assignment(key, &Value::Text(format!("{url}{slash}"))))
            }
            None => {
                finding.help("write it as in https://id.example.com, without a user name, query or fragment")
            }
        };
        self.report(key, finding);
    }
}

/// Returns the name of the identity provider whose issuers have this form, if it is a known one other than Cognito.
///
/// Sources: the discovery documents of the providers. Keycloak and Clerk also run under the domains of their customers;
/// Keycloak's path is recognized there.
fn provider_of(issuer: &str) -> Option<&'static str> {
    let rest = issuer.split_once("://")?.1;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.split(':').next().unwrap_or_default();
    let ends =
        |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let domains = [
        ("auth0.com", "Auth0"),
        ("clerk.accounts.dev", "Clerk"),
        ("supabase.co", "Supabase"),
        ("login.microsoftonline.com", "Microsoft Entra"),
        ("sts.windows.net", "Microsoft Entra"),
        ("ciamlogin.com", "Microsoft Entra"),
        ("securetoken.google.com", "Firebase"),
        ("accounts.google.com", "Google"),
        ("zitadel.cloud", "Zitadel"),
        ("okta.com", "Okta"),
    ];
    let known = domains.into_iter().find(|(domain, _)| ends(domain)).map(|(_, name)| name);
    known
        .or_else(|| host.starts_with("clerk.").then_some("Clerk"))
        .or_else(|| (path.starts_with("realms/") || path.contains("/realms/")).then_some("Keycloak"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_of_known_providers_are_recognized() {
        for (issuer, name) in [
            ("https://acme.eu.auth0.com/", Some("Auth0")),
            ("https://clerk.acme.example", Some("Clerk")),
            ("https://good-cat-1.clerk.accounts.dev", Some("Clerk")),
            ("https://abcdefgh.supabase.co/auth/v1", Some("Supabase")),
            ("https://id.acme.example/realms/main", Some("Keycloak")),
            ("https://id.acme.example:8443/auth/realms/main", Some("Keycloak")),
            (
                "https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000/v2.0",
                Some("Microsoft Entra"),
            ),
            ("https://securetoken.google.com/acme", Some("Firebase")),
            ("https://accounts.google.com", Some("Google")),
            ("https://acme-abc123.zitadel.cloud", Some("Zitadel")),
            ("https://cognito-idp.us-east-1.amazonaws.com/us-east-1_AbCdEf", None),
            ("https://notauth0.com/", None),
            ("https://id.acme.example", None),
        ] {
            assert_eq!(provider_of(issuer), name, "{issuer}");
        }
    }
}
