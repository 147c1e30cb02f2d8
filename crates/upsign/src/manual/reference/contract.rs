//! The HTTP contract: `POST /upload-url`, the calls that continue a multipart upload, and those that follow an upload.
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
//! | `multipart` | `true` or `false`: whether to use a multipart upload. `false` is possible up to the largest `PUT` of the store. Without it, the route decides by the size |
//! | `checksumAlgorithm` | the algorithm of the checksums of a multipart upload, such as `crc64nvme` |
//! | `articleId`, … | an existing id, if the policy lets clients supply it; the application's `Authorize` must allow it |
//! | `files` | several files in one request ([below](#several-files)), if the route has `max_files` |
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
//! # Several files
//!
//! A route with `max_files` above 1 also accepts a list of descriptions, each with the members above except `route`:
//!
//! ```json
//! {
//!   "route": "gallery",
//!   "files": [
//!     {"contentType": "image/jpeg", "contentLength": 48213},
//!     {"contentType": "image/png", "contentLength": 1024}
//!   ]
//! }
//! ```
//!
//! The answer has one grant for each file, in the order of the request:
//!
//! ```json
//! {"files": [{"uploadUrl": "https://…", "key": "gallery/…"}, {"uploadUrl": "https://…", "key": "gallery/…"}]}
//! ```
//!
//! All files are granted, or none is. A refusal then has the code that the file alone would get, and the member `file`, its index
//! from 0 on. The request as a whole counts once against `limit.per_minute`, and each of its files against the quotas.
//!
//! | code | meaning |
//! | --- | --- |
//! | 400 `files-not-offered` | the route accepts one file per request |
//! | 400 `files-count` | the list is empty, or longer than `max_files` |
//! | 413 `files-too-large` | the files are larger than `max_total_size` together. A file without `contentLength` counts with `max_size` |
//!
//! A service without such a route answers 400 `body-unknown-member`.
//!
//! # Multipart uploads
//!
//! A route with `multipart = "auto"` or `"always"` answers with `"method": "MULTIPART"` if the file is larger than
//! `multipart_above`, or if the client sends `"multipart": true`. The service has then created a multipart upload at the store.
//! With `"auto"`, a client that cannot send parts sends `"multipart": false` and gets one `PUT`, up to the largest one of the store (5
//! GiB at S3).
//!
//! ```json
//! {
//!   "key": "videos/5b1f….mp4",
//!   "expiresIn": 86400,
//!   "method": "MULTIPART",
//!   "partSize": 8388608,
//!   "partCount": 128,
//!   "partsAtOnce": 4,
//!   "contentLength": 1073741824,
//!   "checksumAlgorithm": "crc64nvme",
//!   "checksumType": "FULL_OBJECT",
//!   "uploadToken": "AVlHj3…",
//!   "expiresAt": "2026-01-02T00:00:00Z"
//! }
//! ```
//!
//! | member | meaning |
//! | --- | --- |
//! | `uploadToken` | what every later call for this upload sends. It is good for the caller that began the upload only, until `expiresAt`, and nothing extends it. Keep it like a password |
//! | `partSize`, `partCount` | part *n* has the bytes from (*n* − 1) · `partSize` on. Every part has `partSize` bytes, except the last |
//! | `partsAtOnce` | how many parts to send at a time. It is advice |
//! | `contentLength` | the size of the file. Absent if the route has `size_bound = "max"` and the client stated none: `partCount` is then a maximum |
//! | `checksumAlgorithm` | the algorithm of checksums of the upload. Absent if the store compares none |
//! | `checksumType` | `FULL_OBJECT`: parts may have checksums, and the client can state that of the whole file when it completes the upload. `COMPOSITE`: every part must have one, also when the upload is completed. Absent with `md5`, which the store compares for each part only |
//!
//! A `PUT` grant of such a route has an `uploadToken` too if the route never replaces objects. If the answer to the `PUT` is lost and
//! a second one is refused with 412, `/uploads/status` finds out whether the first one has stored the file.
//!
//! Every call below is a `POST` with the caller's own credentials, as for `/upload-url`, and a JSON object with `uploadToken`. They
//! count against `limit.calls_per_minute`. Each can be repeated if its answer was lost.
//!
//! ## `POST /uploads/parts`
//!
//! Returns URLs for up to 1,000 parts. Ask when a part is ready to be sent: URLs expire like those of a `PUT` grant. The service does
//! not ask the store, so it also signs URLs for an upload that was completed or aborted. The store answers a `PUT` to them with 404
//! `NoSuchUpload`; `/uploads/status` then returns what became of the upload.
//!
//! ```json
//! {"uploadToken": "AVlHj3…", "partNumbers": [1, 2], "checksums": ["rosUhgp5mIg=", "3xGEYcLRGls="]}
//! ```
//!
//! ```json
//! {
//!   "parts": [
//!     {
//!       "partNumber": 1,
//!       "uploadUrl": "https://article-images-bucket.s3.ap-southeast-1.amazonaws.com/videos/…?partNumber=1&uploadId=…",
//!       "contentLength": 8388608,
//!       "headers": {"x-amz-checksum-crc64nvme": "rosUhgp5mIg="}
//!     }
//!   ],
//!   "expiresIn": 900,
//!   "expiresAt": "2026-01-01T00:15:00Z"
//! }
//! ```
//!
//! | member | meaning |
//! | --- | --- |
//! | `checksums` | the base64 checksum of each part, in the order of `partNumbers`, or `null` for a part without one |
//! | `contentLengths` | the length of each part, in the order of `partNumbers`. Required if the grant has no `contentLength`, and not allowed otherwise |
//! | `parts` | the first of the requested parts whose URLs fit into 1 MB: ask again for those that are absent |
//!
//! The client sends each part to its `uploadUrl` with `PUT` and exactly `headers`. The length is signed, so a store that compares
//! it accepts no other. The answer of the store has the part's `ETag`, which the client needs to complete the upload. A part that is
//! sent twice replaces the first one.
//!
//! ## `POST /uploads/status`
//!
//! ```json
//! {"uploadToken": "AVlHj3…", "after": 7000}
//! ```
//!
//! ```json
//! {
//!   "state": "open",
//!   "key": "videos/5b1f….mp4",
//!   "size": 1073741824,
//!   "partSize": 8388608,
//!   "partCount": 128,
//!   "bytes": 8388608,
//!   "parts": [{"partNumber": 2, "size": 8388608, "etag": "9b2c…", "checksum": "3xGEYcLRGls="}],
//!   "missing": "1,3-128",
//!   "expiresAt": "2026-01-02T00:00:00Z"
//! }
//! ```
//!
//! | member | meaning |
//! | --- | --- |
//! | `state` | `open`; `completed`, with the members of the next call; or `gone`: the upload was aborted, or the store has removed it |
//! | `bytes`, `missing` | the size of all parts that the store has, and the numbers of those that it lacks |
//! | `wrong` | the numbers of parts whose size contradicts the plan: send them again. Absent if there are none |
//! | `more` | `true` if `parts` does not list all, because it would exceed 1 MB. Send the last number as `after` to get those that follow |
//!
//! ## `POST /uploads/complete`
//!
//! ```json
//! {
//!   "uploadToken": "AVlHj3…",
//!   "parts": [{"partNumber": 1, "etag": "\"3f2b…\"", "checksum": "rosUhgp5mIg="}],
//!   "checksum": {"crc64nvme": "2Bv5JQmZ0Tk="}
//! }
//! ```
//!
//! ```json
//! {
//!   "state": "completed",
//!   "key": "videos/5b1f….mp4",
//!   "size": 1073741824,
//!   "contentType": "video/mp4",
//!   "etag": "d41d…-128",
//!   "versionId": "3sL4kqtJlcpXroDTDmJ…",
//!   "checksum": {"crc64nvme": "2Bv5JQmZ0Tk="}
//! }
//! ```
//!
//! `parts` lists every part in ascending order, with its `ETag` with or without quotes. `checksum` is that of the whole file, only
//! with `FULL_OBJECT`. The service compares the list with the plan and with what the store has, and the store compares what it can
//! ([`stores`](crate::manual::howto::stores)). A repeated request gets the same answer as the first. `versionId` is present in a
//! bucket with versioning. If something differs, nothing is discarded, and the answer names the parts:
//!
//! | code of the 409 | member | meaning |
//! | --- | --- | --- |
//! | `parts-missing` | `missing` | the store lacks these parts: send them |
//! | `parts-missing` | `unlisted` | `parts` of the request lacks them: add them |
//! | `part-mismatch` | `parts` | these parts differ from the plan or from the request; `difference` is `size`, `etag` or `checksum`. Send them again. After `etag`, the client can instead state the ETag of the answer, if it belongs to the right content |
//!
//! ## `POST /uploads/abort`
//!
//! ```json
//! {"uploadToken": "AVlHj3…"}
//! ```
//!
//! ```json
//! {"state": "aborted"}
//! ```
//!
//! Stop sending parts first: a store can keep one that arrives at the same time. A completed upload cannot be aborted: 409
//! `upload-completed`.
//!
//! # After the upload
//!
//! A presigned URL promises nothing about what arrives. A route with `confirm = true` therefore gives every grant an `uploadToken`,
//! also that of a single `PUT` or a form, and `"confirm": true`: the upload succeeded only if `/uploads/confirm` says so. Such a route
//! has the calls below. They need the caller's own credentials and count against `limit.calls_per_minute`.
//!
//! ## `POST /uploads/confirm`
//!
//! Compares the object with what was granted, has its content inspected, and promotes it to its final key. Complete a multipart upload
//! first.
//!
//! ```json
//! {"uploadToken": "AVlHj3…"}
//! ```
//!
//! ```json
//! {
//!   "state": "confirmed",
//!   "key": "articles/0d3e…/raw/5b1f….jpg",
//!   "size": 48213,
//!   "contentType": "image/jpeg",
//!   "etag": "9b2cf535f27731c974343645a3985328",
//!   "versionId": "3sL4kqtJlcpXroDTDmJ…",
//!   "checksum": {"crc64nvme": "2Bv5JQmZ0Tk="},
//!   "receipt": "AU8vYq…"
//! }
//! ```
//!
//! Every state is an answer with the status 200:
//!
//! | `state` | meaning | `reason` |
//! | --- | --- | --- |
//! | `confirmed` | the object is the one that was granted. `receipt` proves it | |
//! | `mismatch` | the object differs from what was granted: upload it again, or begin a new upload | `size`, `content-type`, `checksum`, `encryption`, `changed` |
//! | `missing` | there is no object yet, or no longer | |
//! | `rejected` | the inspection refused the content | `type-mismatch`, `unknown-type`, `active-content`, `polyglot`, `archive`, `truncated`, `malware`, `application` |
//! | `pending` | the inspection or the promotion has not ended: ask again after `retryAfter` seconds, which `Retry-After` states too | `inspecting`, `promoting` |
//!
//! | member | meaning |
//! | --- | --- |
//! | `key` | the key at which readers find the object: that of the grant |
//! | `etag`, `versionId` | the version that was confirmed. Later calls read and delete this one |
//! | `checksum` | the checksum of the whole object, if the store has one |
//! | `receipt` | proof of the confirmation, signed by the service. It does not expire: store it with the key |
//!
//! A repeated request gets the same answer. An upload can be confirmed until its upload token expires: `confirm_within` (24 hours)
//! after the grant, or at the end of the multipart upload.
//!
//! ## `POST /uploads/read-url`
//!
//! Returns a URL for a confirmed object. Served if `deployment.reads` is `"presigned"`, or `"cloudfront"` without `public_reads`: the URL then
//! leads to the distribution. A program can sign the URLs in another way ([`with_read_signer`](crate::UploadService::with_read_signer)). The
//! uploader may read, with the groups and scopes of the route; another caller only if the application's
//! [`AuthorizeRead`](crate::read::AuthorizeRead) allows it.
//!
//! ```json
//! {"receipt": "AU8vYq…", "expiresIn": 60, "disposition": "attachment"}
//! ```
//!
//! ```json
//! {
//!   "readUrl": "https://article-images-bucket.s3.ap-southeast-1.amazonaws.com/articles/…?versionId=…&X-Amz-Algorithm=…",
//!   "key": "articles/0d3e…/raw/5b1f….jpg",
//!   "versionId": "3sL4kqtJlcpXroDTDmJ…",
//!   "contentType": "image/jpeg",
//!   "expiresIn": 60,
//!   "expiresAt": "2026-01-01T00:01:00Z"
//! }
//! ```
//!
//! | member | meaning |
//! | --- | --- |
//! | `expiresIn` | in the request: the wanted lifetime in seconds. The answer has the actual one, which is at most `read_expires_in` (5 minutes) |
//! | `disposition` | `attachment`: the browser saves the object. It does so anyway unless the type cannot contain scripts |
//! | `headers` | headers to send with the `GET`, if there are any: `if-match` in a bucket without versions |
//! | `contentType` | the type with which the store sends the object: that of the receipt |
//!
//! ## `DELETE /uploads`
//!
//! Deletes the object of an upload. Served if a route has `delete = true`, for the caller that began the upload only. The body has the
//! receipt of a confirmed upload, or the upload token of an upload, confirmed or not; a multipart upload is aborted then.
//!
//! ```json
//! {"receipt": "AU8vYq…"}
//! ```
//!
//! ```json
//! {"state": "deleted", "key": "articles/0d3e…/raw/5b1f….jpg"}
//! ```
//!
//! A repeated request gets the same answer. 409 `object-changed`: another object has the key by now, in a bucket without versions; it
//! stays. 409 `object-exists`: the object at the key differs from what this upload token was granted for; it stays too.
//!
//! # The client for browsers
//!
//! `upsign serve` with `server.browser_client = true`, and always `upsign dev`, offer the [client](crate::manual::howto::browser) as ES
//! modules to the pages that may upload: `GET /upsign/0.1.0/upsign.js`, with the version of the service in the path, may be cached
//! forever. `GET /upsign/upsign.js` redirects to it. The modules of the release before are served too, for pages that are open during an
//! update; every other version is 404.
//!
//! # Refusals
//!
//! A refusal is a problem document ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)) of type
//! `application/problem+json`. Programs should read `code`, which never changes; `detail` is for people. The OpenAPI
//! description (`upsign documents openapi`) lists every code that a configuration can produce, by status.
//!
//! The member `diagnose` says in whose hands the refusal is and what corrects it, as `upsign diagnose` does for the document:
//!
//! ```json
//! {"type": "urn:upsign:problem:unauthorized", "title": "Unauthorized", "status": 401, "code": "unauthorized",
//!  "detail": "a valid bearer token is required in the header Authorization",
//!  "diagnose": {"cause": "api-unauthorized", "owner": "client",
//!   "fix": "sign in again, and send `Authorization: Bearer TOKEN` with an access token of this API's user pool",
//!   "requestId": "5f0c7c1b2d9e4a6f8b3d1e7a9c2f4b60"}}
//! ```
//!
//! | member | value |
//! | --- | --- |
//! | `cause` | the code of a row of `upsign diagnose`, such as `api-forbidden`; it follows from `code`, so it reveals nothing more, and there can be further ones |
//! | `owner` | `client`, `cors` or `configuration` |
//! | `fix` | a text for people |
//! | `requestId` | the id with which the operator finds the reason in the log; absent if a request is refused before it has an id, such as one with too large headers |
//!
//! `upsign serve` makes up the id of a request (`X-Request-Id` of the answer); one that a client sends is ignored, except from
//! `--trusted-proxies`. A Lambda function takes the id of API Gateway or of the function URL, which their access logs have too
//! (`$context.requestId`).
//!
//! | status | meaning |
//! | --- | --- |
//! | 400 | the description is malformed, or lacks what the policy needs, such as a checksum (`checksum-required`, with `algorithms`) |
//! | 401 | the caller is not authenticated, and another token can help: the same body for every reason. `WWW-Authenticate` only if callers present tokens, with `error="invalid_token"` if the request has one |
//! | 403 | the caller is authenticated, but lacks a group or scope of `[auth]` (`insufficient-scope`) or of the route (`route-forbidden`), both with `error="insufficient_scope"` in `WWW-Authenticate`; the policy, the route or the application denies this caller the upload; the upload token or the receipt is not the caller's own, or the token has ended (`upload-token-invalid`, `receipt-invalid`); or a preflight is of an origin that is not configured |
//! | 404, 405 | another path or method |
//! | 409 | an upload does not fit what the store has; the code says how to continue |
//! | 410 | a multipart upload no longer exists (`upload-gone`): begin a new one |
//! | 408, 413, 431 | the request is too slow or too large (`body-too-large`), or the file is (`too-large`) |
//! | 415 | the request body is not JSON, or the file's type is not allowed |
//! | 429 | the caller asks too often (`too-many-requests`), or has used up a quota (`quota-exceeded`, with `kind`, `limit` and `resetsAt`); `Retry-After` says when to ask again |
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
