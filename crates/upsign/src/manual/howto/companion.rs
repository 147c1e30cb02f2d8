//! Upload with Uppy 4 or 5, through the API of Companion.
//!
//! `@uppy/aws-s3` 4 and 5 upload to S3 with the help of a Companion server. upsign answers the same `/s3` endpoints, so that an existing
//! page keeps its code and changes the address. For Uppy 6, see [`uppy`](super::uppy).
//!
//! # The page
//!
//! ```js
//! import Uppy from '@uppy/core';
//! import Dashboard from '@uppy/dashboard';
//! import AwsS3 from '@uppy/aws-s3';
//!
//! const uppy = new Uppy().use(Dashboard, { inline: true, target: '#uppy' }).use(AwsS3, {
//!   endpoint: 'https://api.example.com',
//!   headers: { Authorization: `Bearer ${accessToken}` },
//!   allowedMetaFields: [],
//! });
//! ```
//!
//! Files up to 100 MiB are sent with one request, larger ones in parts (`shouldUseMultipart`). Progress, pause, retries and
//! `@uppy/golden-retriever`, which continues after a reload, work as with Companion. The key of the object is `body.key` in the event
//! `upload-success`.
//!
//! Before a token expires, pass a new one: `uppy.getPlugin('AwsS3Multipart').setOptions({ headers })`. A request with an expired one fails
//! with Uppy's "Authorization required".
//!
//! # The service
//!
//! ```toml
//! dialects = ["companion"]
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
//! Uppy does not state the size of a file. `method = "post"` answers with a form that binds a maximum: `max_size`, or `multipart_above`
//! (100 MiB) if that is less and larger files are sent in parts. Uppy's own threshold is 100 MiB too: change both together.
//! With `multipart = "auto"`, the sum of the parts is compared with `max_size` before the object is completed; above it, the parts are
//! removed and Uppy shows why. A store without forms (Cloudflare R2) can serve files in parts, or with `unbounded = "danger"` a `PUT` that
//! binds the type and not the size. A route that requires a checksum cannot serve Uppy, which computes none. `upsign check` says which
//! routes serve the dialect, and what the others lack.
//!
//! With several routes, a page names one in the metadata: `uppy.setMeta({ upsignRoute: 'videos' })` with
//! `allowedMetaFields: ['upsignRoute']`. In the same way, an entry with the name of an id that clients may supply, such as `articleId`, is
//! that id. Other entries become metadata of the object if `client_metadata` permits them, and are refused otherwise. What Uppy says about every
//! file (`name`, `type`, `relativePath`) is left out in that case, because without `allowedMetaFields` Uppy sends it.
//!
//! # The endpoints
//!
//! | request | answer |
//! | --- | --- |
//! | `GET /s3/params?filename=&type=&metadata[k]=` | `{"method", "url", "fields", "expires"}`: a form, or a `PUT` with `headers` |
//! | `POST /s3/multipart` `{"filename", "type", "metadata"}` | `{"key", "uploadId", "bucket"}` |
//! | `GET /s3/multipart/{uploadId}?key=` | `[{"PartNumber", "ETag", "Size"}]`, all of them |
//! | `GET /s3/multipart/{uploadId}/{partNumber}?key=` | `{"url", "expires"}`, with `headers` if the part needs some |
//! | `GET /s3/multipart/{uploadId}/batch?key=&partNumbers=1,2` | `{"presignedUrls": {"1", "2"}, "expires"}`, at most 1,000 |
//! | `POST /s3/multipart/{uploadId}/complete?key=` `{"parts": [{"PartNumber", "ETag"}]}` | `{"location", "key", "bucket"}` |
//! | `DELETE /s3/multipart/{uploadId}?key=` | `{}` |
//! | `GET /s3/sts` | 403, see below |
//!
//! A refusal is `{"error", "message", "requestId"}`: the code and the detail of the problem document
//! ([`errors`](crate::manual::reference::errors)), with its status. Uppy shows `message`.
//!
//! # What differs from Companion
//!
//! | | Companion | upsign |
//! | --- | --- | --- |
//! | who may upload | everybody who reaches the server, unless the application adds a check | callers with a valid token, by the access of the route |
//! | type and size | any, unless `conditions` are configured for forms; parts have no limit | those of the policy, for forms and for parts |
//! | key | from the file's name, by `getKey` | from the template of the policy |
//! | `uploadId` | the store's own. With the key, anybody can complete or abort the upload of another user, or list its parts | the upload token: it works for the caller who began the upload, for its key and its route, until `resume_window` ends |
//! | `key` in later requests | trusted | compared with the upload's, 400 if it differs |
//! | temporary credentials | for all keys of the bucket | none |
//! | remote files (Dropbox, URLs) | yes | no: keep Companion for those |
//!
//! `getTemporarySecurityCredentials: true` is refused with 403 and a message. With credentials in hand, Uppy chooses the key of a single upload by
//! itself (a random UUID and the file's name, at the root of the bucket) and signs parts with the store's own upload id. Credentials that
//! permit this permit every key, type and size, which no policy of this service could bound. Without the option, Uppy needs one call more
//! for each part.
//!
//! Uppy passes a form's answer on without an upload token, so a page cannot confirm such a file by itself: on a route with `confirm`, let
//! [the events of the bucket](super::events) confirm it. The id of an upload in parts is its upload token, `file.s3Multipart.uploadId`.
//! With `pending_key`, the key that Uppy reports of a form is the pending one.
//!
//! # Lengths
//!
//! The upload token is part of the path. It has 400 to 900 characters in practice, because the upload id of S3 and the key are in it, and the key
//! follows in the query. Load balancers (16 KiB), CloudFront (8,192 bytes) and API Gateway (10,240 bytes for the request line and all
//! headers together) accept that next to a token of 2 KiB. Keep key templates short if the tokens of your issuer are long. Golden Retriever
//! stores the id in the browser's `localStorage`: it is worth nothing without the token of its user.
//!
//! Sources: [ALB](https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html),
//! [CloudFront](https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html),
//! [API Gateway](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html),
//! [`@uppy/aws-s3`](https://github.com/transloadit/uppy/tree/main/packages/%40uppy/aws-s3),
//! [Companion](https://uppy.io/docs/companion/).
