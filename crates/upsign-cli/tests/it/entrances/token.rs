//! Tokens that the entrance verifies itself, in the default header and in another one.

use serde_json::{Value, json};
use upsign_testing::tokens::TestIssuer;

use super::lambda::{self, KINDS};
use super::{Answer, DEMANDS, HttpEntrance, file, now};
use crate::run::upsign;

const POOL: &str = "ap-southeast-1_AbCdEf123";

/// Returns the lines of `[auth]` for tokens of `pool`, whose keys are in the file.
fn auth(pool: &TestIssuer, header: &str, lines: &str) -> String {
    format!(
        "user_pool = \"{POOL}\"\nclient_ids = [\"client-1\"]\ntoken_use = \"access\"\nsource = \"token\"\n\
         token_header = \"{header}\"\njwks = '{}'\n{lines}",
        pool.jwks()
    )
}

type Send = Box<dyn Fn(&[(&str, &str)]) -> Answer>;

/// Returns every entrance, running with this configuration.
fn entrances(file: &str) -> Vec<(String, Send)> {
    let (serve, axum) = (HttpEntrance::serve(file), HttpEntrance::axum(file));
    let mut all: Vec<(String, Send)> = vec![
        ("serve".to_owned(), Box::new(move |headers| serve.send(headers))),
        ("axum".to_owned(), Box::new(move |headers| axum.send(headers))),
    ];
    for kind in KINDS {
        let function = lambda::function(file);
        let send = move |headers: &[(&str, &str)]| {
            lambda::send(&function, &lambda::event(kind, headers, &Value::Null))
        };
        all.push((format!("Lambda, {kind:?}"), Box::new(send)));
    }
    all
}

/// 401 means that another token can help, and names an invalid one. 403 means that the caller is known and lacks something.
#[test]
fn invalid_tokens_get_401_and_callers_without_a_group_or_scope_get_403() {
    let pool = TestIssuer::user_pool(POOL);
    let token = || pool.access_token("alice", "client-1");
    let bearer = |token: String| format!("Bearer {token}");
    let expired = bearer(token().groups(["editors"]).scopes(["upload"]).sign(now().saturating_sub(7_200)));
    let lacking = bearer(token().groups(["readers"]).scopes(["openid"]).sign(now()));
    let entitled = bearer(token().groups(["editors"]).scopes(["upload"]).sign(now()));
    for header in ["authorization", "x-upload-token"] {
        let challenge = |error: &str| {
            let header = (header != "authorization").then(|| format!("header=\"{header}\""));
            let error = (!error.is_empty()).then(|| format!("error=\"{error}\""));
            let parameters: Vec<String> = header.into_iter().chain(error).collect();
            Some(format!("Bearer {}", parameters.join(", ")).trim_end().to_owned())
        };
        for demand in &DEMANDS {
            let forbidden = if demand.auth.is_empty() { "route-forbidden" } else { "insufficient-scope" };
            let file = file(demand.upload, &auth(&pool, header, demand.auth));
            for (entrance, send) in entrances(&file) {
                let sent = format!("{entrance}, {}, in {header}", demand.place);
                let check = |headers: &[(&str, &str)], status: u16, challenge: Option<String>, code: &str| {
                    let expected = Answer { status, challenge, code: code.to_owned() };
                    assert_eq!(send(headers), expected, "{sent}: {headers:?}");
                };
                check(&[], 401, challenge(""), "unauthorized");
                check(&[(header, "Basic YTpi")], 401, challenge(""), "unauthorized");
                check(&[(header, "Bearer a.b.c")], 401, challenge("invalid_token"), "unauthorized");
                check(&[(header, &expired)], 401, challenge("invalid_token"), "unauthorized");
                check(&[(header, &lacking)], 403, challenge("insufficient_scope"), forbidden);
                check(&[(header, &entitled)], 200, None, "");
                let other = if header == "authorization" { "x-upload-token" } else { "authorization" };
                check(&[(other, &entitled)], 401, challenge(""), "unauthorized");
            }
        }
    }
}

#[test]
fn description_and_printed_request_name_the_header() {
    let pool = TestIssuer::user_pool(POOL);
    for (header, scheme) in [
        ("authorization", json!({"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})),
        ("x-upload-token", json!({"type": "apiKey", "in": "header", "name": "x-upload-token"})),
    ] {
        let file = file("", &auth(&pool, header, ""));
        let description = upsign(&["serve", "--print-openapi"]).file("upsign.toml", &file).output();
        let mut described = description.exits(0).json()["components"]["securitySchemes"]["bearer"].take();
        described.as_object_mut().unwrap().remove("description");
        assert_eq!(described, scheme);
        let log = HttpEntrance::serve(&file).log();
        assert!(log.contains(&format!("-H \"{header}: Bearer $TOKEN\"")), "{log}");
    }
}
