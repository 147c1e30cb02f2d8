//! Run with `AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… UPSIGN_TOKEN_SECRET=… cargo run -p example-scanner`, next to a `clamd` that
//! listens on 127.0.0.1:3310 (`TCPSocket 3310`, `TCPAddr 127.0.0.1` and `AlertExceedsMax yes` in `clamd.conf`).
//!
//! Uploads land below `pending/`, where nobody can read them. A confirmed one was compared with its content type, scanned by ClamAV,
//! and moved to `files/`.

mod clamav;
#[cfg(test)]
mod tests;

use std::{env, error::Error, sync::Arc};

use tokio::net::TcpListener;
use upsign::policy::{ConfirmationOptions, Gate, Inspection};
use upsign::{Presigner, Route, SigV4, UploadService, session::TokenKeys};
use upsign_axum::{TokenUse, UserPool, prelude::*};
use upsign_objects::HttpObjects;

use crate::clamav::ClamAv;

type Built = Result<UploadService, Box<dyn Error>>;

fn service(target: &Target, keys: Credentials, tokens: TokenKeys, scanner: ClamAv) -> Built {
    let confirmation = ConfirmationOptions::new()
        .with_confirm(true)
        .with_inspection(Inspection::Hook)
        .with_gate(Gate::Pending("pending/{sub}/{id}.{ext}".parse()?));
    let policy = UploadPolicy::builder(target.clone(), "files/{sub}/{id}.{ext}".parse()?, Bodyless::Refuse)
        .content_types(["image/jpeg", "application/pdf", "text/plain"])
        .max_size(10 << 20)
        .confirmation(confirmation)
        .build()?;
    let presigner: Arc<dyn Presigner> = Arc::new(SigV4::new().with_credentials(keys));
    let issuer = UploadIssuer::new(policy, presigner.clone())?;
    let issuer = issuer.with_store(HttpObjects::new(target.clone(), presigner), tokens);
    Ok(UploadService::new([Route::unnamed(issuer.with_inspector(scanner))])?)
}

#[tokio::main]
#[expect(clippy::disallowed_methods, reason = "a program reads its own environment")]
async fn main() -> Result<(), Box<dyn Error>> {
    let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
    let keys = Credentials::long_term(&env::var("AWS_ACCESS_KEY_ID")?, &env::var("AWS_SECRET_ACCESS_KEY")?)?;
    let tokens = TokenKeys::new("production", [env::var("UPSIGN_TOKEN_SECRET")?])?;
    let verifier =
        UserPool::verifier("ap-southeast-1_AbCdEf123", ["3n4b5urk1ft4fl3mg5e62d9ado"], TokenUse::Access)?;
    let service = service(&target, keys, tokens, ClamAv("127.0.0.1:3310".into()))?;
    let app = router(Api::new(service, CorsOrigins::listed([])), Authentication::bearer(verifier));
    Ok(axum::serve(TcpListener::bind("127.0.0.1:8080").await?, app).await?)
}
