//! `upsign dev`: what the page says about an upload.

use std::collections::BTreeMap;

use reqwest::blocking::{RequestBuilder, Response};
use serde_json::{Value, json};

use crate::dev::{client, dev_with_config};
use crate::run::{Serving, upsign};

/// The table of limits, in the manual.
const MANUAL: &str = include_str!("../../../upsign/src/manual/security/enforcement.rs");

/// Routes of each column of that table, and one that inspects.
const ROUTES: &str = r#"
[bucket]
name = "documents-bucket"
region = "eu-central-1"

[upload]
key = "photos/{id}.{ext}"
types = ["image/jpeg"]
max_size = "1 MiB"
bodyless = "allow"
checksums = ["sha256"]

[route.form]
key = "forms/{id}.{ext}"
types = ["image/jpeg"]
max_size = "1 MiB"
bodyless = "allow"
method = "post"

[route.checked]
key = "checked/{id}.{ext}"
pending_key = "pending/checked/{id}.{ext}"
types = ["image/jpeg"]
max_size = "1 MiB"
bodyless = "refuse"
confirm = true
inspect = "magic"

[token]
keys = ["env:UPSIGN_TOKEN_SECRET"]

[auth]
user_pool = "eu-central-1_AbCdEf123"
client_ids = ["client"]
token_use = "access"

[cors]
origins = ["https://app.example.com"]
"#;

fn dev() -> Serving {
    dev_with_config(ROUTES)
}

fn token(server: &Serving) -> String {
    client().get(server.url("token")).send().unwrap().text().unwrap()
}

fn call(server: &Serving, path: &str, body: &Value) -> Response {
    let url = format!("{}{path}", server.url("page"));
    client().post(url).bearer_auth(token(server)).json(body).send().unwrap()
}

#[track_caller]
fn answer(server: &Serving, path: &str, body: &Value) -> Value {
    let response = call(server, path, body);
    assert_eq!(response.status(), 200, "{}", response.text().unwrap());
    response.json().unwrap()
}

fn get(server: &Serving, path: &str) -> Value {
    client().get(format!("{}{path}", server.url("page"))).send().unwrap().json().unwrap()
}

fn photo(route: Option<&str>) -> Value {
    let mut body = json!({"contentType": "image/jpeg", "contentLength": 5});
    if let Some(route) = route {
        body["route"] = route.into();
    }
    body
}

/// Sends bytes as the grant says.
fn put(grant: &Value, bytes: &'static [u8]) -> Response {
    let request = client().put(grant["uploadUrl"].as_str().unwrap()).body(bytes);
    let headers = grant["headers"].as_object().unwrap().iter();
    let with = |request: RequestBuilder, (name, value): (&String, &Value)| {
        request.header(name, value.as_str().unwrap())
    };
    headers.fold(request, with).send().unwrap()
}

#[test]
fn url_is_taken_apart() {
    let server = dev();
    let grant = answer(&server, "upload-url", &photo(None));
    let found = answer(&server, "dev/explain", &json!({"grant": grant}));
    let url = grant["uploadUrl"].as_str().unwrap();
    let mut end = 0;
    let mut texts = BTreeMap::new();
    for part in found["parts"].as_array().unwrap() {
        let [start, stop] =
            ["start", "end"].map(|name| usize::try_from(part[name].as_u64().unwrap()).unwrap());
        assert!(start >= end && stop > start, "{found}");
        texts.insert(part["label"].as_str().unwrap(), url.get(start..stop).unwrap());
        end = stop;
    }
    assert!(url.contains(texts["host"]), "{texts:?}");
    assert_eq!(texts["bucket"], "documents-bucket");
    assert_eq!(texts["key"], grant["key"].as_str().unwrap());
    assert!(texts["scope"].ends_with("%2Feu-central-1%2Fs3%2Faws4_request"), "{texts:?}");
    assert_eq!(texts["expiry"], "X-Amz-Expires=900");
    assert!(texts["signed headers"].contains("content-length%3Bcontent-type"), "{texts:?}");
    assert!(texts["signature"].starts_with("X-Amz-Signature="), "{texts:?}");
    // It is what `upsign explain` says, and it repeats no secret.
    assert_eq!(found["explanation"]["expiresAt"], grant["expiresAt"]);
    assert_eq!(found["explanation"]["key"], grant["key"]);
    let signature = texts["signature"].trim_start_matches("X-Amz-Signature=");
    assert!(!found.to_string().contains(signature), "{found}");

    let form = answer(&server, "upload-url", &photo(Some("form")));
    let found = answer(&server, "dev/explain", &json!({"grant": form, "route": "form"}));
    let fields: Vec<&str> =
        found["fields"].as_array().unwrap().iter().map(|field| field["name"].as_str().unwrap()).collect();
    let sent: Vec<&String> = form["fields"].as_object().unwrap().keys().collect();
    assert_eq!(fields.len(), sent.len(), "{found}");
    let signature = form["fields"]["x-amz-signature"].as_str().unwrap();
    assert!(!found.to_string().contains(signature), "{found}");
}

