//! The HTTP interface of the user pool: JWKS, OpenID configuration and `InitiateAuth`. The token endpoint has a module of its
//! own.
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

use super::Pool;
use super::origins::RequestOrigin;
use super::shape::ShapeKind;
use super::token_endpoint::TOKEN_PATH;
use super::tokens::SignInError;
use crate::host_check::accepted_host;

/// Maximum size of a request body, in bytes. A user name and a password need far less.
pub(super) const MAX_BODY_BYTES: usize = 16 * 1024;
const INITIATE_AUTH: &str = "AWSCognitoIdentityProviderService.InitiateAuth";
/// The headers that AWS SDKs in a browser send with the call.
const ALLOWED_HEADERS: &str =
    "content-type, x-amz-target, x-amz-user-agent, amz-sdk-invocation-id, amz-sdk-request, cache-control";

/// An error response of Cognito: status, exception name and message.
///
/// The name is both the `__type` member and the `x-amzn-errortype` header, as SDKs expect.
struct CognitoError(StatusCode, &'static str, String);

pub(super) fn router(pool: Arc<Pool>) -> Router {
    Router::new().fallback(handle).with_state(pool)
}

async fn handle(State(pool): State<Arc<Pool>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    if accepted_host(&parts.headers, &parts.uri, pool.address.port()).is_none() {
        let message = "The Host header must name 127.0.0.1 or localhost and the port of this server.";
        return CognitoError(StatusCode::MISDIRECTED_REQUEST, "MisdirectedRequest", message.to_owned())
            .into_response();
    }
    let origin = pool.allowed_origins.classify(&parts.headers);
    let mut response = match &origin {
        RequestOrigin::Foreign => {
            let message = "The origin of this page is not in the allowed origins of the user pool.";
            CognitoError(StatusCode::FORBIDDEN, "ForbiddenException", message.to_owned()).into_response()
        }
        RequestOrigin::Allowed(_) if parts.method == Method::OPTIONS => preflight(),
        RequestOrigin::Allowed(_) | RequestOrigin::Absent => {
            pool.answer(&parts, body).await.unwrap_or_else(CognitoError::into_response)
        }
    };
    // A page may read errors as well. `Vary` is set in any case, because the absence of an `Origin` changes the
    // response.
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let RequestOrigin::Allowed(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("x-amzn-ErrorType, x-amzn-RequestId"),
        );
    }
    response
}

impl Pool {
    /// Answers a request whose host and origin are allowed.
    async fn answer(&self, parts: &Parts, body: Body) -> Result<Response<Body>, CognitoError> {
        let path = parts.uri.path();
        let below_pool = path.strip_prefix('/').and_then(|path| path.strip_prefix(self.pool_id.as_str()));
        let is_read = matches!(parts.method, Method::GET | Method::HEAD);
        let is_openid = self.shape.kind == ShapeKind::OpenId;
        match below_pool {
            Some("/.well-known/jwks.json") if is_read => Ok(document(self.keys.jwks())),
            Some("/.well-known/openid-configuration") if is_read => Ok(document(self.configuration())),
            Some(TOKEN_PATH) if is_openid && parts.method == Method::POST => {
                Ok(self.token_endpoint(parts, body).await)
            }
            _ if path == "/" && !is_openid && parts.method == Method::POST => self.call(parts, body).await,
            _ => {
                let sign_in =
                    if is_openid { "POST to the token endpoint" } else { "POST / for InitiateAuth" };
                let message =
                    format!("No such path. Use {sign_in}, or GET for the JWKS and the OpenID configuration.");
                Err(CognitoError(StatusCode::NOT_FOUND, "ResourceNotFoundException", message))
            }
        }
    }

