//! Diagnoses the refusals of a server: the changed part of a request has to be named, whatever the server answers.

use serde_json::json;
use upsign_diagnose::{Diagnosis, Evidence, diagnose};

use crate::mutations;
use crate::requests::{self, Kind};
use crate::server::{Server, ServerName};
use crate::state::PreparedCase;
use crate::wire::{Answer, Outgoing};

/// Mutations that change one part of a request, and the parts that may be named.
const NAMED: [(&str, &[&str]); 37] = [
    ("signature: another digit", &["query:X-Amz-Signature"]),
    ("signature: upper case", &["query:X-Amz-Signature"]),
    ("signature: removed", &["query:X-Amz-Signature"]),
    ("algorithm", &["query:X-Amz-Algorithm"]),
    ("method", &["method"]),
    ("key", &["path"]),
    ("key: letter case", &["path"]),
    ("key: encoded twice", &["path"]),
    ("key: a plus instead of a space", &["path"]),
    ("key: a doubled slash", &["path"]),
    ("bucket", &["path", "host"]),
    ("host", &["host"]),
    ("header: another content-type", &["header:content-type"]),
    ("header: content-type removed", &["header:content-type"]),
    ("header: another value", &["header:"]),
    ("header: removed", &["header:"]),
    ("header: an additional x-amz-meta-*", &["header:x-amz-meta-added"]),
    ("header: an additional x-amz-acl", &["header:x-amz-acl"]),
    ("body: one byte longer than signed", &["header:content-length"]),
    ("body: one byte shorter than signed", &["header:content-length"]),
    ("body: does not match its checksum", &["header:x-amz-checksum-", "body"]),
    ("query: an additional parameter", &["query:x-id", "query:response-content-language"]),
    ("query: a repeated parameter", &["query:X-Amz-Expires"]),
    ("query: a parameter removed", &["query:"]),
    ("query: another value", &["query:"]),
    ("lifetime: longer", &["query:X-Amz-Expires"]),
    ("lifetime: removed", &["query:X-Amz-Expires"]),
    ("date: seconds earlier", &["query:X-Amz-Date"]),
    ("scope: another day", &["query:X-Amz-Credential"]),
    ("scope: another region", &["query:X-Amz-Credential"]),
    ("scope: another service", &["query:X-Amz-Credential"]),
    ("access key: unknown", &["query:X-Amz-Credential"]),
    ("signed headers: one removed", &["query:X-Amz-SignedHeaders"]),
    ("signed headers: one added", &["query:X-Amz-SignedHeaders"]),
    ("session token: another", &["query:X-Amz-Security-Token"]),
    ("session token: removed", &["query:X-Amz-Security-Token"]),
    ("lifetime: expired", &["query:X-Amz-Expires"]),
];

/// The number of uploads whose mutations are sent.
const CASES: usize = 16;

/// Sends mutations of uploads, and returns the number of refusals and those whose diagnosis is wrong.
pub(crate) async fn run(server: &Server) -> (usize, Vec<String>) {
    let (mut refusals, mut echoes, mut wrong) = (0, 0, Vec::new());
    let cases = requests::all();
    // Names of buckets in hosts need a resolver of their own.
    let uploads = cases.iter().filter(|case| case.kind == Kind::Put && !case.virtual_hosted);
    for case in uploads.take(CASES) {
        let prepared = PreparedCase::prepare(server, case).await;
        for mutation in mutations::ALL {
            let Some((_, fields)) = NAMED.iter().find(|(name, _)| *name == mutation.name) else { continue };
            let signed = prepared.outgoing();
            for sent in (mutation.apply)(&prepared, &signed) {
                let answer = sent.send(&server.http).await;
                if !answer.is_rejection() {
                    continue;
                }
                refusals += 1;
                // The URL of these was signed as it was sent.
                let issued = if mutation.name == "lifetime: expired" { &sent } else { &signed };
                let grant = grant(issued);
                let recorded = Evidence::read(recorded(&sent, &answer).as_bytes()).unwrap();
                let recorded = diagnose(&with_grant(recorded, &grant));
                let mut problems = vec![problem(&recorded, fields)];
                if server.name == ServerName::Local {
                    problems.push(uncertain(&recorded));
                }
                // The answer alone, as a user copies it. The embedded server answers with the echo of S3.
                if server.name == ServerName::Local && answer.text().contains("<CanonicalRequest>") {
                    echoes += 1;
                    let echo = Evidence::read(answer.text().as_bytes()).unwrap();
                    let found = diagnose(&with_grant(echo.with_status(answer.status), &grant));
                    problems.extend([problem(&found, fields), uncertain(&found)]);
                }
                wrong.extend(problems.into_iter().flatten().map(|problem| {
                    format!("{}: {}: {}: {problem}", server.name, mutation.name, answer.summary())
                }));
            }
        }
    }
    if server.name == ServerName::Local && echoes < 100 {
        wrong.push(format!("{}: only {echoes} echoes", server.name));
    }
    (refusals, wrong)
}

/// Returns what is wrong with a diagnosis: another field is named first, or another one is certain.
fn problem(found: &[Diagnosis], fields: &[&str]) -> Option<String> {
    let is_named = |it: &Diagnosis| fields.iter().any(|field| it.field.to_string().starts_with(field));
    let first = found.first()?;
    if !is_named(first) {
        return Some(format!("{} is named first ({})", first.field, first.cause.code));
    }
    let other = found.iter().find(|it| it.certain && !is_named(it));
    other.map(|it| format!("{} is certain as well ({})", it.field, it.cause.code))
}

/// Returns what is wrong with a diagnosis that has to be certain.
fn uncertain(found: &[Diagnosis]) -> Option<String> {
    let first = found.first().filter(|first| !first.certain)?;
    Some(format!("{} is not certain ({})", first.field, first.cause.code))
}

fn with_grant(evidence: Evidence, grant: &str) -> Evidence {
    evidence.with_grant(grant).unwrap()
}

/// Returns the request and its answer as `curl -v` prints them.
fn recorded(sent: &Outgoing, answer: &Answer) -> String {
    let host = |request: &Outgoing| {
        let of_origin = request.origin.trim_start_matches("http://").to_owned();
        request.host.clone().unwrap_or(of_origin)
    };
    let target = sent.url().split_off(sent.origin.len());
    let mut text = format!("> {} {target} HTTP/1.1\n> Host: {}\n", sent.method, host(sent));
    text.push_str(&format!("> Content-Length: {}\n", sent.body.len()));
    for (name, value) in &sent.headers {
        text.push_str(&format!("> {name}: {value}\n"));
    }
    text.push_str(&format!(">\n< HTTP/1.1 {} X\n", answer.status));
    for (name, value) in &answer.headers {
        text.push_str(&format!("< {name}: {}\n", String::from_utf8_lossy(value.as_bytes())));
    }
    text.push_str(&format!("<\n{}\n", answer.text()));
    text
}

/// Returns the answer of the API that issued a request.
fn grant(issued: &Outgoing) -> String {
    let mut headers: serde_json::Map<String, serde_json::Value> =
        issued.headers.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    headers.insert("content-length".to_owned(), issued.body.len().to_string().into());
    json!({"url": issued.url(), "method": issued.method, "headers": headers}).to_string()
}
