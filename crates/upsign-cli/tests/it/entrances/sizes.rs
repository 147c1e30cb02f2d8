//! Long tokens at every entrance: accepted up to `auth.max_token_size`, and otherwise rejected with a reason that names the key.

use serde_json::Value;
use upsign_testing::tokens::TestIssuer;

use super::lambda::{self, KINDS};
use super::{HttpEntrance, file, now};

const POOL: &str = "ap-southeast-1_AbCdEf123";

fn configuration(pool: &TestIssuer, lines: &str) -> String {
    let auth = format!(
        "user_pool = \"{POOL}\"\nclient_ids = [\"client-1\"]\ntoken_use = \"access\"\nsource = \"token\"\njwks = '{}'\n{lines}",
        pool.jwks()
    );
    file("", &auth)
}

/// Returns a token of a user of 100 groups, with the longest names that a directory of a company usually has.
fn token(pool: &TestIssuer) -> String {
    let groups = (0..100).map(|number| {
        format!("emea-marketing-department-{number:03}-image-and-article-editors-of-the-year-2026-external")
    });
    pool.access_token("alice", "client-1").groups(groups).sign(now())
}

#[test]
fn user_of_100_groups_is_accepted_if_the_configuration_says_so() {
    let pool = TestIssuer::user_pool(POOL);
    let token = token(&pool);
    assert!((8_193..16_384).contains(&token.len()), "{} bytes", token.len());
    let token = format!("Bearer {token}");
    for (lines, status) in [("", 401), ("max_token_size = \"16 KiB\"", 200)] {
        let file = configuration(&pool, lines);
        let headers = [("authorization", token.as_str())];
        let serve = HttpEntrance::serve(&file);
        assert_eq!(serve.send(&headers).status, status, "serve");
        assert_eq!(HttpEntrance::axum(&file).send(&headers).status, status, "axum");
        for kind in KINDS {
            let function = lambda::function(&file);
            let answer = lambda::send(&function, &lambda::event(kind, &headers, &Value::Null));
            assert_eq!(answer.status, status, "{kind:?}");
        }
        let log = serve.log();
        assert_eq!(log.contains("max_token_size"), status == 401, "{log}");
    }
}

/// The largest size that can be configured. `upsign serve` raises its limit of the request head with it, and the function accepts
/// as many headers.
#[test]
fn longest_possible_token_reaches_the_verifier() {
    let pool = TestIssuer::user_pool(POOL);
    let file = configuration(&pool, "max_token_size = \"64 KiB\"");
    let token = pool.access_token("alice", "client-1").claim("padding", "x".repeat(47_500)).sign(now());
    assert!((63_000..=65_536).contains(&token.len()), "{} bytes", token.len());
    let token = format!("Bearer {token}");
    let headers = [("authorization", token.as_str())];
    assert_eq!(HttpEntrance::serve(&file).send(&headers).status, 200, "serve");
    for kind in KINDS {
        let function = lambda::function(&file);
        let answer = lambda::send(&function, &lambda::event(kind, &headers, &Value::Null));
        assert_eq!(answer.status, 200, "{kind:?}");
    }
}

/// Such a request reaches neither the verifier nor the log of the API. Heads above twice the limit do not even reach the service of
/// the server, because hyper answers them.
#[test]
fn heads_above_the_limit_of_the_server_are_logged_with_the_key_that_raises_it() {
    let pool = TestIssuer::user_pool(POOL);
    for (lines, limit) in [("", 16 << 10), ("max_token_size = \"16 KiB\"", 24 << 10)] {
        for size in [limit, 2 * limit] {
            let serve = HttpEntrance::serve(&configuration(&pool, lines));
            let token = format!("Bearer {}", "x".repeat(size));
            for _ in 0..30 {
                assert_eq!(serve.send(&[("authorization", &token)]).status, 431);
            }
            let log = serve.log();
            let warnings = log.lines().filter(|line| {
                line.contains("WARN")
                    && line.contains("request refused")
                    && line.contains("headers-too-large")
                    && line.contains(&format!("more than {limit} bytes"))
                    && line.contains("raise auth.max_token_size")
            });
            // A minute may end in between.
            assert!((10..=20).contains(&warnings.count()), "{size}: {log}");
            assert!(log.contains("further refusals are not logged in this minute"), "{log}");
        }
    }
}
