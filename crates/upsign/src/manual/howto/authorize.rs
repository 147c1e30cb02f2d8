//! Ask your own database before an upload is signed.
//!
//! | I want to … | recipe |
//! | --- | --- |
//! | let only the author of an article upload to it | [ask who the author is](#ask-who-the-author-is) |
//! | record which uploads are pending, or limit them | [insert a row](#record-a-pending-upload) |
//! | use the id of a resource that the path names | [let the server choose the id](#let-the-server-choose-the-id) |
//!
//! # Ask who the author is
//!
//! A policy knows the caller and the file, and nothing about your articles. Implement [`Authorize`](crate::Authorize) to decide
//! about each upload that the policy permits, before anything is signed. Clients may then name an existing article, if the policy
//! lets them (`client_may_supply` in `upsign.toml`, which `upsign serve` refuses because it has no application to ask):
//!
//! ```
//! use upsign::policy::KeyOptions;
//! use upsign::prelude::*;
//! use upsign::{Authorize, AuthorizeError, AuthorizeRequest, Decision, Uuid, async_trait};
//!
//! #[derive(Debug)]
//! struct Articles; // holds a pool of database connections
//!
//! impl Articles {
//!     async fn author(&self, article: Uuid) -> Result<Option<String>, std::io::Error> {
//!         // SELECT author FROM articles WHERE id = $1
//! #       Ok((article.to_string() == "5b5d819a-b077-4419-af90-f3ad76700929").then(|| "alice".to_owned()))
//!     }
//! }
//!
//! #[async_trait]
//! impl Authorize for Articles {
//!     async fn authorize(&self, request: &AuthorizeRequest<'_>) -> Result<Decision, AuthorizeError> {
//!         // A new id belongs to nobody yet.
//!         if !request.client_supplied_ids {
//!             return Ok(Decision::Allow);
//!         }
//!         let Some(article) = request.id("articleId") else { return Ok(Decision::Deny) };
//!         // If the database fails, the client gets 503 and the log gets the cause.
//!         let author = self.author(article).await.map_err(AuthorizeError::new)?;
//!         let is_author = author.as_deref() == Some(request.caller.subject().as_str());
//!         Ok(if is_author { Decision::Allow } else { Decision::Deny })
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
//! let policy = UploadPolicy::builder(target, "articles/{article_id}/raw/{id}.{ext}".parse()?, Bodyless::Refuse)
//!     .content_types(["image/jpeg"])
//!     .max_size(10 << 20)
//!     .keys(KeyOptions::new().client_may_supply(["article_id".parse()?]))
//!     .build()?;
//! # let credentials = Credentials::long_term("AKIDEXAMPLE", "secret")?;
//! let issuer = UploadIssuer::sigv4(policy, credentials)?.with_authorizer(Articles);
//!
//! let jpeg = UploadRequest::described().with_content_type("image/jpeg").with_content_length(48_213);
//! let upload = jpeg.with_id("articleId", "5b5d819a-b077-4419-af90-f3ad76700929");
//! # futures_executor::block_on(async {
//! # let at = "2026-01-01T00:00:00Z".parse()?;
//! let alice = Identity::from_verified("https://issuer.example", "alice")?;
//! assert!(issuer.issue(&alice, &upload, at).await.is_ok());
//! let bob = Identity::from_verified("https://issuer.example", "bob")?;
//! assert_eq!(issuer.issue(&bob, &upload, at).await.unwrap_err().status(), 403);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok(())
//! # }
//! ```
//!
//! # Record a pending upload
//!
//! Many applications keep a row per file: *pending* when the URL is handed out, *stored* when the file has arrived. Insert
//! the row inside [`Authorize`](crate::Authorize). At that point the policy has accepted the upload, the key is final, and
//! nothing is signed yet. If the row cannot be inserted, no URL exists; in an observer it would be too late for that.
//!
//! ```
//! use std::collections::HashMap;
//! use std::sync::{Arc, Mutex};
//!
//! use upsign::prelude::*;
//! use upsign::types::ObjectKey;
//! use upsign::{Authorize, AuthorizeError, AuthorizeRequest, Decision, Uuid, async_trait};
//!
//! /// A row of the table `uploads`, whose primary key is the object's key.
//! #[derive(Debug)]
//! struct Row {
//!     /// Issuer and subject: two issuers can use the same subject for different people.
//!     owner: (String, String),
//!     article: Uuid,
//!     expires_at: Timestamp,
//! }
//!
//! /// A real implementation holds a database pool.
//! #[derive(Debug, Default)]
//! struct Uploads(Mutex<HashMap<ObjectKey, Row>>);
//!
//! const MAX_PENDING: usize = 2;
//!
//! #[async_trait]
//! impl Authorize for Uploads {
//!     async fn authorize(&self, request: &AuthorizeRequest<'_>) -> Result<Decision, AuthorizeError> {
//!         let article = request.id("articleId").ok_or_else(|| AuthorizeError::new("the policy declares no articleId"))?;
//!         let owner = (request.caller.issuer().to_string(), request.caller.subject().to_string());
//!         // An error of the database becomes an `AuthorizeError`: the client gets 503, the log gets the cause.
//!         let mut rows = self.0.lock().map_err(|error| AuthorizeError::new(error.to_string()))?;
//!         // A row whose URL has expired without a file does not count.
//!         let is_pending = |row: &&Row| row.owner == owner && row.expires_at > request.at;
//!         if rows.values().filter(is_pending).count() >= MAX_PENDING {
//!             return Ok(Decision::Deny);
//!         }
//!         let expires_at = request.at.saturating_add(request.expires_in.as_secs().into());
//!         rows.insert(request.key.clone(), Row { owner, article, expires_at });
//!         Ok(Decision::Allow)
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
//! # let policy = UploadPolicy::builder(target, "articles/{article_id}/raw/{id}.{ext}".parse()?, Bodyless::Refuse)
//! #     .content_types(["image/jpeg"])
//! #     .max_size(10 << 20)
//! #     .build()?;
//! # let credentials = Credentials::long_term("AKIDEXAMPLE", "secret")?;
//! # let caller = Identity::from_verified("https://issuer.example", "alice")?;
//! # let upload = UploadRequest::described().with_content_type("image/jpeg").with_content_length(48_213);
//! # let at = "2026-01-01T00:00:00Z".parse()?;
//! let uploads = Arc::new(Uploads::default());
//! let issuer = UploadIssuer::sigv4(policy, credentials)?.with_authorizer(Arc::clone(&uploads));
//! # futures_executor::block_on(async {
//! let grant = issuer.issue(&caller, &upload, at).await?;
//! assert!(uploads.0.lock().unwrap().contains_key(&grant.key));
//! # issuer.issue(&caller, &upload, at).await?;
//! # let third = issuer.issue(&caller, &upload, at).await;
//! # assert!(matches!(third, Err(IssueError::Forbidden)));
//! # assert_eq!(uploads.0.lock().unwrap().len(), MAX_PENDING);
//! # // The same subject of another issuer is another user, and after 900 seconds the rows no longer count.
//! # let other = Identity::from_verified("https://other.example", "alice")?;
//! # issuer.issue(&other, &upload, at).await?;
//! # issuer.issue(&caller, &upload, at.saturating_add(900)).await?;
//! # assert!(uploads.0.lock().unwrap().values().all(|row| row.article.get_version_num() == 4));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok(())
//! # }
//! ```
//!
//! The row may outlive its upload: signing can still fail, and clients may never use their URL. Delete pending rows some
//! time after the URL has expired (`request.at` plus `request.expires_in`), and mark a row as stored when S3 reports the
//! object. `examples/consumer` handles those notifications. `examples/axum-session` inserts the row into SQLite and checks the
//! author of the article in the same statement.
//!
//! # Let the server choose the id
//!
//! An article usually exists before its images, and its id is in the path: `POST /articles/{article}/images`. Pass that id
//! with [`issue_under`](crate::UploadIssuer::issue_under), after you have checked that the caller may write to it. The id is
//! then part of the key, but does not count as supplied by the client.
//!
//! ```
//! # use upsign::prelude::*;
//! # use upsign::Uuid;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
//! # let policy = UploadPolicy::builder(target, "articles/{article_id}/raw/{id}.{ext}".parse()?, Bodyless::Refuse)
//! #     .content_types(["image/jpeg"])
//! #     .max_size(10 << 20)
//! #     .build()?;
//! # let issuer = UploadIssuer::sigv4(policy, Credentials::long_term("AKIDEXAMPLE", "secret")?)?;
//! # let caller = Identity::from_verified("https://issuer.example", "alice")?;
//! # let upload = UploadRequest::described().with_content_type("image/jpeg").with_content_length(48_213);
//! # let at = "2026-01-01T00:00:00Z".parse()?;
//! # futures_executor::block_on(async {
//! let article: Uuid = "5b5d819a-b077-4419-af90-f3ad76700929".parse()?;
//! let grant = issuer.issue_under(&caller, &upload, [("articleId", article)], at).await?;
//! assert!(grant.key.as_str().starts_with("articles/5b5d819a-b077-4419-af90-f3ad76700929/raw/"));
//! assert_eq!(grant.id("articleId"), Some(article));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok(())
//! # }
//! ```
//!
//! [`UploadService::issue_under`](crate::UploadService::issue_under) does the same with routes, the rate limit and
//! observers.
