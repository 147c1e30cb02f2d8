//! The signature layer of a token: compact JWS, header and signature. The payload stays opaque.
//!
//! Sources: RFC 7515 (compact serialization, `crit`), RFC 7797 (`b64`), RFC 8725 (best current practices).

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use upsign_json::{Json, Limits, Object, read_object};

use crate::claims::kind::TokenType;
use crate::claims::reader::Claims;
use crate::crypto::algorithm::Algorithm;
use crate::excerpt::Excerpt;
use crate::keys::key_set::KeySet;
use crate::rejection::Rejection;
use crate::token::bearer::{LONGEST_TOKEN_BYTES, check_length};
use crate::token::pasted::PastedText;

/// A compact JWS with a valid structure and header. Its signature has not been verified.
#[derive(Debug)]
pub(crate) struct UnverifiedJws<'a> {
    pub(crate) kid: Box<str>,
    pub(crate) token_type: TokenType,
    algorithm: Algorithm,
    /// Header and payload as sent, which is what the signature covers.
    message: &'a str,
    payload: &'a str,
    signature: &'a str,
}

/// Verifies the signature of a compact JWS and returns its payload, which can be anything.
///
/// This is the signature layer alone, for messages of at most 64 KiB that are not tokens. Use [`TokenCheck`](crate::TokenCheck)
/// for tokens: it also checks issuer, client and times.
///
/// # Errors
/// Returns [`Rejection`] if `jws` is not a compact JWS, its algorithm is not one of `algorithms`, none of `keys` has its key
/// id, or the signature is not valid.
pub fn verify_signature(jws: &str, keys: &KeySet, algorithms: &[Algorithm]) -> Result<Vec<u8>, Rejection> {
    UnverifiedJws::parse(jws, LONGEST_TOKEN_BYTES, algorithms)?.verify(keys)
}

/// Returns the `iss` that a token claims. Nothing is verified: anyone can write any issuer into a token.
pub(crate) fn claimed_issuer(token: &str, max_bytes: usize) -> Result<Box<str>, Rejection> {
    issuer_in(Segments::of(token, max_bytes)?.payload)
}

fn issuer_in(payload: &str) -> Result<Box<str>, Rejection> {
    let payload = decode(payload)?;
    let claims = read_object(&payload, PAYLOAD_LIMITS).map_err(Rejection::ClaimsJson)?;
    Ok(Claims(&claims).required("iss")?.into())
}

// The length of the whole token is checked before, against the configured maximum.
const HEADER_LIMITS: Limits = Limits::new(LONGEST_TOKEN_BYTES, 4);
/// Limits of the payload of a token.
pub(crate) const PAYLOAD_LIMITS: Limits = Limits::new(LONGEST_TOKEN_BYTES, 16);

/// The parts of a compact JWS, as sent.
struct Segments<'a> {
    /// Header and payload with the dot between them.
    message: &'a str,
    header: &'a str,
    payload: &'a str,
    signature: &'a str,
}

impl<'a> Segments<'a> {
    fn of(token: &'a str, max_bytes: usize) -> Result<Self, Rejection> {
        check_length(token, max_bytes)?;
        if let Some(mistake) = PastedText::of(token) {
            return Err(Rejection::PastedText { mistake, in_header: false });
        }
        let not_compact = || Rejection::NotCompact { parts: token.split('.').count() };
        let (message, signature) = token.rsplit_once('.').ok_or_else(not_compact)?;
        let (header, payload) = message.split_once('.').ok_or_else(not_compact)?;
        if payload.contains('.') {
            return Err(not_compact());
        }
        Ok(Self { message, header, payload, signature })
    }
}

impl<'a> UnverifiedJws<'a> {
    pub(crate) fn parse(token: &'a str, max_bytes: usize, allowed: &[Algorithm]) -> Result<Self, Rejection> {
        let Segments { message, header, payload, signature } = Segments::of(token, max_bytes)?;
        let Header { algorithm, kid, token_type } = read_header(&decode(header)?, allowed)?;
        Ok(Self { kid, token_type, algorithm, message, payload, signature })
    }

