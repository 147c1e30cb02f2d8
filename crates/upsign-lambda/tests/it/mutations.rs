//! Every node of the events of all four senders, deleted, changed to another type or to hostile text, and every header renamed
//! or repeated: never a panic, never an invocation without an answer, never another caller.

use serde_json::{Value, json};
use upsign::{SigV4, UploadIssuer};
use upsign_cognito::authorizer::IdentitySource;
use upsign_cognito::{TokenUse, UserPool, VerifierConfig};
use upsign_core::{CorsOrigins, Credentials, Identity, Target, WithCredentials};
use upsign_http::{Api, AuthenticateError, authenticate_fn};
use upsign_lambda::UploadFunction;
use upsign_policy::{Bodyless, ContentRules, KeyTemplate, SizeLimit, UploadPolicy};

use crate::FixedClock;
use crate::events::{ORIGIN, alb, function_url, http_v2, rest_v1};

type Function = UploadFunction<WithCredentials<SigV4, Credentials>>;

/// Returns the members by which the sender of an event is recognized. No client can change them, and without them there is no
/// HTTP request.
fn kind_of(event: &Value) -> &'static [&'static str] {
    if event["version"] == "2.0" {
        &["/version", "/requestContext", "/requestContext/http"]
    } else if event["requestContext"]["elb"].is_object() {
        &["/requestContext", "/requestContext/elb"]
    } else {
        &["/requestContext", "/httpMethod"]
    }
}

fn api() -> Api<WithCredentials<SigV4, Credentials>> {
    let template = KeyTemplate::parse("up/{sub}/{id}.{ext}", &[]).unwrap();
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let policy = UploadPolicy::builder(target, template, Bodyless::Allow)
        .content(ContentRules::new(["image/jpeg", "image/png"]).unwrap())
        .size(SizeLimit::up_to(10 << 20).unwrap())
        .build()
        .unwrap();
    let credentials = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
    let issuer = UploadIssuer::new(policy, WithCredentials::new(SigV4::new(), credentials)).unwrap();
    Api::new(issuer, CorsOrigins::listed([ORIGIN.parse().unwrap()]))
}

/// Takes the caller from the only `Authorization` header, or from the claims of the gateway.
fn functions() -> [Function; 2] {
    let clock = || FixedClock::new("2026-01-01T00:00:00Z");
    let bearer = authenticate_fn(|request, _| {
        let values: Vec<_> = request.headers.get_all("authorization").iter().collect();
        let caller = match values.as_slice() {
            [value] => value.to_str().ok().filter(|value| *value == "Bearer x.y.z").map(|_| "alice"),
            _ => None,
        };
        let rejected = || AuthenticateError::Rejected { code: "rejected", reason: "no token".into() };
        let identity = caller
            .ok_or_else(rejected)
            .and_then(|name| Ok(Identity::from_verified("https://i.example", name)?));
        async { identity }
    });
    let pool = "ap-southeast-1_AbCdEf123".parse::<UserPool>().unwrap().trusted_issuer();
    let claims = IdentitySource::Claims(VerifierConfig::new(pool, ["client-1"], TokenUse::Any).unwrap());
    [
        UploadFunction::with_authenticator(api(), bearer).with_clock(clock()),
        UploadFunction::with_identity_source(api(), claims).with_clock(clock()),
    ]
}

/// Collects the paths of all nodes below `value` as JSON pointers.
fn paths(value: &Value, parent: &str, found: &mut Vec<String>) {
    let mut visit = |name: &str, inner: &Value| {
        let path = format!("{parent}/{}", name.replace('~', "~0").replace('/', "~1"));
        paths(inner, &path, found);
        found.push(path);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, inner)| visit(name, inner)),
        Value::Array(items) => items.iter().enumerate().for_each(|(n, inner)| visit(&n.to_string(), inner)),
        _ => {}
    }
}

fn values(node: &Value) -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(false),
        json!(0),
        json!(-1),
        json!(1e300),
        json!(""),
        json!(" "),
        json!([]),
        json!({}),
        json!([node]),
        json!([node, node]),
        json!([node, "Bearer a.b.c"]),
        json!({"0": node}),
        json!([[node]]),
        json!([7]),
        json!(node.to_string()),
    ]
}

fn hostile_texts() -> Vec<Value> {
    let long = format!("/{}", "a".repeat(70_000));
    let texts = [
        "x:99999",
        "ht tp",
        "https://",
        "://",
        "\u{0}",
        "a\r\nb",
        "\u{e9}\u{1f600}",
        "%",
        "%zz",
        "*",
        "?",
        "#",
        "//",
        "/../",
        "/%2e%2e/",
        "\\",
        "[",
        "[::1",
        "@",
        "user@host:1",
        "a&b=c?d#e",
        "{}",
        "=",
        "====",
        "AAA",
        "-1",
        "99999999999999999999",
        "$default",
        "prod",
        &long,
    ];
    texts.into_iter().map(Value::from).collect()
}

