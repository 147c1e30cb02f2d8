//! Large files: multipart uploads, resuming, and what proves that the bytes are right.
//!
//! One presigned `PUT` stores at most 5 GiB, and starts again if the connection breaks. A route with `multipart` creates a
//! multipart upload of S3 instead, and the client sends parts. The service stores nothing between the requests: what it must remember
//! is in the upload token, which is signed and which the client sends back.
//!
//! # Configure
//!
//! ```toml
//! [bucket]
//! name = "videos"
//! region = "eu-central-1"
//!
//! [upload]
//! key = "videos/{sub}/{id}.{ext}"
//! types = ["video/mp4"]
//! max_size = "1 TiB"
//! bodyless = "refuse"
//! multipart = "auto"
//! multipart_above = "100 MiB"
//! resume_window = "24h"
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
//! | key | what it decides |
//! | --- | --- |
//! | `multipart` | `auto`: files above `multipart_above`; others if the client sends `"multipart": true`, and none up to the largest `PUT` if it sends `false`. `always`: every file. `no` is the default |
//! | `part_size` | the size of every part but the last. By default 8 MiB, more for files that would have too many parts |
//! | `parts_at_once` | how many parts a client should send at a time; advice, 4 by default |
//! | `resume_window` | how long an upload can be resumed after it began, at most 7 days. Nothing extends it |
//! | `size_bound = "max"` | clients may begin without knowing the size; `max_size` bounds the sum of the parts |
//! | `checksums` | the checksums that clients may, or with `require_checksum` must, state. By default those that cover the whole object |
//!
//! With `method = "post"`, a form sends the files that are not uploaded in parts: [`forms`](super::forms#large-files-in-parts).
//!
//! The key must contain `{id}`: it is new for every upload, so no two uploads share a key. A secret has at least 32 bytes
//! (`openssl rand -base64 32`). The first key signs and all verify, so put a new one in front, and remove the old one when the resume
//! window has passed. A service with such a route and without a secret does not start.
//!
//! `upsign check` prints the plan, and `upsign documents` adds what follows from it: the role's permission to list and to abort
//! uploads and to look at objects, CORS rules that expose `ETag`, and a lifecycle rule that removes abandoned parts. For a store
//! that takes no such rule, `upsign documents lifecycle` says what to set there. MinIO removes incomplete uploads after 24 hours,
//! so `upsign check` warns about a longer `resume_window`.
//!
//! # The calls
//!
//! | call | effect |
//! | --- | --- |
//! | `POST /upload-url` | creates the upload, and answers with its token and plan |
//! | `POST /uploads/parts` | signs the URLs of up to 1,000 parts, each with its exact length |
//! | `POST /uploads/status` | what is at the store, and what is missing |
//! | `POST /uploads/complete` | compares all parts with the plan and with what the client states, and makes them an object |
//! | `POST /uploads/abort` | discards the parts |
//!
//! [`reference::contract`](crate::manual::reference::contract) has their bodies, and
//! [`reference::errors`](crate::manual::reference::errors) every code. Each call needs the caller's own credentials *and* the token.
//!
//! A client requests the URLs of a part when it is about to send it: URLs that wait in a queue expire. It sends the parts with `PUT`,
//! keeps each `ETag`, and completes. In a browser, `ETag` is readable only if the bucket's CORS rules expose it. An answer with status
//! 503 can be repeated after `Retry-After`. Completing twice gives the same answer. Stop sending before you abort: S3 can keep a part
//! that arrives during the abort.
//!
//! # From the command line and from Rust
//!
//! ```sh
//! export UPSIGN_TOKEN_SECRET="$(openssl rand -base64 32)"   # for upsign serve
//! UPSIGN_TOKEN=$TOKEN upsign upload video.mp4 --api https://api.example.com
//! ```
//!
//! `TOKEN` is the access token of the caller. The command uploads with progress, retries, and resumes after it was killed: run it
//! again. The state is in the folder for states of the user, readable for that user only, and holds the upload token, which
//! is useless without the user's own. `upsign demo --size 200MiB` shows a killed and resumed upload with everything on your machine.
//! The crate `upsign-client` has the same for programs.
//!
//! # What is proven
//!
//! | the client states | a flipped bit, swapped parts, bytes of another file |
//! | --- | --- |
//! | a checksum of each part | the store refuses the part, because the checksum is signed into its URL |
//! | a checksum of the whole object | the store refuses to complete the upload |
//! | no checksum | found if the client states the MD5 of its bytes as the entity tag of each part, where the store forms entity tags so |
//!
//! Whatever is stated, a missing part, a part of another size and an entity tag that is not that of the uploaded part are found
//! before the upload is completed. The tests try each of these a hundred times on the embedded server, on SeaweedFS and on Ministack.
//! After a lost answer the service looks at the object, and believes it only if size, checksum and entity tag are those of the stated
//! parts.
//!
//! Checksums of single parts are compared where the client sends them, and `require_checksum` makes it send a checksum:
//!
//! | store | can compare |
//! | --- | --- |
//! | Amazon S3 | CRC-64/NVME, CRC-32 or CRC-32C of the object; these, SHA-1, SHA-256 and MD5 of parts |
//! | Cloudflare R2 | CRC-64/NVME of the object; CRC-32, CRC-32C, SHA-1, SHA-256 and MD5 of parts |
//! | SeaweedFS | CRC-64/NVME and CRC-32 of the object, and checksums of parts |
//! | Backblaze B2 | no checksum: only the size and the entity tag of each part |
//!
//! # What is not proven
//!
//! - Without a checksum of the object, nothing shows that the client read its file correctly.
//! - Objects that are encrypted with a key of KMS have entity tags that show nothing. If two clients of one caller send different files
//!   with one token and no checksum of the object, the answer to the second does not show whose file is stored.
//! - SeaweedFS keeps every version of a part and completes the upload with the one that the client names.
//! - A single token cannot be revoked. Abort the upload, or remove the key that signed it.
//! - A policy that is tightened later does not apply to uploads that have begun. The route's access and the application's
//!   [`authorize_later`](crate::Authorize::authorize_later) do.
