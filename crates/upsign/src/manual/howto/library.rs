//! Use the library alone: without async, without tokio, in WebAssembly, with your own credentials.
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
