//! The verification of tokens by `upsign serve`, and the state of each issuer's keys.

use upsign::{Clock, SystemClock};
use upsign_axum::Authentication;
use upsign_cognito::{CacheLimits, FetchKeys, JwksCache};
use upsign_config::{AuthIssuer, Config, IssuerName, IssuerVerifier};
use upsign_core::Timestamp;
use upsign_http::RefreshLog;

use crate::auth;
use crate::exit::CommandError;

/// The keys of an issuer whose tokens the server accepts. Cheap to clone; clones share the keys.
#[derive(Clone)]
pub(super) struct IssuerKeys {
    /// The name, if there are several issuers.
    pub(super) name: Option<IssuerName>,
    pub(super) cache: JwksCache<Box<dyn FetchKeys>>,
}

impl IssuerKeys {
    /// Returns why the keys cannot verify tokens, or `None` if they can.
    pub(super) fn unusable(&self, at: Timestamp) -> Option<String> {
        let status = self.cache.status(at);
        if status.is_usable {
            return None;
        }
        let keys = match &self.name {
            None => "the issuer's keys".to_owned(),
            Some(name) => format!("the keys of the issuer {name}"),
        };
        Some(match status.age {
            Some(_) => format!("{keys} are too old"),
            None => format!("{keys} have not been fetched"),
        })
    }
}

/// Returns what authenticates callers, and the keys of each issuer that it uses.
pub(super) fn authentication(
    config: &Config,
    token_cache: usize,
) -> Result<(Authentication, Vec<IssuerKeys>), CommandError> {
    let Some(auth) = config.auth() else {
        let hint = "add [auth] with user_pool, client_ids and token_use to upsign.toml";
        return Err(CommandError::usage("the configuration has no [auth]").with_help(hint));
    };
    if auth.gateway.is_some() {
        let source = config.auth_source();
        let error = CommandError::usage(format!(
            "auth.source = \"{source}\" identifies callers by events of API Gateway, which only the Lambda function receives"
        ));
        return Err(
            error.with_help("deploy the function (upsign documents sam), or configure issuers of tokens")
        );
    }
    let is_embedded =
        |issuer: &AuthIssuer| issuer.verifier.issuer().names().any(|name| name.ends_with(EMBEDDED_POOL));
    if auth.issuers.iter().any(is_embedded) {
        let hint =
            "that pool and its user exist for one run of `upsign dev` only; configure a Cognito user pool";
        return Err(
            CommandError::usage("the configured issuer is the embedded pool of `upsign dev`").with_help(hint)
        );
    }
    let mut keys = Vec::new();
    let verifier = auth.verifier(|issuer, verifier| {
        let name = issuer.name.clone().filter(|_| auth.issuers.len() > 1);
        let verifier = with_log(verifier, name.as_ref());
        keys.push(IssuerKeys { name, cache: verifier.jwks().clone() });
        match token_cache {
            0 => verifier,
            // The limit is about all issuers together.
            tokens => verifier.with_token_cache(CacheLimits::new(tokens.div_ceil(auth.issuers.len()), 300)),
        }
    });
    let verifier = verifier.map_err(|error| CommandError::caused("cannot serve", &error).into_usage())?;
    Ok((auth::bearer(verifier, Some(auth)), keys))
}

/// The end of the embedded user pool's issuer.
const EMBEDDED_POOL: &str = "/local_upsign";

/// Adds a log of failed key fetches.
fn with_log(verifier: IssuerVerifier, issuer: Option<&IssuerName>) -> IssuerVerifier {
    let log = issuer.map_or_else(RefreshLog::keys, |name| RefreshLog::keys_of(name.as_str()));
    verifier.with_keys_observer(move |status| log.record_keys(status, SystemClock.now()))
}
