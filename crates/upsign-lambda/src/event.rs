//! From an event to a request.

use bytes::Bytes;
use http::{Request, Uri};
use lambda_http::request::RequestContext;
use lambda_http::{Body, RequestExt};

/// Where an event comes from, which decides the form of its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// API Gateway, REST API.
    RestV1,
    /// API Gateway, HTTP API: the gateway answers CORS itself.
    HttpV2,
    /// A function URL: the same form, and nobody in front.
    FunctionUrl,
    /// An application load balancer.
    Alb,
}

/// Why an event is no request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum InvalidEvent {
    #[error("the event is not one of API Gateway, a function URL or a load balancer")]
    Shape(#[source] serde_json::Error),
    #[error("the event is of a kind this function does not answer")]
    Kind,
    #[error("the event's path is not a URI")]
    Path(#[source] http::Error),
}

/// Reads the text of an event. The path comes without the stage, the body decoded.
pub(crate) fn read(text: &str) -> Result<(Origin, Request<Bytes>), InvalidEvent> {
    let request = lambda_http::request::from_str(text).map_err(InvalidEvent::Shape)?;
    let (origin, stage) = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV1(context)) => (Origin::RestV1, context.stage.clone()),
        Some(RequestContext::ApiGatewayV2(context)) if is_function_url(context.domain_name.as_deref()) => {
            (Origin::FunctionUrl, None)
        }
        Some(RequestContext::ApiGatewayV2(context)) => (Origin::HttpV2, context.stage.clone()),
        Some(RequestContext::Alb(_)) => (Origin::Alb, None),
        _ => return Err(InvalidEvent::Kind),
    };
    let path = request.raw_http_path();
    let path = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV1(context)) => below_mapping(path, context.resource_path.as_deref()),
        // "POST /upload-url"; a catch-all route has a `{` or is `$default`.
        Some(RequestContext::ApiGatewayV2(context)) => {
            let route = context.route_key.as_deref().and_then(|route| route.split_once(' '));
            below_mapping(path, route.map(|(_, resource)| resource))
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
    Ok((origin, Request::from_parts(parts, body)))
}

/// An API at a domain of one's own has that domain's mapping in front of the path; the resource is what was matched.
fn below_mapping<'a>(path: &'a str, resource: Option<&'a str>) -> &'a str {
    resource.filter(|resource| !resource.contains('{') && path.ends_with(resource)).unwrap_or(path)
}

/// An HTTP API puts a named stage in front of the path; `$default` it leaves out.
fn without_stage<'a>(path: &'a str, stage: Option<&str>) -> &'a str {
    let stripped = stage.and_then(|stage| path.strip_prefix('/')?.strip_prefix(stage));
    stripped.filter(|rest| rest.starts_with('/')).unwrap_or(path)
}

/// `<id>.lambda-url.<region>.on.aws`, in every partition.
fn is_function_url(domain: Option<&str>) -> bool {
    domain.is_some_and(|domain| domain.split('.').nth(1) == Some("lambda-url"))
}
