//! Upload with Uppy 6.
//!
//! `@uppy/aws-s3` 6 has an option `signRequest`, which asks a service to sign one request of S3 at a time. upsign answers it, so a page
//! needs this function and no server of its own. For Uppy 4 and 5, see [`companion`](super::companion).
//!
//! # The page
//!
//! ```js
//! async function signRequest(request) {
//!   const headers = { Authorization: `Bearer ${await accessToken()}`, 'Content-Type': 'application/json' };
//!   const body = JSON.stringify(request);
//!   const answer = await fetch('https://api.example.com/uppy/sign', { method: 'POST', headers, body });
//!   const signed = await answer.json();
//!   if (!answer.ok) throw new Error(signed.message);
//!   return { ...signed, url: new URL(signed.url, answer.url).href };
//! }
//! ```
//!
//! `accessToken` returns the token of the user, and is called for each request, so a token may be renewed in between. The last line
//! matters: URLs of the API are relative to the one of `signRequest`. Uppy itself is set up as always:
//!
//! ```js
//! import Uppy from '@uppy/core';
//! import Dashboard from '@uppy/dashboard';
//! import AwsS3 from '@uppy/aws-s3';
//!
//! const uppy = new Uppy().use(Dashboard, { inline: true, target: '#uppy' }).use(AwsS3, { signRequest });
//! ```
//!
//! Files up to 100 MiB are sent with one request, larger ones in parts (`shouldUseMultipart`, `getChunkSize`). Progress, pause, retries and
//! `@uppy/golden-retriever`, which continues after a reload, work without further code. The key of the object is `body.key` in the event
//! `upload-success`. If a URL expires while the user is offline, Uppy shows an error; its retry continues with the parts that are missing.
//!
//! A page can add members to the request:
//!
//! | member | |
//! | --- | --- |
//! | `route` | the [route](super::routes), for example `{ ...request, route: 'videos' }`. Without it, the unnamed route; in a service without one, the only one that serves Uppy |
//! | `contentType` | the type of the file. Uppy states it for one request only; for an upload in parts, the extension of `key` decides |
//! | `contentLength` | the size in bytes, for a route without forms: the answer is then a `PUT` that binds it |
//! | `articleId` and other ids | those that clients may supply |
//!
//! Uppy proposes a `key` (`generateObjectKey`). The policy decides on the key, and only the file's name is read from the proposal.
//!
//! # The service
//!
//! ```toml
//! dialects = ["uppy"]
//!
//! [bucket]
//! name = "article-images-bucket"
//! region = "ap-southeast-1"
//!
//! [upload]
//! key = "uploads/{sub}/{id}.{ext}"
//! types = ["image/*", "video/*"]
//! max_size = "2 GiB"
//! bodyless = "refuse"
//! method = "post"
//! multipart = "auto"
//!
//! [token]
//! keys = ["env:UPSIGN_TOKEN_SECRET"]
//!
//! [auth]
//! user_pool = "ap-southeast-1_AbCdEf123"
//! client_ids = ["3n4b5urk1ft4fl3mg5e62d9ado"]
//! token_use = "access"
//!
//! [cors]
//! origins = ["https://app.example.com"]
//! ```
//!
//! The bucket needs the CORS rules of `upsign documents cors`: pages send `POST` for forms and `PUT` for parts, and read the header `ETag`.
//! Uppy's other requests (create, list, complete, abort) go to the API, so the bucket need not permit `GET` and `DELETE`. The API permits
//! these methods to the origins of `cors.origins` by itself.
//!
//! # What is bound
//!
//! Uppy does not state the size of a file:
//!
//! | upload | what bounds the size |
//! | --- | --- |
//! | one request, `method = "post"` | the store: the form has the range from `min_size` to `max_size`, or to `multipart_above` (100 MiB) if that is less and larger files are sent in parts. Uppy's own threshold is 100 MiB too: change both together |
//! | one request, `method = "put"` | nothing can, so it is refused. A page can add `contentLength`, or send every file in parts (`shouldUseMultipart: true`) |
//! | one request, `method = "put"` and `unbounded = "danger"` | nothing: a client can upload what the store accepts, 5 GiB at Amazon S3. Only a [confirmation](super::confirm) notices |
//! | in parts, `multipart = "auto"` | the service: it adds up the parts that the store lists before it signs and before it completes. Above `max_size`, it aborts the upload |
//!
//! The URLs of parts bind no length, and their numbers end where `max_size` is reached with the smallest parts that the store completes (5
//! MiB at Amazon S3). Until an upload is completed, expires or is aborted, a caller can therefore store more than
//! `max_size` in parts that nobody can read. [`quotas`](super::quotas) count such an upload with `max_size`, and the lifecycle rule of
//! `upsign documents lifecycle` removes what is left. With `require_checksum` a route cannot serve Uppy, which computes no checksum.
//!
//! | attempt | |
//! | --- | --- |
//! | another user's upload | 403: `uploadId` is the upload token, which works for the user who began the upload |
//! | a URL of the API for another call, upload or time | 403: its ticket is an HMAC over the upload token, the call and the end of its validity, 15 minutes later at most |
//! | completing twice | the same answer |
//! | a part that is sent again after the sizes were added up | 409 or 413: the store completes the listed parts by their entity tags, which were added up a moment before |
//! | deleting an object | 403. Let the page call `DELETE /uploads` on a route with `delete = true` |
//!
//! A URL of the API with a ticket is a secret like a presigned one. It carries no user's token, and works without one.
//!
//! # The requests
//!
//! | request of `signRequest` | answer |
//! | --- | --- |
//! | `{method: "PUT", key, contentType}` | `{url, key, fields}`, a form; or `{url, key, headers}` |
//! | `{method: "POST", key}` | `{url, key}` of the API; the upload has begun |
//! | `{method: "PUT", key, uploadId, partNumber}` | `{url, headers}` of the store |
//! | `{method: "GET", key, uploadId}` | `{url}` of the API, which lists all parts |
//! | `{method: "POST", key, uploadId}` | `{url}` of the API, which completes the upload |
//! | `{method: "DELETE", key, uploadId}` | `{url}` of the API, which aborts the upload |
//!
//! The answer to a new file also has the ids of the key and `uploadToken`, if the route confirms or the upload is one in parts. A refusal is
//! `{"error", "message", "requestId"}`: the code and the detail of the problem document
//! ([`errors`](crate::manual::reference::errors)), with its status. The URLs of the API answer as S3 does, in XML.
//!
//! Source: [`@uppy/aws-s3`](https://github.com/transloadit/uppy/tree/main/packages/%40uppy/aws-s3).
