//! Upload with better-upload, a client for React and for plain pages, in front of your bucket policy.
//!
//! better-upload has a server of its own, in which the application writes what is allowed. With this dialect, its client talks to upsign:
//! the policy of a route decides, and type and size are signed. `@better-upload/client` 3.0 is tested unmodified, and so is
//! `better-upload` 2.0 with the limits below.
//!
//! # Switch it on
//!
//! ```toml
//! dialects = ["better-upload"]
//!
//! [upload]
//! key = "photos/{id}.{ext}"
//! types = ["image/jpeg", "image/png"]
//! max_size = "10 MiB"
//! bodyless = "refuse"
//! max_files = 3
//!
//! [route.videos]
//! key = "videos/{id}"
//! types = ["video/mp4"]
//! max_size = "4 GiB"
//! bodyless = "refuse"
//! multipart = "auto"
//! expires_in = "1h"   # the URLs of all parts are in the first answer, and the client cannot renew them
//! ```
//!
//! # One file
//!
//! ```js
//! import { uploadFile } from '@better-upload/client';
//!
//! const { file, metadata } = await uploadFile({
//!   api: 'https://api.example.com/better-upload',
//!   file: input.files[0],
//!   headers: { Authorization: `Bearer ${session.accessToken()}` },
//! });
//! show(file.objectInfo.key);
//! ```
//!
//! `route` is the name of the route; without it, it is the unnamed one. `metadata.uploads` has the key and the ids of each file in the
//! order of the request, and the upload token where the route has `confirm` or `multipart`.
//!
//! # Several files
//!
//! ```js
//! import { uploadFiles } from '@better-upload/client';
//!
//! const { files, failedFiles } = await uploadFiles({
//!   api: 'https://api.example.com/better-upload',
//!   files: input.files,
//!   headers: { Authorization: `Bearer ${session.accessToken()}` },
//! });
//! show(files.map((file) => file.objectInfo.key).join());
//! ```
//!
//! The route needs `max_files` ([`several_files`](super::several_files)). All are granted, or none.
//!
//! # React
//!
//! ```jsx
//! import { useUploadFile } from '@better-upload/client';
//!
//! export function Video({ token }) {
//!   const headers = { Authorization: `Bearer ${token}` };
//!   const video = useUploadFile({ api: 'https://api.example.com/better-upload', route: 'videos', headers });
//!   const choose = (event) => video.upload(event.target.files[0]);
//!   return <><input type="file" onChange={choose} /><output>{video.error?.message ?? `${video.progress * 100} %`}</output></>;
//! }
//! ```
//!
//! # Metadata and ids
//!
//! `metadata` of the request is an object of texts. An entry with the name of an id that callers may supply (`articleId`) is that id, for
//! every file of the request; the others become metadata of every object, where `client_metadata` permits them.
//!
//! # Which routes it can use
//!
//! The client sends a whole file with the headers that the answer lists, so that everything of the policy is bound: type, size,
//! `If-None-Match`, caching, disposition, tags, encryption. A part is sent without headers: its length is bound, and the service
//! states the rest when it creates and completes the upload. So a route cannot be used, and `upsign check` says why, if it
//!
//! - has `require_checksum`: the client computes no checksum;
//! - has `method = "post"`: it sends files by `PUT`;
//! - has `multipart` and `expected_bucket_owner`, which S3 checks for each part;
//! - has more than 1,000 parts in a file of `max_size`: raise `part_size`.
//!
//! # Errors
//!
//! An upload that is refused rejects with the `type` of better-upload and our text as `message`:
//!
//! | type | cause |
//! | --- | --- |
//! | `invalid_file_type`, `file_too_large`, `too_many_files` | the policy |
//! | `invalid_request` | the request, or a file that the client could not send as it would be signed |
//! | `rejected` | everything else that the caller cannot do, also without a valid token |
//! | `unknown` | the service has failed |
//!
//! # Limits
//!
//! - A file without a type, or with another name of an allowed one (`image/jpg`), is refused: the client sends the type of the `File`
//!   as it is. Create it with the type: `new File([file], file.name, { type: 'image/jpeg' })`.
//! - Two files of one request with the same name, size and type are refused: the client would send both to one URL.
//! - `retry` repeats a request with the same URL, which helps with lost connections and not with expired URLs. Nothing is resumed:
//!   an upload in parts that fails is aborted, and the next one begins anew. `expires_in` is the time for all parts.
//! - Completing and aborting go to `/better-upload/multipart` of the service, at the host of the first request, without credentials:
//!   their URLs have tickets, each for one upload and one call. The one that completes is valid for `expires_in` and 15 minutes more, the
//!   one that aborts as long as the upload (`resume_window`). A proxy must pass on `Host`, set `X-Forwarded-Proto`, and state in
//!   `X-Forwarded-Prefix` what it removes from the path.
//! - The application is not asked again when such a ticket completes an upload: a user who is banned meanwhile completes what was begun,
//!   for that long.
//! - A page that aborts before it has the first answer has no URL to abort the upload in parts, which a lifecycle rule then removes
//!   ([`large_files`](super::large_files)).
//! - No file is skipped: the answer never has `skip`.
//! - `better-upload` 2 sends no other headers than type, caching and metadata. It needs `no_overwrite = false` for files of one
//!   request, which a key with `{id}` makes harmless, and no other setting that signs a header.
