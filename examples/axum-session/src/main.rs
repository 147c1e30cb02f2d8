//! Run with `AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… cargo run -p example-axum-session`.
//!
//! An application with cookie sessions and a SQLite database. `POST /api/v1/upload-url` issues uploads of avatars, and `POST
//! /api/v1/articles/{article_id}/upload-url` issues uploads for an article of the user: a row is inserted for each.

#[cfg(test)]
mod tests;

use std::{env, error::Error};

use axum::extract::{FromRef, Path, Request, State};
use axum::middleware::{Next, from_fn};
use axum::{Router, http::StatusCode, response::Response, routing::post};
use sqlx::SqlitePool;
use tokio::net::TcpListener;
use tower_sessions::{MemoryStore, Session, SessionManagerLayer};
use upsign_axum::prelude::*;
use upsign_axum::{GrantResponse, ProblemResponse, UploadDescription, Uuid};

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS articles (id BLOB PRIMARY KEY DEFAULT (randomblob(16)), author TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS uploads (key TEXT PRIMARY KEY, article BLOB NOT NULL REFERENCES articles);";

#[derive(Clone, FromRef)]
struct AppState {
    authentication: Authentication,
    database: SqlitePool,
    pictures: UploadIssuer,
}

/// The user of the session.
#[derive(Clone)]
struct User(String);

#[derive(Debug)]
struct OwnArticles(SqlitePool);

#[async_trait]
impl Authorize for OwnArticles {
    /// Inserts the row of the upload if the caller is the author, in one statement. Otherwise nothing is signed.
    async fn authorize(&self, request: &AuthorizeRequest<'_>) -> Result<Decision, AuthorizeError> {
        let insert = "INSERT INTO uploads SELECT ?, id FROM articles WHERE id = ? AND author = ?";
        let result = sqlx::query(insert)
            .bind(request.key.as_str())
            .bind(request.id("articleId").map(|id| id.as_bytes().to_vec()))
            .bind(request.caller.subject().as_str())
            .execute(&self.0)
            .await
            .map_err(AuthorizeError::new)?;
        Ok(if result.rows_affected() == 1 { Decision::Allow } else { Decision::Deny })
    }
}

/// The id of the article comes from the path and not from the body.
async fn upload_picture(
    caller: Caller,
    Path(article): Path<Uuid>,
    State(issuer): State<UploadIssuer>,
    UploadDescription(described): UploadDescription,
) -> Result<GrantResponse, ProblemResponse> {
    let ids = [("articleId", article)];
    Ok(GrantResponse(issuer.issue_under(&caller.identity, &described.upload, ids, caller.at).await?))
}

async fn create_article(caller: Caller, State(database): State<SqlitePool>) -> Result<String, StatusCode> {
    let insert = sqlx::query_scalar("INSERT INTO articles (author) VALUES (?) RETURNING hex(id)");
    let insert = insert.bind(caller.identity.subject().as_str());
    insert.fetch_one(&database).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

/// Starts a session for the user named in the body. A real application checks a password.
async fn log_in(session: Session, name: String) -> Result<(), StatusCode> {
    session.cycle_id().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    session.insert("user", name).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

async fn add_user(session: Session, mut request: Request, next: Next) -> Result<Response, StatusCode> {
    if let Some(name) = session.get("user").await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)? {
        request.extensions_mut().insert(User(name));
    }
    Ok(next.run(request).await)
}

fn issuer(target: &Target, key: &str, credentials: &Credentials) -> Result<UploadIssuer, Box<dyn Error>> {
    let policy = UploadPolicy::builder(target.clone(), key.parse()?, Bodyless::Refuse)
        .content_types(["image/jpeg", "image/png"])
        .max_size(10 << 20)
        .build()?;
    Ok(UploadIssuer::sigv4(policy, credentials.clone())?)
}

async fn app(database: SqlitePool, target: Target, keys: Credentials) -> Result<Router, Box<dyn Error>> {
    sqlx::raw_sql(SCHEMA).execute(&database).await?;
    let avatars = Api::new(issuer(&target, "avatars/{sub}/{id}.{ext}", &keys)?, CorsOrigins::listed([]));
    let pictures = issuer(&target, "articles/{article_id}/{id}.{ext}", &keys)?;
    let pictures = pictures.with_authorizer(OwnArticles(database.clone()));
    let identity = |User(name): &User| Identity::from_verified("https://app.example.com", name);
    let authentication = Authentication::from_extension(identity);
    let api = router(avatars, authentication.clone())
        .route("/articles", post(create_article))
        .route("/articles/{article_id}/upload-url", post(upload_picture));
    Ok(Router::new()
        .route("/login", post(log_in))
        .nest("/api/v1", api)
        .fallback(|| async { (StatusCode::NOT_FOUND, "There is no such page.\n") })
        .layer(from_fn(add_user))
        .layer(SessionManagerLayer::new(MemoryStore::default()))
        .with_state(AppState { authentication, database, pictures }))
}

#[tokio::main]
#[expect(clippy::disallowed_methods, reason = "a program reads its own environment")]
async fn main() -> Result<(), Box<dyn Error>> {
    let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
    let keys = Credentials::long_term(&env::var("AWS_ACCESS_KEY_ID")?, &env::var("AWS_SECRET_ACCESS_KEY")?)?;
    let app = app(SqlitePool::connect("sqlite://articles.db?mode=rwc").await?, target, keys).await?;
    Ok(axum::serve(TcpListener::bind("127.0.0.1:8080").await?, app).await?)
}
