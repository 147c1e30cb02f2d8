//! Several policies in one service: routes, tenants, buckets and accounts.
//!
//! | I want to … | recipe |
//! | --- | --- |
//! | allow two kinds of uploads | [two routes](#two-routes) |
//! | give each tenant a folder | [tenants by claim](#tenants-by-claim) |
//! | give each tenant a bucket | [a bucket per tenant](#a-bucket-per-tenant) |
//! | sign for several accounts or stores | [routes with different signers](#routes-with-different-signers) |
//!
//! # Two routes
//!
//! Add a section `[route.NAME]` to `upsign.toml`. It inherits the bucket, and nothing of `[upload]`:
//!
//! ```toml
//! [upload]
//! key = "articles/{article_id}/raw/{id}.{ext}"
//! ids = ["article_id"]
//! types = ["image/jpeg", "image/png"]
//! max_size = "10 MiB"
//! bodyless = "refuse"
//!
//! [route.avatars]
//! key = "avatars/{sub}/{id}.{ext}"
//! types = ["image/webp"]
//! max_size = "1 MiB"
//! bodyless = "refuse"
//! groups = ["members"]
//! ```
//!
//! A request selects it with `"route": "avatars"`; a request without that member gets `[upload]`. If every policy has a name, requests
//! must state one. `groups` and `scopes` restrict who may use a route: others get 403 `route-forbidden`.
//!
//! In code, a service has several issuers:
//!
//! ```
//! use upsign::prelude::*;
//! use upsign::Access;
//!
//! # fn policy(key: &str, types: &[&str]) -> Result<UploadPolicy, Box<dyn std::error::Error>> {
//! #     let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
//! #     let policy = UploadPolicy::builder(target, key.parse()?, Bodyless::Refuse);
//! #     Ok(policy.content_types(types.iter().copied()).max_size(10 << 20).build()?)
//! # }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let credentials = Credentials::long_term("AKIDEXAMPLE", "secret")?;
//! let articles = policy("articles/{article_id}/raw/{id}.{ext}", &["image/jpeg", "image/png"])?;
//! let avatars = policy("avatars/{sub}/{id}.{ext}", &["image/webp"])?;
//! let service = UploadService::new([
//!     Route::unnamed(UploadIssuer::sigv4(articles, credentials.clone())?),
//!     Route::named("avatars".parse()?, UploadIssuer::sigv4(avatars, credentials)?)
//!         .with_access(Access::unrestricted().with_groups(["members"])),
//! ])?;
//!
//! let member = Identity::from_verified("https://issuer.example", "alice")?.with_groups(["members"]);
//! let upload = UploadRequest::described().with_content_type("image/webp").with_content_length(48_213);
//! # futures_executor::block_on(async {
//! # let at = "2026-01-01T00:00:00Z".parse()?;
//! let grant = service.issue(&member, Some("avatars"), &upload, at).await?;
//! assert!(grant.key.as_str().starts_with("avatars/alice/"));
//! # let guest = Identity::from_verified("https://issuer.example", "bob")?;
//! # assert_eq!(service.issue(&guest, Some("avatars"), &upload, at).await.unwrap_err().code(), "route-forbidden");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok(())
//! # }
//! ```
//!
//! # Tenants by claim
//!
//! If tokens contain the tenant, let the key begin with it:
//!
//! ```toml
//! key = "{claim:custom:tenant}/{id}.{ext}"
//! ```
//!
//! The value is encoded so that no two tenants give the same folder, and a caller without the claim is denied with 403
//! `claim-required`. The access tokens of a user pool do not have the attributes of the user: set `token_use = "id"`, or add the claim
//! with a pre token generation trigger (event version V2_0 or V3_0). `upsign check` warns.
//!
//! A claim is as trustworthy as the parties that may write it: make the attribute read-only for the app client of your user pool, or
//! use `{group}`, which only the pool's administrator assigns.
//!
//! In code, an [`Identity`](crate::Identity) carries the claims that your application verified:
//!
//! ```
//! # use upsign::prelude::*;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let target = Target::aws("uploads".parse()?, "eu-central-1".parse()?);
//! let policy = UploadPolicy::builder(target, "{claim:tenant}/{id}.{ext}".parse()?, Bodyless::Refuse)
//!     .content_types(["image/jpeg"])
//!     .max_size(10 << 20)
//!     .build()?;
//! let issuer = UploadIssuer::sigv4(policy, Credentials::long_term("AKIDEXAMPLE", "secret")?)?;
//! let caller = Identity::from_verified("https://app.example.com", "alice")?.with_claim("tenant", "acme");
//! # let upload = UploadRequest::described().with_content_type("image/jpeg").with_content_length(48_213);
//! # let at = "2026-01-01T00:00:00Z".parse()?;
//! # futures_executor::block_on(async {
//! let grant = issuer.issue(&caller, &upload, at).await?;
//! assert!(grant.key.as_str().starts_with("acme/"));
//! # let stranger = Identity::from_verified("https://app.example.com", "bob")?;
//! # assert_eq!(issuer.issue(&stranger, &upload, at).await.unwrap_err().status(), 403);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok(())
//! # }
//! ```
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
