//! `upsign verify`.

use std::io::Read;

use serde_json::json;
use upsign::{Clock, SystemClock};
use upsign_cognito::{
    FetchKeys, HttpFetch, MAX_TOKEN_BYTES, StaticKeys, VerifiedClaims, Verifier, VerifierConfig, VerifyError,
};
use upsign_core::Timestamp;

use crate::args::Verify;
use crate::exit::{Exit, Failed};
use crate::{environment, say, trust};

pub(crate) async fn run(args: &Verify, json: bool) -> Result<Exit, Failed> {
    let config = trust::verifier(&args.trust, &args.config)?;
    let token = token(args.token.as_deref().unwrap_or("-"))?;
    let at = args.at.unwrap_or_else(|| SystemClock.now());
    let verified = match &args.jwks {
        None => verify(config, HttpFetch::new(), &token, at).await,
        Some(path) => {
            let document = std::fs::read(path).map_err(|error| environment::unreadable(path, &error))?;
            verify(config, StaticKeys::new(document), &token, at).await
        }
    };
    match verified {
        Ok(claims) => accepted(&claims, json),
        Err(VerifyError::Rejected(why)) => {
            if json {
                let answer = json!({"result": "reject", "code": why.code(), "reason": why.to_string()});
                say::answer(&answer.to_string());
            } else {
                say::failed(&format!("refused: {why} ({})", why.code()), None);
            }
            Ok(Exit::Failure)
        }
        Err(why) => Err(Failed::caused("the token cannot be checked", &why)),
    }
}

async fn verify<F: FetchKeys>(
    config: VerifierConfig,
    keys: F,
    token: &str,
    at: Timestamp,
) -> Result<VerifiedClaims, VerifyError> {
    Verifier::new(config, keys).verify(token, at).await
}

fn token(argument: &str) -> Result<String, Failed> {
    if argument != "-" {
        return Ok(argument.to_owned());
    }
    let mut token = String::new();
    let limit = u64::try_from(MAX_TOKEN_BYTES).unwrap_or(u64::MAX) + 2;
    let read = std::io::stdin().take(limit).read_to_string(&mut token);
    read.map_err(|error| Failed::caused("standard input", &error).into_usage())?;
    Ok(token.trim_end().to_owned())
}

fn accepted(claims: &VerifiedClaims, json: bool) -> Result<Exit, Failed> {
    if json {
        say::answer(&json!({"result": "accept", "claims": claims.claims()}).to_string());
        return Ok(Exit::Success);
    }
    let text = serde_json::to_string_pretty(claims.claims());
    say::answer(&text.map_err(|error| Failed::caused("the claims", &error))?);
    say::good(&format!("a valid {} token until {}", claims.token_use(), claims.expires_at()));
    Ok(Exit::Success)
}
