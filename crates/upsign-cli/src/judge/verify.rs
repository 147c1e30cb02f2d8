//! `upsign verify --batch`, and with `--signature-only`.

use serde::Deserialize;
use serde_json::{Value, json};
use upsign_cognito::{
    Algorithm, Backend, InvalidKeySet, KeySet, TokenVerifier, VerifierConfig, verify_signature,
};

use super::lines::{Answer, BadLine, answer, members};
use super::trusted;
use crate::exit::{Exit, Failed};

/// A token, its issuer's keys, and what is demanded of it.
#[derive(Deserialize)]
struct Token {
    token: String,
    jwks: Value,
    issuer: String,
    client_ids: Vec<String>,
    token_use: String,
    now: u64,
    #[serde(default)]
    leeway: Option<u32>,
    #[serde(default)]
    required_groups: Option<Vec<String>>,
    #[serde(default)]
    required_scopes: Option<Vec<String>>,
}

/// A JWS of any payload, and the keys.
#[derive(Deserialize)]
struct Jws {
    jws: String,
    jwks: Value,
}

pub(crate) fn tokens() -> Result<Exit, Failed> {
    answer(|request: Token| {
        let verifier = TokenVerifier::new(request.config()?);
        let at = trusted::at("now", request.now)?;
        let keys = match verifier.key_set(request.jwks.to_string().as_bytes()) {
            Ok(keys) => keys,
            Err(error) => return Ok(no_keys(error)),
        };
        Ok(match verifier.verify(&keys, &request.token, at) {
            Ok(claims) => members(json!({"result": "accept", "claims": claims.claims()})),
            Err(why) => rejected(why.code(), &why),
        })
    })
}

pub(crate) fn signatures() -> Result<Exit, Failed> {
    const RS256: [Algorithm; 1] = [Algorithm::Rs256];
    answer(|request: Jws| -> Answer {
        let keys = KeySet::parse_for(request.jwks.to_string().as_bytes(), &RS256, Backend::default());
        let keys = match keys {
            Ok(keys) => keys,
            Err(error) => return Ok(no_keys(error)),
        };
        Ok(match verify_signature(&request.jws, &keys, &RS256) {
            Ok(_) => members(json!({"result": "accept"})),
            Err(why) => rejected(why.code(), &why),
        })
    })
}

/// Without keys no token can hold.
fn no_keys(why: InvalidKeySet) -> serde_json::Map<String, Value> {
    rejected(why.code(), &why)
}

fn rejected(code: &str, why: &dyn std::fmt::Display) -> serde_json::Map<String, Value> {
    members(json!({"result": "reject", "code": code, "reason": why.to_string()}))
}

impl Token {
    fn config(&self) -> Result<VerifierConfig, BadLine> {
        let token_use = self.token_use.parse().map_err(|error| BadLine::member("token_use", &error))?;
        let issuer = trusted::issuer(&self.issuer)?;
        let mut config = VerifierConfig::new(issuer, &self.client_ids, token_use)
            .map_err(|error| BadLine::member("client_ids", &error))?;
        if let Some(leeway) = self.leeway {
            config = config.with_leeway(leeway);
        }
        if let Some(groups) = &self.required_groups {
            let with = config.with_required_groups(groups);
            config = with.map_err(|error| BadLine::member("required_groups", &error))?;
        }
        if let Some(scopes) = &self.required_scopes {
            let with = config.with_required_scopes(scopes);
            config = with.map_err(|error| BadLine::member("required_scopes", &error))?;
        }
        Ok(config)
    }
}
