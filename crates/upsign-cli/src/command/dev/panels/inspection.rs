//! `POST /dev/inspect`: what `inspect = "magic"` says about a stored object.

use axum::Json;
use axum::extract::State;
use bytes::Bytes;
use http::header::RANGE;
use reqwest::Client;
use serde::Deserialize;
use serde_json::{Value, json};
use upsign_axum::Caller;
use upsign_core::ObjectKey;
use upsign_inspect::{Rejection, Sample, inspect, ranges};
use upsign_policy::{ContentType, Inspection};

use super::setting::setting;
use super::{Rejected, malformed, route};
use crate::client;
use crate::command::dev::{DevState, internal_error, read_url};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InspectRequest {
    key: String,
    route: Option<String>,
}

/// Reads the first and the last bytes of an object, as the service does on a route that inspects, and compares them with its type.
pub(super) async fn of_object(
    State(dev): State<DevState>,
    caller: Caller,
    Json(InspectRequest { key, route: name }): Json<InspectRequest>,
) -> Result<Json<Value>, Rejected> {
    let route = route(&dev.services, name.as_deref())?;
    let key: ObjectKey = key.parse().map_err(|_| malformed("this is not the key of an object"))?;
    let objects = dev.services.s3.objects(route.policy.target().bucket()).await;
    let stored = objects.into_iter().find(|object| object.key == key.as_str());
    let stored = stored
        .ok_or_else(|| malformed("there is no object with this key: it may have been moved or deleted"))?;
    let content_type: ContentType = stored.content_type.parse().map_err(|_| internal_error())?;
    let (head, tail) = ranges(&content_type, stored.bytes);
    let url = read_url(&dev, &route.policy, key, caller.at)?;
    let client = client::client().map_err(|_| internal_error())?;
    let start = stored.bytes.saturating_sub(tail as u64);
    let (head, tail) = (read(&client, &url, 0, head).await, read(&client, &url, start, tail).await);
    let (Ok(head), Ok(tail)) = (head, tail) else { return Err(internal_error().into()) };
    let verdict = inspect(&Sample::new(&content_type, stored.bytes, &head, &tail));
    let inspection = route.policy.confirmation().inspection();
    // What is rejected is rejected for the type that the route lets the client sign.
    let names: &[&str] = if verdict.is_ok() { &["inspect"] } else { &["inspect", "types"] };
    Ok(Json(json!({
        "inspect": inspection.as_str(),
        "accepted": verdict.is_ok(),
        "reason": verdict.as_ref().err().map(|rejection| rejection.reason.as_str()),
        "sentence": sentence(inspection, verdict.as_ref()),
        "settings": names.iter().map(|name| setting(&dev.services.config, route, name)).collect::<Vec<_>>(),
        "bytesRead": head.len() + tail.len(),
    })))
}

/// Reads `len` bytes of an object from `start` on.
async fn read(client: &Client, url: &str, start: u64, len: usize) -> Result<Bytes, reqwest::Error> {
    if len == 0 {
        return Ok(Bytes::new());
    }
    let end = start.saturating_add(len as u64).saturating_sub(1);
    let request = client.get(url).header(RANGE, format!("bytes={start}-{end}"));
    request.send().await?.error_for_status()?.bytes().await
}

fn sentence(inspection: Inspection, verdict: Result<&(), &Rejection>) -> String {
    let result = match verdict {
        Ok(()) => "accepted: the bytes are those of the signed type".to_owned(),
        Err(rejection) => format!("rejected: {rejection}"),
    };
    match inspection {
        Inspection::Magic => format!("this route inspects (inspect = \"magic\"), and the file is {result}"),
        Inspection::Hook => {
            format!("the hook of your application inspects; inspect = \"magic\" would say {result}")
        }
        _ => format!("this route does not inspect; with inspect = \"magic\" the file would be {result}"),
    }
}
