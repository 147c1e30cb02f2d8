//! Fix what is stored with the objects of a route: encoding, language, caching, KMS context, Object Lock, and other headers.
//!
//! Each key becomes a signed header, or a field of a form, with the same value for every upload of the route. The answer lists it
//! among `headers` or `fields`, so clients need no change; `upsign documents cors` and `iam` know what the bucket must allow and the
//! role may do, and `upsign check` prints what each route sets.
//!
//! ```toml
//! [upload]
//! key = "exports/{sub}/{id}.{ext}"
//! types = ["text/csv"]
//! max_size = "50 MiB"
//! bodyless = "refuse"
//! content_encoding = "gzip"
//! content_language = "en"
//! cache_control = "private, max-age=3600"
//! expected_bucket_owner = "123456789012"
//! headers = { "x-amz-request-payer" = "requester" }
//! ```
//!
//! | key | header | form | needs |
//! | --- | --- | --- | --- |
//! | `content_encoding` | `Content-Encoding` | yes | files that are really encoded so, because browsers decode them |
//! | `content_language` | `Content-Language` | no | |
//! | `expires` | `Expires`, a date; the lifetime of a grant is `expires_in` | yes | |
//! | `website_redirect` | `x-amz-website-redirect-location` | yes | a bucket that is a website |
//! | `kms_context` | `x-amz-server-side-encryption-context`, the table as JSON in base64 | yes | `encryption = "kms"` or `"kms-dsse"` |
//! | `bucket_key` | `x-amz-server-side-encryption-bucket-key-enabled` | yes | `encryption = "kms"` |
//! | `object_lock` | `x-amz-object-lock-mode` and `-retain-until-date` | no | `require_checksum`, and a bucket with Object Lock |
//! | `legal_hold` | `x-amz-object-lock-legal-hold` | no | the same |
//! | `expected_bucket_owner` | `x-amz-expected-bucket-owner` | no | |
//! | `headers` | any other header with a fixed value | no | a header without a key of its own |
//! | `success_action_status` | the answer to a form: 200, 201 or 204 | only | `method = "post"` |
//! | `success_action_redirect` | where S3 sends the browser after a form | only | `method = "post"` |
//!
//! The `PUT` of a request without a body (`bodyless = "allow"`) signs none of these headers; `upsign check` warns about it.
//!
//! # Objects that nobody can delete
//!
//! ```toml
//! [upload]
//! key = "records/{sub}/{id}.{ext}"
//! types = ["application/pdf"]
//! max_size = "20 MiB"
//! bodyless = "refuse"
//! checksums = ["sha256"]
//! require_checksum = true
//! object_lock = { mode = "governance", days = 365 }
//! ```
//!
//! The days are counted from the time of the grant (test `policy/route_headers::retention_begins_with_the_grant`), so the client
//! cannot choose the date. S3 refuses such an upload without a checksum, and so does the configuration. In the mode `governance`, a
//! role with `s3:BypassGovernanceRetention` can remove the lock; in the mode `compliance`, nobody can, not even you: try
//! `governance` first. The templates of `upsign documents` create the bucket with Object Lock and give the signing role
//! `s3:PutObjectRetention` and `s3:PutObjectLegalHold`; a bucket that exists already must have it. Object Lock protects versions:
//! deleting the key hides the locked version and keeps it.
//!
//! # Encryption with a context
//!
//! ```toml
//! [upload]
//! key = "scans/{sub}/{id}.{ext}"
//! types = ["image/tiff"]
//! max_size = "100 MiB"
//! bodyless = "refuse"
//! encryption = "kms"
//! kms_key = "alias/scans"
//! kms_context = { purpose = "scan" }
//! ```
//!
//! KMS writes the context to CloudTrail, and a key policy can demand it by `kms:EncryptionContext:purpose`. It is not secret. Do not
//! demand it together with bucket keys: KMS then sees the bucket in place of single objects.
//!
//! # In code
//!
//! ```
//! use upsign::policy::{ChecksumAlgorithm, Checksums, HeaderOptions, LockMode, LockOptions, Retention};
//! use upsign::prelude::*;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let target = Target::aws("records-bucket".parse()?, "eu-central-1".parse()?);
//! # let caller = Identity::from_verified("https://issuer.example", "alice")?;
//! let policy = UploadPolicy::builder(target, "records/{sub}/{id}".parse()?, Bodyless::Refuse)
//!     .content_types(["application/pdf"])
//!     .max_size(20 << 20)
//!     .checksums(Checksums::Required([ChecksumAlgorithm::Sha256].into()))
//!     .headers(HeaderOptions::new().content_language("de".parse()?))
//!     .lock(LockOptions::new().retention(Retention::new(LockMode::Governance, 30)?))
//!     .build()?;
//! let issuer = UploadIssuer::sigv4(policy, Credentials::long_term("AKIDEXAMPLE", "secret")?)?;
//! let file = UploadRequest::described()
//!     .with_content_type("application/pdf")
//!     .with_content_length(48_213)
//!     .with_checksum("sha256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
//! # futures_executor::block_on(async {
//! let grant = issuer.issue(&caller, &file, "2026-01-31T12:00:00Z".parse()?).await?;
//! let put = grant.upload.put().ok_or("this policy issues a PUT")?;
//! assert_eq!(put.headers.get("x-amz-object-lock-retain-until-date"), Some("2026-03-02T12:00:00Z"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok(())
//! # }
//! ```
//!
//! # By store
//!
//! Content encoding, language and `Expires` are part of every S3 API. The other features differ; a route that needs one that the
//! store lacks is refused, unless `[bucket.can]` declares it:
//!
//! | `bucket.provider` | `object_lock` | `expected_bucket_owner` | `website_redirect` |
//! | --- | --- | --- | --- |
//! | `aws` | yes | yes | yes |
//! | `r2` | no | no | no |
//! | `b2` | yes | yes | no |
//! | `minio` | yes | no | no |
//! | `wasabi` | yes | no | no |
//! | `do` | no | no | no |
//! | `tigris` | no | no | no |
//! | `garage` | no | no | no |
//! | `seaweedfs` | yes | no | no |
//! | `gcs` | no | no | no |
//! | `hetzner` | yes | no | no |
//! | `ovh` | no | no | no |
//! | `scaleway` | yes | no | no |
//! | `ceph` | yes | no | no |
//! | `rustfs` | yes | no | no |
//! | `localstack` | yes | yes | yes |
//! | `custom` | yes | yes | yes |
//!
//! Tried with SeaweedFS and Ministack, by `PUT` and by form (test `testing/tests/servers/main::servers_store_the_headers_of_a_route`):
//! SeaweedFS locks objects, and ignores redirects and the expected owner; Ministack, which emulates AWS, does all of them except that
//! it ignores the expected owner, and the redirect in forms. The store of `upsign dev` stores and returns every header, and does not
//! enforce locks. Of the other stores, the table says what their documentation says.
