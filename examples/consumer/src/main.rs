//! Build with `cargo lambda build --profile dist --package example-worker --output-format zip`.
//!
//! Processes uploads. S3 notifies a queue of each new object under `articles/`, and Lambda calls this function with the
//! queue's messages. The function reads each object and writes its size, type and SHA-256 to `index/<key>.json`. Its role
//! needs `s3:GetObject` on the first prefix and `s3:PutObject` on the second; the event source mapping needs
//! `ReportBatchItemFailures`.

use std::env::var;

use aws_lambda_events::s3::{S3Entity, S3Event};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use percent_encoding::percent_decode_str;
use reqwest::{Client, Response};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use upsign::types::{
    Addressing, Credentials, Endpoint, ExpiresIn, Expiry, Operation, PresignRequest, Region, Sign, Target,
};
use upsign::{Clock, SigV4, SystemClock};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::disallowed_methods, reason = "a program reads its own environment")]
async fn main() -> Result<(), Error> {
    let (id, secret) = (var("AWS_ACCESS_KEY_ID")?, var("AWS_SECRET_ACCESS_KEY")?);
    let credentials = Credentials::temporary(&id, &secret, &var("AWS_SESSION_TOKEN")?, Expiry::Unknown)?;
    let endpoint = var("AWS_ENDPOINT_URL_S3").or_else(|_| var("AWS_ENDPOINT_URL"));
    let endpoint = endpoint.ok().map(|url| url.parse()).transpose()?;
    let worker = &Worker::new(credentials, var("AWS_REGION")?.parse()?, endpoint)?;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<SqsEvent>| {
        Ok::<_, Error>(worker.process(event.payload).await)
    }))
    .await
}

struct Worker {
    client: Client,
    signer: SigV4,
    credentials: Credentials,
    region: Region,
    /// The address of a server other than AWS.
    endpoint: Option<Endpoint>,
}

impl Worker {
    fn new(credentials: Credentials, region: Region, endpoint: Option<Endpoint>) -> Result<Self, Error> {
        let client = Client::builder().build()?;
        Ok(Self { client, signer: SigV4::new(), credentials, region, endpoint })
    }

    /// Processes a batch and returns the messages that failed. The queue delivers only those again.
    #[expect(clippy::print_stderr, reason = "standard error is the function's log")]
    async fn process(&self, batch: SqsEvent) -> SqsBatchResponse {
        let mut response = SqsBatchResponse::default();
        for message in batch.records {
            if let Err(error) = self.process_notification(&message.body.unwrap_or_default()).await {
                let id = message.message_id.unwrap_or_default();
                eprintln!("message failed id={id} error={error}");
                response.add_failure(id);
            }
        }
        response
    }

    async fn process_notification(&self, body: &str) -> Result<(), Error> {
        let body: Value = serde_json::from_str(body)?;
        // S3 sends this message once, when the notification is configured. It has no records.
        if body.get("Event").is_some_and(|event| event == "s3:TestEvent") {
            return Ok(());
        }
        for record in serde_json::from_value::<S3Event>(body)?.records {
            self.index(&record.s3).await?;
        }
        Ok(())
    }

    async fn index(&self, changed: &S3Entity) -> Result<(), Error> {
        let bucket = changed.bucket.name.as_deref().ok_or("the record names no bucket")?;
        // S3 encodes the key like a form value: spaces as `+`, other bytes percent-encoded.
        let key = changed.object.key.as_deref().ok_or("the record names no key")?.replace('+', " ");
        let key = percent_decode_str(&key).decode_utf8()?;
        let url = self.url(bucket, Operation::GetObject, &key)?;
        let read = self.client.get(url).send().await.and_then(Response::error_for_status);
        // The error's text contains the presigned URL, which is a secret.
        let mut read = read.map_err(reqwest::Error::without_url)?;
        let content_type = read.headers().get("content-type").and_then(|value| value.to_str().ok());
        let content_type = content_type.map(str::to_owned);
        // Read in chunks: an upload may be larger than the function's memory.
        let (mut hash, mut bytes) = (Sha256::new(), 0);
        while let Some(piece) = read.chunk().await.map_err(reqwest::Error::without_url)? {
            hash.update(&piece);
            bytes += piece.len();
        }
        let sha256: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let found = json!({"key": key, "bytes": bytes, "contentType": content_type, "sha256": sha256});
        let url = self.url(bucket, Operation::PutObject, &format!("index/{key}.json"))?;
        let written = self.client.put(url).body(found.to_string()).send().await;
        written.and_then(Response::error_for_status).map_err(reqwest::Error::without_url)?;
        Ok(())
    }

    /// Presigns one request that is sent at once; the URL does not leave this function.
    fn url(&self, bucket: &str, operation: Operation, key: &str) -> Result<String, Error> {
        let (bucket, region) = (bucket.parse()?, self.region.clone());
        let target = match &self.endpoint {
            Some(endpoint) => Target::at(endpoint, Addressing::Path, bucket, region)?,
            None => Target::aws(bucket, region),
        };
        let request = PresignRequest::new(target, operation, key.parse()?, ExpiresIn::from_secs(60)?);
        let at = SystemClock.now();
        // The role's credentials do not state their expiry. The URL is used at once, so two minutes are enough.
        let credentials = self.credentials.clone().with_expiry(Expiry::AtMost(at.saturating_add(120)));
        Ok(self.signer.sign(&request, &credentials, at)?.url.expose().to_owned())
    }
}

#[cfg(test)]
mod tests;
