//! The rules for the parameters of a signature.
//!
//! A request is verified in this order, and the first failure is the response:
//!
//! 1. The parameters are present and well-formed, and name a mechanism that the server supports.
//! 2. The credential scope names this region, the service `s3`, and the day of the request.
//! 3. The access key exists, and the session token belongs to it.
//! 4. The signed headers include `host` and every `x-amz-*` header.
//! 5. The request has not expired and is not from the future, and the signature matches.
//!
//! This module implements the steps 1 to 4, most of which `s3s` omits. `s3s` implements step 5 with the system clock.

use std::collections::BTreeMap;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use upsign_core::{Credentials, Region};
use zeroize::Zeroizing;

use super::canonical_request::explain_form;
use super::parameters::{Credential, QueryPairs, expires_in, is_amz_date};
use crate::hex::hex;
use crate::s3::error_response::ErrorResponse;
use crate::s3::error_translation;

/// The credentials and the region that signatures must be made with.
#[derive(Debug)]
pub(in crate::s3) struct SignatureRules {
    pub(in crate::s3) credentials: Credentials,
    pub(in crate::s3) region: Region,
}

/// The parameters of the signature of a request, as the client sent them.
///
/// They have passed the checks of [`SignatureRules`], but the signature itself is not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::s3) struct SignatureParameters {
    /// `true` for a presigned URL, `false` for a signature in the `Authorization` header.
    pub(in crate::s3) in_query: bool,
    pub(in crate::s3) access_key_id: String,
    /// `date/region/service/aws4_request`
    pub(in crate::s3) scope: String,
    /// The value of `X-Amz-Date`.
    pub(in crate::s3) date: String,
    /// The lifetime in seconds; 0 for a signature in the `Authorization` header.
    pub(in crate::s3) expires: u64,
    pub(in crate::s3) signed_headers: Vec<String>,
    pub(in crate::s3) signature: String,
}

impl SignatureRules {
    /// Checks the signature parameters in the query string or the `Authorization` header.
    ///
    /// Requests with both, with neither (anonymous requests), or with a signature of version 2 are rejected.
    pub(in crate::s3) fn check_request(&self, request: &Parts) -> Result<SignatureParameters, ErrorResponse> {
        let query = QueryPairs::parse(request.uri.query().unwrap_or_default());
        let authorization = request.headers.get(header::AUTHORIZATION);
        let in_query = query.contains("X-Amz-Signature") || query.contains("X-Amz-Algorithm");
        let is_version_2 = query.contains("Signature") || query.contains("AWSAccessKeyId");
        match authorization {
            Some(_) if in_query || is_version_2 => Err(ErrorResponse::bad_request(
                "InvalidArgument",
                "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string \
                 parameter or the Authorization header should be specified",
            )),
            Some(value) => self.check_header(value.to_str().unwrap_or_default(), &request.headers),
            None if in_query => self.check_query(&query, &request.headers),
            None if is_version_2 => Err(unsupported_mechanism()),
            None => Err(ErrorResponse::forbidden("AccessDenied", "Access Denied")),
        }
    }

    /// Checks the parameters of a presigned URL.
    fn check_query(
        &self,
        query: &QueryPairs,
        headers: &HeaderMap,
    ) -> Result<SignatureParameters, ErrorResponse> {
        let value = |name: &str| query.single(name).ok_or_else(missing_parameter);
        let (algorithm, credential) = (value("X-Amz-Algorithm")?, value("X-Amz-Credential")?);
        let (signature, date) = (value("X-Amz-Signature")?, value("X-Amz-Date")?);
        let (signed_headers, expires) = (value("X-Amz-SignedHeaders")?, value("X-Amz-Expires")?);
        if algorithm != "AWS4-HMAC-SHA256" {
            return Err(ErrorResponse::invalid_query("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\""));
        }
        let expires = expires_in(expires)?;
        if !is_amz_date(date) {
            return Err(ErrorResponse::invalid_query(
                "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"",
            ));
        }
        let parts = Credential::parse(credential).ok_or_else(|| {
            ErrorResponse::invalid_query(
                "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting \
                 \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".",
            )
        })?;
        let malformed = |problem: String| {
            ErrorResponse::invalid_query(format!("Error parsing the X-Amz-Credential parameter; {problem}"))
        };
        self.check_scope(&parts, date, malformed)?;
        // A token that is empty or repeated becomes the empty string, which matches no token.
        let token = query.contains("X-Amz-Security-Token");
        let token = token.then(|| query.single("X-Amz-Security-Token").unwrap_or_default());
        self.check_token(parts.access_key_id, token)?;
        let parameters = SignatureParameters::new(true, &parts, date, expires, signed_headers, signature);
        parameters.check_signed_headers(headers)?;
        Ok(parameters)
    }