/// Returns the cells of the table in the manual by the name of the limit: PUT, PUT without a body, form, form without a body.
fn manual() -> BTreeMap<&'static str, [&'static str; 4]> {
    let rows = MANUAL.lines().filter_map(|line| line.strip_prefix("//! | ")?.strip_suffix(" |"));
    let cells = rows.map(|row| row.split(" | ").collect::<Vec<_>>());
    cells.filter_map(|cells| Some((*cells.first()?, cells.get(1..)?.try_into().ok()?))).collect()
}

/// Returns who enforces a limit by a cell of the manual. `same` and `likewise` refer to the cell in front of them.
fn enforcers(cells: [&'static str; 4], column: usize, confirms: bool) -> &'static [&'static str] {
    match cells[column] {
        cell if cell.starts_with("S3") => &["signature", "condition"],
        cell if cell.contains("confirmation") && confirms => &["confirmation"],
        cell if cell == "same" || cell.contains("likewise") => enforcers(cells, column - 1, confirms),
        cell if cell.contains("confirmation") || cell.starts_with("not enforce") || cell == "–" => {
            &["nobody"]
        }
        cell => panic!("unknown: {cell}"),
    }
}

#[test]
fn limits_are_those_of_the_manual() {
    let server = dev();
    let manual = manual();
    let checksum = json!({"sha256": "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="});
    let mut described = photo(None);
    described["checksum"] = checksum;
    let grants = [
        (0, "upload", Some(described), false),
        (1, "upload", None, false),
        (2, "form", Some(photo(Some("form"))), false),
        (0, "checked", Some(photo(Some("checked"))), true),
    ];
    for (column, route, body, confirms) in grants {
        let grant = match body {
            Some(body) => answer(&server, "upload-url", &body),
            None => {
                let url = format!("{}upload-url", server.url("page"));
                client().post(url).bearer_auth(token(&server)).send().unwrap().json().unwrap()
            }
        };
        let found = answer(&server, "dev/explain", &json!({"grant": grant, "route": route}));
        let limits = found["limits"].as_array().unwrap();
        assert!(limits.len() >= 9, "{found}");
        for limit in limits {
            let name = limit["limit"].as_str().unwrap();
            let cells = manual.get(name).unwrap_or_else(|| panic!("the manual has no limit {name:?}"));
            // Only a described PUT binds a checksum, and only if the client states one.
            let is_unstated = name == "a checksum" && route != "upload";
            let expected = if is_unstated { &["nobody"] } else { enforcers(*cells, column, confirms) };
            let by = limit["by"].as_str().unwrap();
            assert!(expected.contains(&by), "{route}, {name}: {by}, and the manual says {:?}", cells[column]);
        }
    }
}

#[test]
fn limits_name_the_line_of_the_configuration() {
    let server = dev();
    let grant = answer(&server, "upload-url", &photo(None));
    let found = answer(&server, "dev/explain", &json!({"grant": grant, "route": "upload"}));
    let setting = |name: &str| {
        let limits = found["limits"].as_array().unwrap();
        limits.iter().find(|limit| limit["limit"] == name).unwrap()["setting"].clone()
    };
    let line = 1 + ROUTES.lines().position(|line| line.starts_with("types")).unwrap();
    let types = setting("the content type");
    assert_eq!(types["place"], format!("upsign.toml:{line}"), "{types}");
    assert_eq!((&types["key"], &types["value"]), (&"upload.types".into(), &r#"["image/jpeg"]"#.into()));
    // What the file does not set has its default.
    let replace = setting("no overwriting");
    assert_eq!((&replace["place"], &replace["value"]), (&Value::Null, &r#""never""#.into()), "{replace}");
}

#[test]
fn limits_of_a_pending_object_name_its_key() {
    let server = dev();
    let grant = answer(&server, "upload-url", &photo(Some("checked")));
    let found = answer(&server, "dev/explain", &json!({"grant": grant, "route": "checked"}));
    for name in ["one key", "the number of uses"] {
        let limits = found["limits"].as_array().unwrap();
        let limit = limits.iter().find(|limit| limit["limit"] == name).unwrap();
        assert_eq!(limit["setting"]["key"], "route.checked.pending_key", "{limit}");
    }
}

#[test]
fn expired_grant_is_refused_for_its_time_alone() {
    let server = dev();
    let grant = answer(&server, "dev/expired-grant", &photo(None));
    let refused = put(&grant, b"hello");
    assert_eq!(refused.status(), 403);
    let body = refused.text().unwrap();
    assert!(body.contains("Request has expired"), "{body}");
    let report = json!({
        "request": {"method": "PUT", "url": grant["uploadUrl"], "headers": grant["headers"], "bodySize": 5},
        "response": {"status": 403, "body": body},
        "grant": grant,
        "route": "upload",
    });
    let found = answer(&server, "dev/diagnose", &report);
    assert_eq!(found["diagnoses"][0]["cause"], "url-expired", "{found}");
    assert_eq!(found["settings"][0]["key"], "upload.expires_in", "{found}");
    // The policy decides about it as about any other.
    let mut page = photo(None);
    page["contentType"] = "text/html".into();
    assert_eq!(call(&server, "dev/expired-grant", &page).status(), 415);
    let anonymous = client().post(format!("{}dev/expired-grant", server.url("page"))).json(&photo(None));
    assert_eq!(anonymous.send().unwrap().status(), 401);
}

#[test]
fn refusals_name_the_responsible_line() {
    let server = dev();
    let report = |status: u16, code: &str, route: &str| {
        let body = json!({"code": code, "status": status, "title": "refused"}).to_string();
        let url = format!("{}upload-url", server.url("page"));
        let request = json!({"method": "POST", "url": url, "headers": {"content-type": "application/json"}});
        json!({"request": request, "response": {"status": status, "body": body}, "route": route})
    };
    for (status, code, route, key) in [
        (415, "content-type-not-allowed", "upload", "upload.types"),
        (413, "too-large", "form", "route.form.max_size"),
        (403, "upload-token-invalid", "checked", "token.keys"),
        (401, "unauthorized", "upload", "auth.user_pool"),
    ] {
        let found = answer(&server, "dev/diagnose", &report(status, code, route));
        let fix = found["diagnoses"][0]["fix"].as_str().unwrap();
        assert!(!fix.contains("detail of the answer") && !fix.contains("required group"), "{code}: {fix}");
        assert_eq!(found["settings"][0]["key"], key, "{found}");
        let place = found["settings"][0]["place"].as_str().unwrap();
        let (_, line) = place.split_once("upsign.toml:").unwrap();
        let name = key.rsplit('.').next().unwrap();
        let text = ROUTES.lines().nth(line.parse::<usize>().unwrap() - 1).unwrap();
        assert!(text.starts_with(name), "{place}: {text}");
    }
}

#[test]
fn inspection_says_what_it_would_reject() {
    let server = dev();
    let page: &[u8] = b"<!DOCTYPE html><script>alert(1)</script>";
    let mut body = photo(None);
    body["contentLength"] = page.len().into();
    let grant = answer(&server, "upload-url", &body);
    assert_eq!(put(&grant, page).status(), 200);
    let found = answer(&server, "dev/inspect", &json!({"key": grant["key"], "route": "upload"}));
    assert_eq!((&found["accepted"], &found["reason"]), (&false.into(), &"type-mismatch".into()), "{found}");
    let sentence = found["sentence"].as_str().unwrap();
    let start = "this route does not inspect; with inspect = \"magic\" the file would be rejected: ";
    assert!(sentence.starts_with(start), "{sentence}");
    let keys = |found: &Value| -> Vec<String> {
        let settings = found["settings"].as_array().unwrap().iter();
        settings.map(|setting| setting["key"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(keys(&found), ["upload.inspect", "upload.types"], "{found}");

    let photo_bytes: &[u8] = include_bytes!("../../assets/demo.jpg");
    body["contentLength"] = photo_bytes.len().into();
    let grant = answer(&server, "upload-url", &body);
    assert_eq!(put(&grant, photo_bytes).status(), 200);
    let found = answer(&server, "dev/inspect", &json!({"key": grant["key"]}));
    assert_eq!(found["accepted"], true, "{found}");
    assert_eq!(keys(&found), ["upload.inspect"], "{found}");

    for (key, status) in [("photos/absent.jpg", 400), ("", 400)] {
        assert_eq!(call(&server, "dev/inspect", &json!({"key": key})).status(), status, "{key}");
    }
    let url = format!("{}dev/inspect", server.url("page"));
    let anonymous = client().post(url).json(&json!({"key": grant["key"]})).send().unwrap();
    assert_eq!(anonymous.status(), 401);
}

/// What a user cannot edit is not named as a line of a file.
#[test]
fn built_in_configuration_is_no_file() {
    let server = upsign(&["dev", "--listen=127.0.0.1:0", "--json"]).serving();
    let grant = answer(&server, "upload-url", &photo(None));
    let found = answer(&server, "dev/explain", &json!({"grant": grant}));
    let limits = found["limits"].as_array().unwrap();
    let types = limits.iter().find(|limit| limit["limit"] == "the content type").unwrap();
    assert_eq!(types["setting"]["place"], "built-in configuration", "{types}");
    assert!(!found.to_string().contains("embedded/"), "{found}");
    // No key of [auth] is set there, and none is responsible.
    let url = format!("{}upload-url", server.url("page"));
    let body = json!({"code": "unauthorized", "status": 401, "title": "refused"}).to_string();
    let report =
        json!({"request": {"method": "POST", "url": url}, "response": {"status": 401, "body": body}});
    assert_eq!(answer(&server, "dev/diagnose", &report)["settings"], json!([]));
}

#[test]
fn url_of_a_part_is_taken_apart() {
    let config = format!("{ROUTES}\n").replace(
        "bodyless = \"allow\"\nchecksums",
        "bodyless = \"refuse\"\nmultipart = \"always\"\nchecksums",
    );
    let server = dev_with_config(&config);
    let grant = answer(&server, "upload-url", &photo(None));
    let body = json!({"uploadToken": grant["uploadToken"], "partNumbers": [1]});
    let parts = answer(&server, "uploads/parts", &body);
    let mut part = parts["parts"][0].clone();
    part["method"] = "PUT".into();
    let signed = json!({"method": "PUT", "uploadUrl": part["uploadUrl"], "headers": part["headers"]});
    let found = answer(&server, "dev/explain", &json!({"grant": signed, "route": "upload"}));
    let sentence = |label: &str| {
        let parts = found["parts"].as_array().unwrap();
        parts.iter().find(|part| part["label"] == label).unwrap()["sentence"].as_str().unwrap().to_owned()
    };
    assert_eq!(sentence("part number"), "stores part 1 only");
    assert!(sentence("upload id").starts_with("of the upload that the API began"), "{found}");
    // The limits are those of the upload, and not of one request.
    let limits = found["limits"].as_array().unwrap();
    assert!(limits.iter().all(|limit| limit["limit"] != "a checksum"), "{found}");
    let types = limits.iter().find(|limit| limit["limit"] == "the content type").unwrap();
    assert_eq!(types["by"], "service");
    assert_eq!(types["sentence"], "set when the upload was begun: no request of a part changes it");
}

#[test]
fn answers_of_the_page_are_kept_by_nobody() {
    let server = dev();
    let page = server.url("page");
    for path in ["state.json", "config.json", "snippets", "documents", "token", "explain"] {
        let answer = client().get(format!("{page}dev/{path}")).send().unwrap();
        let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(header("cache-control").as_deref(), Some("no-store"), "{path}");
        assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"), "{path}");
        assert_eq!(header("cross-origin-resource-policy").as_deref(), Some("same-origin"), "{path}");
    }
}

#[test]
fn documents_are_those_of_the_configured_bucket() {
    let server = dev();
    let found = get(&server, "dev/documents?route=form");
    let text = |name: &str| {
        let documents = found["documents"].as_array().unwrap();
        documents.iter().find(|document| document["name"] == name).unwrap()["text"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let cors: Value = serde_json::from_str(&text("cors")).unwrap();
    assert_eq!(cors.pointer("/CORSRules/0/AllowedOrigins/0").unwrap(), "https://app.example.com", "{cors}");
    assert_eq!(cors.pointer("/CORSRules/0/AllowedMethods/0").unwrap(), "POST", "{cors}");
    let iam: Value = serde_json::from_str(&text("iam")).unwrap();
    let resource = iam.pointer("/Statement/0/Resource").unwrap().to_string();
    assert!(resource.contains("arn:aws:s3:::documents-bucket/forms/"), "{iam}");
}

#[test]
fn snippets_are_of_the_route() {
    let server = dev();
    let names = |query: &str| -> Vec<(String, String)> {
        let found = get(&server, &format!("dev/snippets{query}"));
        let snippets = found["snippets"].as_array().unwrap().iter();
        let text = |snippet: &Value, name: &str| snippet[name].as_str().unwrap().to_owned();
        snippets.map(|snippet| (text(snippet, "language"), text(snippet, "text"))).collect()
    };
    let found = names("?route=checked");
    let languages: Vec<&str> = found.iter().map(|(language, _)| &**language).collect();
    assert_eq!(languages, ["curl", "javascript", "node", "python", "rust"]);
    let page = server.url("page");
    // A refusal is shown, and ends no shell but that of the text.
    let (_, curl) = found.first().unwrap();
    assert!(curl.starts_with("(") && curl.ends_with(")\n"), "{curl}");
    assert!(curl.contains(r#"|| { printf '%s\n' "$GRANT" >&2; exit 1; }"#), "{curl}");
    for (language, text) in &found {
        assert!(text.contains(page.trim_end_matches('/')), "{language}: {text}");
        assert!(text.contains("checked"), "{language}: {text}");
        assert!(!text.contains("{api}") && !text.contains("{file}"), "{language}: {text}");
        assert!(!text.contains("eyJ"), "{language} contains a token: {text}");
    }
    let url = format!("{page}dev/snippets?route=none");
    assert_eq!(client().get(url).send().unwrap().status(), 400);
}

#[test]
fn other_pages_get_no_answer() {
    let server = upsign(&["dev", "--listen=127.0.0.1:0", "--json"]).serving();
    let page = server.url("page");
    for path in ["explain", "inspect", "documents", "snippets", "expired-grant"] {
        let url = format!("{page}dev/{path}");
        let is_get = matches!(path, "documents" | "snippets");
        for origin in ["https://evil.example", "null", "http://127.0.0.1:1"] {
            let request = if is_get { client().get(&url) } else { client().post(&url).json(&json!({})) };
            assert_eq!(request.header("origin", origin).send().unwrap().status(), 403, "{path} {origin}");
        }
        let rebound = client().get(&url).header("host", "evil.example").send().unwrap();
        assert_eq!(rebound.status(), 421, "{path}");
    }
}

/// The snippet of the page is a file that this module compiles.
mod rust_snippet {
    #![expect(
        dead_code,
        clippy::disallowed_methods,
        clippy::print_stderr,
        clippy::print_stdout,
        reason = "compiled only, as programs write it"
    )]
    include!("../../assets/snippets/upload.rs");
}
