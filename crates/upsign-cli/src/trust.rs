//! Whose tokens count, from the command line and the file.

use upsign_cognito::{TokenUse, TrustedIssuer, VerifierConfig};

use crate::args::{ConfigFile, Trust};
use crate::environment;
use crate::exit::Failed;

/// What the flags say alone when they say all of it, else what the file says with the flags over it.
pub(crate) fn verifier(trust: &Trust, file: &ConfigFile) -> Result<VerifierConfig, Failed> {
    if let (Some(issuer), Some(token_use), [_, ..]) = (issuer(trust)?, trust.token_use, &*trust.client_ids) {
        let config = VerifierConfig::new(issuer, &trust.client_ids, token_use);
        return config.map_err(|error| Failed::caused("--client-id", &error).into_usage());
    }
    let config = environment::config_under(file, |variable| over(trust, variable))?;
    let Some(auth) = config.auth() else {
        let hint =
            "say whose tokens count: --user-pool, --client-id and --token-use, or [auth] in upsign.toml";
        return Err(Failed::usage("nothing says whose tokens count").hint(hint));
    };
    Ok(auth.verifier.clone())
}

fn issuer(trust: &Trust) -> Result<Option<TrustedIssuer>, Failed> {
    if let Some(pool) = &trust.user_pool {
        return Ok(Some(TrustedIssuer::user_pool(pool)));
    }
    let (Some(issuer), Some(keys)) = (&trust.issuer, &trust.jwks_uri) else { return Ok(None) };
    let trusted = if trust.danger_http_issuer { TrustedIssuer::danger_http } else { TrustedIssuer::other };
    let trusted = trusted(issuer, keys);
    Ok(Some(trusted.map_err(|error| Failed::caused("--issuer and --jwks-uri", &error).into_usage())?))
}

/// A flag in the place of the variable of the same meaning.
fn over(trust: &Trust, variable: &str) -> Option<String> {
    match variable {
        "UPSIGN_USER_POOL" => trust.user_pool.as_ref().map(ToString::to_string),
        "UPSIGN_ISSUER" => trust.issuer.clone(),
        "UPSIGN_JWKS_URI" => trust.jwks_uri.clone(),
        "UPSIGN_DANGER_HTTP_ISSUER" => trust.danger_http_issuer.then(|| "true".to_owned()),
        "UPSIGN_CLIENT_IDS" => (!trust.client_ids.is_empty()).then(|| trust.client_ids.join(",")),
        "UPSIGN_TOKEN_USE" => trust.token_use.and_then(word).map(str::to_owned),
        _ => None,
    }
}

pub(crate) const fn word(token_use: TokenUse) -> Option<&'static str> {
    match token_use {
        TokenUse::Access => Some("access"),
        TokenUse::Id => Some("id"),
        TokenUse::Any => Some("any"),
        _ => None,
    }
}
