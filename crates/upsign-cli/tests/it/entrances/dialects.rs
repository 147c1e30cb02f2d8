//! Requests of the clients of other services at every entrance: each entrance gives the same answer, and none logs a token or a
//! ticket.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock, Mutex};

use bytes::Bytes;
use serde_json::{Value, json};
use upsign::SigV4;
use upsign::session::TokenKeys;
use upsign_config::{Config, ServiceParts, TimeLimits};
use upsign_core::{Presigner, WithCredentials};
use upsign_http::{Api, AuthenticateError, authenticate_fn};
use upsign_testing::tokens::TestIssuer;

use super::lambda::{self, KINDS, Kind};
use super::{HttpEntrance, credentials, file, now, read};
use crate::run::upsign;

const POOL: &str = "ap-southeast-1_AbCdEf123";

/// Stands for an upload token and a ticket: long, and of their alphabet.
const SECRET: &str = "c2VjcmV0LXRva2VuLW9mLWFuLXVwbG9hZC10aGF0LW11c3Qtbm90LWJlLWluLWFueS1sb2c";

/// Its first characters, so that a shortened one is found, too.
const SECRET_START: &str = "c2VjcmV0LXRva2Vu";

/// The dialects of [`configuration`], as in `upsign.toml`.
const DIALECTS: &str = "\"uppy\", \"companion\", \"better-upload\"";

/// A route for `PUT`, which better-upload needs.
const PLAIN: &str = "[route.plain]\nkey = \"plain/{id}\"\ntypes = [\"image/jpeg\"]\nmax_size = \"1 MiB\"\nbodyless = \"refuse\"\n";

/// A request, and the status of its answer.
struct Case {
    method: &'static str,
    path: String,
    query: Vec<(&'static str, &'static str)>,
    /// The path in the API of a gateway, and its parameter `proxy`.
    resource: (&'static str, Option<String>),
    headers: Vec<(&'static str, &'static str)>,
    body: &'static str,
    /// `None` for any refusal, of an upload token that no service has signed.
    status: Option<u16>,
}

fn case(method: &'static str, path: &str, status: impl Into<Option<u16>>) -> Case {
    let resource = match path.strip_prefix("/s3/") {
        Some(rest) => ("/s3/{proxy+}", Some(rest.to_owned())),
        None if path == "/uppy/sign" => ("/uppy/sign", None),
        None if path == "/better-upload/multipart" => ("/better-upload/multipart", None),
        None => ("/uppy/multipart", None),
    };
    let (query, headers, status) = (Vec::new(), Vec::new(), status.into());
    Case { method, path: path.to_owned(), query, resource, headers, body: "", status }
}

fn cases() -> Vec<Case> {
    let params = |query| Case { query, ..case("GET", "/s3/params", 200) };
    let origin = ("origin", "https://app.example.com");
    vec![
        // Names and values that a gateway decodes.
        params(vec![("filename", "a b+c&d=é.jpg"), ("type", "image/jpeg"), ("metadata[name]", "a b")]),
        Case { status: Some(415), ..params(vec![("filename", "a.txt"), ("type", "text/plain")]) },
        Case { status: Some(400), ..params(vec![("type", "image/jpeg")]) },
        case("DELETE", "/s3/params", 405),
        Case { query: vec![("key", "a")], ..case("GET", &format!("/s3/multipart/{SECRET}/1"), None) },
        Case { query: vec![("key", "a")], ..case("DELETE", &format!("/s3/multipart/{SECRET}"), None) },
        case("GET", &format!("/s3/other/{SECRET}"), 404),
        Case {
            body: r#"{"method": "PUT", "key": "a.jpg", "contentType": "image/jpeg"}"#,
            ..case("POST", "/uppy/sign", 200)
        },
        Case { body: r#"{"method": "PUT"}"#, ..case("POST", "/uppy/sign", 400) },
        Case {
            query: vec![("uploadId", SECRET), ("ticket", SECRET)],
            ..case("GET", "/uppy/multipart", None)
        },
        Case {
            query: vec![("uploadId", SECRET), ("ticket", SECRET)],
            ..case("POST", "/better-upload/multipart", None)
        },
        Case {
            query: vec![("uploadId", SECRET), ("ticket", SECRET)],
            ..case("DELETE", "/better-upload/multipart", None)
        },
        Case {
            headers: vec![origin, ("access-control-request-method", "DELETE")],
            ..case("OPTIONS", &format!("/s3/multipart/{SECRET}"), 204)
        },
    ]
}

/// What a client sees, without what differs from request to request.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    status: u16,
    content_type: Option<String>,
    /// Of a refusal the text, and of other answers the names of the members.
    body: String,
}

fn seen(status: u16, content_type: Option<&str>, body: &str) -> Seen {
    let parsed: Value = serde_json::from_str(body).unwrap_or_default();
    let mut names: Vec<&str> =
        parsed.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    names.retain(|name| *name != "requestId");
    let body = match (&parsed["message"], names.is_empty()) {
        (Value::String(message), _) => message.clone(),
        (_, false) => names.join(" "),
        // The id of the request is in the document of an error of S3.
        _ => body.split("<RequestId>").next().unwrap_or_default().to_owned(),
    };
    Seen { status, content_type: content_type.map(str::to_owned), body }
}

fn configuration(pool: &TestIssuer) -> String {
    let auth = format!(
        "user_pool = \"{POOL}\"\nclient_ids = [\"client-1\"]\ntoken_use = \"access\"\nsource = \"token\"\njwks = '{}'\n",
        pool.jwks()
    );
    let file = file("method = \"post\"\nno_overwrite = false", &auth);
    format!("dialects = [{DIALECTS}]\n{}{PLAIN}", file.replace("\"allow\"", "\"refuse\""))
}

fn encoded(query: &[(&str, &str)], is_encoded: bool) -> Vec<(String, String)> {
    let encode = |text: &str| {
        let bytes = text.bytes().map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        });
        if is_encoded { bytes.collect() } else { text.to_owned() }
    };
    query.iter().map(|(name, value)| (encode(name), encode(value))).collect()
}

