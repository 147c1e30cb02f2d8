//! Converts events into HTTP requests.

use bytes::Bytes;
use http::{Request, Uri};
use lambda_http::request::RequestContext;
use lambda_http::{Body, RequestExt};

/// The AWS service that sent an event. It determines the form of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventSource {
    /// A REST API of API Gateway (payload version 1.0).
    RestV1,
    /// An HTTP API of API Gateway (payload version 2.0). The gateway adds CORS headers itself.
    HttpV2,
    /// A function URL: the payload of an HTTP API, but nothing in front of the function adds CORS headers.
    FunctionUrl,
    /// An Application Load Balancer.
    Alb,
}

/// The reason why an event is not an HTTP request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum InvalidEvent {
    #[error("the event is not from API Gateway, a function URL or an Application Load Balancer")]
    Shape(#[source] serde_json::Error),
    #[error("the function does not answer this kind of event")]
    Kind,
    #[error("the path of the event is not a valid URI")]
    Path(#[source] http::Error),
}

/// Reads the text of an event. The path of the request has no stage, and its body is decoded.
pub(crate) fn read(text: &str) -> Result<(EventSource, Request<Bytes>), InvalidEvent> {
    let request = lambda_http::request::from_str(text).map_err(InvalidEvent::Shape)?;
    let (source, stage) = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV1(context)) => (EventSource::RestV1, context.stage.clone()),
        Some(RequestContext::ApiGatewayV2(context)) if is_function_url(context.domain_name.as_deref()) => {
            (EventSource::FunctionUrl, None)
        }
        Some(RequestContext::ApiGatewayV2(context)) => (EventSource::HttpV2, context.stage.clone()),
        Some(RequestContext::Alb(_)) => (EventSource::Alb, None),
        _ => return Err(InvalidEvent::Kind),
    };
    let path = request.raw_http_path();
    let path = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV1(context)) => {
            without_base_path(path, context.resource_path.as_deref())
        }
        // A route key is "POST /upload-url"; that of a catch-all route contains `{` or is `$default`.
        Some(RequestContext::ApiGatewayV2(context)) => {
            let route = context.route_key.as_deref().and_then(|route| route.split_once(' '));
            without_base_path(path, route.map(|(_, resource)| resource))
        }
        _ => path,
    };
    let path = without_stage(path, stage.as_deref());
    let uri = Uri::builder().path_and_query(path).build().map_err(InvalidEvent::Path)?;
    let (mut parts, body) = request.into_parts();
    parts.uri = uri;
    let body = match body {
        Body::Text(text) => Bytes::from(text),
        Body::Binary(bytes) => Bytes::from(bytes),
        _ => Bytes::new(),
    };
    Ok((source, Request::from_parts(parts, body)))
}

/// Removes the base path that a custom domain name maps to the API. The matched resource is the path without it.
fn without_base_path<'a>(path: &'a str, resource: Option<&'a str>) -> &'a str {
    resource.filter(|resource| !resource.contains('{') && path.ends_with(resource)).unwrap_or(path)
}

/// Removes the name of the stage, which an HTTP API puts in front of the path unless it is `$default`.
fn without_stage<'a>(path: &'a str, stage: Option<&str>) -> &'a str {
    let stripped = stage.and_then(|stage| path.strip_prefix('/')?.strip_prefix(stage));
    stripped.filter(|rest| rest.starts_with('/')).unwrap_or(path)
}

/// Returns `true` for the domain of a function URL: `<id>.lambda-url.<region>.on.aws`, in every partition.
fn is_function_url(domain: Option<&str>) -> bool {
    domain.is_some_and(|domain| domain.split('.').nth(1) == Some("lambda-url"))
}
