//! `POST /dev/explain`: a grant, taken apart.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use upsign::{Clock, SystemClock};
use upsign_diagnose::{Explanation, SignedUrl, Subject};

use super::{Rejected, limits, malformed, route, url_words};
use crate::command::dev::DevState;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExplainRequest {
    /// The answer of the API, or `{"method", "uploadUrl", "headers"}` of one part.
    grant: Value,
    /// The name of the route that issued it.
    route: Option<String>,
}

/// Returns what `upsign explain` says about the grant, where each part of its URL is, and who enforces which limit.
pub(super) async fn of_grant(
    State(dev): State<DevState>,
    Json(ExplainRequest { grant, route: name }): Json<ExplainRequest>,
) -> Result<Json<Value>, Rejected> {
    let route = route(&dev.services, name.as_deref())?;
    let subject =
        Subject::read(grant.to_string().as_bytes()).map_err(|error| malformed(&error.to_string()))?;
    let at = SystemClock.now();
    let explained = Explanation::of(&subject, at);
    let is_part = matches!(&subject, Subject::Url(request) if request.url.parameter("partNumber").is_some());
    let limits: Vec<Value> = limits::of(&explained, route, is_part)
        .iter()
        .map(|limit| limit.to_json(&dev.services.config))
        .collect();
    let (parts, fields) = match &subject {
        Subject::Url(request) => {
            let text = grant.get("uploadUrl").and_then(Value::as_str).unwrap_or_default().trim();
            (url_parts(&request.url, text, &explained), Vec::new())
        }
        Subject::Form(form) => {
            let fields = form.fields().iter();
            (Vec::new(), fields.map(|field| url_words::field(&field.name, &explained)).collect())
        }
        _ => (Vec::new(), Vec::new()),
    };
    Ok(Json(json!({
        "explanation": explained.to_json(),
        "parts": parts,
        "fields": fields,
        "limits": limits,
        "now": at.to_string(),
    })))
}

/// Returns the parts of a URL with their places. `text` is the URL as it was sent. URLs are ASCII, so that a byte is a character of JavaScript.
fn url_parts(url: &SignedUrl, text: &str, explained: &Explanation) -> Vec<Value> {
    let parts = url.parts().into_iter();
    let objects = parts.map(|part| {
        let text = text.get(part.range.clone()).unwrap_or_default();
        let mut object =
            url_words::part_parameter(text).unwrap_or_else(|| url_words::part(part.kind, explained));
        if let Value::Object(members) = &mut object {
            members.insert("start".to_owned(), part.range.start.into());
            members.insert("end".to_owned(), part.range.end.into());
        }
        object
    });
    objects.collect()
}
