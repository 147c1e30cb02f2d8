//! The webhook of an object that the embedded S3 server deletes as a lifecycle rule does, which no command causes.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use upsign::policy::UploadRequest;
use upsign_core::Identity;

use super::*;
use crate::embedded::EmbeddedServices;

const FILE: &str = r#"
[bucket]
name = "article-images-bucket"
region = "eu-central-1"
[upload]
key = "articles/{sub}/{id}.{ext}"
pending_key = "pending/{sub}/{id}.{ext}"
types = ["image/jpeg"]
max_size = "1 MiB"
bodyless = "refuse"
confirm = true
[token]
keys = ["env:UPSIGN_TOKEN_SECRET"]
[cors]
origins = ["https://app.example.com"]
[server]
single_process = true
[webhook]
url = "http://RECEIVER/hooks"
secrets = ["env:WEBHOOK_SECRET"]
outbox = "process"
"#;

/// Receives one webhook, answers 204, and returns its message.
async fn receive_one(listener: &TcpListener) -> Value {
    let (mut stream, _) = listener.accept().await.unwrap();
    let (mut received, mut chunk) = (Vec::new(), [0; 4_096]);
    loop {
        let read = stream.read(&mut chunk).await.unwrap();
        assert!(read > 0, "the connection is closed");
        received.extend_from_slice(&chunk[..read]);
        let Some(end) = received.windows(4).position(|it| it == b"\r\n\r\n") else { continue };
        if let Ok(message) = serde_json::from_slice(&received[end + 4..]) {
            stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await.unwrap();
            return message;
        }
    }
}

/// Uploads some bytes as a JPEG, and returns the final key.
async fn upload(service: &UploadService<Presigner>) -> String {
    let caller = Identity::from_verified("https://issuer.example", "alice").unwrap();
    let request = UploadRequest::described().with_content_type("image/jpeg").with_content_length(3);
    let grant = service.issue(&caller, None, &request, SystemClock.now()).await.unwrap();
    let put = grant.upload.put().unwrap();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let request = client.put(put.url.expose()).body("jpg");
    let request = put.headers.iter().fold(request, |it, (name, value)| it.header(name, value));
    assert_eq!(request.send().await.unwrap().status(), 200);
    grant.key.as_str().to_owned()
}

#[tokio::test]
async fn webhook_tells_of_a_pending_object_that_is_deleted_by_a_lifecycle_rule() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let file = FILE.replace("RECEIVER", &listener.local_addr().unwrap().to_string());
    let config = Config::read("upsign.toml", &file, |_| None).unwrap();
    let page: SocketAddr = "127.0.0.1:1".parse().unwrap();
    let services = EmbeddedServices::start(page, &config, &[], &[]).await.unwrap();
    let service = services.service().unwrap();
    let current = service.clone();
    let events = confirm_by_events(services.s3.events(), move || Some(current.clone()));

    let key = upload(&service).await;
    let pending = key.replace("articles/", "pending/");
    let bucket = services.buckets().pop_first().unwrap();
    assert!(services.s3.expire(&bucket, &pending).await.unwrap(), "{pending}");
    let message = receive_one(&listener).await;
    assert_eq!((&message["type"], &message["data"]["key"]), (&"upload.expired".into(), &key.into()));
    events.abort();
    services.shutdown().await;
}
