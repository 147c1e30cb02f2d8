//! `POST /dev/diagnose`: why a request of the page was refused.
//!
//! The page sends what it knows of the request. This server adds what only it knows: the CORS rules and the secret key of the
//! embedded S3 server. Nothing of it is stored or logged.

use axum::Json;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::Response;
use axum::routing::{MethodRouter, post};
use serde_json::{Value, json};
use upsign::{Clock, SystemClock};
use upsign_diagnose::{Diagnosis, Evidence, Redacted, UnreadableEvidence, diagnose};
use upsign_http::Problem;
use zeroize::Zeroizing;

use super::{DevState, panels};
use crate::command::diagnose as command;
use crate::embedded::EmbeddedServices;

/// The largest report, in bytes. The page cuts off the answers that it reports.
const MAX_REPORT: usize = 128 << 10;

/// The largest number of candidates in an answer.
const MAX_CANDIDATES: usize = 5;

pub(super) fn route() -> MethodRouter<DevState> {
    post(of_report).layer(DefaultBodyLimit::max(MAX_REPORT))
}

async fn of_report(State(dev): State<DevState>, Json(report): Json<Value>) -> Result<Json<Value>, Response> {
    let evidence = evidence(&dev.services, &report)
        .map_err(|error| Problem::request_malformed(error.to_string()).response().map(Into::into))?;
    let mut diagnoses = diagnose(&evidence);
    let code = api_code(&report);
    if let (Some(first), Some(fix)) = (diagnoses.first_mut(), code.as_deref().and_then(fix_of_code)) {
        fix.clone_into(&mut first.fix);
    }
    let settings = settings(&dev.services, &report, diagnoses.first(), code.as_deref());
    let found: Vec<Value> = diagnoses.iter().take(MAX_CANDIDATES).map(object).collect();
    Ok(Json(json!({ "diagnoses": found, "settings": settings, "command": command_line(&report) })))
}

/// Returns the code of the API's answer, if it is a problem document.
fn api_code(report: &Value) -> Option<String> {
    let body = report.pointer("/response/body").and_then(Value::as_str)?;
    let body: Value = serde_json::from_str(body).ok()?;
    body.get("code").and_then(Value::as_str).map(str::to_owned)
}

/// Returns what a user of this server can do, who can also change the configuration, where the cause has only general advice.
fn fix_of_code(code: &str) -> Option<&'static str> {
    Some(match code {
        "too-small" => "choose a larger file, or change min_size: without it, a file has at least one byte",
        "too-large" => "choose a smaller file, or change max_size",
        "upload-token-invalid" => {
            "use the token of the user who began the upload, and the upload token as the API returned it"
        }
        _ => return None,
    })
}

/// Returns the lines of the configuration that decided what the request violated. The member `route` of the report names the route.
fn settings(
    services: &EmbeddedServices,
    report: &Value,
    first: Option<&Diagnosis>,
    code: Option<&str>,
) -> Vec<Value> {
    let route = report.get("route").and_then(Value::as_str);
    match (first, panels::route(services, route)) {
        (Some(first), Ok(route)) => panels::setting::responsible(&services.config, route, first, code),
        _ => Vec::new(),
    }
}

/// Adds to a report what is known of the embedded S3 server.
fn evidence(services: &EmbeddedServices, report: &Value) -> Result<Evidence, UnreadableEvidence> {
    let evidence = Evidence::read(report.to_string().as_bytes())?;
    let credentials = services.s3.credentials();
    let secret = Zeroizing::new(credentials.secret_access_key().to_owned());
    Ok(evidence
        .with_cors(services.cors.clone())
        .with_secret(Some(credentials.access_key_id()), secret)
        .with_time(SystemClock.now()))
}

/// Returns a diagnosis as `upsign diagnose --json` prints it, and in words whose hands the fix is in.
fn object(diagnosis: &Diagnosis) -> Value {
    let mut object = command::object(diagnosis);
    if let Value::Object(members) = &mut object {
        members.insert("hands".to_owned(), diagnosis.owner.description().into());
    }
    object
}

/// Returns the command that diagnoses the same report in a shell, without its secrets.
fn command_line(report: &Value) -> String {
    let redacted = Redacted::new(&format!("{report:#}"));
    format!("upsign diagnose - <<'REPORT'\n{redacted}\nREPORT")
}
