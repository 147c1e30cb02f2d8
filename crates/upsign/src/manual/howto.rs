//! Recipes for common tasks.
//!
//! | task | recipe |
//! | --- | --- |
//! | record which uploads are pending | [insert a row inside `Authorize`](#record-a-pending-upload) |
//! | use the id of a resource that the path names | [let the server choose the id](#let-the-server-choose-the-id) |
//! | keep each tenant's files in a bucket of its own | [one policy, many buckets](#a-bucket-per-tenant) |
//! | combine signers or accounts in one service | [erase their types](#routes-with-different-signers) |
//! | sign in code that is not asynchronous | [`issue_now`](#sign-without-async) |
//! | use another executor than tokio | [nothing to do](#use-upsign-without-tokio) |
//! | run in WebAssembly | [the feature `js`](#run-in-webassembly) |
//! | fetch credentials yourself | [a closure, renewed in time](#credentials-from-your-own-store) |
//! | accept files of any type and serve them to browsers | [attachments and a domain of their own](#files-of-any-type) |
//! | write your own handler | [the parts of `upsign-http`](#your-own-handler) |
//! | use your own sessions with axum | [an identity from the request's extensions](#your-own-sessions-in-axum) |
//! | put the API behind your own CORS layer | [one layer answers for all routes](#an-outer-corslayer-in-axum) |
//! | take upload requests from a queue | [`UploadBody` and a serialized identity](super::distributed#uploads-from-a-queue) |
//! | decide in one process and sign in another | [a permit as JSON](super::distributed#decide-here-sign-there) |
//! | process what has arrived | [S3's notifications](super::distributed#when-the-file-has-arrived) |
//! | hand out a download | [presign a GET](super::distributed#presign-a-download) |
//!
//! The examples on this page are compiled and run by the tests. Recipes that need another crate name a test there.
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
//! let issuer = UploadIssuer::sigv4(policy, credentials)?.with_authorize(Arc::clone(&uploads));
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
//! object. `examples/worker` reads those notifications. `examples/axum-session` inserts the row into SQLite and checks the
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
//!
//! # A bucket per tenant
//!
//! [`UploadPolicy::with_target`](crate::UploadPolicy::with_target) returns the same policy for another bucket. Build the
//! issuer of a tenant when its first request arrives, and keep it.
//!
//! ```
//! use std::collections::HashMap;
//! use std::sync::Mutex;
//!
//! use upsign::prelude::*;
//!
//! #[derive(Debug)]
//! struct Tenants {
//!     policy: UploadPolicy,
//!     credentials: Credentials,
//!     services: Mutex<HashMap<String, UploadService>>,
//! }
//!
//! impl Tenants {
//!     /// `tenant` comes from the verified caller, never from the request's body.
//!     fn service(&self, tenant: &str) -> Result<UploadService, Box<dyn std::error::Error>> {
//!         let mut services = self.services.lock().unwrap();
//!         if let Some(service) = services.get(tenant) {
//!             return Ok(service.clone()); // cheap
//!         }
//!         let bucket = format!("uploads-{tenant}").parse()?;
//!         let policy = self.policy.with_target(Target::aws(bucket, "eu-central-1".parse()?))?;
//!         let service = UploadService::from(UploadIssuer::sigv4(policy, self.credentials.clone())?);
//!         Ok(services.entry(tenant.to_owned()).or_insert(service).clone())
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let target = Target::aws("uploads-default".parse()?, "eu-central-1".parse()?);
//! # let policy = UploadPolicy::builder(target, "inbox/{id}.{ext}".parse()?, Bodyless::Refuse)
//! #     .content_types(["image/jpeg"])
//! #     .max_size(10 << 20)
//! #     .build()?;
//! # let credentials = Credentials::long_term("AKIDEXAMPLE", "secret")?;
//! # let caller = Identity::from_verified("https://issuer.example", "alice")?;
//! # let upload = UploadRequest::described().with_content_type("image/jpeg").with_content_length(48_213);
//! # let at = "2026-01-01T00:00:00Z".parse()?;
//! let tenants = Tenants { policy, credentials, services: Mutex::default() };
//! # futures_executor::block_on(async {
//! let grant = tenants.service("acme")?.issue(&caller, None, &upload, at).await?;
//! let put = grant.upload.put().ok_or("this policy issues forms")?;
//! assert!(put.url.expose().starts_with("https://uploads-acme.s3.eu-central-1.amazonaws.com/inbox/"));
//! # assert!(std::ptr::eq(tenants.service("acme")?.routes(), tenants.service("acme")?.routes()));
//! # assert!(tenants.service("Not A Bucket").is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok(())
//! # }
//! ```
//!
//! Routes are the wrong tool for this: the client names the route. If all tenants are known at start and belong to groups
//! of the token, a [`Route`](crate::Route) per tenant with [`Access::with_groups`](crate::Access::with_groups) works too.
//!
//! # Routes with different signers
//!
//! [`boxed`](crate::UploadIssuer::boxed) erases the type of the presigner, so one service can sign for several accounts or
//! stores, and no type of the application names a signer.
//!
//! ```
//! # use upsign::prelude::*;
//! # use upsign::credentials_fn;
//! # fn policy(bucket: &str) -> Result<UploadPolicy, Box<dyn std::error::Error>> {
//! #     let target = Target::aws(bucket.parse()?, "ap-southeast-1".parse()?);
//! #     let policy = UploadPolicy::builder(target, "inbox/{id}.{ext}".parse()?, Bodyless::Refuse);
//! #     Ok(policy.content_types(["image/jpeg"]).max_size(10 << 20).build()?)
//! # }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let (images, videos) = (policy("images-bucket")?, policy("videos-bucket")?);
//! # let credentials = Credentials::long_term("AKIDEXAMPLE", "secret")?;
//! # let other_account = credentials_fn(|_| async { Ok(Credentials::long_term("AKIDOTHER", "secret").unwrap()) });
//! struct AppState {
//!     uploads: UploadService, // short for `UploadService<Arc<dyn Presigner>>`
//! }
//!
//! let state = AppState {
//!     uploads: UploadService::new([
//!         Route::unnamed(UploadIssuer::sigv4(images, credentials)?),
//!         Route::named("videos".parse()?, UploadIssuer::sigv4(videos, other_account)?),
//!     ])?,
//! };
//! # assert_eq!(state.uploads.routes().len(), 2);
//! # Ok(())
//! # }
//! ```
//!
//! [`UploadIssuer::sigv4`](crate::UploadIssuer::sigv4) is boxed already. An issuer with another presigner is boxed by
//! `UploadIssuer::new(policy, presigner)?.boxed()`.
//!
//! # Sign without async
//!
//! Only loading credentials and calling the application can wait. An issuer with a pure signer and a fixed set of
//! credentials has [`issue_now`](crate::UploadIssuer::issue_now), which returns the same bytes as `issue`:
//!
//! ```
//! use upsign::SigV4;
//! use upsign::prelude::*;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
//! # let policy = UploadPolicy::builder(target, "articles/{id}.{ext}".parse()?, Bodyless::Refuse)
//! #     .content_types(["image/jpeg"])
//! #     .max_size(10 << 20)
//! #     .build()?;
//! # let credentials = Credentials::long_term("AKIDEXAMPLE", "secret")?;
//! # let caller = Identity::from_verified("https://issuer.example", "alice")?;
//! # let upload = UploadRequest::described().with_content_type("image/jpeg").with_content_length(48_213);
//! let issuer = UploadIssuer::new(policy, SigV4::new().with_credentials(credentials))?;
//! let grant = issuer.issue_now(&caller, &upload, SystemClock.now())?;
//! # assert_eq!(grant.expires_in.as_secs(), 900);
//! # Ok(())
//! # }
//! ```
//!
//! An issuer with an [`Authorize`](crate::Authorize) implementation returns
//! [`IssueError::AuthorizerMustWait`](crate::IssueError::AuthorizerMustWait) instead. To sign without any policy, call
//! [`Sign::sign`](crate::types::Sign::sign).
//!
//! # Use upsign without tokio
//!
//! The futures of this crate need no runtime: they use no timer, no socket and no task. Any executor drives them.
//!
//! ```
//! # use upsign::prelude::*;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
//! # let policy = UploadPolicy::builder(target, "articles/{id}.{ext}".parse()?, Bodyless::Refuse)
//! #     .content_types(["image/jpeg"])
//! #     .max_size(10 << 20)
//! #     .build()?;
//! # let issuer = UploadIssuer::sigv4(policy, Credentials::long_term("AKIDEXAMPLE", "secret")?)?;
//! # let caller = Identity::from_verified("https://issuer.example", "alice")?;
//! # let upload = UploadRequest::described().with_content_type("image/jpeg").with_content_length(48_213);
//! let grant = futures_executor::block_on(issuer.issue(&caller, &upload, SystemClock.now()))?;
//! # assert_eq!(grant.expires_in.as_secs(), 900);
//! # Ok(())
//! # }
//! ```
//!
//! These need a tokio runtime: token verification that fetches keys by itself (the feature `fetch` of `upsign-cognito`),
//! `upsign-aws`, `upsign-axum` and `upsign-lambda`. The feature `renewing` depends on the crate tokio but runs on any
//! executor. Without a tokio runtime, it fetches within the request of one caller and sets no time limit. `upsign-http` does
//! not depend on tokio.
//!
//! # Run in WebAssembly
//!
//! `upsign` and the crates below it contain no C code and open no sockets. On `wasm32-unknown-unknown` in a browser, Node.js
//! or a worker, enable the feature `js`: random ids come from `crypto.getRandomValues`, and
//! [`SystemClock`](crate::SystemClock) from `Date.now`. In a host without JavaScript, choose another backend of the
//! `getrandom` crate and pass the host's time as `at`; the time that signing takes is then reported as zero. The WASI
//! targets have clocks and random numbers of their own and need no feature.
//!
//! Sign on a server that you control. Code that runs on the client must not contain credentials.
//!
//! # Credentials from your own store
//!
//! [`credentials_fn`](crate::credentials_fn) turns a closure into a source of credentials. A source is called for every
//! upload, so wrap one that calls a remote store in `Renewing` (the feature `renewing`). It keeps the credentials and fetches
//! new ones before they expire. All callers share one fetch, which runs in the background if there is a tokio runtime. While
//! the store is down, valid credentials stay in use.
//!
//! ```
//! # #[cfg(not(feature = "renewing"))] fn main() {}
//! # #[cfg(feature = "renewing")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//!
//! use upsign::prelude::*;
//! use upsign::types::Expiry;
//! use upsign::{CredentialsError, Renewing, credentials_fn};
//!
//! # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
//! # let policy = UploadPolicy::builder(target, "articles/{id}.{ext}".parse()?, Bodyless::Refuse)
//! #     .content_types(["image/jpeg"])
//! #     .max_size(10 << 20)
//! #     .build()?;
//! # let caller = Identity::from_verified("https://issuer.example", "alice")?;
//! # let upload = UploadRequest::described().with_content_type("image/jpeg").with_content_length(48_213);
//! # let at: Timestamp = "2026-01-01T00:00:00Z".parse()?;
//! let credentials = Arc::new(Renewing::new(credentials_fn(|at| async move {
//!     // Call your store here. State the expiry: then no grant outlives its credentials.
//!     let expiry = Expiry::At(at.saturating_add(3_600));
//!     Credentials::temporary("ASIAEXAMPLE", "secret", "token", expiry).map_err(CredentialsError::load)
//! })));
//! let issuer = UploadIssuer::sigv4(policy, Arc::clone(&credentials))?;
//! # futures_executor::block_on(issuer.issue(&caller, &upload, at))?;
//! // For a health check or a metric:
//! let status = credentials.status(SystemClock.now());
//! # assert!(credentials.status(at).remaining == Some(3_600) && status.last_error.is_none());
//! # Ok(())
//! # }
//! ```
//!
//! # Files of any type
//!
//! A range such as `*/*` includes types that browsers are known not to execute. To accept unknown types too, let browsers
//! save the files: with [`Disposition::Attachment`](crate::policy::Disposition::Attachment), `AttachmentNamed` or `FromClient`
//! a range also includes types that nobody knows, and signs `attachment` for them. Types that browsers execute, such as HTML,
//! SVG and PDF, must always be listed.
//!
//! ```
//! use upsign::policy::Disposition;
//! use upsign::prelude::*;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let target = Target::aws("files-bucket".parse()?, "eu-central-1".parse()?);
//! # let caller = Identity::from_verified("https://issuer.example", "alice")?;
//! # let at = "2026-01-01T00:00:00Z".parse()?;
//! let policy = UploadPolicy::builder(target, "files/{sub}/{id}".parse()?, Bodyless::Refuse)
//!     .content_types(["*/*", "application/pdf"])
//!     .disposition(Disposition::FromClient)
//!     .max_size(100 << 20)
//!     .build()?;
//! let issuer = UploadIssuer::sigv4(policy, Credentials::long_term("AKIDEXAMPLE", "secret")?)?;
//! let file = |content_type| UploadRequest::described().with_content_type(content_type).with_content_length(48_213);
//! # futures_executor::block_on(async {
//! let photo = issuer.issue(&caller, &file("image/png"), at).await?;
//! let molecule = issuer.issue(&caller, &file("chemical/x-pdb"), at).await?;
//! let disposition = |grant: &UploadGrant| {
//!     grant.upload.put().and_then(|put| put.headers.get("content-disposition").map(str::to_owned))
//! };
//! assert_eq!(disposition(&photo), None);
//! assert_eq!(disposition(&molecule).as_deref(), Some("attachment"));
//! assert!(issuer.issue(&caller, &file("text/html"), at).await.is_err());
//! # Ok::<(), IssueError>(())
//! # })?;
//! # Ok(())
//! # }
//! ```
//!
//! Serve the files from a domain that serves nothing else. `upsign documents reads --reads cloudfront` generates a distribution
//! that also forbids browsers to guess types and to run scripts (test `documents/forms::cloudfront_forbids_sniffing_and_scripts`).
//! To let nobody read a file before GuardDuty has scanned it, add `--guard scanned --scanner-role ARN` with the role of your
//! Malware Protection plan (test `documents/scanned::only_the_configured_role_is_exempt`).
//!
//! # Your own handler
//!
//! `upsign-http` exports the parts that its own endpoint is made of, for handlers with another path, another body or further
//! members in the answer:
//!
//! | part | does |
//! | --- | --- |
//! | `UploadBody::read` | reads the request's JSON strictly, as the endpoint does |
//! | `GrantBody` | serializes an [`UploadGrant`](crate::UploadGrant) as the endpoint's answer |
//! | `Problem: From<&IssueError>` | turns an error into a problem document (RFC 9457) with the right status |
//! | `Api::issue_under` | counts the caller, issues under chosen ids, and logs and reports refusals, as the endpoint does |
//! | `Api::with_path`, `Api::with_max_body`, `Api::with_grant_members` | change the path, the size of bodies or the members of the answer, so that no handler is needed |
//!
//! Its documentation has a complete handler. In `upsign-axum`, `UploadDescription`, `GrantResponse` and `ProblemResponse` are
//! the same parts as an extractor and two responses (`axum/embedding::own_handler_answers_like_the_api`). The page of
//! `UploadDescription` lists what a handler does not do by itself.
//!
//! The endpoint and the handlers share one rate limit and one set of observers if they share the service: its clones are
//! cheap, and so are those of `Api` (`axum/embedding::router_and_own_handler_share_the_rate_limit_and_the_observers`).
//!
//! ```text
//! let service = UploadService::from(issuer).with_rate_limit(limit).with_observer(observer);
//! let api = Api::new(service.clone(), origins);
//! let app = Router::new()
//!     .route("/articles/{article}/images", post(add_image)) // uses state.service or state.api
//!     .with_state(AppState { service, api: api.clone(), authentication: authentication.clone() })
//!     .merge(router(api, authentication));
//! ```
//!
//! An application with error answers of its own maps the error. [`IssueError::status`](crate::IssueError::status),
//! [`retry_after`](crate::IssueError::retry_after) and [`code`](crate::IssueError::code) are all that an answer needs, with or
//! without `upsign-http`, whose `Problem` has the same three. The text of an error is for the log: send it only if
//! [`is_service_fault`](crate::IssueError::is_service_fault) is `false`.
//!
//! ```
//! use upsign::IssueError;
//!
//! /// Returns the status, the value of `Retry-After`, and the body in the application's own format.
//! fn answer(error: &IssueError) -> (u16, Option<u32>, String) {
//!     if error.is_service_fault() {
//!         eprintln!("no grant: {error}"); // or the log of the application
//!     }
//!     match error {
//!         // This application hides articles that belong to others.
//!         IssueError::Forbidden => (404, None, r#"{"error":"no-such-article"}"#.to_owned()),
//!         error => (error.status(), error.retry_after(), format!(r#"{{"error":"{}"}}"#, error.code())),
//!     }
//! }
//! # let limited = answer(&upsign::TooManyRequests::new(7).into());
//! # assert_eq!(limited, (429, Some(7), r#"{"error":"too-many-requests"}"#.to_owned()));
//! # assert_eq!(answer(&IssueError::Forbidden).0, 404);
//! ```
//!
//! In axum, a handler that extracts `Result<Caller, _>`, to answer rejected callers in its own format, should know that the
//! extractors after it run first: the body is read before the handler can refuse the caller.
//!
//! # Your own sessions in axum
//!
//! If a middleware of your application authenticates its users, it usually leaves a value in the request's extensions.
//! `Authentication::from_extension` turns that value into an [`Identity`](crate::Identity):
//!
//! ```text
//! let authentication =
//!     Authentication::from_extension(|user: &User| Identity::from_verified("https://app.example.com", &user.id));
//! ```
//!
//! No token is involved, and the 401 of such an application does not ask for one
//! (`axum/embedding::user_of_a_middleware_is_the_caller`). Without the feature `cognito`, which is off by default, the
//! application compiles no code for tokens. `examples/axum-session` is a complete program: cookie sessions, the API
//! nested under `/api/v1`, the application's own fallback, and the first two recipes of this page.
//!
//! # An outer `CorsLayer` in axum
//!
//! `upsign-axum` answers preflights and adds CORS headers itself. An application whose other routes need CORS too may
//! prefer one `tower_http::cors::CorsLayer` around everything. Then give the API no origins of its own
//! (`CorsOrigins::listed([])`). Otherwise there are two lists of origins to keep equal: an origin that only the API lists can
//! read the answers too, with the layer's permission for credentials. If the lists are equal, only the header `Vary` is doubled
//! (`axum/cors::lists_of_origins_in_both_places_must_be_equal`, with tower-http 0.7). With cookies, the layer must list its origins, methods and headers instead of `*`, and allow
//! credentials (`axum/cors::every_answer_has_one_set_of_cors_headers_with_credentials`). The documentation of `upsign-axum`
//! contains the layer.
