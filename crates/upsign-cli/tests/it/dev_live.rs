//! `upsign dev --config`: the file is served again when it is saved.

use serde_json::{Value, json};

use crate::dev::{client, dev_with_config};
use crate::run::{Serving, eventually};

const BASE: &str = r#"
[upload]
key = "files/{sub}/{id}.{ext}"
types = ["application/pdf"]
max_size = "20 MiB"
bodyless = "refuse"
multipart = "auto"
multipart_above = "6 MiB"
part_size = "5 MiB"

[bucket]
name = "live-bucket"
region = "eu-central-1"

[auth]
user_pool = "eu-central-1_AbCdEf123"
client_ids = ["client"]
token_use = "access"

[cors]
origins = ["https://app.example.com"]

[token]
keys = ["env:UPSIGN_TOKEN_SECRET"]
"#;

const EXTRA: &str = r#"
[route.extra]
bucket = "extra-bucket"
key = "extra/{id}.{ext}"
types = ["application/pdf"]
max_size = "1 MiB"
bodyless = "refuse"
groups = ["editors"]
"#;

/// Saves the file as editors do: another file, which then takes its name.
fn save(server: &Serving, text: &str) {
    std::fs::write(server.path("new.toml"), text).unwrap();
    std::fs::rename(server.path("new.toml"), server.path("upsign.toml")).unwrap();
}

fn state(server: &Serving) -> Value {
    client().get(format!("{}dev/state.json", server.url("page"))).send().unwrap().json().unwrap()
}

fn token(server: &Serving) -> String {
    client().get(format!("{}?user=alice", server.url("token"))).send().unwrap().text().unwrap()
}

/// Calls the API with a token, and returns the status and the answer.
fn call(server: &Serving, token: &str, path: &str, body: &Value) -> (u16, Value) {
    let request = client().post(format!("{}{path}", server.url("page"))).bearer_auth(token);
    let answer = request.json(body).send().unwrap();
    (answer.status().as_u16(), answer.json().unwrap())
}

fn put(grant: &Value, body: Vec<u8>) -> (u16, Option<String>) {
    let headers = grant["headers"].as_object().unwrap();
    let request = client().put(grant["uploadUrl"].as_str().unwrap()).body(body);
    let request =
        headers.iter().fold(request, |put, (name, value)| put.header(name, value.as_str().unwrap()));
    let answer = request.send().unwrap();
    let etag = answer.headers().get("etag").map(|etag| etag.to_str().unwrap().trim_matches('"').to_owned());
    (answer.status().as_u16(), etag)
}

#[test]
fn saved_route_with_a_new_bucket_and_group_takes_uploads() {
    let server = dev_with_config(BASE);
    let first = state(&server);
    assert_eq!((&first["revision"], &first["error"]), (&json!(0), &Value::Null));
    save(&server, &format!("{BASE}{EXTRA}"));
    eventually(|| state(&server)["revision"] == 1);
    assert_eq!(state(&server)["run"], first["run"]);
    let body = json!({"route": "extra", "contentType": "application/pdf", "contentLength": 5});
    let (status, grant) = call(&server, &token(&server), "upload-url", &body);
    assert_eq!(status, 200, "{grant}");
    assert_eq!(put(&grant, b"hello".to_vec()).0, 200);
    let printed = server.terminate_and_read("errors");
    assert!(printed.contains("upsign.toml was saved: served from now on are upload, extra"), "{printed}");
}

#[test]
fn invalid_file_is_reported_with_its_place_and_not_served() {
    let server = dev_with_config(BASE);
    save(&server, &format!("{BASE}{EXTRA}maximum = 3\n"));
    eventually(|| state(&server)["error"] != Value::Null);
    let found = state(&server);
    let (error, lines) = (&found["error"]["errors"][0], format!("{BASE}{EXTRA}").lines().count());
    assert_eq!(error["place"], format!("upsign.toml:{}:1", lines + 1), "{found}");
    assert_eq!(error["key"], "route.extra.maximum", "{found}");
    assert_eq!(found["revision"], 0);
    let body = json!({"contentType": "application/pdf", "contentLength": 5});
    assert_eq!(call(&server, &token(&server), "upload-url", &body).0, 200);
    // The same settings as before: nothing is exchanged, and the error is gone.
    save(&server, &format!("# A comment.\n{BASE}"));
    eventually(|| state(&server)["error"] == Value::Null);
    assert_eq!(state(&server)["revision"], 0);
    let printed = server.terminate_and_read("errors");
    assert!(printed.contains("route.extra.maximum") && printed.contains("stays in use"), "{printed}");
}

