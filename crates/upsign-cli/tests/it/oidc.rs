//! `provider = "oidc"` over HTTP: an issuer with a discovery document and ES256 keys, whose callers `serve`, `verify` and `jwks`
//! accept and reject.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use upsign::{Clock, SystemClock};
use upsign_cognito::{Algorithm, Timestamp};
use upsign_testing::tokens::{TestIssuer, TestToken};

use crate::run::{CONFIG, upsign};

/// An issuer on this machine that publishes the keys of a [`TestIssuer`].
struct HttpIssuer {
    url: String,
    signer: TestIssuer,
}

impl HttpIssuer {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/tenant", listener.local_addr().unwrap());
        let signer = TestIssuer::custom("https://unused.example");
        signer.add_key_for(Algorithm::Es256);
        let discovery =
            serde_json::json!({"issuer": url, "jwks_uri": format!("{url}/oauth/keys")}).to_string();
        let keys = signer.jwks();
        std::thread::spawn(move || {
            for mut connection in listener.incoming().flatten() {
                let mut lines = BufReader::new(connection.try_clone().unwrap()).lines().map_while(Result::ok);
                let request = lines.next().unwrap_or_default();
                lines.find(String::is_empty);
                let (status, body) = match request.split(' ').nth(1) {
                    Some("/tenant/.well-known/openid-configuration") => ("200 OK", discovery.as_str()),
                    Some("/tenant/oauth/keys") => ("200 OK", keys.as_str()),
                    _ => ("404 Not Found", ""),
                };
                let length = body.len();
                let head =
                    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
                drop(connection.write_all(format!("{head}{body}").as_bytes()));
            }
        });
        Self { url, signer }
    }

    /// Returns an access token of the API `upload-api`, without the claims of Cognito.
    fn token(&self) -> TestToken {
        self.signer
            .access_token("alice", "web")
            .without_claim("token_use")
            .without_claim("username")
            .claim("iss", self.url.as_str())
            .claim("aud", "upload-api")
            .claim("scope", "openid")
            .claim("roles", "[editors admins]")
    }

    fn config(&self, more: &str) -> String {
        let start = CONFIG.find("[auth]").unwrap();
        let rest = CONFIG.get(start + 1..).unwrap();
        let end = rest.find("\n[").map_or("", |end| rest.get(end..).unwrap());
        let before = CONFIG.get(..start).unwrap();
        format!(
            "{before}[auth]\nprovider = \"oidc\"\nissuer = \"{}\"\ndanger_http_keys = true\n\
             audiences = [\"upload-api\"]\nalgorithms = [\"ES256\"]\ntoken_use = \"access\"\n{more}\n{end}",
            self.url
        )
    }
}

fn now() -> Timestamp {
    SystemClock.now()
}

const GROUPS: &str = "groups = [\"editors\"]\ngroups_claim = { claim = \"roles\", form = \"bracket\" }";

#[test]
fn caller_of_an_openid_issuer_receives_an_upload_url() {
    let issuer = HttpIssuer::start();
    let server = upsign(&["serve", "--listen=127.0.0.1:0", "--json"])
        .file("upsign.toml", &issuer.config(GROUPS))
        .credentials()
        .errors_to("log")
        .serving();
    let client = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
    let status = |token: TestToken| {
        let request = client.post(format!("{}/upload-url", server.url("listening")));
        let request = request.header("content-type", "application/json").bearer_auth(token.sign(now()));
        request
            .body("{\"contentType\": \"image/jpeg\", \"contentLength\": 10}")
            .send()
            .unwrap()
            .status()
            .as_u16()
    };
    assert_eq!(status(issuer.token()), 200);
    assert_eq!(status(issuer.token().claim("aud", "billing-api")), 401);
    assert_eq!(
        status(issuer.token().claim("nonce", "n").without_claim("scope").without_claim("client_id")),
        401
    );
    assert_eq!(status(issuer.token().claim("roles", "[readers]")), 403);
    assert_eq!(status(issuer.token().claim("iss", "https://id.example.com")), 401);
}