    /// Checks the fields of an `Authorization` header.
    fn check_header(
        &self,
        authorization: &str,
        headers: &HeaderMap,
    ) -> Result<SignatureParameters, ErrorResponse> {
        let Some(rest) = authorization.strip_prefix("AWS4-HMAC-SHA256") else {
            return Err(unsupported_mechanism());
        };
        let malformed = |problem: String| {
            let message = format!("The authorization header is malformed; {problem}");
            ErrorResponse::bad_request("AuthorizationHeaderMalformed", message)
        };
        let fields: BTreeMap<&str, &str> =
            rest.split(',').filter_map(|member| member.trim().split_once('=')).collect();
        let field = |name: &str| {
            let found = fields.get(name).copied().filter(|value| !value.is_empty());
            found.ok_or_else(|| malformed(format!("the authorization header requires {name}")))
        };
        let (credential, signed_headers) = (field("Credential")?, field("SignedHeaders")?);
        let signature = field("Signature")?;
        let parts = Credential::parse(credential).ok_or_else(|| {
            malformed(
                "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\"."
                    .to_owned(),
            )
        })?;
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let date = text("x-amz-date").filter(|date| is_amz_date(date)).ok_or_else(|| {
            ErrorResponse::forbidden(
                "AccessDenied",
                "AWS authentication requires a valid Date or x-amz-date header",
            )
        })?;
        self.check_scope(&parts, date, malformed)?;
        self.check_token(parts.access_key_id, text("x-amz-security-token"))?;
        let parameters = SignatureParameters::new(false, &parts, date, 0, signed_headers, signature);
        parameters.check_signed_headers(headers)?;
        Ok(parameters)
    }

    /// Checks the signature fields of a POST form.
    ///
    /// `s3s` verifies the signature and compares the fields with the policy, but not with the region and the session
    /// token of this server.
    pub(in crate::s3) fn check_form(&self, fields: &BTreeMap<String, String>) -> Result<(), ErrorResponse> {
        let field = |name: &str| fields.get(name).map(String::as_str);
        let (Some(credential), Some(_)) = (field("x-amz-credential"), field("x-amz-signature")) else {
            return Err(ErrorResponse::forbidden("AccessDenied", "Access Denied"));
        };
        let parts = Credential::parse(credential).ok_or_else(|| {
            ErrorResponse::bad_request(
                "InvalidArgument",
                "The X-Amz-Credential field must be \"<access key id>/YYYYMMDD/REGION/s3/aws4_request\"",
            )
        })?;
        let malformed = |problem: String| {
            ErrorResponse::invalid_query(format!("Error parsing the X-Amz-Credential parameter; {problem}"))
        };
        self.check_scope(&parts, field("x-amz-date").unwrap_or_default(), malformed)?;
        self.check_token(parts.access_key_id, field("x-amz-security-token"))
    }

