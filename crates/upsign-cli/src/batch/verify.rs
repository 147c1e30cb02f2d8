//! `upsign verify --batch`, with and without `--signature-only`.

use serde_json::{Map, Value};
use upsign_cognito::{Algorithm, Backend, KeySet, TokenCheck, VerifierConfig, verify_signature};

use super::error::LineError;
use super::members::{self, batch_line};
use super::{engine, issuer};
use crate::exit::{CommandError, Exit};
use crate::verdict::token;

batch_line! {
    /// A token, the issuer's keys, and what the token must satisfy.
    struct TokenLine {
        required {
            token: String = "token to verify";
            jwks: Value = "the issuer's key set: {\"keys\":[…]}";
            issuer: String = "issuer that `iss` must name";
            client_ids: Vec<String> = "accepted app clients";
            token_use: String = "accepted kind of token: access, id or any";
            now: u64 = "time to verify at, in seconds since 1970";
        }
        optional {
            leeway: u32 = "allowed clock difference in seconds; default 60";
            required_groups: Vec<String> = "groups of which the caller must be in one";
            required_scopes: Vec<String> = "scopes of which the token must have one";
        }
    }
}

batch_line! {
    /// A signed message with any payload, and the keys.
    struct SignatureLine {
        required {
            jws: String = "signed message in JWS compact form, with any payload";
            jwks: Value = "key set: {\"keys\":[…]}";
        }
        optional {}
    }
}

/// Returns the section of `upsign verify --help` about batches.
pub(crate) fn help() -> String {
    let rejected = r#"{"id","result":"reject","code","reason"}"#;
    let tokens = members::help::<TokenLine>("--batch", &[r#"{"id","result":"accept","claims"}"#, rejected]);
    let signatures = members::help::<SignatureLine>(
        "--batch --signature-only",
        &[r#"{"id","result":"accept"}"#, rejected],
    );
    format!("{tokens}\n{signatures}")
}

pub(crate) async fn tokens() -> Result<Exit, CommandError> {
    engine::run(async |line: TokenLine| {
        let check = TokenCheck::new(line.config()?);
        let at = issuer::at("now", line.now)?;
        let keys = match check.key_set(line.jwks.to_string().as_bytes()) {
            Ok(keys) => keys,
            Err(error) => return Ok(token::rejected(error.code(), &error)),
        };
        Ok(match check.check(&keys, &line.token, at) {
            Ok(claims) => token::accepted(&claims),
            Err(rejection) => token::rejected(rejection.code(), &rejection),
        })
    })
    .await
}

pub(crate) async fn signatures() -> Result<Exit, CommandError> {
    const RS256: [Algorithm; 1] = [Algorithm::Rs256];
    engine::run(async |line: SignatureLine| -> Result<Map<String, Value>, LineError> {
        let keys = KeySet::parse_for(line.jwks.to_string().as_bytes(), &RS256, Backend::default());
        let keys = match keys {
            Ok(keys) => keys,
            Err(error) => return Ok(token::rejected(error.code(), &error)),
        };
        Ok(match verify_signature(&line.jws, &keys, &RS256) {
            Ok(_) => token::signature_accepted(),
            Err(rejection) => token::rejected(rejection.code(), &rejection),
        })
    })
    .await
}

impl TokenLine {
    fn config(&self) -> Result<VerifierConfig, LineError> {
        let token_use = self.token_use.parse().map_err(|error| LineError::member("token_use", &error))?;
        let issuer = issuer::issuer(&self.issuer)?;
        let mut config = VerifierConfig::new(issuer, &self.client_ids, token_use)
            .map_err(|error| LineError::member("client_ids", &error))?;
        if let Some(leeway) = self.leeway {
            config = config.with_leeway(leeway);
        }
        if let Some(groups) = &self.required_groups {
            let with = config.with_required_groups(groups);
            config = with.map_err(|error| LineError::member("required_groups", &error))?;
        }
        if let Some(scopes) = &self.required_scopes {
            let with = config.with_required_scopes(scopes);
            config = with.map_err(|error| LineError::member("required_scopes", &error))?;
        }
        Ok(config)
    }
}
