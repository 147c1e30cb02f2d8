//! The HTTP contract of `POST /upload-url`.
//!
//! # Request
//!
//! ```http
//! POST /upload-url HTTP/1.1
//! Authorization: Bearer eyJraWQiOi…
//! Content-Type: application/json
//!
//! {"contentType": "image/jpeg", "contentLength": 48213, "fileName": "IMG_1.jpg"}
//! ```
//!
//! | member | meaning |
//! | --- | --- |
//! | `contentType`, `contentLength` | the file's content type and its exact size in bytes; both are signed |
//! | `fileName` | the file's name; it also determines the type if `contentType` is empty |
//! | `checksum` | one algorithm and its base64 value, for example `{"sha256": "…"}`; signed |
//! | `contentDisposition`, `metadata`, `tags` | accepted only if the policy lets clients choose them; signed |
//! | `ifMatch` | the ETag of the object to replace, if the policy has `replace = "if-match"`; signed |
//! | `route` | the name of the route, if the service has several |
//! | `articleId`, … | an existing id, if the policy lets clients supply it; the application's `Authorize` must allow it |
//!
//! With `bodyless = "allow"` a client may send no body at all, as clients of the original two-step design do. A `PUT` grant
//! then binds only the key and the policy's first content type, a form also the policy's range of sizes; see
//! [`enforcement`](crate::manual::security::enforcement).
//!
//! # Response
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
//! The client sends the file to `uploadUrl` with `method` and exactly `headers`. `host` and `content-length` are signed
//! too, but browsers set them themselves, so `headers` does not list them.
//!
//! A route with `method = "post"` answers with a form: `"method": "POST"` and `fields`. The client sends the fields to
//! `uploadUrl` as `multipart/form-data` in the given order and the file last, under the name `file`. If the client left
//! out `contentLength`, the form accepts the policy's range of sizes.
//!
//! A presigned URL stops working when the credentials that signed it expire. `expiresIn` is therefore the smaller of the
//! policy's lifetime and the remaining lifetime of the credentials minus 30 seconds. With `short_credentials = "refuse"`
//! such a request is refused instead, and so is one for which less than `credentials.minimum` (60 seconds) would be left: 503
//! `credentials-too-short` with `Retry-After`. If the expiry of the credentials was assumed (`credentials.unknown_expiry`), the
//! response contains `"expiresAtIs": "upper-bound"` next to `expiresAt`: the URL may stop working earlier.
//!
//! # Refusals
//!
//! A refusal is a problem document ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)) of type
//! `application/problem+json`. Programs should read `code`, which never changes; `detail` is for people. The OpenAPI
//! description (`upsign documents openapi`) lists every code that a configuration can produce, by status.
//!
//! | status | meaning |
//! | --- | --- |
//! | 400 | the description is malformed, or lacks what the policy needs |
//! | 401 | the caller is not authenticated, and another token can help: the same body for every reason. `WWW-Authenticate` only if callers present tokens, with `error="invalid_token"` if the request has one |
//! | 403 | the caller is authenticated, but lacks a group or scope of `[auth]` (`insufficient-scope`) or of the route (`route-forbidden`), both with `error="insufficient_scope"` in `WWW-Authenticate`; the policy, the route or the application denies this caller the upload, or a preflight is of an origin that is not configured |
//! | 404, 405 | another path or method |
//! | 408, 413, 431 | the request is too slow or too large (`body-too-large`), or the file is (`too-large`) |
//! | 415 | the request body is not JSON, or the file's type is not allowed |
//! | 429 | the caller asks too often; `Retry-After` says when to ask again |
//! | 500 | a fault of the service |
//! | 503 | the service cannot answer now; `Retry-After` says when to ask again |
//!
//! An authorizer of API Gateway refuses a token before the service runs. The answer is then that of API Gateway: 401 or 403, without
//! a problem document.
//!
//! [`errors`](super::errors) lists every code: its cause, what to do, and in whose hands that is.
//!
//! Handlers of an application that choose ids themselves ([`UploadService::issue_under`](crate::UploadService::issue_under))
//! also answer 400 `id-conflict`: the request supplies another value for an id than the one that the service chose.
