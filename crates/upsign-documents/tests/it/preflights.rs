//! Answers to preflights under derived CORS rules. The table is written to `golden/preflights.json`, which `cargo xtask test` also
//! runs against S3 servers.

use serde_json::{Value, json};
use upsign_core::CorsOrigins;
use upsign_documents::{CorsAnswer, CorsDocument, CorsRequest, Deployment, Multipart, Reads};

use crate::golden;
use crate::policies::{form, origins, pending, strict, two_step_policy};

const APP: &str = "https://app.example.com";

struct Table {
    rows: Vec<Value>,
    document: CorsDocument,
    name: &'static str,
}

impl Table {
    /// Sets the document of the rows that follow.
    fn under(&mut self, name: &'static str, document: CorsDocument) {
        (self.name, self.document) = (name, document);
    }

    /// Checks the answer to one preflight and adds it to the table.
    #[track_caller]
    fn row(&mut self, origin: &str, method: &str, headers: &str, allowed: bool) {
        let requested = Some(headers).filter(|it| !it.is_empty());
        let answer = self.document.evaluate(&CorsRequest::preflight(Some(origin), Some(method), requested));
        let headers_sent = match &answer {
            CorsAnswer::Allowed { headers, .. } => headers.clone(),
            _ => Vec::new(),
        };
        assert_eq!(
            matches!(answer, CorsAnswer::Allowed { .. }),
            allowed,
            "{} {origin} {method} {headers}",
            self.name
        );
        let header = |name: &str| {
            let found = headers_sent.iter().find(|(it, _)| it.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.clone())
        };
        let document: Value = serde_json::from_str(&self.document.to_json()).unwrap();
        self.rows.push(json!({
            "name": self.name, "document": document, "origin": origin, "method": method, "headers": headers,
            "allowed": allowed,
            "allow_origin": header("access-control-allow-origin"),
            "allow_methods": header("access-control-allow-methods"),
            "allow_headers": header("access-control-allow-headers"),
        }));
    }
}

#[test]
fn preflights_match_the_golden_table() {
    let cors_of =
        |deployment: &Deployment| CorsDocument::for_bucket(deployment, &deployment.buckets()[0]).unwrap();
    let mut table = Table { rows: Vec::new(), document: CorsDocument::empty(), name: "" };
    table.under("two-step", cors_of(&Deployment::new([two_step_policy()], origins())));
    for (origin, method, headers, allowed) in [
        (APP, "PUT", "content-type", true),
        (APP, "PUT", "if-none-match", true),
        (APP, "PUT", "content-type,if-none-match", true),
        (APP, "PUT", "Content-Type, If-None-Match", true),
        (APP, "PUT", "", true),
        (APP, "PUT", "x-amz-acl", false),
        (APP, "PUT", "content-type,x-amz-meta-a", false),
        (APP, "POST", "", false),
        (APP, "GET", "", false),
        (APP, "DELETE", "", false),
        ("https://evil.example", "PUT", "content-type", false),
        ("http://app.example.com", "PUT", "content-type", false),
        ("https://app.example.com.evil.example", "PUT", "content-type", false),
        ("https://app.example.com:8443", "PUT", "content-type", false),
        ("null", "PUT", "content-type", false),
    ] {
        table.row(origin, method, headers, allowed);
    }
    let two = Deployment::new([strict("a/{id}").build().unwrap(), form("f/{id}")], origins());
    table.under("put and form", cors_of(&two));
    for (origin, method, headers, allowed) in [
        (APP, "PUT", "content-type,if-none-match", true),
        (APP, "POST", "", true),
        (APP, "POST", "x-amz-date", false),
        (APP, "GET", "", false),
        ("https://evil.example", "POST", "", false),
    ] {
        table.row(origin, method, headers, allowed);
    }
    table.under("parts by the browser", cors_of(&two.clone().with_multipart(Multipart::Browser)));
    for (method, allowed) in [("PUT", true), ("POST", true), ("GET", true), ("DELETE", true), ("HEAD", false)]
    {
        table.row(APP, method, "", allowed);
    }
    let gated = Deployment::new([pending("files/{id}")], origins());
    table.under("confirmed", cors_of(&gated));
    table.row(APP, "PUT", "content-type,if-none-match", true);
    table.row(APP, "GET", "", false);
    table.under("confirmed and read", cors_of(&gated.with_reads(Reads::Presigned)));
    for (origin, method, headers, allowed) in [
        (APP, "PUT", "content-type,if-none-match", true),
        (APP, "GET", "", true),
        (APP, "GET", "if-match", true),
        (APP, "GET", "content-type", false),
        (APP, "DELETE", "", false),
        ("https://evil.example", "GET", "", false),
    ] {
        table.row(origin, method, headers, allowed);
    }
    // Nothing is read by a URL of the service without a route that confirms.
    table.under("read", cors_of(&two.with_reads(Reads::Presigned)));
    table.row(APP, "GET", "", false);
    table.under("two-step upload preset", CorsDocument::two_step_upload());
    for (origin, method, headers, allowed) in [
        (APP, "PUT", "content-type", true),
        ("https://evil.example", "DELETE", "x-anything,x-else", true),
        ("null", "GET", "", true),
        ("http://127.0.0.1:3000", "HEAD", "range", true),
    ] {
        table.row(origin, method, headers, allowed);
    }
    let json = r#"[{"AllowedOrigins":["https://*.example.com"],"AllowedMethods":["PUT"],"AllowedHeaders":["x-amz-meta-*"]}]"#;
    table.under("wildcards", CorsDocument::from_json(json).unwrap());
    for (origin, headers, allowed) in [
        (APP, "x-amz-meta-title", true),
        (APP, "x-amz-meta-title,x-amz-meta-b", true),
        (APP, "x-amz-met", false),
        ("https://example.com", "x-amz-meta-title", false),
        ("https://a.b.example.com", "x-amz-meta-title", true),
    ] {
        table.row(origin, "PUT", headers, allowed);
    }
    let patterns = ["https://*.example.com", "https://*-app.team.workers.dev", "http://localhost:*"];
    let patterns = CorsOrigins::listed(patterns.map(|origin| origin.parse().unwrap()));
    table.under("origins with a star", cors_of(&Deployment::new([two_step_policy()], patterns.clone())));
    for (origin, allowed) in [
        ("https://pr-7.example.com", true),
        ("https://a.b.example.com", true),
        ("https://3f2a91c0-app.team.workers.dev", true),
        ("http://localhost:5173", true),
        ("https://example.com", false),
        ("https://evilexample.com", false),
        ("https://example.com.evil.test", false),
        ("https://x.example.com.evil.test", false),
        ("https://x.example.com:444", false),
        ("http://x.example.com", false),
        ("https://x-app.evil.workers.dev", false),
        ("http://localhost", false),
        ("http://localhost.evil.test:5173", false),
        ("https://localhost:5173", false),
        ("null", false),
    ] {
        assert_eq!(patterns.allows(origin), allowed, "the API: {origin}");
        table.row(origin, "PUT", "content-type,if-none-match", allowed);
    }
    assert!(table.rows.len() >= 45);
    let mut json = serde_json::to_string_pretty(&table.rows).unwrap();
    json.push('\n');
    golden::check("preflights.json", &json);
}