    /// Verifies the signature of a POST form whose fields have passed [`check_form`](Self::check_form).
    ///
    /// `s3s` verifies it as well, but only when it has the whole form.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html>.
    pub(in crate::s3) fn verify_form(&self, fields: &BTreeMap<String, String>) -> Result<(), ErrorResponse> {
        let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        let policy = field("policy");
        if policy.is_empty() {
            let message = "Bucket POST must contain a field named 'policy'. If it is specified, please check the order of \
                           the fields.";
            return Err(ErrorResponse::bad_request("InvalidArgument", message)
                .with("ArgumentName", "policy")
                .with("ArgumentValue", ""));
        }
        let Some(parts) = Credential::parse(field("x-amz-credential")) else {
            return Err(error_translation::signature_mismatch());
        };
        let sign =
            |key: &[u8], text: &str| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes());
        let secret = Zeroizing::new(format!("AWS4{}", self.credentials.secret_access_key()));
        let mut key = sign(secret.as_bytes(), parts.date);
        for text in [parts.region, parts.service, parts.terminal, policy] {
            key = sign(key.as_ref(), text);
        }
        let signature = field("x-amz-signature");
        if equal_in_constant_time(&hex(key.as_ref()), signature) {
            return Ok(());
        }
        let error = error_translation::signature_mismatch();
        Err(explain_form(error, parts.access_key_id, policy, signature))
    }

    /// Checks that the credential scope names this region, `s3`, and the day of `date`.
    ///
    /// `malformed` wraps the problem in the error of the place where the credential was found.
    fn check_scope(
        &self,
        parts: &Credential<'_>,
        date: &str,
        malformed: impl Fn(String) -> ErrorResponse,
    ) -> Result<(), ErrorResponse> {
        let Credential { region, service, terminal, .. } = *parts;
        if terminal != "aws4_request" {
            return Err(malformed(format!(
                "incorrect terminal \"{terminal}\". This endpoint uses \"aws4_request\"."
            )));
        }
        if service != "s3" {
            return Err(malformed(format!(
                "incorrect service \"{service}\". This endpoint belongs to \"s3\"."
            )));
        }
        if region != self.region.as_str() {
            let problem = format!("the region '{region}' is wrong; expecting '{}'", self.region);
            return Err(malformed(problem).with("Region", self.region.as_str()));
        }
        if date.get(..8) != Some(parts.date) {
            let problem = format!(
                "Invalid credential date \"{}\". This date is not the same as X-Amz-Date: ",
                parts.date
            );
            return Err(malformed(format!("{problem}\"{}\".", date.get(..8).unwrap_or(date))));
        }
        Ok(())
    }

    /// Checks that the access key exists and that the session token belongs to it.
    ///
    /// A temporary key is unknown without its token, as on S3. A long-term key accepts no token.
    fn check_token(&self, access_key_id: &str, token: Option<&str>) -> Result<(), ErrorResponse> {
        if access_key_id != self.credentials.access_key_id() {
            return Err(unknown_key(access_key_id));
        }
        match (self.credentials.session_token(), token) {
            (None, None) => Ok(()),
            (Some(expected), Some(token)) if equal_in_constant_time(expected, token) => Ok(()),
            (Some(_), None) => Err(unknown_key(access_key_id)),
            (_, Some(token)) => Err(ErrorResponse::bad_request(
                "InvalidToken",
                "The provided token is malformed or otherwise invalid.",
            )
            .with("Token-0", token)),
        }
    }
}

impl SignatureParameters {
    fn new(
        in_query: bool,
        parts: &Credential<'_>,
        date: &str,
        expires: u64,
        headers: &str,
        signature: &str,
    ) -> Self {
        let Credential { access_key_id, date: day, region, service, terminal } = parts;
        Self {
            in_query,
            access_key_id: (*access_key_id).to_owned(),
            scope: format!("{day}/{region}/{service}/{terminal}"),
            date: date.to_owned(),
            expires,
            signed_headers: headers.split(';').map(str::to_owned).collect(),
            signature: signature.to_owned(),
        }
    }

    /// Returns whether the signature has the form of one: 64 lowercase hex digits.
    ///
    /// Any other text cannot match. S3 then answers `SignatureDoesNotMatch`; `s3s` would report a malformed parameter.
    pub(in crate::s3) fn is_well_formed(&self) -> bool {
        let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        self.signature.len() == 64 && self.signature.bytes().all(digit)
    }

    /// Checks that `host` and every `x-amz-*` header of the request are signed.
    ///
    /// An unsigned `x-amz-*` header could otherwise be added to a presigned URL, for example to change the ACL.
    ///
    /// Source: "Canonical headers" in <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>.
    fn check_signed_headers(&self, headers: &HeaderMap) -> Result<(), ErrorResponse> {
        let signed = |name: &str| self.signed_headers.iter().any(|signed| signed == name);
        let sent = headers.keys().map(header::HeaderName::as_str).filter(|name| name.starts_with("x-amz-"));
        let mut unsigned: Vec<&str> =
            std::iter::once("host").chain(sent).filter(|name| !signed(name)).collect();
        if unsigned.is_empty() {
            return Ok(());
        }
        unsigned.sort_unstable();
        let error = ErrorResponse::forbidden(
            "AccessDenied",
            "There were headers present in the request which were not signed",
        );
        Err(error.with("HeadersNotSigned", unsigned.join(", ")))
    }
}

/// Returns the error for an access key id that is not the configured one.
fn unknown_key(access_key_id: &str) -> ErrorResponse {
    let message = "The AWS Access Key Id you provided does not exist in our records.";
    ErrorResponse::forbidden("InvalidAccessKeyId", message).with("AWSAccessKeyId", access_key_id)
}

/// Returns the error for a missing, empty or repeated parameter. S3 does not name the parameter.
fn missing_parameter() -> ErrorResponse {
    ErrorResponse::invalid_query(
        "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, \
         X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
    )
}

fn unsupported_mechanism() -> ErrorResponse {
    ErrorResponse::bad_request(
        "InvalidRequest",
        "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
    )
}

/// Compares two secrets. The duration does not reveal how many bytes are equal.
fn equal_in_constant_time(a: &str, b: &str) -> bool {
    verify_slices_are_equal(a.as_bytes(), b.as_bytes()).is_ok()
}
