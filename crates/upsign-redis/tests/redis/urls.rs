//! URLs, and servers that do not answer.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use upsign_redis::{InvalidRedisUrl, RedisQuota};

#[test]
fn invalid_urls_are_refused_without_their_text() {
    for url in ["", "http://:secret@localhost", "localhost:6379", "redis://:secret@:x/", "redis-cluster://"] {
        let error = RedisQuota::open(url).unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(!text.contains("secret"), "{text}");
    }
    assert!(matches!(RedisQuota::open("redis+tls://localhost"), Err(InvalidRedisUrl::Scheme)));
}

#[cfg(not(feature = "tls"))]
#[test]
fn a_tls_url_needs_the_feature() {
    assert!(matches!(RedisQuota::open("rediss://localhost"), Err(InvalidRedisUrl::Tls)));
}

#[cfg(feature = "tls")]
#[test]
fn tls_urls_are_accepted() {
    for url in ["rediss://localhost", "rediss-cluster://localhost:7000"] {
        assert!(RedisQuota::open(url).is_ok(), "{url}");
    }
}

#[test]
fn debug_output_has_no_password() {
    for url in ["redis://user:secret@localhost", "redis-cluster://:secret@localhost"] {
        let text = format!("{:?}", RedisQuota::open(url).unwrap());
        assert!(!text.contains("secret") && !text.contains("localhost"), "{text}");
    }
}

#[tokio::test]
async fn an_unreachable_server_fails_at_once() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let store = RedisQuota::open(&format!("redis://127.0.0.1:{port}")).unwrap();
    let began = Instant::now();
    assert!(store.check().await.is_err());
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_silent_server_fails_within_the_limit() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    for scheme in ["redis", "redis-cluster"] {
        let url = format!("{scheme}://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let store = RedisQuota::open(&url).unwrap();
        let began = Instant::now();
        assert!(store.check().await.is_err());
        assert!(began.elapsed() < Duration::from_secs(4), "{scheme}: {:?}", began.elapsed());
    }
}
