//! Well-formed events are read as `lambda_http` reads them: the corpus of events, and random ones.

use std::collections::BTreeMap;
use std::panic::catch_unwind;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use lambda_http::RequestExt;
use lambda_http::request::RequestContext;
use percent_encoding::percent_decode_str;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::json;

use super::*;

/// What is compared: method, path, query parameters, headers and body.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    headers: BTreeMap<String, Vec<String>>,
    body: Vec<u8>,
}

fn header_texts(headers: &HeaderMap) -> BTreeMap<String, Vec<String>> {
    let values =
        |name| headers.get_all(name).iter().map(|value| value.to_str().unwrap().to_owned()).collect();
    headers.keys().map(|name| (name.as_str().to_owned(), values(name))).collect()
}

fn ours(event: &str) -> Option<Seen> {
    let event = parse(event).ok()?;
    let http = HttpEvent::recognize(&event).ok()?;
    let request = http.request(http.headers().unwrap()).unwrap();
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decoded = |text| percent_decode_str(text).decode_utf8().unwrap().into_owned();
        (decoded(name), decoded(value))
    };
    let query = request.uri().query().unwrap_or_default().split('&').filter(|text| !text.is_empty());
    let mut query: Vec<_> = query.map(pair).collect();
    query.sort();
    Some(Seen {
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        query,
        headers: header_texts(request.headers()),
        body: request.body().to_vec(),
    })
}

/// Returns `None` for events that `lambda_http` does not read, and for those at which it panics.
fn theirs(event: &str) -> Option<Seen> {
    let request = catch_unwind(|| lambda_http::request::from_str(event)).ok()?.ok()?;
    // The path has the stage, which our path has not.
    let (stage, resource) = match request.request_context_ref()? {
        RequestContext::ApiGatewayV1(context) => (context.stage.clone(), context.resource_path.clone()),
        RequestContext::ApiGatewayV2(context) => {
            let route = context.route_key.clone().unwrap_or_default();
            let is_url = context.domain_name.as_ref().is_some_and(|domain| domain.contains(".lambda-url."));
            let stage = context.stage.clone().filter(|_| !is_url);
            (stage, route.split_once(' ').map(|(_, resource)| resource.to_owned()))
        }
        _ => (None, None),
    };
    let path = target::without_base_path(request.raw_http_path(), resource.as_deref());
    let query = request.query_string_parameters();
    let mut query: Vec<_> = query.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    query.sort();
    let mut headers = header_texts(request.headers());
    // An empty list of cookies is no `Cookie` header.
    headers.retain(|name, values| name != "cookie" || *values != [""]);
    Some(Seen {
        method: request.method().to_string(),
        path: target::without_stage(path, stage.as_deref()).to_owned(),
        query,
        headers,
        body: request.body().as_ref().to_vec(),
    })
}

#[test]
fn corpus_is_read_as_lambda_http_reads_it() {
    let corpus = include_str!("../../../upsign-testing/vectors/lambda_events.json");
    let corpus: Value = serde_json::from_str(corpus).unwrap();
    let mut compared = 0;
    for case in corpus["cases"].as_array().unwrap() {
        let event = case["event"].to_string();
        let (Some(ours), Some(theirs)) = (ours_if_valid(&event), theirs(&event)) else { continue };
        compared += 1;
        assert_eq!(ours, theirs, "{}", case["id"]);
    }
    assert!(compared > 40, "{compared}");
}

/// The corpus also has events with malformed bodies.
fn ours_if_valid(event: &str) -> Option<Seen> {
    let parsed = parse(event).ok()?;
    let http = HttpEvent::recognize(&parsed).ok()?;
    http.request(http.headers().ok()?).ok()?;
    ours(event)
}

/// The parts of a random request.
#[derive(Clone, Debug)]
struct Parts {
    method: &'static str,
    path: String,
    stage: String,
    query: BTreeMap<String, Vec<String>>,
    headers: BTreeMap<String, Vec<String>>,
    cookies: Vec<String>,
    body: Vec<u8>,
    is_text: bool,
}

