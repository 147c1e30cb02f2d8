//! The signature layer: compact JWS, header, signature. Nothing of the payload is read before the signature holds.
//!
//! Sources: RFC 7515 (compact serialization, `crit`), RFC 7797 (`b64`), RFC 8725 (best current practices).

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::json::{self, Json, Members};
use crate::{Algorithm, Excerpt, KeySet, MAX_TOKEN_BYTES, Rejection};

/// A token whose shape and header are in order; its signature is not checked yet.
#[derive(Debug)]
pub(crate) struct Unverified<'a> {
    pub(crate) kid: Box<str>,
    algorithm: Algorithm,
    /// Header and payload as sent: what is signed.
    message: &'a str,
    payload: &'a str,
    signature: &'a str,
}

/// The payload of a compact JWS signed by one of `keys`, whatever the payload is. The signature layer alone, for
/// messages that are no tokens; [`TokenVerifier`](crate::TokenVerifier) checks tokens.
///
/// # Errors
/// [`Rejection`] unless it is signed with one of `algorithms` by a key of the set.
pub fn verify_signature(jws: &str, keys: &KeySet, algorithms: &[Algorithm]) -> Result<Vec<u8>, Rejection> {
    Unverified::parse(jws, algorithms)?.verify(keys)
}

const HEADER_DEPTH: u8 = 4;

impl<'a> Unverified<'a> {
    pub(crate) fn parse(token: &'a str, allowed: &[Algorithm]) -> Result<Self, Rejection> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Rejection::TokenTooLong { bytes: token.len() });
        }
        let (message, signature) = token.rsplit_once('.').ok_or(Rejection::NotCompact)?;
        let (header, payload) = message.split_once('.').ok_or(Rejection::NotCompact)?;
        if payload.contains('.') {
            return Err(Rejection::NotCompact);
        }
        let (algorithm, kid) = read_header(&decoded(header)?, allowed)?;
        Ok(Self { kid, algorithm, message, payload, signature })
    }

    /// The payload, now that its signature holds.
    pub(crate) fn verify(&self, keys: &KeySet) -> Result<Vec<u8>, Rejection> {
        let key = keys.key(&self.kid).ok_or_else(|| self.unknown_kid())?;
        let mismatch = || Rejection::KeyMismatch { kid: Excerpt::of(&self.kid) };
        let check = key.check(self.algorithm).ok_or_else(mismatch)?;
        if !check.is_signed(self.message.as_bytes(), &decoded(self.signature)?) {
            return Err(Rejection::Signature);
        }
        decoded(self.payload)
    }

    pub(crate) fn unknown_kid(&self) -> Rejection {
        Rejection::UnknownKid { kid: Excerpt::of(&self.kid) }
    }
}

/// Algorithm and key id of a header that asks for nothing else.
pub(crate) fn read_header(header: &[u8], allowed: &[Algorithm]) -> Result<(Algorithm, Box<str>), Rejection> {
    let header = json::members(header, HEADER_DEPTH).map_err(Rejection::HeaderJson)?;
    let algorithm = algorithm(&header, allowed)?;
    refuse_what_is_not_honoured(&header)?;
    let kid = header.get("kid").and_then(Json::as_text).ok_or(Rejection::NoKid)?;
    Ok((algorithm, kid.into()))
}

fn algorithm(header: &Members<'_>, allowed: &[Algorithm]) -> Result<Algorithm, Rejection> {
    let alg = header.get("alg").and_then(Json::as_text).unwrap_or_default();
    Algorithm::named(alg, allowed).ok_or_else(|| Rejection::Algorithm { alg: Excerpt::of(alg) })
}

/// A parameter that changes what the token means is refused. Those that offer a key (`jku`, `jwk`, `x5u`, `x5c`) change
/// nothing, because nobody follows them.
fn refuse_what_is_not_honoured(header: &Members<'_>) -> Result<(), Rejection> {
    for parameter in ["crit", "b64", "zip", "enc"] {
        if header.get(parameter).is_some() {
            return Err(Rejection::HeaderParameter { parameter });
        }
    }
    let is = |name: &str, known: &[&str]| {
        header.get(name).is_none_or(|value| {
            value.as_text().is_some_and(|text| known.iter().any(|known| text.eq_ignore_ascii_case(known)))
        })
    };
    // RFC 8725, section 3.11: another kind of JWT (a logout token, say) is not a Cognito token. RFC 9068 names access tokens.
    if !is("typ", &["JWT", "JOSE", "at+jwt", "application/jwt", "application/at+jwt"]) {
        return Err(Rejection::HeaderParameter { parameter: "typ" });
    }
    // RFC 7519, section 5.2: `JWT` says that the payload is another token.
    if header.get("cty").is_some_and(|cty| cty.as_text().is_none_or(|cty| cty.eq_ignore_ascii_case("JWT"))) {
        return Err(Rejection::HeaderParameter { parameter: "cty" });
    }
    Ok(())
}

/// Strict base64url: no padding, no other alphabet, no line breaks, no stray bits that would spell one signature twice.
fn decoded(segment: &str) -> Result<Vec<u8>, Rejection> {
    BASE64_URL_SAFE_NO_PAD.decode(segment).map_err(|_| Rejection::NotCompact)
}
