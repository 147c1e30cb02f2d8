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
//! Every refusal is a problem document (RFC 9457) whose `code` never changes:
//!
//! | status | codes |
//! | --- | --- |
//! | 400 | `body-syntax`, `body-not-object`, `body-duplicate-member`, `body-unknown-member`, `body-member-type`, `content-length-invalid`, and the policy's own |
//! | 401 | `unauthorized`: one body, whatever was wrong with the token |
//! | 403 | the policy's: this caller may not |
//! | 404, 405 | `not-found`, `method-not-allowed` |
//! | 413, 415 | too large; a type that is not allowed |
//! | 503 | `keys-unavailable`, `signing-unavailable`, `credentials-too-short`, with `Retry-After` |
