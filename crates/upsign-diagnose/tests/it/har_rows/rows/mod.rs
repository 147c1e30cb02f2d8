//! A recording for each cause that a HAR file can show.

mod refused;
mod services;
mod signed;

use serde_json::Value;
use upsign_diagnose::Evidence;
use zeroize::Zeroizing;

use super::recording::{Answer, api_call, entry, grant, with_body};
use crate::evidence::{Expected, ORIGIN, code, expected, of_page, preflight};
use crate::fixture::{KEY_ID, Mistake, Request, SECRET, error};

/// A cause, the entries of its upload in a HAR file, and what else is passed to `upsign diagnose`.
pub(super) struct Row {
    pub(super) expected: Expected,
    pub(super) entries: Vec<Value>,
    pub(super) with: fn(Evidence) -> Evidence,
}

impl Row {
    fn with(self, with: fn(Evidence) -> Evidence) -> Self {
        Self { with, ..self }
    }
}

/// A row that the HAR file proves.
fn row(code: &'static str, field: &'static str, owner: &'static str, entries: Vec<Value>) -> Row {
    Row { expected: expected(code, field, owner, true), entries, with: |evidence| evidence }
}

/// A row whose cause is the first candidate.
fn candidate(code: &'static str, field: &'static str, owner: &'static str, entries: Vec<Value>) -> Row {
    let row = row(code, field, owner, entries);
    Row { expected: Expected { certain: false, ..row.expected }, ..row }
}

const CORS: [(&str, &str); 4] = [
    ("Access-Control-Allow-Origin", ORIGIN),
    ("Access-Control-Allow-Methods", "PUT, POST"),
    ("Access-Control-Allow-Headers", "content-type, if-none-match, x-amz-meta-owner"),
    ("x-amz-request-id", "4442587FB7D0A2F9"),
];

fn with_status<'a>(status: u16, body: &'a str) -> Answer<'a> {
    Answer { status, body, headers: &CORS, is_base64: false }
}

/// The preflight that S3 answered, for an upload.
fn allowed() -> Value {
    entry(&preflight(), "preflight", &with_status(200, ""))
}

/// A granted upload that the store answered. Chromium exports the body as text, or in base64.
fn answered(status: u16, body: &str) -> Vec<Value> {
    let upload = of_page();
    let answer = Answer { is_base64: status.is_multiple_of(2), ..with_status(status, body) };
    vec![grant(&Request::put()), allowed(), entry(&upload, "xhr", &answer)]
}

fn by_code(status: u16, name: &str) -> Vec<Value> {
    answered(status, &code(name))
}

fn detailed(status: u16, name: &str, message: &str, details: &[(&str, &str)]) -> Vec<Value> {
    answered(status, &error(name, message, details))
}

fn denied(message: &str) -> Vec<Value> {
    detailed(403, "AccessDenied", message, &[])
}

fn not_authorized(rest: &str) -> Vec<Value> {
    denied(&format!(
        "User: arn:aws:sts::111122223333:assumed-role/signer/s is not authorized to perform: {rest}"
    ))
}

fn parameters(message: &str, details: &[(&str, &str)]) -> Vec<Value> {
    detailed(400, "AuthorizationQueryParametersError", message, details)
}

/// A granted upload that was changed before it was sent, with the store's echo.
fn changed(change: fn(&mut Request)) -> Vec<Value> {
    let mut sent = of_page();
    change(&mut sent);
    vec![grant(&Request::put()), allowed(), entry(&sent, "xhr", &with_status(403, &sent.echo()))]
}

/// A changed upload with another answer.
fn sent(change: fn(&mut Request), status: u16, body: &str) -> Vec<Value> {
    let mut sent = of_page();
    change(&mut sent);
    vec![grant(&Request::put()), allowed(), entry(&sent, "xhr", &with_status(status, body))]
}

/// An upload whose signer made a mistake.
fn mistaken(mistake: &Mistake) -> Vec<Value> {
    let mut signed = Request::put();
    signed.sign(mistake);
    let mut sent = signed.clone();
    sent.headers.push(("origin".into(), ORIGIN.into()));
    vec![grant(&signed), allowed(), entry(&sent, "xhr", &with_status(403, &sent.echo()))]
}

fn with_secret(evidence: Evidence) -> Evidence {
    evidence.with_secret(Some(KEY_ID), Zeroizing::new(SECRET.to_owned()))
}

/// A POST form that the store answered.
fn form(status: u16, body: &str) -> Vec<Value> {
    let headers =
        [("content-type", "multipart/form-data; boundary=----WebKitFormBoundary7MA4"), ("origin", ORIGIN)];
    let mut request = Request::new("POST", "/", &headers);
    request.query.clear();
    let field = |name: &str, value: &str| {
        format!(
            "------WebKitFormBoundary7MA4\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        )
    };
    let fields =
        [("key", "a/b.jpg"), ("Content-Type", "image/jpeg"), ("policy", "e30="), ("file", "\u{fffd}")];
    let body_sent: String = fields.iter().map(|(name, value)| field(name, value)).collect();
    let answered = entry(&request, "xhr", &with_status(status, body));
    vec![with_body(answered, headers[0].1, &(body_sent + "------WebKitFormBoundary7MA4--\r\n"))]
}

/// A preflight with this answer, and the upload that Chromium did not send.
fn preflight_refused(status: u16, headers: &[(&str, &str)], body: &str) -> Vec<Value> {
    let answer = Answer { status, headers, body, is_base64: false };
    vec![
        grant(&Request::put()),
        entry(&of_page(), "xhr", &Answer::default()),
        entry(&preflight(), "preflight", &answer),
    ]
}

/// A call of the API with this answer.
fn api(status: u16, body: &str) -> Vec<Value> {
    let headers = [("Access-Control-Allow-Origin", ORIGIN), ("Content-Type", "application/json")];
    vec![api_call(&Answer { status, headers: &headers, body, is_base64: false })]
}

fn problem(status: u16, code: &str) -> Vec<Value> {
    api(
        status,
        &format!(r#"{{"type":"about:blank","status":{status},"code":"{code}","detail":"the reason"}}"#),
    )
}

fn message(status: u16, message: &str) -> Vec<Value> {
    api(status, &format!(r#"{{"message":"{message}"}}"#))
}

fn part() -> Request {
    let mut part = of_page();
    part.query.extend([("partNumber".into(), "1".into()), ("uploadId".into(), "u".into())]);
    part.sign(&Mistake::default());
    part
}

/// Returns a row for each cause that a HAR file can show, in the order of the table.
pub(super) fn all() -> Vec<Row> {
    let mut rows = signed::signatures();
    rows.extend(signed::times_and_credentials());
    rows.extend(refused::permissions());
    rows.extend(refused::content());
    rows.extend(services::cors());
    rows.extend(services::stores_and_services());
    rows
}
