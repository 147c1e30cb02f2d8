//! What S3 demands of a signature's parameters before it computes one. s3s checks the signature itself and the expiry;
//! these are the demands it does not make.

use std::collections::BTreeMap;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use upsign_core::{Credentials, Region};

use super::parameters::{Credential, Pairs, expires_in, is_amz_date};
use super::refusal::Refusal;

/// Whose signatures are taken, and for which region.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) credentials: Credentials,
    pub(super) region: Region,
}

/// The parameters of a signature, as the request states them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stated {
    pub(super) by_query: bool,
    pub(super) access_key_id: String,
    /// `date/region/service/aws4_request`
    pub(super) scope: String,
    pub(super) date: String,
    /// Seconds; 0 for a signature in the `Authorization` header.
    pub(super) expires: u64,
    pub(super) signed_headers: Vec<String>,
    pub(super) signature: String,
}

impl Rules {
    /// Looks at the query string or the `Authorization` header. A request with neither is anonymous, and refused.
    pub(super) fn check(&self, request: &Parts) -> Result<Stated, Refusal> {
        let query = Pairs::of(request.uri.query().unwrap_or_default());
        let authorization = request.headers.get(header::AUTHORIZATION);
        let in_query = query.has("X-Amz-Signature") || query.has("X-Amz-Algorithm");
        let legacy = query.has("Signature") || query.has("AWSAccessKeyId");
        match authorization {
            Some(_) if in_query || legacy => Err(Refusal::bad_request(
                "InvalidArgument",
                "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string \
                 parameter or the Authorization header should be specified",
            )),
            Some(value) => self.check_header(value.to_str().unwrap_or_default(), &request.headers),
            None if in_query => self.check_query(&query, &request.headers),
            None if legacy => Err(unsupported_mechanism()),
            None => Err(Refusal::forbidden("AccessDenied", "Access Denied")),
        }
    }

    fn check_query(&self, query: &Pairs, headers: &HeaderMap) -> Result<Stated, Refusal> {
        let value = |name: &'static str| query.only(name).ok_or_else(|| missing(name));
        let (algorithm, credential) = (value("X-Amz-Algorithm")?, value("X-Amz-Credential")?);
        let (signature, date) = (value("X-Amz-Signature")?, value("X-Amz-Date")?);
        let (signed_headers, expires) = (value("X-Amz-SignedHeaders")?, value("X-Amz-Expires")?);
        if algorithm != "AWS4-HMAC-SHA256" {
            return Err(Refusal::query("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\""));
        }
        let expires = expires_in(expires)?;
        if !is_amz_date(date) {
            return Err(Refusal::query(
                "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"",
            ));
        }
        let parts = Credential::parse(credential).ok_or_else(|| {
            Refusal::query(
                "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting \
                 \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".",
            )
        })?;
        let malformed =
            |what: String| Refusal::query(format!("Error parsing the X-Amz-Credential parameter; {what}"));
        self.check_scope(&parts, date, malformed)?;
        // One that is empty or there twice is no one's.
        let token = query.has("X-Amz-Security-Token");
        let token = token.then(|| query.only("X-Amz-Security-Token").unwrap_or_default());
        self.check_token(parts.access_key_id, token)?;
        let stated = Stated::new(true, &parts, date, expires, signed_headers, signature);
        stated.covers(headers)?;
        Ok(stated)
    }

    fn check_header(&self, authorization: &str, headers: &HeaderMap) -> Result<Stated, Refusal> {
        let Some(rest) = authorization.strip_prefix("AWS4-HMAC-SHA256") else {
            return Err(unsupported_mechanism());
        };
        let malformed = |what: String| {
            let message = format!("The authorization header is malformed; {what}");
            Refusal::bad_request("AuthorizationHeaderMalformed", message)
        };
        let members: BTreeMap<&str, &str> =
            rest.split(',').filter_map(|member| member.trim().split_once('=')).collect();
        let member = |name: &str| {
            let found = members.get(name).copied().filter(|value| !value.is_empty());
            found.ok_or_else(|| malformed(format!("the authorization header requires {name}")))
        };
        let (credential, signed_headers) = (member("Credential")?, member("SignedHeaders")?);
        let signature = member("Signature")?;
        let parts = Credential::parse(credential).ok_or_else(|| {
            malformed(
                "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\"."
                    .to_owned(),
            )
        })?;
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let date = text("x-amz-date").filter(|date| is_amz_date(date)).ok_or_else(|| {
            Refusal::forbidden(
                "AccessDenied",
                "AWS authentication requires a valid Date or x-amz-date header",
            )
        })?;
        self.check_scope(&parts, date, malformed)?;
        self.check_token(parts.access_key_id, text("x-amz-security-token"))?;
        let stated = Stated::new(false, &parts, date, 0, signed_headers, signature);
        stated.covers(headers)?;
        Ok(stated)
    }

