//! Run with `cargo run -p example-remote-signer`.
//!
//! The key is not in the process that issues uploads: a signing service has it and signs for others over HTTP. The service
//! reads its credentials from a file, which an agent replaces before they expire.
#![expect(clippy::print_stdout, reason = "an example prints its result")]

use std::{fs, path::PathBuf, sync::Arc};

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use upsign::prelude::*;
use upsign::types::{
    CredentialsError, CredentialsSource, Expiry, PresignError, PresignRequest, PresignedRequest, Sign,
    Unsupported, credentials_fn, error_chain,
};
use upsign::{Presigner, Renewing, SigV4, async_trait};

#[cfg(test)]
mod tests;

/// What the service receives. The time is that of the request, so that the grant and the signature agree.
#[derive(Serialize, Deserialize)]
struct Job {
    request: PresignRequest,
    at: Timestamp,
}

/// Signs by asking the service.
#[derive(Debug)]
struct RemotePresigner {
    http: reqwest::Client,
    url: String,
}

#[async_trait]
impl Presigner for RemotePresigner {
    async fn presign(
        &self,
        request: &PresignRequest,
        at: Timestamp,
    ) -> Result<PresignedRequest, PresignError> {
        self.check(request)?;
        let failed = |source| PresignError::Backend { backend: "signing service", source };
        let job = Job { request: request.clone(), at };
        let response =
            self.http.post(&self.url).json(&job).send().await.map_err(|error| failed(error.into()))?;
        if !response.status().is_success() {
            return Err(failed(response.text().await.unwrap_or_default().into()));
        }
        response.json().await.map_err(|error| failed(error.into()))
    }

    /// The service signs with `SigV4`, which checks requests without a key and without the network.
    fn check(&self, request: &PresignRequest) -> Result<(), Unsupported> {
        SigV4::new().check(request)
    }
}

/// The signing service. A real one authenticates its callers, for example by client certificates, and compares `at` with
/// its clock.
fn signing_service(presigner: impl Presigner + 'static) -> Router {
    let sign = |State(presigner): State<Arc<dyn Presigner>>, Json(job): Json<Job>| async move {
        let presigned = presigner.presign(&job.request, job.at).await.map(Json);
        presigned.map_err(|error| (StatusCode::SERVICE_UNAVAILABLE, error_chain(&error).to_string()))
    };
    Router::new().route("/presign", post(sign)).with_state(Arc::new(presigner))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CredentialsFile {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
    expires_at: Option<Timestamp>,
}

/// Reads the file when `Renewing` considers it time: 15.5 minutes before the credentials expire, or every 15 minutes.
fn file_credentials(path: PathBuf) -> Renewing<impl CredentialsSource + 'static> {
    Renewing::new(credentials_fn(move |_| std::future::ready(read_credentials(&path))))
}

fn read_credentials(path: &PathBuf) -> Result<Credentials, CredentialsError> {
    let text = fs::read(path).map_err(CredentialsError::load)?;
    let file: CredentialsFile = serde_json::from_slice(&text).map_err(CredentialsError::load)?;
    let (id, secret) = (&file.access_key_id, &file.secret_access_key);
    let credentials = match &file.session_token {
        Some(token) => {
            Credentials::temporary(id, secret, token, file.expires_at.map_or(Expiry::Unknown, Expiry::At))
        }
        None => Credentials::long_term(id, secret),
    };
    credentials.map_err(CredentialsError::load)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The other machine, here a task on loopback.
    let file = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/credentials.json"));
    let service = signing_service(SigV4::new().with_credentials(file_credentials(file)));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/presign", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, service).await });

    // The machine that issues uploads.
    let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
    let policy = UploadPolicy::builder(target, "articles/{id}.{ext}".parse()?, Bodyless::Refuse)
        .content_types(["image/png"])
        .max_size(10 << 20)
        .build()?;
    let issuer = UploadIssuer::new(policy, RemotePresigner { http: reqwest::Client::new(), url })?;
    let caller = Identity::from_verified("https://login.example.com", "user-4711")?;
    let upload = UploadRequest::described().with_content_type("image/png").with_content_length(20_480);
    let grant = issuer.issue(&caller, &upload, SystemClock.now()).await?;
    if let Upload::Put(put) = &grant.upload {
        println!("{} {}\nexpires {}", put.method, put.url.expose(), put.expires_at);
    }
    Ok(())
}
