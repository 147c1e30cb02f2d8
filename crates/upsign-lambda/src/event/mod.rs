//! Reads events as HTTP requests.
//!
//! Most of an event is text that a client chose: method, path, query, headers and body. This module treats every member as
//! untrusted and returns an error where it is not valid, so no client can end an invocation without an answer. Nothing here
//! can panic: the lints of the workspace exclude it, and the limits keep every value within what the types of the crate `http`
//! can hold.
//!
//! The formats are documented at
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html>,
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>,
//! <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads> and
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html>.

mod body;
mod headers;
mod malformed;
mod target;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Uri};
use serde_json::{Map, Value};
use upsign_cognito::Rejection;
use upsign_cognito::authorizer::parse_event;
use upsign_http::{PublicPrefix, RequestId};

pub(crate) use malformed::Malformed;

type Members = Map<String, Value>;

/// The AWS service that sent an event. It determines the form of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventSource {
    /// A REST API of API Gateway, or an HTTP API with payload version 1.0.
    RestV1,
    /// An HTTP API of API Gateway (payload version 2.0). The gateway adds CORS headers itself, unless an origin contains `*`.
    HttpV2,
    /// A function URL: the payload of an HTTP API, but nothing in front of the function adds CORS headers.
    FunctionUrl,
    /// An Application Load Balancer.
    Alb,
}

/// The reason why an event is not an HTTP request. The form of an answer is then unknown, so the invocation fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum InvalidEvent {
    #[error("the event is not a JSON object without duplicate members")]
    Json(#[source] Rejection),
    #[error("the event is not from API Gateway, a function URL or an Application Load Balancer")]
    Kind,
}

/// Parses the text of an event.
pub(crate) fn parse(text: &str) -> Result<Value, InvalidEvent> {
    parse_event(text.as_bytes()).map_err(InvalidEvent::Json)
}

/// An event that is an HTTP request. Its members are not checked yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HttpEvent<'a> {
    source: EventSource,
    root: &'a Members,
    context: &'a Members,
}

impl<'a> HttpEvent<'a> {
    /// Recognizes the source of an event by members that only this source sets and that no client can influence.
    ///
    /// The rules are those by which `upsign-cognito` looks for the caller. Events of a WebSocket API are not HTTP requests.
    pub(crate) fn recognize(event: &'a Value) -> Result<Self, InvalidEvent> {
        let root = event.as_object().ok_or(InvalidEvent::Kind)?;
        let context = root.get("requestContext").and_then(Value::as_object).ok_or(InvalidEvent::Kind)?;
        let is_object = |name: &str| context.get(name).is_some_and(Value::is_object);
        let version = root.get("version").map(|version| version.as_str().unwrap_or_default());
        if context.contains_key("connectionId") || context.contains_key("eventType") {
            return Err(InvalidEvent::Kind);
        }
        let source = match version {
            None if is_object("elb") => EventSource::Alb,
            Some("2.0") if is_object("http") && is_function_url(context) => EventSource::FunctionUrl,
            Some("2.0") if is_object("http") => EventSource::HttpV2,
            None | Some("1.0")
                if root.get("httpMethod").is_some_and(Value::is_string) && !is_object("http") =>
            {
                EventSource::RestV1
            }
            _ => return Err(InvalidEvent::Kind),
        };
        Ok(Self { source, root, context })
    }

    pub(crate) const fn source(&self) -> EventSource {
        self.source
    }

    /// Returns the id that API Gateway or the function URL gave the request, which its access log contains as `$context.requestId`.
    /// Returns `None` for a load balancer, which gives none.
    ///
    /// No client can influence it: it is not a header.
    pub(crate) fn request_id(&self) -> Option<RequestId> {
        self.context.get("requestId")?.as_str()?.parse().ok()
    }

    /// Returns the headers of the request.
    pub(crate) fn headers(&self) -> Result<HeaderMap, Malformed> {
        headers::read(self.source, self.root)
    }

    /// Returns the request with these headers. Its path has no stage and no base path, which are in its extensions, and its body is
    /// decoded.
    pub(crate) fn request(&self, headers: HeaderMap) -> Result<Request<Bytes>, Malformed> {
        let mut request = Request::new(body::read(self.root)?);
        *request.method_mut() = self.method()?;
        *request.uri_mut() = self.uri()?;
        *request.headers_mut() = headers;
        let prefix = self.public_prefix(self.path()?)?;
        prefix.and_then(|prefix| request.extensions_mut().insert(prefix));
        Ok(request)
    }

    /// Returns the method and the path of the request, as in [`request`](Self::request).
    fn method_and_path(&self) -> Result<(Method, String), Malformed> {
        Ok((self.method()?, self.uri()?.path().to_owned()))
    }

    fn method(&self) -> Result<Method, Malformed> {
        let method = match self.source {
            EventSource::HttpV2 | EventSource::FunctionUrl => {
                self.context.get("http").and_then(|http| http.get("method"))
            }
            EventSource::RestV1 | EventSource::Alb => self.root.get("httpMethod"),
        };
        let method = method.and_then(Value::as_str).ok_or(Malformed::Method)?;
        Method::from_bytes(method.as_bytes()).map_err(|_| Malformed::Method)
    }

    fn uri(&self) -> Result<Uri, Malformed> {
        target::uri(self.path()?, &target::query(self.source, self.root)?)
    }

