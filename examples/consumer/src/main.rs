//! Build with `cargo lambda build --profile dist --package example-consumer --output-format zip`.
//!
//! Processes uploads. S3 notifies a queue of each new object under `articles/`, and Lambda calls this function with the
//! queue's messages. The function reads each object and writes its size, type and SHA-256 to `index/<key>.json`. Its role
//! needs `s3:GetObject` on the first prefix and `s3:PutObject` on the second; the event source mapping needs
//! `ReportBatchItemFailures`.
#![expect(clippy::disallowed_methods, reason = "a program reads its own environment")]

mod event;

use std::env;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use reqwest::{Client, Response};
use serde_json::json;
use sha2::{Digest, Sha256};
use upsign::types::{
    Addressing, Credentials, ExpiresIn, Expiry, Operation, PresignRequest, Sign, Target, Timestamp,
};
use upsign::{Clock, SigV4, SystemClock};

use crate::event::{Failed, Item, Message, Messages, Notification, S3};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let client = Client::builder().build()?;
    let consumer = &Consumer { client, signer: SigV4::new(), credentials: credentials()? };
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Messages>| {
        let mut failed = Vec::new();
        for message in event.payload.records {
            if let Err(error) = consumer.consume(&message).await {
                log_failure(&error);
                failed.push(Item { id: message.id });
            }
        }
        Ok::<_, Error>(Failed { items: failed })
    }))
    .await
}

struct Consumer {
    client: Client,
    signer: SigV4,
    credentials: Credentials,
}

impl Consumer {
    async fn consume(&self, message: &Message) -> Result<(), Error> {
        let notification: Notification = serde_json::from_str(&message.body)?;
        for record in notification.records {
            self.index(&record.s3).await?;
        }
        Ok(())
    }

    async fn index(&self, object: &S3) -> Result<(), Error> {
        let key = object.object.key();
        let url = self.url(object, Operation::GetObject, &key)?;
        let read = self.client.get(url).send().await.and_then(Response::error_for_status);
        // The error's text contains the presigned URL, which is a secret.
        let mut read = read.map_err(reqwest::Error::without_url)?;
        let content_type =
            read.headers().get("content-type").and_then(|value| value.to_str().ok()).map(str::to_owned);
        // Read in chunks: an upload may be larger than the function's memory.
        let (mut hash, mut bytes) = (Sha256::new(), 0);
        while let Some(piece) = read.chunk().await.map_err(reqwest::Error::without_url)? {
            hash.update(&piece);
            bytes += piece.len();
        }
        let sha256: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let found = json!({"key": key, "bytes": bytes, "contentType": content_type, "sha256": sha256});
        let url = self.url(object, Operation::PutObject, &format!("index/{key}.json"))?;
        let written = self.client.put(url).body(found.to_string()).send().await;
        written.and_then(Response::error_for_status).map_err(reqwest::Error::without_url)?;
        Ok(())
    }

    /// Presigns one request that is sent at once; the URL does not leave this function.
    fn url(&self, object: &S3, operation: Operation, key: &str) -> Result<String, Error> {
        let (bucket, region) = (object.bucket.name.parse()?, env::var("AWS_REGION")?.parse()?);
        let target = match env::var("AWS_ENDPOINT_URL_S3") {
            Ok(endpoint) => Target::at(&endpoint.parse()?, Addressing::Path, bucket, region)?,
            Err(_) => Target::aws(bucket, region),
        };
        let request = PresignRequest::new(target, operation, key.parse()?, ExpiresIn::from_secs(60)?);
        let at = SystemClock.now();
        Ok(self.signer.sign(&request, &self.with_short_expiry(at), at)?.url.expose().to_owned())
    }

    /// The role's credentials do not state their expiry. The URL is used at once, so two minutes are enough.
    fn with_short_expiry(&self, at: Timestamp) -> Credentials {
        match self.credentials.expiry() {
            Expiry::Unknown => self.credentials.clone().with_expiry(Expiry::AtMost(at.saturating_add(120))),
            _ => self.credentials.clone(),
        }
    }
}

fn credentials() -> Result<Credentials, Error> {
    let (id, secret) = (env::var("AWS_ACCESS_KEY_ID")?, env::var("AWS_SECRET_ACCESS_KEY")?);
    Ok(match env::var("AWS_SESSION_TOKEN") {
        Ok(token) => Credentials::temporary(&id, &secret, &token, Expiry::Unknown)?,
        Err(_) => Credentials::long_term(&id, &secret)?,
    })
}

#[expect(clippy::print_stderr, reason = "standard error is the function's log")]
fn log_failure(error: &Error) {
    eprintln!("message failed: {error}");
}