fn raw_query(query: &[(&str, &str)]) -> String {
    let pairs = encoded(query, true).into_iter().map(|(name, value)| format!("{name}={value}"));
    pairs.collect::<Vec<_>>().join("&")
}

fn over_http(entrance: &HttpEntrance, case: &Case, token: &str) -> Seen {
    let url = entrance.url.replace("/upload-url", &case.path);
    let url = if case.query.is_empty() { url } else { format!("{url}?{}", raw_query(&case.query)) };
    let mut request = entrance.client.request(case.method.parse().unwrap(), url).bearer_auth(token);
    if !case.body.is_empty() {
        request = request.header("content-type", "application/json").body(case.body);
    }
    for (name, value) in &case.headers {
        request = request.header(*name, *value);
    }
    let response = request.send().unwrap();
    let content_type = response.headers().get("content-type").map(|value| value.to_str().unwrap().to_owned());
    seen(response.status().as_u16(), content_type.as_deref(), &response.text().unwrap())
}

/// Returns the event for a request, as the generated stacks route it.
fn event(kind: Kind, case: &Case, token: &str) -> Value {
    let authorization = format!("Bearer {token}");
    let mut headers: Vec<(&str, &str)> = vec![("authorization", &authorization)];
    headers.extend(&case.headers);
    let mut event = lambda::event(kind, &headers, &Value::Null);
    event["body"] = Value::Null;
    if !case.body.is_empty() {
        // Any sender may encode a body.
        event["body"] = base64(case.body).into();
        event["isBase64Encoded"] = true.into();
    }
    let (resource, proxy) = &case.resource;
    let parameters = proxy.as_ref().map_or(Value::Null, |proxy| json!({"proxy": proxy}));
    match kind {
        Kind::Rest | Kind::HttpV1 => {
            event["resource"] = (*resource).into();
            event["requestContext"]["resourcePath"] = (*resource).into();
            event["path"] = case.path.as_str().into();
            event["httpMethod"] = case.method.into();
            event["pathParameters"] = parameters;
            for (name, value) in &case.query {
                event["queryStringParameters"][*name] = (*value).into();
                event["multiValueQueryStringParameters"][*name] = json!([value]);
            }
        }
        Kind::HttpV2 | Kind::FunctionUrl => {
            event["routeKey"] = match kind {
                Kind::HttpV2 => format!("{} {resource}", case.method).into(),
                _ => "$default".into(),
            };
            event["requestContext"]["routeKey"] = event["routeKey"].clone();
            event["pathParameters"] = parameters;
            event["rawPath"] = case.path.as_str().into();
            event["rawQueryString"] = raw_query(&case.query).into();
            event["requestContext"]["http"]["method"] = case.method.into();
        }
        Kind::LoadBalancer => {
            event["path"] = case.path.as_str().into();
            event["httpMethod"] = case.method.into();
            for (name, value) in encoded(&case.query, true) {
                event["queryStringParameters"][name.as_str()] = value.into();
            }
        }
    }
    event
}

fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |bits: u32| char::from(*DIGITS.get(bits as usize & 63).unwrap());
    let group = |bytes: &[u8]| {
        let byte = |index: usize| u32::from(bytes.get(index).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        let digits = [digit(bits >> 18), digit(bits >> 12), digit(bits >> 6), digit(bits)];
        let padding = 3 - bytes.len();
        digits.into_iter().take(4 - padding).chain(std::iter::repeat_n('=', padding)).collect::<String>()
    };
    text.as_bytes().chunks(3).map(group).collect()
}

fn in_event(file: &str, kind: Kind, case: &Case, token: &str) -> Seen {
    let function = lambda::function(file);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer = runtime.block_on(function.answer(&event(kind, case, token).to_string())).unwrap();
    let single = answer["headers"]["content-type"].as_str();
    let content_type = single.or(answer["multiValueHeaders"]["content-type"][0].as_str());
    let status = answer["statusCode"].as_u64().unwrap().try_into().unwrap();
    seen(status, content_type, answer["body"].as_str().unwrap_or_default())
}

#[test]
fn every_entrance_gives_the_same_answer_to_a_client_of_another_service() {
    let pool = TestIssuer::user_pool(POOL);
    let (file, token) = (configuration(&pool), pool.access_token("alice", "client-1").sign(now()));
    let (serve, axum) = (HttpEntrance::serve(&file), HttpEntrance::axum(&file));
    for case in cases() {
        let expected = over_http(&serve, &case, &token);
        let is_expected = match case.status {
            Some(status) => expected.status == status,
            None => (400..500).contains(&expected.status),
        };
        assert!(is_expected, "{} {}: {expected:?}", case.method, case.path);
        assert_eq!(over_http(&axum, &case, &token), expected, "{} {}", case.method, case.path);
        for kind in KINDS {
            assert_eq!(
                in_event(&file, kind, &case, &token),
                expected,
                "{kind:?} {} {}",
                case.method,
                case.path
            );
        }
    }
}