    /// Returns the path as it is in the event.
    fn whole_path(&self) -> Result<&'a str, Malformed> {
        let member = match self.source {
            EventSource::HttpV2 | EventSource::FunctionUrl => "rawPath",
            EventSource::RestV1 | EventSource::Alb => "path",
        };
        let path = text(self.root, member, Malformed::Path)?.filter(|path| path.starts_with('/'));
        path.ok_or(Malformed::Path)
    }

    /// Returns the path without a stage and a base path.
    fn path(&self) -> Result<&'a str, Malformed> {
        let resource = match self.source {
            EventSource::RestV1 => text(self.context, "resourcePath", Malformed::Path)?,
            // A route key is "POST /upload-url", "ANY /{proxy+}" or `$default`.
            EventSource::HttpV2 | EventSource::FunctionUrl => {
                let route = text(self.context, "routeKey", Malformed::Path)?;
                route.and_then(|route| route.split_once(' ')).map(|(_, resource)| resource)
            }
            EventSource::Alb => None,
        };
        let matched = resource.map(|resource| target::matched(resource, self.root)).transpose()?.flatten();
        let (path, matched) = (self.whole_path()?, matched.as_deref());
        // The matched route says where the path begins, also if its first segment has the name of the stage.
        if matched.is_some_and(|matched| matched.starts_with('/') && path.ends_with(matched)) {
            return Ok(target::without_base_path(path, matched));
        }
        Ok(match self.source {
            EventSource::RestV1 | EventSource::HttpV2 => target::without_stage(path, self.stage()?),
            EventSource::FunctionUrl | EventSource::Alb => path,
        })
    }

    fn stage(&self) -> Result<Option<&'a str>, Malformed> {
        text(self.context, "stage", Malformed::Path)
    }

    /// Returns what the path of the client has in front of `path`: the stage, or the base path of a custom domain.
    ///
    /// Only the context of a REST API has the whole path. In the payload of an HTTP API the path has the stage also behind a custom
    /// domain, where the client does not send it, and need not have the mapping of that domain
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>).
    fn public_prefix(&self, path: &str) -> Result<Option<PublicPrefix>, Malformed> {
        let whole = match self.source {
            EventSource::RestV1 => text(self.context, "path", Malformed::Path)?,
            EventSource::HttpV2 => Some(self.whole_path()?),
            EventSource::FunctionUrl | EventSource::Alb => return Ok(None),
        };
        let stage = self.stage()?.filter(|stage| *stage != "$default").map(|stage| format!("/{stage}"));
        let prefix = match whole.and_then(|whole| whole.strip_suffix(path)) {
            Some(prefix) if self.source == EventSource::HttpV2 && !self.is_default_domain() => {
                Some(prefix).filter(|prefix| Some(*prefix) != stage.as_deref())
            }
            Some(prefix) => Some(prefix),
            // The context has the path as the client encoded it.
            None => stage.as_deref().filter(|_| self.is_default_domain()),
        };
        Ok(prefix.and_then(|prefix| prefix.parse().ok()))
    }

    /// Returns `true` for the domain of API Gateway, `<id>.execute-api.<region>.amazonaws.com`, in every partition.
    fn is_default_domain(&self) -> bool {
        let domain = self.context.get("domainName").and_then(Value::as_str);
        domain.is_some_and(|domain| domain.split('.').nth(1) == Some("execute-api"))
    }
}

/// Returns the method and the path of the request in the text of an event, whichever of the supported services sent it.
///
/// The path has neither a stage nor a base path. `None` means that the event is not from one of these services, or that its
/// method, path or query is malformed. Pass such an event to [`UploadFunction::answer`](crate::UploadFunction::answer) too,
/// which answers it as documented there.
///
/// ```
/// use upsign_lambda::{Method, method_and_path};
/// // An HTTP API, payload version 2.0.
/// let event = r#"{"version": "2.0", "rawPath": "/prod/health",
///     "requestContext": {"stage": "prod", "http": {"method": "GET", "path": "/prod/health"}}}"#;
/// assert_eq!(method_and_path(event), Some((Method::GET, "/health".to_owned())));
/// // A REST API, or an HTTP API with payload version 1.0.
/// let event = r#"{"httpMethod": "GET", "path": "/health", "requestContext": {"stage": "prod"}}"#;
/// assert_eq!(method_and_path(event), Some((Method::GET, "/health".to_owned())));
/// // A message of a queue.
/// assert_eq!(method_and_path(r#"{"Records": []}"#), None);
/// ```
#[must_use]
pub fn method_and_path(event: &str) -> Option<(Method, String)> {
    let event = parse(event).ok()?;
    HttpEvent::recognize(&event).ok()?.method_and_path().ok()
}

/// Returns `true` for the domain of a function URL: `<id>.lambda-url.<region>.on.aws`, in every partition.
fn is_function_url(context: &Members) -> bool {
    let domain = context.get("domainName").and_then(Value::as_str);
    domain.is_some_and(|domain| domain.split('.').nth(1) == Some("lambda-url"))
}

/// Returns the member `name`, `None` if it is absent or `null`, or `error` if it has another type.
fn text<'a>(members: &'a Members, name: &str, error: Malformed) -> Result<Option<&'a str>, Malformed> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(error),
    }
}

/// Returns the members of the object `name`, none if it is absent or `null`, or `error` if it has another type.
fn members<'a>(
    root: &'a Members,
    name: &str,
    error: Malformed,
) -> Result<impl Iterator<Item = (&'a String, &'a Value)>, Malformed> {
    match root.get(name) {
        None | Some(Value::Null) => Ok(None.into_iter().flatten()),
        Some(Value::Object(members)) => Ok(Some(members).into_iter().flatten()),
        Some(_) => Err(error),
    }
}

/// Returns the items of a list of strings, or `error` if it is not one.
fn texts(
    value: &Value,
    error: Malformed,
) -> Result<impl Iterator<Item = Result<&str, Malformed>>, Malformed> {
    let items = value.as_array().ok_or(error)?;
    Ok(items.iter().map(move |item| item.as_str().ok_or(error)))
}
