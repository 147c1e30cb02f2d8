//! Several policies in one service: routes, tenants, buckets and accounts.
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
