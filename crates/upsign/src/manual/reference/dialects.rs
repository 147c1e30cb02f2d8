//! The contracts of other clients.
//!
//! An API that has `dialects` in `upsign.toml` also answers clients that exist already, each at the paths that it expects. The policies
//! decide as for [the API's own contract](super::contract); only the form of requests and answers differs. The how-tos show each client
//! at work: [`uppy`](crate::manual::howto::uppy), [`companion`](crate::manual::howto::companion),
//! [`better_upload`](crate::manual::howto::better_upload), [`active_storage`](crate::manual::howto::active_storage),
//! [`git_lfs`](crate::manual::howto::git_lfs). The OpenAPI description has the schema of every request and answer below, tagged by
//! dialect (`upsign documents openapi`), and `upsign check` says which routes serve a dialect, and what the others lack.
//!
//! | dialect | paths, below the base path if there is one |
//! | --- | --- |
//! | `uppy` | `POST /uppy/sign`; `GET`, `POST` and `DELETE /uppy/multipart` |
//! | `companion` | below `/s3` |
//! | `better-upload` | `POST /better-upload`; `POST` and `DELETE /better-upload/multipart` |
//! | `active-storage` | `POST /rails/active_storage/direct_uploads` |
//! | `git-lfs` | below `/info/lfs` and `/ROUTE/info/lfs` |
//!
//! What all of them share:
//!
//! - A request carries the token of the caller in the header that the configuration names, as any other. Requests to `/uppy/multipart` and
//!   `/better-upload/multipart` carry a *ticket* in the query instead: their clients believe that they call S3, and send no credentials.
//!   A ticket is good for one upload, one kind of request and 15 minutes, and is a secret. With better-upload, it completes for
//!   `expires_in` and 15 minutes, and aborts as long as the upload.
//! - The id of an upload in parts (`uploadId`) is its upload token.
//! - Requests count against the [limits](super::contract) as those for uploads and for calls do.
//! - A refusal has the status of a problem document and its text, in the form that the client shows. Without one, it is the problem
//!   document itself.
//! - A request that names no route is for the unnamed route; in a service without one, for the only route that serves the dialect.
//! - Paths and queries with upload tokens or tickets are not logged. Do not log them in servers in front of the API either.
//!
//! # `uppy`
//!
//! For `signRequest` of `@uppy/aws-s3` 6. `POST /uppy/sign` receives what the client wants signed, and answers
//! `{"url", "key", "headers" or "fields", …}`:
//!
//! | request | answer |
//! | --- | --- |
//! | `{"method": "PUT", "key", "contentType"}` | a form (`url`, `fields`) that binds the range of sizes (up to `multipart_above` if larger files are sent in parts), with `method = "post"`; with `contentLength`, a `PUT` that binds the size; with `unbounded = "danger"`, a `PUT` of any size |
//! | `{"method": "POST", "key"}` | begins an upload in parts |
//! | `{"method": "PUT", "key", "uploadId", "partNumber"}` | the `PUT` of a part |
//! | `{"method": "GET" or "POST" or "DELETE", "key", "uploadId"}` | a URL with a ticket, relative to this one, that lists the parts, completes or aborts the upload |
//! | `{"method": "DELETE", "key"}` | 403: a caller who may upload may not delete |
//!
//! `key` is a proposal: the policy decides, and only the name of the file is read from it. Further members are `route` and ids that clients
//! may supply; `expiresIn` has no effect. Parts have any size that the store accepts, and numbers up to those that `max_size` can need. Completing lists them first: if they are
//! more than `max_size` together, the upload is refused and aborted.
//!
//! `/uppy/multipart` answers as S3 does: `InitiateMultipartUploadResult` to a `POST` without a body, `ListPartsResult`,
//! `CompleteMultipartUploadResult` to a `POST` with `CompleteMultipartUpload`, 204 to `DELETE`, and `Error` with a code, a message and the
//! id of the request.
//!
//! Refusals of `/uppy/sign`: `{"error": CODE, "message": TEXT, "requestId": ID}`.
//!
//! # `companion`
//!
//! For `@uppy/aws-s3` 4 and 5, which call the endpoints of Companion:
//!
//! | request | answer |
//! | --- | --- |
//! | `GET /s3/params?filename=&type=&metadata[NAME]=` | `{"method", "url", "fields", "expires"}`: a form, or with `unbounded = "danger"` a `PUT` |
//! | `POST /s3/multipart` with `{"filename", "type", "metadata"}` | `{"key", "uploadId", "bucket"}` |
//! | `GET /s3/multipart/UPLOAD?key=` | `[{"PartNumber", "ETag", "Size"}]` |
//! | `GET /s3/multipart/UPLOAD/NUMBER?key=` | `{"url", "expires"}` |
//! | `GET /s3/multipart/UPLOAD/batch?key=&partNumbers=1,2` | `{"presignedUrls": {"1": …, "2": …}}` |
//! | `POST /s3/multipart/UPLOAD/complete?key=` with `{"parts": [{"PartNumber", "ETag"}]}` | `{"location", "key", "bucket"}` |
//! | `DELETE /s3/multipart/UPLOAD?key=` | `{}` |
//!
//! The entry `upsignRoute` of the metadata names the route. Sizes and parts are those of `uppy`. Refusals:
//! `{"error": CODE, "message": TEXT, "requestId": ID}`.
//!
//! # `better-upload`
//!
//! `POST /better-upload` with `{"route", "files": [{"name", "size", "type"}], "metadata"}` answers either
//! `{"files": [{"signedUrl", "file", "headers"}], "metadata"}` or, if a file is sent in parts,
//! `{"multipart": {"files": [{"file", "parts": [{"signedUrl", "partNumber", "size"}], "uploadId", "completeSignedUrl", "abortSignedUrl"}],
//! "partSize"}, "metadata"}`. `metadata.uploads` of the answer has the key, the ids and the upload token of each file.
//!
//! `completeSignedUrl` and `abortSignedUrl` have tickets, and answer in S3's XML. Refusals: `{"error": {"type", "message", "code"}}`, where
//! `type` is one that the client knows.
//!
//! # `active-storage`
//!
//! `POST /rails/active_storage/direct_uploads?route=ROUTE` with `{"blob": {"filename", "content_type", "byte_size", "checksum",
//! "metadata"}}` answers the blob with `signed_id`, which is the upload token for [confirming](super::contract), and
//! `"direct_upload": {"url", "headers"}`. `checksum` is the MD5 of the file in base64, and is signed. Refusals are problem documents: the
//! client shows their status only.
//!
//! # `git-lfs`
//!
//! All bodies are of type `application/vnd.git-lfs+json`. The segment in front of `/info/lfs` is the name of the route.
//!
//! | request | answer |
//! | --- | --- |
//! | `POST …/info/lfs/objects/batch` with `{"operation", "objects": [{"oid", "size"}]}` | `{"transfer": "basic", "objects": [{"oid", "size", "actions" or "error"}]}` |
//! | `POST …/info/lfs/verify` with `{"oid", "size"}` and the header `upsign-upload-token` of the action | `{}` if the object is confirmed |
//! | `…/info/lfs/locks` and below | 404: there are no locks |
//!
//! The oid is the SHA-256 of the file, and signed as its checksum. The token of the caller may be the password of Basic: a request
//! without one is answered 401 with `LFS-Authenticate`. An authorizer of API Gateway refuses that password, so set `auth.source` to
//! `"token"` there. Refusals: `{"message": TEXT, "request_id": ID}`; those of single objects are in `error`.