#[test]
fn rejected_tokens_are_explained_with_the_change_that_would_accept_them() {
    let issuer = HttpIssuer::start();
    let verify = |config: &str, token: TestToken| {
        upsign(&["verify", "-"]).file("upsign.toml", config).output_for_input(&token.sign(now()))
    };
    let config = issuer.config(GROUPS);
    verify(&config, issuer.token()).exits(0);
    let unconfigured = upsign(&["verify", "-"]).output_for_input(&issuer.token().sign(now()));
    unconfigured.exits(2).has_message("add [auth] with provider = \"oidc\", issuer, audiences and token_use");
    for (config, token, help) in [
        (config.clone(), issuer.token().claim("aud", "other"), "add \"other\" to audiences in [auth]"),
        (
            config.replace("ES256", "RS256"),
            issuer.token(),
            "write algorithms = [\"RS256\", \"ES256\"] in [auth]",
        ),
        (config.replace("bracket", "json"), issuer.token(), "groups_claim = { claim = \"roles\", form ="),
        (config.clone(), issuer.token().claim("roles", "[readers]"), "add \"readers\" to groups in [auth]"),
        (
            config.clone(),
            issuer.token().claim("roles", "[readers, guests]"),
            "add one of those that were found to groups in [auth]",
        ),
        (
            config.clone(),
            issuer.token().claim("iss", "https://id.example.com/realms/other"),
            "write issuer = \"https://id.example.com/realms/other\" in [auth]",
        ),
        (
            config.clone(),
            issuer.token().without_claim("roles"),
            "the token has none; they are read from the claim roles (bracket)",
        ),
        (issuer.config("client_ids = [\"app\"]"), issuer.token(), "add \"web\" to client_ids in [auth]"),
    ] {
        let run = verify(&config, token);
        run.exits(1);
        let text = run.stderr().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(help), "{help}: {text}");
    }
}

/// Options describe the issuer, whose discovery document names the keys. The file, which is for a user pool, is not read.
#[test]
fn token_of_any_issuer_is_verified_by_options_alone() {
    let issuer = HttpIssuer::start();
    let url = format!("--issuer={}", issuer.url);
    let (danger, audience) = ("--danger-http-keys", "--audience=upload-api");
    let (kind, algorithm) = ("--token-use=access", "--algorithm=ES256");
    let verify = |more: &[&str], token: TestToken| {
        let shared = ["verify", "-", "--provider=oidc", &url];
        let run = upsign(&[&shared, more].concat()).file("upsign.toml", CONFIG);
        run.output_for_input(&token.sign(now()))
    };
    let complete = [danger, "--audience=other-api", audience, kind, algorithm];
    verify(&complete, issuer.token()).exits(0).has_message("valid access token");
    let shared = ["verify", "-", "--provider=oidc", &url];
    let without_file = upsign(&[&shared, &complete[..]].concat());
    without_file.output_for_input(&issuer.token().sign(now())).exits(0);
    verify(&[&complete[..], &["--client-id=web"]].concat(), issuer.token()).exits(0);
    for (options, token, code, help) in [
        (
            &[audience, kind, algorithm][..],
            issuer.token(),
            2,
            "must be https:// help: for an emulator, add --danger-http-keys",
        ),
        (&complete, issuer.token().claim("aud", "billing-api"), 1, "or pass --audience \"billing-api\""),
        (&[danger, audience, kind], issuer.token(), 1, "or pass --algorithm ES256"),
        (&[danger, kind, algorithm], issuer.token(), 1, "not checked: the audience (--audience)"),
        (&[danger, kind, algorithm], issuer.token(), 1, "pass --audience upload-api"),
        (&[danger, audience, algorithm], issuer.token(), 1, "not checked: the kind of token (--token-use)"),
        (&[danger, audience, kind, algorithm, "--client-id=app"], issuer.token(), 1, "(client)"),
        (&complete, issuer.token().claim("iss", "https://id.example.com"), 1, "(issuer)"),
        (&["--token-use=access", "--audience=a b", "--algorithm=HS256"], issuer.token(), 2, "HS256"),
    ] {
        let run = verify(options, token);
        run.exits(code);
        let text = run.stderr().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(help), "{help}: {text}");
    }
    // Cognito has no discovery document, so the address of the keys is needed.
    upsign(&["verify", "a.b.c", &url]).output().exits(2).has_message("--provider oidc if");
    upsign(&["verify", "a.b.c", "--provider=oidc"]).output().exits(2).has_message("--issuer");
}

