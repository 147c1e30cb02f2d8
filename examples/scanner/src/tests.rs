//! The hook against a scripted daemon, and the whole application with an S3 server in process and a real `clamd`.
//!
//! The real one is the program `clamd` of Debian's package `clamav-daemon`, with a signature of this test, because the usual database
//! is a download. Its test does nothing without the program, unless `TEST_CLAMD` is `required`.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use axum::middleware::{Next, from_fn};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tower::ServiceExt;
use upsign::confirm::{ConfirmReason, Inspect as _, InspectError, InspectRequest, InspectVerdict};
use upsign_local::LocalS3;

use super::*;

const MALWARE: &str = "upsign-test-malware-signature";

/// A daemon that reads a whole stream and gives one answer. Returns its address and what it read.
async fn scripted(answer: &'static [u8]) -> (String, tokio::task::JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut command = [0; 10];
        stream.read_exact(&mut command).await.unwrap();
        assert_eq!(&command, b"zINSTREAM\0");
        let mut content = Vec::new();
        loop {
            let len = stream.read_u32().await.unwrap();
            if len == 0 {
                break;
            }
            let mut chunk = vec![0; usize::try_from(len).unwrap()];
            stream.read_exact(&mut chunk).await.unwrap();
            content.extend(chunk);
        }
        stream.write_all(answer).await.unwrap();
        content
    });
    (address, task)
}

async fn inspect(scanner: &ClamAv, bytes: &[u8]) -> Result<InspectVerdict, InspectError> {
    let (key, content_type) = ("a.txt".parse().unwrap(), "text/plain".parse().unwrap());
    let (etag, at) = ("e".parse().unwrap(), "2026-01-01T00:00:00Z".parse().unwrap());
    scanner.inspect(&InspectRequest::of_bytes(&bytes, &key, &content_type, &etag, at)).await
}

#[tokio::test]
async fn the_answer_of_the_daemon_decides() {
    let bytes = vec![b'7'; (2 << 20) + 5];
    for (answer, expected) in [
        (&b"stream: OK\0"[..], Some(InspectVerdict::Accept)),
        (b"stream: Win.Test.EICAR_HDB-1 FOUND\0", Some(InspectVerdict::Reject(ConfirmReason::Malware))),
        (b"INSTREAM size limit exceeded. ERROR\0", None),
        (b"stream: OK, FOUND?\0", None),
        (b"", None),
    ] {
        let (address, task) = scripted(answer).await;
        assert_eq!(inspect(&ClamAv(address.into()), &bytes).await.ok(), expected, "{answer:?}");
        assert!(task.await.unwrap() == bytes);
    }
}

#[tokio::test]
async fn without_a_daemon_there_is_no_verdict() {
    assert!(inspect(&ClamAv("127.0.0.1:1".into()), b"a").await.is_err());
}

/// A running `clamd`, which is ended with this value.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

async fn start_daemon(folder: &Path, port: u16) -> Daemon {
    let hex: String = MALWARE.bytes().map(|byte| format!("{byte:02x}")).collect();
    std::fs::create_dir(folder.join("db")).unwrap();
    std::fs::write(folder.join("db/test.ndb"), format!("Upsign.Test:0:*:{hex}\n")).unwrap();
    let shown = folder.display();
    let config = format!(
        "DatabaseDirectory {shown}/db\nTCPAddr 127.0.0.1\nTCPSocket {port}\nForeground yes\nAlertExceedsMax yes\n"
    );
    std::fs::write(folder.join("clamd.conf"), config).unwrap();
    let mut command = Command::new("/usr/sbin/clamd");
    command.arg("--config-file").arg(folder.join("clamd.conf")).stdout(Stdio::null()).stderr(Stdio::null());
    let daemon = Daemon(command.spawn().unwrap());
    for _ in 0..300 {
        if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return daemon;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("clamd did not start");
}

#[derive(Clone)]
struct User;

async fn post(app: &Router, path: &str, body: Value) -> (u16, Value) {
    let request = Request::post(path).body(Body::from(body.to_string())).unwrap();
    let response = app.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

/// Uploads a text and returns the answer to its confirmation.
async fn upload(app: &Router, text: &str) -> (u16, Value) {
    let described = json!({"contentType": "text/plain", "contentLength": text.len()});
    let (status, grant) = post(app, "/upload-url", described).await;
    assert_eq!(status, 200, "{grant}");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut put = client.put(grant["uploadUrl"].as_str().unwrap());
    for (name, value) in grant["headers"].as_object().unwrap() {
        put = put.header(name, value.as_str().unwrap());
    }
    assert_eq!(put.body(text.to_owned()).send().await.unwrap().status(), 200);
    post(app, "/uploads/confirm", json!({"uploadToken": grant["uploadToken"]})).await
}

async fn start(address: &str) -> (Router, LocalS3) {
    let keys = Credentials::long_term("AKIDEXAMPLE", "secret of this test").unwrap();
    let (region, bucket) = ("us-east-1".parse().unwrap(), "files".parse().unwrap());
    let s3 = LocalS3::builder(keys.clone(), region, bucket).start().await.unwrap();
    let tokens = TokenKeys::new("test", [[7; 32]]).unwrap();
    let service =
        service(&s3.target("files".parse().unwrap()), keys, tokens, ClamAv(address.into())).unwrap();
    let identity = |_: &User| Identity::from_verified("https://app.example.com", "alice");
    let app = router(Api::new(service, CorsOrigins::listed([])), Authentication::from_extension(identity));
    let app = app.layer(from_fn(|mut request: axum::extract::Request, next: Next| async move {
        request.extensions_mut().insert(User);
        next.run(request).await
    }));
    (app, s3)
}

#[tokio::test]
async fn malware_is_rejected_and_an_honest_file_is_confirmed() {
    if !Path::new("/usr/sbin/clamd").exists() {
        assert_ne!(required().as_deref(), Ok("required"), "clamd is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let daemon = start_daemon(folder.path(), port).await;
    let (app, s3) = start(&format!("127.0.0.1:{port}")).await;

    let (status, answer) = upload(&app, "Dear all, this is harmless.\n").await;
    assert_eq!((status, &answer["state"]), (200, &json!("confirmed")), "{answer}");
    let (status, answer) = upload(&app, &format!("Dear all,\n{MALWARE}\n")).await;
    assert_eq!((status, &answer["state"], &answer["reason"]), (200, &json!("rejected"), &json!("malware")));
    let (_, answer) = upload(&app, "<html><script>alert(1)</script></html>").await;
    assert_eq!((&answer["state"], &answer["reason"]), (&json!("rejected"), &json!("active-content")));
    let names: Vec<String> =
        s3.objects(&"files".parse().unwrap()).await.into_iter().map(|it| it.key).collect();
    assert_eq!(names.iter().filter(|name| name.starts_with("files/")).count(), 1, "{names:?}");

    // Without the daemon nothing is confirmed, and the client may ask again.
    drop(daemon);
    let (status, answer) = upload(&app, "Dear all, this is harmless too.\n").await;
    assert_eq!((status, &answer["code"]), (503, &json!("inspection-unavailable")), "{answer}");
    s3.shutdown().await;
}

#[expect(clippy::disallowed_methods, reason = "a test reads its own environment")]
fn required() -> Result<String, env::VarError> {
    env::var("TEST_CLAMD")
}
