//! Run with `AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… UPSIGN_TOKEN_SECRET=… cargo run -p example-confirm`. `DATABASE_URL` may be
//! that of a PostgreSQL database; the default is a file of SQLite. The statements are the same.
//!
//! An application whose database has a row for each upload: it is inserted before anything is signed, and has the receipt before
//! the client learns that its file is confirmed. `POST /files/url` returns a URL to read one; the bucket has versions, because the
//! URL of an object without one needs a header too.

#[cfg(test)]
mod tests;

use std::{env, error::Error, sync::Arc};

use axum::extract::{FromRef, State};
use axum::routing::post;
use axum::{Router, http::StatusCode};
use sqlx::AnyPool;
use tokio::net::TcpListener;
use upsign::policy::{ConfirmationOptions, Gate, Inspection};
use upsign::{Announce, AnnounceError, Announcement};
use upsign::{Presigner, Route, SigV4, UploadService, read::ReadRequest, session::TokenKeys};
use upsign_axum::{TokenUse, UserPool, prelude::*};
use upsign_inspect::MagicInspect;
use upsign_objects::HttpObjects;

const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS files
    (name TEXT PRIMARY KEY, owner TEXT NOT NULL, state TEXT NOT NULL, receipt TEXT)";
const INSERT: &str = "INSERT INTO files (name, owner, state) VALUES ($1, $2, 'granted')";
// An announcement can arrive more than once. A confirmed file stays confirmed, and one that was rejected does not expire.
const UPDATE: &str = "UPDATE files SET state = $1, receipt = $2 WHERE name = $3 AND state <> 'confirmed' \
    AND NOT (state = 'rejected' AND $1 = 'expired')";
const RECEIPT: &str = "SELECT receipt FROM files WHERE name = $1 AND owner = $2 AND state = 'confirmed'";

#[derive(Clone, Debug)]
struct Files(AnyPool);

#[async_trait]
impl Authorize for Files {
    /// Inserts the row of the upload. Without it nothing is signed.
    async fn authorize(&self, request: &AuthorizeRequest<'_>) -> Result<Decision, AuthorizeError> {
        let insert = sqlx::query(INSERT).bind(request.key.as_str()).bind(request.caller.subject().as_str());
        insert.execute(&self.0).await.map_err(AuthorizeError::new)?;
        Ok(Decision::Allow)
    }
}

#[async_trait]
impl Announce for Files {
    /// Stores what became of the upload. If this fails, the client repeats its request, and this is called again.
    async fn announce(&self, announcement: &Announcement<'_>) -> Result<(), AnnounceError> {
        let receipt = announcement.confirmation.and_then(|it| it.receipt.as_ref());
        let update = sqlx::query(UPDATE).bind(announcement.kind.as_str());
        let update = update.bind(receipt.map(|it| it.expose().to_owned())).bind(announcement.key.as_str());
        update.execute(&self.0).await.map(drop).map_err(AnnounceError::new)
    }
}

#[derive(Clone, FromRef)]
struct AppState {
    authentication: Authentication,
    files: Files,
    service: UploadService,
}

/// Returns a URL to read a file that is named in the body. The receipt stays in the database.
async fn url(
    caller: Caller,
    State(Files(database)): State<Files>,
    State(service): State<UploadService>,
    name: String,
) -> Result<String, StatusCode> {
    let query = sqlx::query_scalar(RECEIPT).bind(name).bind(caller.identity.subject().as_str());
    let receipt = query.fetch_optional(&database).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let receipt: String = receipt.ok_or(StatusCode::NOT_FOUND)?;
    let read = service.read_url(&caller.identity, &receipt, &ReadRequest::new(), caller.at).await;
    Ok(read.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?.url.expose().to_owned())
}

type Built = Result<UploadService, Box<dyn Error>>;

/// Uploads land below `pending/` and are moved to `files/` after their content was inspected.
fn service(target: &Target, keys: Credentials, tokens: TokenKeys, files: &Files) -> Built {
    let confirmation = ConfirmationOptions::new()
        .with_confirm(true)
        .with_inspection(Inspection::Magic)
        .with_gate(Gate::Pending("pending/{sub}/{id}.{ext}".parse()?));
    let policy = UploadPolicy::builder(target.clone(), "files/{sub}/{id}.{ext}".parse()?, Bodyless::Refuse)
        .content_types(["image/jpeg", "image/png", "application/pdf"])
        .max_size(10 << 20)
        .confirmation(confirmation)
        .build()?;
    let presigner: Arc<dyn Presigner> = Arc::new(SigV4::new().with_credentials(keys));
    let issuer = UploadIssuer::new(policy, presigner.clone())?;
    let issuer = issuer.with_store(HttpObjects::new(target.clone(), presigner), tokens);
    let issuer = issuer.with_inspector(MagicInspect::new()).with_authorizer(files.clone());
    Ok(UploadService::new([Route::unnamed(issuer)])?.with_announcer(files.clone()))
}

async fn app(files: Files, service: UploadService, auth: Authentication) -> Result<Router, sqlx::Error> {
    sqlx::query(SCHEMA).execute(&files.0).await?;
    let api = router(Api::new(service.clone(), CorsOrigins::listed([])), auth.clone());
    let state = AppState { authentication: auth, files, service };
    Ok(Router::new().route("/files/url", post(url)).with_state(state).merge(api))
}

#[tokio::main]
#[expect(clippy::disallowed_methods, reason = "a program reads its own environment")]
async fn main() -> Result<(), Box<dyn Error>> {
    sqlx::any::install_default_drivers();
    let database = env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite://files.db?mode=rwc".to_owned());
    let files = Files(AnyPool::connect(&database).await?);
    let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
    let keys = Credentials::long_term(&env::var("AWS_ACCESS_KEY_ID")?, &env::var("AWS_SECRET_ACCESS_KEY")?)?;
    let tokens = TokenKeys::new("production", [env::var("UPSIGN_TOKEN_SECRET")?])?;
    let verifier =
        UserPool::verifier("ap-southeast-1_AbCdEf123", ["3n4b5urk1ft4fl3mg5e62d9ado"], TokenUse::Access)?;
    let service = service(&target, keys, tokens, &files)?;
    let app = app(files, service, Authentication::bearer(verifier)).await?;
    Ok(axum::serve(TcpListener::bind("127.0.0.1:8080").await?, app).await?)
}