/// Returns every mutant of the node at `path`, with a description.
fn mutants(event: &Value, path: &str) -> Vec<Value> {
    let node = event.pointer(path).unwrap();
    let mut found: Vec<Value> = values(node);
    // Other text in a token or a claim can be another caller, which is as valid as the first.
    let names_caller = path.contains("/authorizer") || path.to_ascii_lowercase().contains("/authorization");
    if !names_caller {
        found.extend(hostile_texts());
    } else if node.is_string() {
        found.retain(|value| value.as_str().is_none_or(|text| text.trim().is_empty()));
    }
    let changed = |value: Value| {
        let mut event = event.clone();
        *event.pointer_mut(path).unwrap() = value;
        event
    };
    let mut mutants: Vec<Value> = found.into_iter().map(changed).collect();
    let (parent, name) = path.rsplit_once('/').unwrap();
    let name = name.replace("~1", "/").replace("~0", "~");
    let mut without = event.clone();
    let members = without.pointer_mut(parent).unwrap();
    if let Some(items) = members.as_array_mut() {
        items.remove(name.parse().unwrap());
    } else {
        let members = members.as_object_mut().unwrap();
        let removed = members.remove(&name).unwrap();
        for renamed in ["", " ", "\u{0}", "\u{e9}", "a b", "host", "HOST", &name.to_uppercase()] {
            let mut members = members.clone();
            members.insert(renamed.to_owned(), removed.clone());
            // Renamed, and repeated under another spelling.
            let renamed = members.clone();
            members.insert(name.clone(), removed.clone());
            for members in [renamed, members] {
                let mut event = event.clone();
                *event.pointer_mut(parent).unwrap() = Value::Object(members);
                mutants.push(event);
            }
        }
    }
    mutants.push(without);
    mutants
}

/// Returns the status, if the answer is one that the API can give and grants nothing to another caller than `alice`.
fn check(answer: &Value) -> Result<u64, String> {
    let status = answer["statusCode"].as_u64().ok_or("no status")?;
    let body: Value =
        answer["body"].as_str().map_or(Value::Null, |body| serde_json::from_str(body).unwrap_or_default());
    match status {
        200 if body["key"].as_str().is_some_and(|key| key.starts_with("up/alice/")) => Ok(status),
        204 => Ok(status),
        400 | 401 | 403 | 404 | 405 | 413 | 415 | 431 if body["code"].is_string() => Ok(status),
        _ => Err(format!("unexpected answer {answer}")),
    }
}

#[tokio::test]
async fn every_mutated_event_is_answered() {
    let body = r#"{"contentType":"image/png","contentLength":7}"#;
    let mut events =
        vec![rest_v1(Some(body)), http_v2(Some(body)), function_url(Some(body)), alb(Some(body))];
    for event in &mut events {
        event["headers"]["host"] = "api.example.com".into();
        event["headers"]["x-forwarded-proto"] = "https".into();
        event["queryStringParameters"] = json!({"a": "b"});
        if event["version"] == "2.0" {
            event["cookies"] = json!(["a=b", "c=d"]);
            event["rawQueryString"] = "a=b".into();
        } else {
            event["multiValueQueryStringParameters"] = json!({"a": ["b", "c"]});
        }
    }
    // A load balancer with the attribute for multi-value headers.
    let mut multi = alb(Some("eyJjb250ZW50VHlwZSI6ImltYWdlL3BuZyIsImNvbnRlbnRMZW5ndGgiOjd9"));
    let headers = multi["headers"].take();
    let lists = headers.as_object().unwrap().iter().map(|(name, value)| (name.clone(), json!([value])));
    multi["multiValueHeaders"] = Value::Object(lists.collect());
    multi["isBase64Encoded"] = true.into();
    multi.as_object_mut().unwrap().remove("headers");
    events.push(multi);

    let [bearer, claims] = functions();
    let (mut answered, mut granted) = (0, 0);
    for event in &events {
        let has_claims = event["requestContext"]["authorizer"].is_object();
        let functions = if has_claims { vec![&bearer, &claims] } else { vec![&bearer] };
        for function in &functions {
            assert_eq!(check(&function.answer(&event.to_string()).await.unwrap()), Ok(200));
        }
        let mut all = Vec::new();
        paths(event, "", &mut all);
        for path in all {
            for mutant in mutants(event, &path) {
                for function in &functions {
                    match function.answer(&mutant.to_string()).await {
                        Ok(answer) => {
                            let status =
                                check(&answer).unwrap_or_else(|error| panic!("{path}: {error}: {mutant}"));
                            answered += 1;
                            granted += u64::from(status == 200);
                        }
                        Err(error) => assert!(kind_of(event).contains(&&*path), "{path}: {error}: {mutant}"),
                    }
                }
            }
        }
    }
    assert!(answered > 10_000 && granted > 1_000, "{answered} answered, {granted} granted");
}
