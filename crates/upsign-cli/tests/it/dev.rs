//! `upsign dev`: the page, its endpoints, and the hosts and origins that may call them.

use reqwest::blocking::Client;
use serde_json::{Value, json};

use crate::run::upsign;

fn client() -> Client {
    Client::builder().no_proxy().build().unwrap()
}

/// Signs in with the user of the embedded pool and returns the access token.
pub(crate) fn token(config: &Value) -> String {
    let pool = &config["pool"];
    let request = json!({
        "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": pool["clientId"],
        "AuthParameters": {"USERNAME": pool["username"], "PASSWORD": pool["password"]},
    });
    let answer = client()
        .post(pool["endpoint"].as_str().unwrap())
        .header("x-amz-target", "AWSCognitoIdentityProviderService.InitiateAuth")
        .header("content-type", "application/x-amz-json-1.1")
        .body(request.to_string())
        .send()
        .unwrap();
    let answer: Value = answer.json().unwrap();
    answer["AuthenticationResult"]["AccessToken"].as_str().unwrap().to_owned()
}

#[test]
fn the_page_can_sign_in_upload_and_read_back() {
    let server = upsign(&["dev", "--listen=127.0.0.1:0", "--json"]).serving();
    let (http, page) = (client(), server.url("page"));
    for (path, content_type) in [("", "text/html"), ("app.js", "text/javascript"), ("style.css", "text/css")]
    {
        let answer = http.get(format!("{page}{path}")).send().unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert!(answer.headers()["content-type"].to_str().unwrap().starts_with(content_type));
        assert!(answer.headers()["content-security-policy"].to_str().unwrap().contains("script-src 'self'"));
    }
    let config: Value = http.get(format!("{page}dev/config.json")).send().unwrap().json().unwrap();
    let token = token(&config);
    let body = json!({"contentType": "image/jpeg", "contentLength": 5});
    let grant: Value = http
        .post(format!("{page}upload-url"))
        .bearer_auth(&token)
        .json(&body)
        .send()
        .unwrap()
        .json()
        .unwrap();
    let mut put = http.put(grant["uploadUrl"].as_str().unwrap()).body("hello");
    for (name, value) in grant["headers"].as_object().unwrap() {
        put = put.header(name, value.as_str().unwrap());
    }
    assert_eq!(put.send().unwrap().status(), 200);
    let read = http.post(format!("{page}dev/read")).bearer_auth(&token).json(&json!({"key": grant["key"]}));
    let read: Value = read.send().unwrap().json().unwrap();
    assert_eq!(http.get(read["url"].as_str().unwrap()).send().unwrap().text().unwrap(), "hello");
    let unauthenticated = http.post(format!("{page}dev/read")).json(&json!({"key": grant["key"]}));
    assert_eq!(unauthenticated.send().unwrap().status(), 401);
    assert_eq!(server.terminate(), 0);
}

#[test]
fn foreign_hosts_and_origins_are_rejected() {
    let server = upsign(&["dev", "--listen=127.0.0.1:0", "--json"]).serving();
    let page = server.url("page");
    for host in ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example"] {
        let answer = client().get(format!("{page}dev/config.json")).header("host", host).send().unwrap();
        assert_eq!(answer.status(), 421, "{host}");
    }
    for origin in ["https://evil.example", "null", "http://127.0.0.1:1"] {
        let answer = client().post(format!("{page}upload-url")).header("origin", origin).send().unwrap();
        assert_eq!(answer.status(), 403, "{origin}");
    }
    upsign(&["dev", "--listen=0.0.0.0:0"]).output().exits(2).has_message("this machine only");
}

/// Browsers leave the default port out of `Host` and `Origin`.
#[test]
fn port_80_works() {
    match std::net::TcpListener::bind("127.0.0.1:80") {
        Ok(listener) => drop(listener),
        // The port is in use, or needs privileges that this machine does not give.
        Err(_) => return,
    }
    let server = upsign(&["dev", "--listen=127.0.0.1:80", "--json"]).serving();
    for host in ["127.0.0.1", "localhost", "127.0.0.1:80"] {
        let answer = client().get("http://127.0.0.1/dev/config.json").header("host", host).send().unwrap();
        assert_eq!(answer.status(), 200, "{host}");
    }
    let config: Value = client().get("http://127.0.0.1/dev/config.json").send().unwrap().json().unwrap();
    let request = client().post("http://127.0.0.1/upload-url").bearer_auth(token(&config));
    let answer = request.header("origin", "http://localhost").send().unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["access-control-allow-origin"], "http://localhost");
    let foreign =
        client().post("http://127.0.0.1/upload-url").header("origin", "http://127.0.0.1:8080").send();
    assert_eq!(foreign.unwrap().status(), 403);
    assert_eq!(server.terminate(), 0);
}