    /// Returns the provider metadata of OpenID Connect Discovery 1.0, section 3.
    fn configuration(&self) -> String {
        let issuer = self.issuer();
        let mut document = json!({
            "issuer": issuer,
            "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
            "id_token_signing_alg_values_supported": [self.keys.algorithm().name()],
            "response_types_supported": ["code", "token"],
            "subject_types_supported": ["public"],
        });
        if let (ShapeKind::OpenId, Value::Object(members)) = (self.shape.kind, &mut document) {
            members.insert("token_endpoint".to_owned(), format!("{issuer}{TOKEN_PATH}").into());
            members.insert("grant_types_supported".to_owned(), json!(["password"]));
            members.insert("token_endpoint_auth_methods_supported".to_owned(), json!(["none"]));
            members.insert("scopes_supported".to_owned(), json!(["openid"]));
        }
        document.to_string()
    }

    /// Answers `POST /`: checks the headers and reads the body of an `InitiateAuth` call.
    async fn call(&self, parts: &Parts, body: Body) -> Result<Response<Body>, CognitoError> {
        let text =
            |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if text("x-amz-target") != INITIATE_AUTH {
            return Err(bad_request(
                "UnknownOperationException",
                "Unknown X-Amz-Target. This user pool supports only InitiateAuth.",
            ));
        }
        if !text("content-type").starts_with("application/x-amz-json-1.") {
            return Err(bad_request(
                "SerializationException",
                "The content type must be application/x-amz-json-1.1.",
            ));
        }
        let body = Limited::new(body, MAX_BODY_BYTES).collect().await;
        let body = body.map_err(|_| {
            bad_request("SerializationException", "The body is longer than 16 KiB or incomplete.")
        })?;
        let request: Value = serde_json::from_slice(&body.to_bytes())
            .map_err(|_| bad_request("SerializationException", "The body is not JSON."))?;
        self.initiate_auth(&request)
    }

    fn initiate_auth(&self, request: &Value) -> Result<Response<Body>, CognitoError> {
        let member = |pointer: &str, name: &str| {
            let found = request.pointer(pointer).and_then(Value::as_str);
            found.ok_or_else(|| {
                bad_request("InvalidParameterException", format!("Missing required parameter {name}"))
            })
        };
        if member("/AuthFlow", "AuthFlow")? != "USER_PASSWORD_AUTH" {
            return Err(bad_request(
                "InvalidParameterException",
                "Unsupported AuthFlow. This user pool supports only USER_PASSWORD_AUTH.",
            ));
        }
        let client_id = member("/ClientId", "ClientId")?;
        let username = member("/AuthParameters/USERNAME", "USERNAME")?;
        let password = member("/AuthParameters/PASSWORD", "PASSWORD")?;
        let signed_in = self.sign_in(username, password, client_id, self.clock.now());
        let tokens = signed_in.map_err(|error| match error {
            SignInError::NotAuthorized => {
                bad_request("NotAuthorizedException", "Incorrect username or password.")
            }
            SignInError::UnknownClient => bad_request(
                "ResourceNotFoundException",
                format!("User pool client {client_id} does not exist."),
            ),
            SignInError::Signing => {
                CognitoError(StatusCode::INTERNAL_SERVER_ERROR, "InternalErrorException", error.to_string())
            }
        })?;
        let result = json!({
            "AuthenticationResult": {
                "AccessToken": tokens.access_token(),
                "IdToken": tokens.id_token(),
                "ExpiresIn": tokens.expires_in(),
                "TokenType": "Bearer",
            },
            "ChallengeParameters": {},
        });
        Ok(json_response(StatusCode::OK, "application/x-amz-json-1.1", result.to_string(), "no-store"))
    }
}

impl CognitoError {
    fn into_response(self) -> Response<Body> {
        let Self(status, kind, message) = self;
        let body = json!({ "__type": kind, "message": message }).to_string();
        let mut response = json_response(status, "application/x-amz-json-1.1", body, "no-store");
        response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(kind));
        response
    }
}

fn bad_request(kind: &'static str, message: impl Into<String>) -> CognitoError {
    CognitoError(StatusCode::BAD_REQUEST, kind, message.into())
}

/// Returns a public JSON document.
fn document(json: String) -> Response<Body> {
    // The keys change at each start. A client that cached old keys would reject every token.
    json_response(StatusCode::OK, "application/json", json, "no-cache")
}

pub(super) fn json_response(
    status: StatusCode,
    content_type: &'static str,
    body: String,
    cache: &'static str,
) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
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