    /// Verifies the signature and returns the payload.
    pub(crate) fn verify(&self, keys: &KeySet) -> Result<Vec<u8>, Rejection> {
        let key = keys.key(&self.kid).ok_or_else(|| self.unknown_kid())?;
        let mismatch = || Rejection::KeyMismatch { kid: Excerpt::new(&self.kid) };
        let key = key.for_algorithm(self.algorithm).ok_or_else(mismatch)?;
        if !key.is_signature_of(self.message.as_bytes(), &decode(self.signature)?) {
            return Err(Rejection::Signature);
        }
        decode(self.payload)
    }

    /// Returns the `iss` that the token claims, like [`claimed_issuer`].
    pub(crate) fn claimed_issuer(&self) -> Result<Box<str>, Rejection> {
        issuer_in(self.payload)
    }

    pub(crate) fn unknown_kid(&self) -> Rejection {
        Rejection::UnknownKid { kid: Excerpt::new(&self.kid) }
    }
}

/// The parameters of a header.
pub(crate) struct Header {
    algorithm: Algorithm,
    kid: Box<str>,
    token_type: TokenType,
}

/// Reads a header, and rejects one with unsupported parameters.
pub(crate) fn read_header(header: &[u8], allowed: &[Algorithm]) -> Result<Header, Rejection> {
    let header = read_object(header, HEADER_LIMITS).map_err(Rejection::HeaderJson)?;
    let algorithm = algorithm(&header, allowed)?;
    reject_unsupported_parameters(&header)?;
    let token_type = token_type(&header)?;
    let kid = header.get("kid").and_then(Json::as_str).ok_or(Rejection::NoKid)?;
    Ok(Header { algorithm, kid: kid.into(), token_type })
}

fn algorithm(header: &Object<'_>, allowed: &[Algorithm]) -> Result<Algorithm, Rejection> {
    let alg = header.get("alg").and_then(Json::as_str).unwrap_or_default();
    Algorithm::from_name(alg, allowed).ok_or_else(|| Rejection::Algorithm { alg: Excerpt::new(alg) })
}

/// Rejects parameters that change the meaning of the token. Parameters that offer a key (`jku`, `jwk`, `x5u`, `x5c`) are
/// ignored: keys come from the configured issuer only.
fn reject_unsupported_parameters(header: &Object<'_>) -> Result<(), Rejection> {
    for parameter in ["crit", "b64", "zip", "enc"] {
        if header.contains(parameter) {
            return Err(Rejection::HeaderParameter { parameter });
        }
    }
    // RFC 7519, section 5.2: the content type `JWT` means that the payload is another token.
    if header.get("cty").is_some_and(|cty| cty.as_str().is_none_or(|cty| cty.eq_ignore_ascii_case("JWT"))) {
        return Err(Rejection::HeaderParameter { parameter: "cty" });
    }
    Ok(())
}

/// Reads `typ`. RFC 8725, section 3.11: another kind of JWT, for example a logout token, is neither an access nor an id token.
fn token_type(header: &Object<'_>) -> Result<TokenType, Rejection> {
    let Some(typ) = header.get("typ") else { return Ok(TokenType::Unspecified) };
    let is_one_of = |known: &[&str]| {
        typ.as_str().is_some_and(|text| known.iter().any(|known| text.eq_ignore_ascii_case(known)))
    };
    if is_one_of(&["JWT", "JOSE", "application/jwt"]) {
        Ok(TokenType::Unspecified)
    } else if is_one_of(&["at+jwt", "application/at+jwt"]) {
        Ok(TokenType::AccessToken)
    } else {
        Err(Rejection::HeaderParameter { parameter: "typ" })
    }
}

/// Decodes strict base64url: no padding, no other alphabet, no line breaks, and no unused bits that are not zero, so that a
/// signature has exactly one spelling.
fn decode(segment: &str) -> Result<Vec<u8>, Rejection> {
    BASE64_URL_SAFE_NO_PAD.decode(segment).map_err(|_| Rejection::NotCompact { parts: 3 })
}
