use std::net::TcpListener;

use reqwest::blocking::Client;

use crate::run::{CONFIG, upsign};

#[test]
fn it_answers_until_it_is_asked_to_end() {
    let server = upsign(&["serve", "--listen=127.0.0.1:0", "--json"])
        .file("upsign.toml", CONFIG)
        .credentials()
        .serving();
    let base = server.url("listening");
    let client = Client::builder().no_proxy().build().unwrap();
    assert_eq!(client.get(format!("{base}/healthz")).send().unwrap().status(), 200);
    let preflight = client
        .request(reqwest::Method::OPTIONS, format!("{base}/upload-url"))
        .header("origin", "https://app.example.com")
        .header("access-control-request-method", "POST");
    let answer = preflight.send().unwrap();
    assert_eq!(answer.headers()["access-control-allow-origin"], "https://app.example.com");

    // Every way to be nobody has one answer.
    let mut bodies = std::collections::BTreeSet::new();
    let long = format!("Bearer {}", "x".repeat(9_000));
    for headers in [&[][..], &["Bearer x.y.z"], &["Bearer a", "Bearer b"], &["Basic YTpi"], &[long.as_str()]]
    {
        let mut request = client.post(format!("{base}/upload-url"));
        for value in headers {
            request = request.header("authorization", *value);
        }
        let answer = request.send().unwrap();
        assert_eq!(answer.status(), 401);
        bodies.insert(answer.text().unwrap());
    }
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    drop(client);
    assert_eq!(server.terminate(), 0);
}

#[test]
fn what_keeps_it_from_starting_is_said_first() {
    let serve = |config: &str| upsign(&["serve", "--listen=127.0.0.1:0"]).file("upsign.toml", config);
    serve(CONFIG).output().exits(2).says("AWS_ACCESS_KEY_ID");
    let without_auth: String =
        CONFIG.split("[auth]").next().unwrap().to_owned() + "[cors]\norigins = [\"https://a.example\"]\n";
    serve(&without_auth).credentials().output().exits(2).says("no [auth]");
    serve(&CONFIG.replace("bodyless = \"allow\"", ""))
        .credentials()
        .output()
        .exits(2)
        .says("upload.bodyless: missing");
    let embedded = "issuer = \"http://127.0.0.1:1/local_upsign\"\njwks_uri = \"http://127.0.0.1:1/local_upsign/.well-known/jwks.json\"\ndanger_http_issuer = true";
    let embedded = CONFIG.replace("user_pool = \"ap-southeast-1_AbCdEf123\"", embedded);
    serve(&embedded).credentials().output().exits(2).says("embedded pool");
}

#[test]
fn a_port_in_use_is_said_plainly() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let run = upsign(&["serve", "--listen", &address]).file("upsign.toml", CONFIG).credentials().output();
    run.exits(2).says("already in use").says("--listen");
    upsign(&["dev", "--listen", &address]).output().exits(2).says("already in use");
}
