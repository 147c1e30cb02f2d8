//! What to change so that an API has an authorizer, with the values of the configuration.

use upsign_documents::ApiKind;

use super::derive::derive;
use super::inexact::InexactAuthorizer;
use crate::auth::{Auth, AuthIssuer, KeysFrom};
use crate::build::{section, user_pool_of};
use crate::config::RouteConfig;

/// Returns what to change like [`InexactAuthorizer::remedy`], with the values of the configuration. `None` if no API has an
/// authorizer for the issuer.
pub(crate) fn remedy_for(inexact: InexactAuthorizer, auth: &Auth, routes: &[RouteConfig]) -> Option<String> {
    if inexact == InexactAuthorizer::RestIssuer {
        let names = || auth.only_issuer().into_iter().flat_map(|issuer| issuer.verifier.issuer().names());
        return match names().find_map(user_pool_of) {
            Some(pool) => Some(format!("set user_pool = \"{pool}\" in place of issuer")),
            None => derive(ApiKind::Http, auth, routes)
                .ok()
                .map(|_| "set api = \"http\" in [deployment]".to_owned()),
        };
    }
    Some(match (inexact, auth.only_issuer().and_then(|issuer| issuer.user_pool.as_ref())) {
        (InexactAuthorizer::HttpUserPool, Some(pool)) => {
            let [original, _] = pool.issuers();
            format!(
                "write issuer = \"{original}\" and jwks_uri = \"{}\" in place of user_pool (with issuer-cognito-idp in place of \
                 cognito-idp, if the setting is UPDATED); or api = \"rest\" in [deployment]",
                pool.jwks_uri()
            )
        }
        (InexactAuthorizer::RestAccessWithoutScopes, _) => {
            let (with, without): (Vec<_>, Vec<_>) =
                routes.iter().partition(|route| route.access.scopes().is_some());
            let without: Vec<String> = without.iter().map(|route| format!("[{}]", section(route))).collect();
            match with.is_empty() || without.is_empty() {
                true => inexact.remedy().to_owned(),
                false => format!("set scopes in {} as well, or in [auth]", without.join(" and ")),
            }
        }
        (InexactAuthorizer::ConfiguredKeys, _) => {
            let inline = |issuer: &AuthIssuer| matches!(issuer.keys, KeysFrom::Inline(_));
            let key = if auth.only_issuer().is_some_and(inline) { "jwks" } else { "jwks_file" };
            format!("remove {key}")
        }
        _ => inexact.remedy().to_owned(),
    })
}
