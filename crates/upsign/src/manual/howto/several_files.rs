//! Grant several files in one request: all of them, or none.
//!
//! A page with ten photos would send ten requests. With `max_files`, one request describes them all:
//!
//! ```toml
//! [upload]
//! max_files = 10
//! max_total_size = "50 MiB"
//! ```
//!
//! ```http
//! POST /upload-url
//!
//! {"files": [
//!   {"contentType": "image/jpeg", "contentLength": 48213},
//!   {"contentType": "image/png", "contentLength": 9120}
//! ]}
//! ```
//!
//! Each member of `files` is what a request for one file has, without `route`: the route is a member of the request, next to `files`. The answer
//! has the grants in the same order, each as it would be alone:
//!
//! ```json
//! {"files": [{"key": "…", "method": "PUT", "uploadUrl": "…"}, {"key": "…", "method": "PUT", "uploadUrl": "…"}]}
//! ```
//!
//! | refusal | cause |
//! | --- | --- |
//! | 400 `files-not-offered` | the route has no `max_files`, or it is 1 |
//! | 400 `files-count` | there are more files than `max_files`, or none |
//! | 413 `files-too-large` | together they are larger than `max_total_size` |
//! | any other code, with the member `file` | that of the file with this index, from 0 |
//!
//! If one file is refused, none is granted: what was reserved is released, and multipart uploads that were created are aborted. A route with
//! one way to upload signs all files in that way. With `multipart = "auto"`, files of one
//! request may differ: a small one gets a `PUT`, or a form with `method = "post"`, and a large one parts. Each has an upload token of
//! its own, and is confirmed alone:
//!
//! ```toml
//! [upload]
//! key = "videos/{sub}/{id}.{ext}"
//! max_files = 10
//! method = "post"
//! multipart = "auto"
//! multipart_above = "20 MiB"
//! ```
//!
//! ```json
//! {"files": [{"key": "…", "method": "POST", "uploadUrl": "…", "fields": {"key": "…"}}, {"key": "…", "method": "MULTIPART", "uploadToken": "…"}]}
//! ```
//!
//! [`forms`](super::forms#large-files-in-parts) says which sizes such a form accepts.
//!
//! The request counts once against `limit.per_minute`, and each file counts against a quota ([`quotas`](super::quotas)).
//!
//! In Rust, `UploadClient::upload_together` of `upsign-client` sends the request, and uploads several files at the same time. From the
//! command line: `upsign upload --together *.jpg`.
