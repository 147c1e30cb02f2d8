//! The request and the answers on the wire.
//!
//! ```http
//! POST /upload-url HTTP/1.1
//! Authorization: Bearer eyJraWQiOi…
//! Content-Type: application/json
//!
//! {"contentType": "image/jpeg", "contentLength": 48213, "fileName": "IMG_1.jpg"}
//! ```
//!
//! ```json
//! {
//!   "uploadUrl": "https://article-images-bucket.s3.ap-southeast-1.amazonaws.com/articles/…?X-Amz-Algorithm=…",
//!   "key": "articles/0d3e…/raw/5b1f….jpg",
//!   "articleId": "0d3e…",
//!   "expiresIn": 900,
//!   "method": "PUT",
//!   "headers": {"content-type": "image/jpeg", "if-none-match": "*"},
//!   "expiresAt": "2026-01-01T00:15:00Z"
//! }
//! ```
//!
//! The client then sends the file to `uploadUrl` with `method` and exactly `headers`. Browsers set `host` and
//! `content-length` themselves; both are signed too.
//!
//! A URL dies with the credentials that signed it, so `expiresIn` is the least of what the policy says and what is left of
//! them. Where nobody knows that, `"expiresAtIs": "upper-bound"` stands beside `expiresAt`.
//!
//! With `bodyless = "allow"` the body may be left out altogether, as the article's front end does: then only the content
//! type is bound.
//!
//! | member of the request | what it says |
//! | --- | --- |
//! | `contentType`, `contentLength` | the file's type and exact size; signed |
//! | `fileName` | its name, where the policy keeps names |
//! | `checksum` | one algorithm and its value in base64: `{"sha256": "…"}`; signed |
//! | `contentDisposition`, `metadata`, `tags` | where the policy lets clients choose; signed |
//! | `route` | which policy, where a service has several |
//! | `articleId`, … | an existing id to upload under, where the policy lets clients name it and the application agrees |
//!
//! A route whose `method` is `post` answers a form instead: `"method": "POST"` and `fields`, to be sent to `uploadUrl` as
//! `multipart/form-data`, in that order, the file last under the name `file`. A client that leaves out `contentLength` gets
//! the policy's range of sizes, bound by the form.
//!
//! Every refusal is a problem document (RFC 9457) whose `code` never changes:
//!
//! | status | codes |
//! | --- | --- |
//! | 400 | `body-syntax`, `body-not-object`, `body-duplicate-member`, `body-unknown-member`, `body-too-many-members`, `body-member-type`, `content-length-invalid`, `route-required`, `route-unknown`, and the policy's own |
//! | 401 | `unauthorized`: one body, whatever was wrong with the token |
//! | 403 | `route-forbidden`: not this caller; `forbidden`: the application says no; and the policy's own |
//! | 404, 405 | `not-found`, `method-not-allowed` |
//! | 413, 415 | too large; a type that is not allowed |
//! | 429 | `too-many-requests`, with `Retry-After` |
//! | 503 | `keys-unavailable`, `signing-unavailable`, `authorization-unavailable`, `credentials-too-short`, with `Retry-After` |
