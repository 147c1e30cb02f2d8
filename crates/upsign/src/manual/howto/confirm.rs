//! Confirm uploads: what arrived, whether it is what was granted, and a receipt that proves it later.
//!
//! A presigned URL promises nothing about what arrives. A client can upload nothing, or the bytes can be others than it declared. With
//! `confirm = true`, a client says when it has uploaded. The service looks at the object and answers what it found. For an accepted
//! object it adds a *receipt*, which the application stores.
//!
//! # Configure
//!
//! ```toml
//! [bucket]
//! name = "article-images-bucket"
//! region = "eu-central-1"
//!
//! [upload]
//! key = "articles/{sub}/{id}.{ext}"
//! types = ["image/jpeg", "image/png"]
//! max_size = "10 MiB"
//! bodyless = "refuse"
//! confirm = true
//! confirm_within = "24h"
//!
//! [token]
//! keys = ["env:UPSIGN_TOKEN_SECRET"]
//!
//! [auth]
//! user_pool = "eu-central-1_AbCdEf123"
//! client_ids = ["3n4b5urk1ft4fl3mg5e62d9ado"]
//! token_use = "access"
//!
//! [cors]
//! origins = ["https://app.example.com"]
//! ```
//!
//! Every grant of the route then has an `uploadToken` and `"confirm": true`, for a `PUT`, a form or an upload in parts: a client takes the
//! upload for a success only if it is confirmed. The token can be used for `confirm_within`
//! after the grant has expired; an upload in parts is confirmed within its `resume_window`. The service needs `s3:GetObject` to look at
//! objects, which `upsign documents` adds to its role.
//!
//! # The call
//!
//! ```http
//! POST /uploads/confirm
//! Authorization: Bearer eyJ…
//! Content-Type: application/json
//!
//! {"uploadToken": "Akf3…"}
//! ```
//!
//! The answer is 200 for each of five states. A state is an answer and not an error, so a client reads `state`:
//!
//! | `state` | what it means | what the client does |
//! | --- | --- | --- |
//! | `confirmed` | the object is the one that was granted; `receipt` proves it | sends the receipt to the application, or the application has it already |
//! | `pending` | the object is inspected or moved; `reason` is `inspecting` or `promoting` | asks again after `retryAfter` seconds |
//! | `mismatch` | the object differs; `reason` is `size`, `content-type`, `checksum`, `encryption` or `changed` | uploads again |
//! | `rejected` | the inspection refused the content: [`quarantine`](super::quarantine) | tells the user; the object does not become readable |
//! | `missing` | there is no object | uploads, or begins anew |
//!
//! ```json
//! {
//!   "state": "confirmed",
//!   "key": "articles/6f0c…/0191….jpg",
//!   "size": 48213,
//!   "etag": "9b2cf535f27731c974343645a3985328",
//!   "versionId": "3sL4kqtJlcpXroDTDmJ",
//!   "contentType": "image/jpeg",
//!   "receipt": "AQkW…"
//! }
//! ```
//!
//! The call can be repeated. An object that was confirmed is confirmed again, with the same receipt, until the token ends.
//!
//! # What is compared
//!
//! The service reads the size, type, checksums and encryption of the object, and compares them with what the grant permits: the exact size
//! or the range, the content type, a checksum that was signed, and the encryption that the policy states. It pins the version id, or the entity
//! tag in a bucket without versioning. Every later step names that version, so an object that is replaced in the meantime is not
//! confirmed: the answer is `mismatch` with the reason `changed`, or that of the new object.
//!
//! In a bucket without versioning, a receipt names the entity tag. A URL to read then has it as a condition, in the header `if-match`, which
//! the client must send: another object at the same key is not read, and the store answers 412. To delete it, the service looks at the object,
//! and deletes it if its entity tag is still the one it saw. AWS and SeaweedFS compare the tag when they delete. The
//! other stores that upsign knows do not, and delete an object that is put to the key between the look and the deletion: enable versioning there.
//! Of a store without a profile, upsign assumes that it compares.
//!
//! # The receipt
//!
//! A receipt is signed with a key that is derived from the secrets in `[token]`. It states route, bucket, key, version, size, type, checksum, the
//! time, and a hash of the uploader; the subject of the caller is not in it. It has no expiry. Keep a secret in `token.keys` as long as
//! receipts that it signed are used: without it they are refused.
//!
//! Holding a receipt permits nothing by itself. The caller who sends it is authenticated and authorized:
//!
//! | call | who may | effect |
//! | --- | --- | --- |
//! | `POST /uploads/read-url` `{"receipt": "…"}` | the uploader, or the callers that your [`AuthorizeRead`](crate::read::AuthorizeRead) permits | a presigned URL of exactly the confirmed version, valid for at most `read_expires_in` (5 minutes by default) |
//! | `DELETE /uploads` `{"receipt": "…"}` or `{"uploadToken": "…"}` | the uploader, on routes with `delete = true` | with a receipt, the confirmed version is gone; with an upload token, what was uploaded with it, below `pending_key` and at `key`. Repeating it has the same answer |
//!
//! An upload token deletes an object at a key that readers use only if it is as it was granted, and under the same condition; otherwise the
//! answer is 409 `object-exists`, because the object could be another upload's. Where the key has no `{id}`, an object that another upload
//! has put there and that is as granted here too is deleted. In a versioned bucket it deletes the 8 newest versions, and
//! hides older ones behind a delete marker.
//!
//! `POST /uploads/read-url` exists if `reads = "presigned"` in `[deployment]`, or `"cloudfront"` with signed URLs
//! ([`deploy`](super::deploy#reads-by-cloudfront)). Browsers save the object in place of showing it, unless its type cannot contain scripts; `"disposition": "attachment"` asks for that
//! for every type. Without [`AuthorizeRead`](crate::read::AuthorizeRead) an uploader reads only own objects. Applications that show
//! uploads to others keep the receipt in their database, and call [`read_url`](crate::UploadService::read_url) themselves.
//!
//! Reading, confirming and deleting check the groups and scopes of the route: an uploader who has lost the group gets 403, with the code
//! `read-forbidden` for reading and `route-forbidden` for the others.
//! An [`AuthorizeRead`](crate::read::AuthorizeRead) of the application decides alone; it learns of the loss from
//! [`has_access`](crate::read::ReadAuthorization::has_access).
//!
//! A URL can be opened as a link or be the source of an image, and a script of a listed origin (`cors.origins`) can `fetch` it:
//!
//! - With `reads = "presigned"`, the generated CORS rules of the bucket permit `GET` with the header `if-match`. A bucket without versioning
//!   needs that header, which links and images do not send, so there only scripts and other programs read.
//! - With `reads = "cloudfront"`, the generated distribution adds the headers of CORS to its answers. CloudFront has no patterns within a name:
//!   it does not add them for `https://app-*.example.com`, and does for `https://*.example.com`. A script fetches without headers of its own,
//!   because the distribution answers no preflight.
//!
//! # Store it
//!
//! The service stores nothing. [`Announce`](crate::Announce) is called before the client receives its answer, so a row can have the receipt
//! before the client continues. If it fails, the client gets 503 and repeats the call.
//!
//! ```
//! use upsign::{Announce, AnnounceError, Announcement, async_trait};
//!
//! #[derive(Debug)]
//! struct Files(/* a connection pool */);
//!
//! #[async_trait]
//! impl Announce for Files {
//!     async fn announce(&self, announcement: &Announcement<'_>) -> Result<(), AnnounceError> {
//!         let receipt = announcement.confirmation.and_then(|it| it.receipt.as_ref()).map(|it| it.expose());
//!         // UPDATE files SET state = …, receipt = … WHERE name = … AND state <> 'confirmed'
//! #       let _ = (announcement.kind.as_str(), receipt, announcement.key);
//!         Ok(())
//!     }
//! }
//! ```
//!
//! The example `confirm` is such an application, with SQLite or PostgreSQL by the same statements.
//!
//! # From the command line and from Rust
//!
//! `upsign upload photo.jpg` confirms if the API offers it, waits while the state is `pending`, and ends with code 4 if the file is not accepted.
//! `--confirm` fails where nothing is confirmed, `--no-confirm` leaves it out, `--read-url` prints a URL to read the file, and
//! `--json` prints the receipt. In Rust, `upsign-client` has `UploadOptions::confirm`.
