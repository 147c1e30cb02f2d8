//! What identifies the callers of the Lambda function: the function, or the authorizer of its API.

mod derive;
mod inexact;
mod notes;
mod remedy;

use upsign_documents::{ApiAuthorizer, AuthSource};

use crate::auth::Auth;
use crate::config::Config;

pub(crate) use derive::{derive, derive_gateway};
pub use inexact::InexactAuthorizer;
pub(crate) use notes::largest_token;
pub(crate) use remedy::remedy_for;

/// Returns why an authorizer that [`derive`] returned lets through every token of `[auth]`.
fn exact(authorizer: &ApiAuthorizer) -> &'static str {
    match authorizer {
        ApiAuthorizer::Cognito { scopes, .. } if scopes.is_empty() => "token_use is \"id\"",
        ApiAuthorizer::Cognito { .. } => "token_use is \"access\" and every caller needs a scope",
        _ => "[auth] names one issuer and the clients or audiences",
    }
}

impl Config {
    /// Returns what identifies the callers of the Lambda function: the value of `auth.source`, or by default the
    /// authorizer of the API if one exists that lets through every token that `[auth]` accepts.
    ///
    /// The generated documents and the Lambda function both follow it. `upsign serve` always verifies tokens itself.
    ///
    /// | `deployment.api` | `[auth]` | source |
    /// | --- | --- | --- |
    /// | `rest` | user pool, `token_use = "id"`, no scopes demanded | authorizer |
    /// | `rest` | user pool, `token_use = "access"`, scopes demanded | authorizer |
    /// | `rest` | anything else | token |
    /// | `http` | `issuer` with https; RS256, RS384 and RS512 only; `audiences` or `client_ids` listed; no `token_type` | authorizer |
    /// | `http` | user pool, whose setting `IssuerConfiguration` decides the issuer | token |
    /// | `url`, `alb` | anything | token |
    /// | any | several issuers; `jwks_file` or `jwks`; groups or scopes in a claim within a claim | token |
    ///
    /// Scopes are demanded if `auth.scopes` is set or every route sets `scopes`. An authorizer reads `auth.token_header` and
    /// fetches keys itself, so `auth.max_token_size` and `auth.fetch_timeout` have no effect behind it.
    #[must_use]
    pub fn auth_source(&self) -> AuthSource {
        let explicit = self.auth.as_ref().and_then(|auth| auth.source);
        explicit.unwrap_or_else(|| self.authorizer().auth_source())
    }

    /// Returns why [`auth_source`](Self::auth_source) is what it is, for people.
    #[must_use]
    pub fn auth_source_reason(&self) -> String {
        let Some(auth) = &self.auth else { return "there is no section [auth]".to_owned() };
        match (auth.source, derive(self.deployment.api, auth, &self.routes)) {
            (Some(source), _) => format!("auth.source = \"{source}\""),
            (None, Ok(authorizer)) => {
                format!(
                    "the authorizer lets through every token that [auth] accepts, because {}; the function compares the claims again",
                    exact(&authorizer)
                )
            }
            (None, Err(inexact)) => match remedy_for(inexact, auth, &self.routes) {
                Some(remedy) => format!("{inexact}; for an authorizer, {remedy}"),
                None => inexact.to_string(),
            },
        }
    }

    /// Returns what the API and its authorizer need in addition to the configuration, for people. Can be empty.
    ///
    /// Sources: a JWT authorizer reads the keys that the discovery document of the issuer names
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>), and a Cognito authorizer
    /// names the pool by its ARN, which contains the account
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-cross-account-cognito-authorizer.html>).
    #[must_use]
    pub fn authorizer_notes(&self) -> Vec<String> {
        let of_authorizer = notes::of_authorizer(&self.authorizer(), self.deployment.api);
        let of_tokens = self.auth.iter().flat_map(|auth| notes::of_tokens(auth, self.deployment.api));
        of_authorizer.into_iter().chain(of_tokens).collect()
    }

    /// Returns the authorizer of the API.
    pub(crate) fn authorizer(&self) -> ApiAuthorizer {
        match &self.auth {
            Some(Auth { gateway: Some(identity), .. }) => {
                derive_gateway(self.deployment.api, identity).unwrap_or_default()
            }
            Some(auth) if auth.source != Some(AuthSource::Token) => {
                derive(self.deployment.api, auth, &self.routes).unwrap_or_default()
            }
            _ => ApiAuthorizer::None,
        }
    }
}