#[test]
fn tokens_and_tickets_in_urls_are_not_logged() {
    let pool = TestIssuer::user_pool(POOL);
    let token = pool.access_token("alice", "client-1").sign(now());
    for (dialects, logged) in [(DIALECTS, "/s3/{*rest}"), ("", "characters)")] {
        let file = configuration(&pool).replace(DIALECTS, dialects);
        let server = upsign(&["serve", "--listen=127.0.0.1:0", "--json"])
            .file("upsign.toml", &file)
            .variable("RUST_LOG", "trace")
            .credentials()
            .errors_to("log")
            .serving();
        let url = format!("{}/upload-url", server.url("listening"));
        let client = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
        let entrance = HttpEntrance { url, client, _running: super::Running::Serve(server) };
        for case in cases() {
            let _ = over_http(&entrance, &case, &token);
        }
        let log = entrance.log();
        assert!(log.contains(logged), "{log}");
        assert!(!log.contains(SECRET_START), "{log}");
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A second subscriber for the process. If there is only one, `tracing` decides whether an event is of interest by the subscriber
/// of the thread that reaches it first, and remembers it: that of a test with the router in this process has none.
static SECOND: LazyLock<tracing::Dispatch> =
    LazyLock::new(|| tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default()));

#[test]
fn function_logs_no_tokens_and_tickets_of_urls() {
    LazyLock::force(&SECOND);
    let pool = TestIssuer::user_pool(POOL);
    let token = pool.access_token("alice", "client-1").sign(now());
    for dialects in [DIALECTS, ""] {
        let file = configuration(&pool).replace(DIALECTS, dialects);
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
        let subscriber = subscriber.with_ansi(false).with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(subscriber, || {
            for (kind, case) in
                KINDS.into_iter().flat_map(|kind| cases().into_iter().map(move |case| (kind, case)))
            {
                let _ = in_event(&file, kind, &case, &token);
            }
        });
        let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        let count = |message: &str| log.lines().filter(|line| line.contains(message)).count();
        let refused = |case: &&Case| dialects.is_empty() || case.status.is_none_or(|status| status >= 400);
        let refused = cases().iter().filter(refused).count() * KINDS.len();
        assert_eq!(count("request refused"), refused, "{log}");
        // Without dialects, nothing is granted.
        let granted = |case: &&Case| !dialects.is_empty() && case.status == Some(200);
        let granted = cases().iter().filter(granted).count() * KINDS.len();
        assert_eq!(count("upload granted"), granted, "{log}");
        assert!(!log.contains(SECRET_START), "{log}");
    }
}

/// Routes that serve every dialect.
const EVERY: &str = r#"
dialects = ["uppy", "companion", "better-upload", "active-storage", "git-lfs"]
bucket = { name = "article-images-bucket", region = "ap-southeast-1" }
cors = { origins = ["https://app.example.com"] }
server = { base_path = "/api" }
deployment = { api = "http" }
token = { keys = ["env:UPSIGN_TOKEN_SECRET"] }

[upload]
key = "forms/{sub}/{id}.{ext}"
types = ["image/jpeg"]
max_size = "1 GiB"
method = "post"
multipart = "auto"
bodyless = "refuse"

[route.blobs]
key = "blobs/{sub}/{id}.{ext}"
types = ["image/jpeg"]
max_size = "1 GiB"
checksums = ["md5"]
confirm = true
bodyless = "refuse"

[route.lfs]
key = "lfs/{sha256}"
shared_content = "danger"
types = "any"
max_size = "1 GiB"
checksums = ["sha256"]
require_checksum = true
confirm = true
bodyless = "refuse"
"#;

fn api_of_every_dialect(config: &Config) -> Api<impl Presigner> {
    let keys = TokenKeys::new("test", [[7; TokenKeys::MIN_SECRET_LEN]]).unwrap();
    let parts = ServiceParts::new().with_http_store(keys, TimeLimits::default());
    let presigner = WithCredentials::new(SigV4::new(), credentials());
    let service = config.service_with(presigner, parts).unwrap();
    let api = Api::new(service, config.origins().clone()).with_base_path(config.base_path().clone());
    api.with_dialects(config.dialects().iter().copied()).unwrap()
}

/// The generated stacks route the paths, the methods and the headers that the API answers.
#[test]
fn generated_gateways_route_what_the_api_answers() {
    let config = read(EVERY);
    let api = api_of_every_dialect(&config);
    let deployment = config.deployment();
    let routed = deployment.dialect_paths();
    let below_base = |path: &&String| path.starts_with("/api/") && !path.ends_with('/');
    let exact: BTreeSet<String> = api
        .paths()
        .iter()
        .filter(below_base)
        .filter(|path| api.dialect_at(path).is_some())
        .cloned()
        .collect();
    let prefixes = api.prefixes();
    let prefixes = prefixes
        .iter()
        .filter(below_base)
        .map(|prefix| format!("{}/{{proxy+}}", prefix.replace("/lfs/info", "/{repository}/info")));
    let answered: BTreeSet<String> = exact.iter().cloned().chain(prefixes).collect();
    assert_eq!(routed.iter().map(|(path, _)| path.clone()).collect::<BTreeSet<_>>(), answered);
    for (path, methods) in routed.iter().filter(|(path, _)| exact.contains(path)) {
        for method in ["GET", "POST", "PUT", "DELETE"] {
            let is_answered = api.endpoint(&method.parse().unwrap(), path).is_some();
            assert_eq!(methods.contains(&method), is_answered, "{method} {path}");
        }
    }
    let template: Value =
        serde_json::from_str(&upsign_documents::sam_template(&deployment).unwrap().to_json()).unwrap();
    let resources = template["Resources"].as_object().unwrap();
    let gateway = resources.values().find(|it| it["Type"] == "AWS::ApiGatewayV2::Api").unwrap();
    let allowed = &gateway["Properties"]["CorsConfiguration"]["AllowHeaders"];
    let nobody = authenticate_fn(|_, _| async {
        Err(AuthenticateError::Rejected { code: "nobody", reason: "a preflight has no caller".to_owned() })
    });
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for path in exact.iter().map(String::as_str).chain(["/api/s3/params", "/api/info/lfs/objects/batch"]) {
        let request = http::Request::options(path).header("origin", "https://app.example.com");
        let answer = runtime.block_on(api.handle(&request.body(Bytes::new()).unwrap(), now(), &nobody));
        assert_eq!(answer.status(), 204, "{path}");
        let headers = answer.headers()["access-control-allow-headers"].to_str().unwrap();
        for name in headers.split(", ") {
            assert!(allowed.as_array().unwrap().contains(&name.into()), "{path}: {name} is not in {allowed}");
        }
    }
}
