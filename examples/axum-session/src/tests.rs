//! The application in process, with an S3 server in process and a database in memory.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};
use serde_json::{Value, json};
use sqlx::sqlite::SqlitePoolOptions;
use tower::ServiceExt;
use upsign_local::LocalS3;

use super::*;

struct Running {
    app: Router,
    database: SqlitePool,
    s3: LocalS3,
}

async fn start() -> Running {
    // Each connection to `sqlite::memory:` is a database of its own.
    let database = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
    let keys = Credentials::long_term("AKIDEXAMPLE", "secret of this test").unwrap();
    let (region, bucket) = ("us-east-1".parse().unwrap(), "pictures".parse().unwrap());
    let s3 = LocalS3::builder(keys.clone(), region, bucket).start().await.unwrap();
    let app = app(database.clone(), s3.target("pictures".parse().unwrap()), keys).await.unwrap();
    Running { app, database, s3 }
}

impl Running {
    async fn post(&self, path: &str, cookie: &str, body: impl Into<Body>) -> (u16, HeaderMap, String) {
        let request = Request::post(path).header("cookie", cookie).body(body.into()).unwrap();
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap().to_vec();
        (parts.status.as_u16(), parts.headers, String::from_utf8(body).unwrap())
    }

    async fn log_in(&self, name: &'static str) -> String {
        let (status, headers, _) = self.post("/login", "", name).await;
        assert_eq!(status, 200);
        headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
    }

    async fn rows(&self) -> Vec<(String, String)> {
        sqlx::query_as("SELECT key, hex(article) FROM uploads").fetch_all(&self.database).await.unwrap()
    }
}

const PICTURE: &[u8] = b"not really a picture";

fn description() -> String {
    json!({"contentType": "image/png", "contentLength": PICTURE.len()}).to_string()
}

async fn put(grant: &Value) -> u16 {
    let mut put =
        reqwest::Client::builder().no_proxy().build().unwrap().put(grant["uploadUrl"].as_str().unwrap());
    for (name, value) in grant["headers"].as_object().unwrap() {
        put = put.header(name, value.as_str().unwrap());
    }
    put.body(PICTURE).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn author_uploads_and_the_row_is_present() {
    let running = start().await;
    let alice = running.log_in("alice").await;
    let article = running.post("/api/v1/articles", &alice, "").await.2;
    let path = format!("/api/v1/articles/{article}/upload-url");
    let (status, _, grant) = running.post(&path, &alice, description()).await;
    assert_eq!(status, 200, "{grant}");
    let grant: Value = serde_json::from_str(&grant).unwrap();
    assert_eq!(put(&grant).await, 200);
    let key = grant["key"].as_str().unwrap();
    let stored = running.s3.objects(&"pictures".parse().unwrap()).await;
    assert!(
        stored.len() == 1 && stored[0].key == key && stored[0].bytes == PICTURE.len() as u64,
        "{stored:?}"
    );
    assert_eq!(running.rows().await, [(key.to_owned(), article)]);

    let (status, _, grant) = running.post("/api/v1/upload-url", &alice, description()).await;
    assert_eq!(status, 200, "{grant}");
    assert_eq!(put(&serde_json::from_str(&grant).unwrap()).await, 200);
    running.s3.shutdown().await;
}

#[tokio::test]
async fn article_of_another_user_is_refused() {
    let running = start().await;
    let (alice, mallory) = (running.log_in("alice").await, running.log_in("mallory").await);
    let article = running.post("/api/v1/articles", &alice, "").await.2;
    for article in [article.as_str(), "0191e0c8-7a5b-7c3d-8e9f-001122334455"] {
        let path = format!("/api/v1/articles/{article}/upload-url");
        let (status, _, problem) = running.post(&path, &mallory, description()).await;
        assert!(status == 403 && problem.contains("\"forbidden\""), "{status} {problem}");
    }
    assert_eq!(running.rows().await, []);
}

#[tokio::test]
async fn without_a_session_the_answer_is_401_without_a_challenge() {
    let running = start().await;
    let article = "/api/v1/articles/0191e0c8-7a5b-7c3d-8e9f-001122334455/upload-url";
    for path in ["/api/v1/upload-url", "/api/v1/articles", article] {
        let (status, headers, problem) = running.post(path, "id=AAAA", description()).await;
        assert!(status == 401 && problem.contains("\"unauthorized\""), "{status} {problem}");
        assert!(!headers.contains_key("www-authenticate"));
    }
    assert_eq!(running.post("/elsewhere", "", "").await.2, "There is no such page.\n");
    assert!(running.post("/api/v1/elsewhere", "", "").await.2.contains("\"not-found\""));
}
