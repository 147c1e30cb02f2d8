//! Logs contain no secret, token or signature, even at the level `trace`.

use reqwest::blocking::Client;
use serde_json::Value;
use upsign::{Clock, SystemClock};
use upsign_local::{LocalPool, LocalUser};

use crate::run::{CONFIG, upsign};

const SECRET: &str = "CanarySecretAccessKey/0123456789abcdefABCDEF";
const SESSION: &str = "CanarySessionToken//0123456789+abcdef==";

/// A user pool with one user, and an access token for that user.
pub(crate) struct TestPool {
    pub(crate) pool: LocalPool,
    pub(crate) token: String,
    _runtime: tokio::runtime::Runtime,
}

impl TestPool {
    pub(crate) fn start() -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let pool = LocalPool::builder().pool_id("eu-west-1_Canary");
        let pool = runtime.block_on(pool.user(LocalUser::new("alice", "CanaryPassword")).start()).unwrap();
        let tokens = pool.sign_in("alice", "CanaryPassword", pool.client_id(), SystemClock.now());
        let token = tokens.unwrap().access_token().to_owned();
        Self { pool, token, _runtime: runtime }
    }
}

/// Returns a configuration for this pool that accepts a session token with an unknown expiry.
fn config_with_assumed_expiry(pool: &LocalPool) -> String {
    config(pool) + "\n[credentials]\nunknown_expiry = \"assume\"\nassume_for = \"1h\"\n"
}

/// Returns `CONFIG` with this pool as the issuer.
pub(crate) fn config(pool: &LocalPool) -> String {
    let issuer = format!(
        "issuer = \"{}\"\njwks_uri = \"{}\"\ndanger_http_keys = true",
        pool.issuer(),
        pool.jwks_url()
    );
    CONFIG
        .replace("user_pool = \"ap-southeast-1_AbCdEf123\"", &issuer)
        .replace("3n4b5urk1ft4fl3mg5e62d9ado", pool.client_id())
}

#[test]
fn no_secret_token_or_signature_is_logged_at_trace() {
    let TestPool { pool, token, .. } = &TestPool::start();
    let mut parts: Vec<&str> = token.split('.').collect();
    // The header is not secret: it is the same for all tokens signed with a key.
    parts.remove(0);

    for format in ["text", "json"] {
        let server = upsign(&["serve", "--listen=127.0.0.1:0", "--log-format", format, "--json"])
            .file("upsign.toml", &config_with_assumed_expiry(pool))
            .variable("AWS_ACCESS_KEY_ID", "ASIACANARY")
            .variable("AWS_SECRET_ACCESS_KEY", SECRET)
            .variable("AWS_SESSION_TOKEN", SESSION)
            .variable("RUST_LOG", "trace")
            .variable("NO_COLOR", "1")
            .errors_to("log")
            .serving();
        let client = Client::builder().no_proxy().build().unwrap();
        let base = server.url("listening");
        let send = |path: &str, authorization: &str| {
            let request = client.post(format!("{base}{path}")).header("authorization", authorization);
            request.header("x-also", token).header("x-request-id", token).send().unwrap()
        };
        let bearer = format!("Bearer {token}");
        let answer = send("/upload-url", &bearer);
        assert_eq!(answer.status(), 200);
        let grant: Value = answer.json().unwrap();
        let url = grant["uploadUrl"].as_str().unwrap().to_owned();
        let signature = url.split("X-Amz-Signature=").nth(1).unwrap().get(..64).unwrap();
        let session = url.split("X-Amz-Security-Token=").nth(1).unwrap().split('&').next().unwrap();
        // Every kind of refusal that is logged.
        let altered = format!("{bearer}A");
        for (path, authorization, status) in [
            ("/upload-url", altered.as_str(), 401),
            ("/upload-url", token, 401),
            (&format!("/upload-url?access_token={token}"), "Basic YTpi", 401),
            (&format!("/{token}"), &bearer, 404),
        ] {
            assert_eq!(send(path, authorization).status(), status, "{path}");
        }
        let body =
            client.post(format!("{base}/upload-url")).header("authorization", &bearer).body(token.to_owned());
        assert!(body.send().unwrap().status().is_client_error());
        drop(client);
        let log = server.terminate_and_read("log");
        assert!(log.contains("granted") && log.contains("refused") && log.contains("answered"), "{log}");
        if format == "json" {
            let lines = log.lines().filter(|line| line.starts_with('{'));
            let ids =
                lines.map(|line| serde_json::from_str::<Value>(line).unwrap()["span"]["id"].is_string());
            assert!(ids.filter(|id| *id).count() > 5, "{log}");
        }
        let mut canaries = vec![SECRET, SESSION, signature, session, "CanaryPassword"];
        canaries.extend(&parts);
        for canary in canaries {
            assert!(!log.contains(canary), "{canary} is in\n{log}");
        }
    }
}
