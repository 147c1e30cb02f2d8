//! Upload with a form: for HTML without JavaScript, and for clients that do not know the size.
//!
//! A presigned form (a POST policy) can bind a *range* of sizes, and every browser can send one. It cannot prevent overwriting, so keep
//! `{id}` in the key. Cloudflare R2, Backblaze B2 and Wasabi do not support forms.
//!
//! ```toml
//! [route.forms]
//! key = "inbox/{sub}/{id}.{ext}"
//! types = ["image/jpeg"]
//! min_size = "1 KiB"
//! max_size = "10 MiB"
//! method = "post"
//! bodyless = "refuse"
//! ```
//!
//! The answer has `fields` in place of `headers`:
//!
//! ```json
//! {
//!   "uploadUrl": "https://article-images-bucket.s3.ap-southeast-1.amazonaws.com/",
//!   "key": "inbox/…/5b1f….jpg",
//!   "method": "POST",
//!   "fields": {"Content-Type": "image/jpeg", "key": "inbox/…", "policy": "eyJ…", "x-amz-signature": "…"},
//!   "expiresIn": 900, "expiresAt": "2026-01-01T00:15:00Z"
//! }
//! ```
//!
//! Send every field in the given order, and the file last, under the name `file`:
//!
//! ```js
//! const form = new FormData();
//! for (const [name, value] of Object.entries(grant.fields)) form.append(name, value);
//! form.append("file", file);
//! const stored = await fetch(grant.uploadUrl, { method: grant.method, body: form });
//! ```
//!
//! S3 answers 204, 400 `EntityTooLarge` or `EntityTooSmall`, or 403 if a field differs. A script that listens to the progress of the
//! upload makes browsers send a preflight; `upsign documents cors` allows it.
//!
//! For HTML without JavaScript, say where the browser goes after the upload; S3 appends the bucket, the key and the ETag:
//!
//! ```toml
//! [route.forms]
//! key = "inbox/{sub}/{id}.{ext}"
//! types = ["image/jpeg"]
//! max_size = "10 MiB"
//! method = "post"
//! bodyless = "allow"
//! success_action_redirect = "https://app.example.com/done"
//! ```
//!
//! `success_action_status = 201` makes S3 answer with the key in XML instead. Both are fields of the form with a condition, so a client
//! cannot change them (test `local/stored_headers::form_stores_every_field_and_is_answered_as_it_says`).
//!
//! In code, choose the method of the policy:
//!
//! ```
//! use upsign::policy::UploadMethod;
//! use upsign::prelude::*;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
//! let policy = UploadPolicy::builder(target, "inbox/{id}.{ext}".parse()?, Bodyless::Refuse)
//!     .content_types(["image/jpeg"])
//!     .max_size(10 << 20)
//!     .method(UploadMethod::Post)
//!     .build()?;
//! # let issuer = UploadIssuer::sigv4(policy, Credentials::long_term("AKIDEXAMPLE", "secret")?)?;
//! # let caller = Identity::from_verified("https://issuer.example", "alice")?;
//! # let at = "2026-01-01T00:00:00Z".parse()?;
//! # futures_executor::block_on(async {
//! // The size may be absent: then S3 accepts what the policy allows.
//! let grant = issuer.issue(&caller, &UploadRequest::described().with_content_type("image/jpeg"), at).await?;
//! let form = grant.upload.post().ok_or("this policy issues forms")?;
//! assert!(form.fields.iter().any(|(name, value)| &**name == "Content-Type" && &**value == "image/jpeg"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok(())
//! # }
//! ```
//!
//! # Large files in parts
//!
//! With `multipart = "auto"`, a route has both: a form for a file up to `multipart_above`, and a
//! [multipart upload](super::large_files) for a larger one. It needs `[token] keys` and `{id}` in the key.
//!
//! ```toml
//! [route.films]
//! key = "films/{sub}/{id}.{ext}"
//! types = ["video/mp4"]
//! max_size = "10 GiB"
//! method = "post"
//! multipart = "auto"
//! multipart_above = "20 MiB"
//! bodyless = "refuse"
//! ```
//!
//! | request | answer |
//! | --- | --- |
//! | `contentLength` up to `multipart_above`, or `"multipart": false` up to the largest `PUT` | a form of exactly this size |
//! | a larger `contentLength`, or `"multipart": true` | a multipart upload |
//! | no `contentLength`, or no body with `bodyless = "allow"` | a form for `min_size` up to `multipart_above`, or `max_size` if that is less |
//! | no `contentLength`, and `"multipart": true` | 400 `content-length-required` |
//! | no `contentLength`, with `size_bound = "max"` | a multipart upload of up to `max_size`; with `"multipart": false`, the form |
//!
//! `multipart = "always"` is refused, and so is a `min_size` above `multipart_above`: no file would be sent by a form. A form cannot
//! prevent overwriting, so the route has `replace = "allow"`. Its multipart uploads are completed with `If-None-Match: *` all the same, at
//! stores that compare it: the key contains `{id}`, so an object that is already there belongs to another upload.
//! The settings that forms do not have, such as `content_language` and `expected_bucket_owner`, are refused for the whole route.
//!
//! `upsign post` signs a single form without a policy, for tests.
