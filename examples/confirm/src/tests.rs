//! The application in process, with an S3 server in process. The database is SQLite in memory or, if `TEST_POSTGRES` is its URL,
//! PostgreSQL.

use axum::body::{Body, to_bytes};
use axum::http::Request;
use axum::middleware::{Next, from_fn};
use serde_json::{Value, json};
use sqlx::any::AnyPoolOptions;
use tower::ServiceExt;
use upsign_local::LocalS3;

use super::*;

/// An honest photo.
const PHOTO: &[u8] = include_bytes!("../../../crates/upsign-cli/assets/demo.jpg");
const PAGE: &[u8] = b"<!DOCTYPE html><html><script>alert(1)</script></html>";

struct Running {
    app: Router,
    database: AnyPool,
    s3: LocalS3,
}

/// The user, which another layer of a real application would authenticate.
#[derive(Clone)]
struct User(String);

async fn databases() -> Vec<AnyPool> {
    sqlx::any::install_default_drivers();
    // Each connection to `sqlite::memory:` is a database of its own.
    let sqlite = AnyPoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
    let mut databases = vec![sqlite];
    if let Ok(url) = env_var("TEST_POSTGRES") {
        databases.push(AnyPool::connect(&url).await.unwrap());
    }
    databases
}

#[expect(clippy::disallowed_methods, reason = "a test reads its own environment")]
fn env_var(name: &str) -> Result<String, env::VarError> {
    env::var(name)
}

async fn start(database: AnyPool) -> Running {
    let keys = Credentials::long_term("AKIDEXAMPLE", "secret of this test").unwrap();
    let (region, bucket) = ("us-east-1".parse().unwrap(), "files".parse().unwrap());
    let s3 = LocalS3::builder(keys.clone(), region, bucket).versioned(true).start().await.unwrap();
    let tokens = TokenKeys::new("test", [[7; 32]]).unwrap();
    let files = Files(database.clone());
    let service = service(&s3.target("files".parse().unwrap()), keys, tokens, &files).unwrap();
    let identity = |User(name): &User| Identity::from_verified("https://app.example.com", name);
    let app = app(files, service, Authentication::from_extension(identity)).await.unwrap();
    let app = app.layer(from_fn(|mut request: axum::extract::Request, next: Next| async move {
        let user = User(request.headers()["x-user"].to_str().unwrap().to_owned());
        request.extensions_mut().insert(user);
        next.run(request).await
    }));
    Running { app, database, s3 }
}

impl Running {
    async fn send(&self, user: &str, method: &str, path: &str, body: String) -> (u16, String) {
        let request = Request::builder().method(method).uri(path).header("x-user", user);
        let response = self.app.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn post(&self, user: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.send(user, "POST", path, body.to_string()).await;
        assert_eq!(status, 200, "{path}: {answer}");
        serde_json::from_str(&answer).unwrap()
    }

    /// Uploads these bytes as a JPEG, and returns the key and the state that the API answers.
    async fn upload(&self, user: &str, bytes: &'static [u8]) -> (String, Value) {
        let description = json!({"contentType": "image/jpeg", "contentLength": bytes.len()});
        let grant = self.post(user, "/upload-url", description).await;
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut put = client.put(grant["uploadUrl"].as_str().unwrap());
        for (name, value) in grant["headers"].as_object().unwrap() {
            put = put.header(name, value.as_str().unwrap());
        }
        assert_eq!(put.body(bytes).send().await.unwrap().status(), 200);
        let key = grant["key"].as_str().unwrap().to_owned();
        let confirmed = json!({"uploadToken": grant["uploadToken"]});
        let answer = self.post(user, "/uploads/confirm", confirmed.clone()).await;
        assert_eq!(self.post(user, "/uploads/confirm", confirmed).await, answer, "repeating it is harmless");
        (key, answer)
    }

    async fn rows(&self, user: &str) -> Vec<(String, String, Option<String>)> {
        let rows = sqlx::query_as("SELECT name, state, receipt FROM files WHERE owner = $1");
        rows.bind(user).fetch_all(&self.database).await.unwrap()
    }
}

#[tokio::test]
async fn row_has_the_receipt_of_a_confirmed_file() {
    for database in databases().await {
        let running = start(database).await;
        // A database that other tests use has files of others too.
        let alice = format!("alice-{}", std::process::id());
        let (name, answer) = running.upload(&alice, PHOTO).await;
        assert_eq!(
            (&answer["state"], &answer["size"]),
            (&json!("confirmed"), &json!(PHOTO.len())),
            "{answer}"
        );
        let row = (name.clone(), "confirmed".to_owned(), answer["receipt"].as_str().map(str::to_owned));
        assert_eq!(running.rows(&alice).await, [row]);
        let (status, url) = running.send(&alice, "POST", "/files/url", name.clone()).await;
        assert_eq!(status, 200, "{url}");
        let read = reqwest::Client::builder().no_proxy().build().unwrap().get(url).send().await.unwrap();
        assert_eq!(read.headers()["content-type"], "image/jpeg");
        assert!(read.bytes().await.unwrap() == PHOTO);
        assert_eq!(running.send("mallory", "POST", "/files/url", name).await.0, 404);
        running.s3.shutdown().await;
    }
}

#[tokio::test]
async fn page_that_is_called_a_photo_is_rejected_and_not_readable() {
    for database in databases().await {
        let running = start(database).await;
        let bob = format!("bob-{}", std::process::id());
        let (name, answer) = running.upload(&bob, PAGE).await;
        assert_eq!((&answer["state"], &answer["reason"]), (&json!("rejected"), &json!("type-mismatch")));
        let rows = running.rows(&bob).await;
        assert!(matches!(&rows[..], [(_, state, None)] if state == "rejected"), "{rows:?}");
        assert_eq!(running.send(&bob, "POST", "/files/url", name.clone()).await.0, 404);
        let stored = running.s3.objects(&"files".parse().unwrap()).await;
        assert!(stored.iter().all(|object| object.key.starts_with("pending/")), "{stored:?}");
        running.s3.shutdown().await;
    }
}
