//! The token endpoint of an OpenID Connect issuer, for a user name and a password.
//!
//! Source: RFC 6749 sections 4.3 (request), 5.1 (tokens) and 5.2 (errors).

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Response, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use serde::Deserialize;
use serde_json::json;

use super::Pool;
use super::endpoints::{MAX_BODY_BYTES, json_response};
use super::tokens::SignInError;

/// The path of the endpoint, below that of the pool.
pub(super) const TOKEN_PATH: &str = "/oauth2/token";

/// An error of RFC 6749 section 5.2: code and description.
struct OAuthError(&'static str, &'static str);

/// The parameters of the password grant. Others are ignored.
#[derive(Deserialize)]
struct PasswordGrant {
    grant_type: Option<String>,
    client_id: Option<String>,
    username: Option<String>,
    password: Option<String>,
}

const REQUIRED: OAuthError =
    OAuthError("invalid_request", "grant_type, client_id, username and password are required, once each");

impl Pool {
    /// Answers a request of the password grant.
    pub(super) async fn token_endpoint(&self, parts: &Parts, body: Body) -> Response<Body> {
        let answer = match read_form(parts, body).await {
            Ok(form) => self.password_grant(&form),
            Err(error) => Err(error),
        };
        let (status, body) = match answer {
            Ok(tokens) => (StatusCode::OK, tokens),
            Err(OAuthError(code, description)) => (
                StatusCode::BAD_REQUEST,
                json!({"error": code, "error_description": description}).to_string(),
            ),
        };
        json_response(status, "application/json", body, "no-store")
    }

    fn password_grant(&self, form: &PasswordGrant) -> Result<String, OAuthError> {
        if required(&form.grant_type)? != "password" {
            return Err(OAuthError(
                "unsupported_grant_type",
                "this issuer supports only the grant type password",
            ));
        }
        let (username, password) = (required(&form.username)?, required(&form.password)?);
        let signed_in = self.sign_in(username, password, required(&form.client_id)?, self.clock.now());
        let tokens = signed_in.map_err(|error| match error {
            SignInError::NotAuthorized => OAuthError("invalid_grant", "incorrect user name or password"),
            SignInError::UnknownClient => OAuthError("invalid_client", "the client does not exist"),
            SignInError::Signing => OAuthError("server_error", "the token could not be signed"),
        })?;
        Ok(json!({
            "access_token": tokens.access_token(),
            "id_token": tokens.id_token(),
            "token_type": "Bearer",
            "expires_in": tokens.expires_in(),
        })
        .to_string())
    }
}

fn required(parameter: &Option<String>) -> Result<&str, OAuthError> {
    parameter.as_deref().ok_or(REQUIRED)
}

async fn read_form(parts: &Parts, body: Body) -> Result<PasswordGrant, OAuthError> {
    let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    if !media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(OAuthError(
            "invalid_request",
            "the content type must be application/x-www-form-urlencoded",
        ));
    }
    let body = Limited::new(body, MAX_BODY_BYTES).collect().await;
    let body =
        body.map_err(|_| OAuthError("invalid_request", "the body is longer than 16 KiB or incomplete"))?;
    // RFC 6749 section 3.2: a parameter must not occur twice. Only a repeated one is an error here.
    serde_urlencoded::from_bytes(&body.to_bytes()).map_err(|_| REQUIRED)
}