#[test]
fn uploads_in_flight_still_work_after_the_file_was_saved() {
    const SIZE: usize = 7 << 20;
    let server = dev_with_config(BASE);
    let token = token(&server);
    let small = json!({"contentType": "application/pdf", "contentLength": 5});
    let (_, single) = call(&server, &token, "upload-url", &small);
    let large = json!({"contentType": "application/pdf", "contentLength": SIZE});
    let (_, grant) = call(&server, &token, "upload-url", &large);
    assert_eq!(grant["method"], "MULTIPART", "{grant}");

    save(
        &server,
        &BASE
            .replace("20 MiB", "6 MiB")
            .replace("multipart = \"auto\"\nmultipart_above = \"6 MiB\"\npart_size = \"5 MiB\"\n", ""),
    );
    eventually(|| state(&server)["revision"] == 1);
    assert_eq!(call(&server, &token, "upload-url", &large).0, 413);
    assert_eq!(put(&single, b"hello".to_vec()).0, 200);
    let numbers = json!({"uploadToken": grant["uploadToken"], "partNumbers": [1, 2]});
    let (status, urls) = call(&server, &token, "uploads/parts", &numbers);
    assert_eq!(status, 200, "{urls}");
    let sizes = [5 << 20, SIZE - (5 << 20)];
    let part = |(part, size): (&Value, usize)| {
        let (status, etag) = put(part, vec![7; size]);
        assert_eq!(status, 200);
        json!({"partNumber": part["partNumber"], "etag": etag.unwrap()})
    };
    let parts: Vec<Value> = urls["parts"].as_array().unwrap().iter().zip(sizes).map(part).collect();
    let complete = json!({"uploadToken": grant["uploadToken"], "parts": parts});
    let (status, stored) = call(&server, &token, "uploads/complete", &complete);
    assert_eq!((status, &stored["size"]), (200, &json!(SIZE)), "{stored}");
    assert_eq!(server.terminate(), 0);
}

#[test]
fn stored_file_of_a_route_that_is_gone_can_be_read_back() {
    let server = dev_with_config(&format!("{BASE}{EXTRA}"));
    let token = token(&server);
    let body = json!({"route": "extra", "contentType": "application/pdf", "contentLength": 5});
    let (_, grant) = call(&server, &token, "upload-url", &body);
    assert_eq!(put(&grant, b"hello".to_vec()).0, 200);
    save(&server, BASE);
    eventually(|| state(&server)["revision"] == 1);
    assert_eq!(call(&server, &token, "upload-url", &body).0, 400);
    for (path, body) in [
        ("dev/read", json!({"key": grant["key"], "route": "extra"})),
        ("dev/inspect", json!({"key": grant["key"], "route": "extra"})),
        ("dev/explain", json!({"grant": grant, "route": "extra"})),
    ] {
        let (status, answer) = call(&server, &token, path, &body);
        assert_eq!(status, 200, "{path}: {answer}");
    }
    let never = json!({"key": grant["key"], "route": "never"});
    assert_eq!(call(&server, &token, "dev/read", &never).0, 400);
}

#[test]
fn origin_that_is_no_longer_listed_gets_no_answer_of_an_earlier_file() {
    let listed = BASE.replace("https://app.example.com", "http://localhost:5173");
    let server = dev_with_config(&listed);
    let token = token(&server);
    let large = json!({"contentType": "application/pdf", "contentLength": 7 << 20});
    let (_, grant) = call(&server, &token, "upload-url", &large);
    let status = || {
        let request = client().post(format!("{}uploads/status", server.url("page"))).bearer_auth(&token);
        let request = request.header("origin", "http://localhost:5173");
        request.json(&json!({"uploadToken": grant["uploadToken"]})).send().unwrap().status().as_u16()
    };
    assert_eq!(status(), 200);
    save(&server, &listed.replace("5173", "5174"));
    eventually(|| state(&server)["revision"] == 1);
    assert_eq!(status(), 403);
}

#[test]
fn other_issuer_settings_start_the_servers_anew() {
    let server = dev_with_config(BASE);
    let (first, old) = (state(&server), token(&server));
    save(&server, &BASE.replace("client_ids = [\"client\"]", "client_ids = [\"another\"]"));
    eventually(|| state(&server)["run"] != first["run"]);
    let body = json!({"contentType": "application/pdf", "contentLength": 5});
    assert_eq!(call(&server, &old, "upload-url", &body).0, 401);
    let (status, grant) = call(&server, &token(&server), "upload-url", &body);
    assert_eq!(status, 200, "{grant}");
    assert_eq!(put(&grant, b"hello".to_vec()).0, 200);
    assert_eq!(server.terminate(), 0);
}
