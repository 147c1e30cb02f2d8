//! Converts HTTP responses into the form that the sender of the event expects.

use http::{HeaderMap, Response};
use lambda_http::Body;
use lambda_http::aws_lambda_events::alb::AlbTargetGroupResponse;
use lambda_http::aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayV2httpResponse};
use serde_json::Value;

use crate::event::EventSource;

/// Serializes a response for the sender of the event.
pub(crate) fn write(source: EventSource, response: Response<String>) -> serde_json::Result<Value> {
    let (parts, body) = response.into_parts();
    let body = (!body.is_empty()).then_some(Body::Text(body));
    let status = i64::from(parts.status.as_u16());
    match source {
        EventSource::RestV1 => {
            let mut response = ApiGatewayProxyResponse::default();
            response.status_code = status;
            // `headers` stays empty, because the gateway would send a header that is in both members twice.
            response.multi_value_headers = parts.headers;
            response.body = body;
            serde_json::to_value(response)
        }
        EventSource::HttpV2 | EventSource::FunctionUrl => {
            let mut response = ApiGatewayV2httpResponse::default();
            response.status_code = status;
            response.headers = parts.headers;
            response.body = body;
            serde_json::to_value(response)
        }
        EventSource::Alb => {
            let mut response = AlbTargetGroupResponse::default();
            response.status_code = status;
            let reason = parts.status.canonical_reason().unwrap_or_default();
            response.status_description = Some(format!("{status} {reason}"));
            // A target group reads one of the two members, depending on its setting for multi-value headers.
            response.headers = parts.headers.clone();
            response.multi_value_headers = parts.headers;
            response.body = body;
            serde_json::to_value(response)
        }
    }
}

/// Removes the CORS headers. An HTTP API with a CORS configuration adds its own and ignores those of the function.
pub(crate) fn remove_cors(headers: &mut HeaderMap) {
    let cors: Vec<_> =
        headers.keys().filter(|name| name.as_str().starts_with("access-control-")).cloned().collect();
    for name in cors {
        headers.remove(name);
    }
}