    /// The fields of a POST form that s3s compares with the policy, but not with this server.
    pub(super) fn check_form(&self, fields: &BTreeMap<String, String>) -> Result<(), Refusal> {
        let field = |name: &str| fields.get(name).map(String::as_str);
        let (Some(credential), Some(_)) = (field("x-amz-credential"), field("x-amz-signature")) else {
            return Err(Refusal::forbidden("AccessDenied", "Access Denied"));
        };
        let parts = Credential::parse(credential).ok_or_else(|| {
            Refusal::bad_request("InvalidArgument", "X-Amz-Credential is not a credential scope")
        })?;
        let malformed =
            |what: String| Refusal::query(format!("Error parsing the X-Amz-Credential parameter; {what}"));
        self.check_scope(&parts, field("x-amz-date").unwrap_or_default(), malformed)?;
        self.check_token(parts.access_key_id, field("x-amz-security-token"))
    }

    fn check_scope(
        &self,
        parts: &Credential<'_>,
        date: &str,
        malformed: impl Fn(String) -> Refusal,
    ) -> Result<(), Refusal> {
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
            let what = format!("the region '{region}' is wrong; expecting '{}'", self.region);
            return Err(malformed(what).with("Region", self.region.as_str()));
        }
        if date.get(..8) != Some(parts.date) {
            let what = format!(
                "Invalid credential date \"{}\". This date is not the same as X-Amz-Date: ",
                parts.date
            );
            return Err(malformed(format!("{what}\"{}\".", date.get(..8).unwrap_or(date))));
        }
        Ok(())
    }

    /// The token belongs to the key: temporary keys do nothing without theirs, long-term keys have none.
    fn check_token(&self, access_key_id: &str, token: Option<&str>) -> Result<(), Refusal> {
        if access_key_id != self.credentials.access_key_id() {
            return Err(unknown_key(access_key_id));
        }
        match (self.credentials.session_token(), token) {
            (None, None) => Ok(()),
            (Some(ours), Some(theirs)) if same(ours, theirs) => Ok(()),
            (Some(_), None) => Err(unknown_key(access_key_id)),
            (_, Some(_)) => Err(Refusal::bad_request(
                "InvalidToken",
                "The provided token is malformed or otherwise invalid.",
            )),
        }
    }
}

impl Stated {
    fn new(
        by_query: bool,
        parts: &Credential<'_>,
        date: &str,
        expires: u64,
        headers: &str,
        signature: &str,
    ) -> Self {
        let Credential { access_key_id, date: day, region, service, terminal } = parts;
        Self {
            by_query,
            access_key_id: (*access_key_id).to_owned(),
            scope: format!("{day}/{region}/{service}/{terminal}"),
            date: date.to_owned(),
            expires,
            signed_headers: headers.split(';').map(str::to_owned).collect(),
            signature: signature.to_owned(),
        }
    }

    /// Whether the signature could be one: 64 hex digits in lower case.
    pub(super) fn is_well_formed(&self) -> bool {
        let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        self.signature.len() == 64 && self.signature.bytes().all(digit)
    }

    /// `Host` and every `x-amz-*` header of the request have to be signed.
    ///
    /// Source: "Canonical headers" in <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>.
    fn covers(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let signed = |name: &str| self.signed_headers.iter().any(|signed| signed == name);
        let sent = headers.keys().map(header::HeaderName::as_str).filter(|name| name.starts_with("x-amz-"));
        let mut unsigned: Vec<&str> =
            std::iter::once("host").chain(sent).filter(|name| !signed(name)).collect();
        if unsigned.is_empty() {
            return Ok(());
        }
        unsigned.sort_unstable();
        let refusal = Refusal::forbidden(
            "AccessDenied",
            "There were headers present in the request which were not signed",
        );
        Err(refusal.with("HeadersNotSigned", unsigned.join(", ")))
    }
}

pub(super) fn unknown_key(access_key_id: &str) -> Refusal {
    let message = "The AWS Access Key Id you provided does not exist in our records.";
    Refusal::forbidden("InvalidAccessKeyId", message).with("AWSAccessKeyId", access_key_id)
}

fn missing(_parameter: &str) -> Refusal {
    Refusal::query(
        "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, \
         X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
    )
}

fn unsupported_mechanism() -> Refusal {
    Refusal::bad_request(
        "InvalidRequest",
        "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
    )
}

fn same(a: &str, b: &str) -> bool {
    verify_slices_are_equal(a.as_bytes(), b.as_bytes()).is_ok()
}
