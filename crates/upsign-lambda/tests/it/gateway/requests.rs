//! The events that the API sends to the function.

use serde_json::{Value, json};
use upsign_core::Timestamp;
use upsign_documents::ApiKind;

use super::tokens::Token;
use crate::events::{alb, function_url, http_v2, rest_v1};

/// Returns an event of this kind of API for a route, with this value of a header, and without anything that identifies a caller.
pub(super) fn event(api: ApiKind, route: Option<&str>, header: Option<(&str, &str)>) -> Value {
    let body = route.map(|route| json!({"route": route}).to_string());
    let body = body.as_deref();
    let mut event = match api {
        ApiKind::Rest => rest_v1(body),
        ApiKind::Http => http_v2(body),
        ApiKind::LoadBalancer => alb(body),
        _ => function_url(body),
    };
    if api != ApiKind::LoadBalancer {
        event["requestContext"]["authorizer"].take();
    }
    for name in ["Authorization", "authorization"] {
        event["headers"].as_object_mut().unwrap().remove(name);
    }
    event["multiValueHeaders"].take();
    if let Some((name, value)) = header {
        event["headers"][name] = value.into();
    }
    event
}

/// Writes the claims of a token into an event, in the form of its API.
pub(super) fn write_claims(event: &mut Value, token: &Token, is_rest: bool) {
    let claims = token.claims.iter().map(|(name, value)| {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Array(list) => {
                let texts: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
                if is_rest { texts.join(",") } else { format!("[{}]", texts.join(" ")) }
            }
            Value::Number(seconds) if is_rest && ["exp", "iat", "auth_time"].contains(&name.as_str()) => {
                java_date(seconds.as_u64().unwrap())
            }
            other => other.to_string(),
        };
        (name.clone(), Value::String(text))
    });
    let claims = Value::Object(claims.collect());
    event["requestContext"]["authorizer"] =
        if is_rest { json!({"claims": claims}) } else { json!({"jwt": {"claims": claims, "scopes": null}}) };
}

/// Returns a time as a REST API passes it on, as in `Thu Jan 01 01:00:00 UTC 2026`.
fn java_date(seconds: u64) -> String {
    let text = Timestamp::from_unix(seconds).unwrap().to_string();
    let (day, time) = text.trim_end_matches('Z').split_once('T').unwrap();
    let day: Vec<&str> = day.split('-').collect();
    let (year, month, date) = (day[0], day[1], day[2]);
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = months[month.parse::<usize>().unwrap() - 1];
    let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let day = days[usize::try_from(seconds / 86_400 % 7).unwrap()];
    format!("{day} {month} {date} {time} UTC {year}")
}
