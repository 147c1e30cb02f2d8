//! The pool over HTTP.
//!
//! Source: <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html>.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, Response, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use serde_json::{Value, json};

use super::origins::Caller;
use super::{Pool, SignInError};
use crate::host::own_host;

/// A name and a password take no more.
const MAX_BODY: usize = 16 * 1024;
const INITIATE_AUTH: &str = "AWSCognitoIdentityProviderService.InitiateAuth";
/// What the SDKs send with the call.
const ALLOWED_HEADERS: &str =
    "content-type, x-amz-target, x-amz-user-agent, amz-sdk-invocation-id, amz-sdk-request, cache-control";

/// An error as Cognito puts it.
struct Exception(StatusCode, &'static str, String);

pub(super) fn router(pool: Arc<Pool>) -> Router {
    Router::new().fallback(handle).with_state(pool)
}

async fn handle(State(pool): State<Arc<Pool>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    if own_host(&parts.headers, &parts.uri, pool.address.port()).is_none() {
        let message = "This server answers to 127.0.0.1 and localhost, at its own port.";
        return Exception(StatusCode::MISDIRECTED_REQUEST, "MisdirectedRequest", message.to_owned())
            .into_response();
    }
    let caller = pool.origins.caller(&parts.headers);
    let mut response = match &caller {
        Caller::Foreign => {
            let message = "This page may not call the user pool.";
            Exception(StatusCode::FORBIDDEN, "ForbiddenException", message.to_owned()).into_response()
        }
        Caller::Page(_) if parts.method == Method::OPTIONS => preflight(),
        Caller::Page(_) | Caller::Direct => {
            pool.answer(&parts, body).await.unwrap_or_else(Exception::into_response)
        }
    };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Caller::Page(origin) = caller {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("x-amzn-ErrorType, x-amzn-RequestId"),
        );
    }
    response
}

impl Pool {
    async fn answer(&self, parts: &Parts, body: Body) -> Result<Response<Body>, Exception> {
        let path = parts.uri.path();
        let well_known = path.strip_prefix('/').and_then(|path| path.strip_prefix(self.pool_id.as_str()));
        let reads = matches!(parts.method, Method::GET | Method::HEAD);
        match well_known {
            Some("/.well-known/jwks.json") if reads => Ok(document(self.keys.jwks())),
            Some("/.well-known/openid-configuration") if reads => Ok(document(self.configuration())),
            _ if path == "/" && parts.method == Method::POST => self.call(parts, body).await,
            _ => Err(Exception(
                StatusCode::NOT_FOUND,
                "ResourceNotFoundException",
                "Nothing is here.".to_owned(),
            )),
        }
    }

    /// OpenID Connect Discovery 1.0, section 3.
    fn configuration(&self) -> String {
        let issuer = self.issuer();
        json!({
            "issuer": issuer,
            "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "token"],
            "subject_types_supported": ["public"],
        })
        .to_string()
    }

    async fn call(&self, parts: &Parts, body: Body) -> Result<Response<Body>, Exception> {
        let text =
            |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if text("x-amz-target") != INITIATE_AUTH {
            return Err(bad("UnknownOperationException", "The user pool knows InitiateAuth alone."));
        }
        if !text("content-type").starts_with("application/x-amz-json-1.") {
            return Err(bad("SerializationException", "The content type is application/x-amz-json-1.1."));
        }
        let body = Limited::new(body, MAX_BODY).collect().await;
        let body = body.map_err(|_| bad("SerializationException", "The body is too long or broke off."))?;
        let request: Value = serde_json::from_slice(&body.to_bytes())
            .map_err(|_| bad("SerializationException", "The body is not JSON."))?;
        self.initiate_auth(&request)
    }

    fn initiate_auth(&self, request: &Value) -> Result<Response<Body>, Exception> {
        let member = |pointer: &str, name: &str| {
            let found = request.pointer(pointer).and_then(Value::as_str);
            found
                .ok_or_else(|| bad("InvalidParameterException", format!("Missing required parameter {name}")))
        };
        if member("/AuthFlow", "AuthFlow")? != "USER_PASSWORD_AUTH" {
            return Err(bad("InvalidParameterException", "The auth flow is USER_PASSWORD_AUTH."));
        }
        let client_id = member("/ClientId", "ClientId")?;
        let username = member("/AuthParameters/USERNAME", "USERNAME")?;
        let password = member("/AuthParameters/PASSWORD", "PASSWORD")?;
        let signed_in = self.sign_in(username, password, client_id, (self.clock)());
        let tokens = signed_in.map_err(|error| match error {
            SignInError::NotAuthorized => bad("NotAuthorizedException", "Incorrect username or password."),
            SignInError::UnknownClient => {
                bad("ResourceNotFoundException", format!("User pool client {client_id} does not exist."))
            }
            SignInError::Signing => {
                Exception(StatusCode::INTERNAL_SERVER_ERROR, "InternalErrorException", error.to_string())
            }
        })?;
        let answer = json!({
            "AuthenticationResult": {
                "AccessToken": tokens.access_token(),
                "IdToken": tokens.id_token(),
                "ExpiresIn": tokens.expires_in(),
                "TokenType": "Bearer",
            },
            "ChallengeParameters": {},
        });
        Ok(json_response(StatusCode::OK, "application/x-amz-json-1.1", answer.to_string(), "no-store"))
    }
}

impl Exception {
    fn into_response(self) -> Response<Body> {
        let Self(status, kind, message) = self;
        let body = json!({ "__type": kind, "message": message }).to_string();
        let mut response = json_response(status, "application/x-amz-json-1.1", body, "no-store");
        response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(kind));
        response
    }
}

fn bad(kind: &'static str, message: impl Into<String>) -> Exception {
    Exception(StatusCode::BAD_REQUEST, kind, message.into())
}

fn document(json: String) -> Response<Body> {
    // Keys change at each start: a browser that kept them would refuse every token.
    json_response(StatusCode::OK, "application/json", json, "no-cache")
}

fn json_response(
    status: StatusCode,
    kind: &'static str,
    body: String,
    cache: &'static str,
) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

fn preflight() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(ALLOWED_HEADERS));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    response
}
