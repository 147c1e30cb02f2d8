//! From a response to what the event's sender expects.

use http::{HeaderMap, Response};
use lambda_http::Body;
use lambda_http::aws_lambda_events::alb::AlbTargetGroupResponse;
use lambda_http::aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayV2httpResponse};
use serde_json::Value;

use crate::event::Origin;

pub(crate) fn write(origin: Origin, response: Response<Vec<u8>>) -> serde_json::Result<Value> {
    let (parts, body) = response.into_parts();
    let body = (!body.is_empty()).then(|| Body::Text(String::from_utf8_lossy(&body).into_owned()));
    let status = i64::from(parts.status.as_u16());
    match origin {
        Origin::RestV1 => {
            let mut answer = ApiGatewayProxyResponse::default();
            answer.status_code = status;
            // `headers` stays empty: the gateway would send what stands in both twice.
            answer.multi_value_headers = parts.headers;
            answer.body = body;
            serde_json::to_value(answer)
        }
        Origin::HttpV2 | Origin::FunctionUrl => {
            let mut answer = ApiGatewayV2httpResponse::default();
            answer.status_code = status;
            answer.headers = parts.headers;
            answer.body = body;
            serde_json::to_value(answer)
        }
        Origin::Alb => {
            let mut answer = AlbTargetGroupResponse::default();
            answer.status_code = status;
            let reason = parts.status.canonical_reason().unwrap_or_default();
            answer.status_description = Some(format!("{status} {reason}"));
            // A target group reads one of the two, as it is set up.
            answer.headers = parts.headers.clone();
            answer.multi_value_headers = parts.headers;
            answer.body = body;
            serde_json::to_value(answer)
        }
    }
}

/// An HTTP API with a CORS configuration adds these headers itself; without one, none are wanted.
pub(crate) fn leave_cors_to_the_gateway(headers: &mut HeaderMap) {
    let own: Vec<_> =
        headers.keys().filter(|name| name.as_str().starts_with("access-control-")).cloned().collect();
    for name in own {
        headers.remove(name);
    }
}