fn parts() -> impl Strategy<Value = Parts> {
    let method = prop::sample::select(vec!["GET", "POST", "PUT", "OPTIONS", "DELETE", "PATCH"]);
    let path = vec("[a-zA-Z0-9._~%-]{1,8}", 0..4).prop_map(|segments| format!("/{}", segments.join("/")));
    let query = btree_map("[a-z]{1,4}", vec("[a-zA-Z0-9]{0,5}", 1..3), 0..3);
    // `lambda_http` does not read values that are not ASCII.
    let headers = btree_map("x-[a-z0-9-]{1,8}", vec("[!-~]([ -~]{0,10}[!-~])?", 1..3), 0..5);
    let cookies = vec("[a-z]=[a-z0-9]{0,4}", 0..3);
    let body = vec(any::<u8>(), 0..64);
    (method, path, "prod|v1|[$]default", query, headers, cookies, body, any::<bool>()).prop_map(
        |(method, path, stage, query, headers, cookies, body, is_text)| Parts {
            method,
            path,
            stage,
            query,
            headers,
            cookies,
            body,
            is_text,
        },
    )
}

impl Parts {
    fn body(&self) -> (Value, bool) {
        match (self.is_text, self.body.is_empty()) {
            (_, true) => (Value::Null, false),
            (true, false) => (String::from_utf8_lossy(&self.body).into(), false),
            (false, false) => (BASE64_STANDARD.encode(&self.body).into(), true),
        }
    }

    fn last(values: &BTreeMap<String, Vec<String>>) -> BTreeMap<&str, &str> {
        values.iter().map(|(name, values)| (name.as_str(), values.last().unwrap().as_str())).collect()
    }

    /// With one value for each header: `lambda_http` keeps only the last of several.
    fn rest_v1(&self) -> Value {
        let (body, encoded) = self.body();
        let headers = Self::last(&self.headers);
        let lists: BTreeMap<_, _> = headers.iter().map(|(name, value)| (*name, vec![*value])).collect();
        json!({
            "resource": "/{proxy+}", "path": self.path, "httpMethod": self.method,
            "headers": headers, "multiValueHeaders": lists,
            "queryStringParameters": Self::last(&self.query), "multiValueQueryStringParameters": self.query,
            "requestContext": {"stage": self.stage, "httpMethod": self.method, "resourcePath": "/{proxy+}"},
            "body": body, "isBase64Encoded": encoded,
        })
    }

    fn http_v2(&self, domain: &str) -> Value {
        let (body, encoded) = self.body();
        let pairs =
            self.query.iter().flat_map(|(name, values)| values.iter().map(move |v| format!("{name}={v}")));
        let path = match &*self.stage {
            "$default" => self.path.clone(),
            stage => format!("/{stage}{}", self.path),
        };
        json!({
            "version": "2.0", "routeKey": "$default", "rawPath": path,
            "rawQueryString": pairs.collect::<Vec<_>>().join("&"),
            "cookies": (!self.cookies.is_empty()).then_some(&self.cookies),
            "headers": Self::last(&self.headers),
            "requestContext": {
                "domainName": domain, "stage": self.stage, "routeKey": "$default", "timeEpoch": 0,
                "http": {"method": self.method, "path": path},
            },
            "body": body, "isBase64Encoded": encoded,
        })
    }

    fn alb(&self) -> Value {
        let (body, encoded) = self.body();
        json!({
            "requestContext": {"elb": {"targetGroupArn": "arn"}},
            "httpMethod": self.method, "path": self.path,
            "multiValueHeaders": self.headers, "multiValueQueryStringParameters": self.query,
            "body": body, "isBase64Encoded": encoded,
        })
    }
}

proptest! {
    #[test]
    fn random_events_are_read_as_lambda_http_reads_them(parts in parts()) {
        let url = "abcdefghij.lambda-url.eu-west-1.on.aws";
        for event in [parts.rest_v1(), parts.http_v2("api.example.com"), parts.http_v2(url), parts.alb()] {
            let event = event.to_string();
            let theirs = theirs(&event);
            prop_assert!(theirs.is_some(), "{}", event);
            prop_assert_eq!(ours(&event), theirs, "{}", event);
        }
    }
}