#[test]
fn event_with_claims_of_any_issuer_is_read_by_options_alone() {
    let claims = serde_json::json!({
        "iss": "https://id.example.com/", "aud": "[upload-api userinfo]", "sub": "auth0|alice", "client_id": "web",
        "scope": "openid uploads", "exp": "4102444800",
    });
    let authorizer = serde_json::json!({"jwt": {"claims": claims, "scopes": null}});
    let context =
        serde_json::json!({"http": {"method": "POST", "path": "/upload-url"}, "authorizer": authorizer});
    let event = serde_json::json!({"version": "2.0", "headers": {}, "requestContext": context});
    let identity = |audience: &str| {
        let issuer = ["--provider=oidc", "--issuer=https://id.example.com/", "--token-use=access", audience];
        let run = upsign(&[&["identity", "event.json", "--json"], &issuer[..]].concat());
        run.file("event.json", &event.to_string()).output()
    };
    let accepted = identity("--audience=upload-api");
    assert_eq!(accepted.exits(0).json()["sub"], "auth0|alice");
    assert_eq!(identity("--audience=billing-api").exits(1).json()["code"], "audience");
}

/// A key set of another machine is fetched over http only with the option. `0.0.0.0` is this machine, but not its loopback address.
#[test]
fn keys_of_another_machine_are_listed_over_http_with_the_option() {
    let issuer = HttpIssuer::start();
    let uri = format!("--jwks-uri={}/oauth/keys", issuer.url.replace("127.0.0.1", "0.0.0.0"));
    upsign(&["jwks", &uri]).output().exits(1).has_message("add --danger-http-keys");
    let listed = upsign(&["jwks", &uri, "--danger-http-keys"]).output();
    assert_eq!(listed.exits(0).stdout().lines().count(), 1);
    upsign(&["jwks", "--danger-http-keys"]).output().exits(2).has_message("--jwks-uri");
}

#[test]
fn keys_come_from_the_discovery_document_or_from_a_file() {
    let issuer = HttpIssuer::start();
    let kid = serde_json::from_str::<serde_json::Value>(&issuer.signer.jwks()).unwrap()["keys"][1]["kid"]
        .as_str()
        .unwrap()
        .to_owned();
    let jwks = |config: &str| {
        let run =
            upsign(&["jwks"]).file("upsign.toml", config).file("keys.json", &issuer.signer.jwks()).output();
        run.exits(0);
        run.stdout()
    };
    assert_eq!(jwks(&issuer.config("")).trim(), kid);
    // Nothing is fetched, so http needs no option.
    let of_file = issuer.config("jwks_file = \"keys.json\"").replace("danger_http_keys = true\n", "");
    assert_eq!(jwks(&of_file).trim(), kid);

    // This issuer does not exist.
    let config = of_file.replace(&issuer.url, "http://127.0.0.1:1/none");
    let token = issuer.token().claim("iss", "http://127.0.0.1:1/none").sign(now());
    let verify = |keys: &str| {
        upsign(&["verify", "-"]).file("upsign.toml", &config).file("keys.json", keys).output_for_input(&token)
    };
    verify(&issuer.signer.jwks()).exits(0);
    verify("{\"keys\": []}").exits(1).has_message("keys.json, the value of auth.jwks_file, cannot be used");
    let serve =
        upsign(&["serve", "--listen=127.0.0.1:0"]).file("upsign.toml", &config).credentials().output();
    serve.exits(2).has_message("cannot read keys.json, the value of auth.jwks_file");
}
