//! Upload with the client of Active Storage, `@rails/activestorage`, without Rails behind it.
//!
//! Pages of a Rails application upload with `direct_upload: true`. With this dialect, the service answers their requests: the file goes
//! straight to the bucket under the policy of a route, and the application gets a `signed_id` that it can have confirmed. Client 8.1 is
//! tested unmodified; no other version of the answer is known.
//!
//! # Switch it on
//!
//! ```toml
//! dialects = ["active-storage"]
//!
//! [upload]
//! key = "blobs/{id}.{ext}"
//! types = ["image/jpeg", "image/png"]
//! max_size = "10 MiB"
//! bodyless = "refuse"
//! checksums = ["md5"]   # the client always states an MD5, which is signed as Content-MD5
//! confirm = true        # signed_id is the upload token
//! ```
//!
//! A route needs `checksums` with `"md5"` and `confirm = true`. It cannot have `method = "post"` or `multipart = "always"`: the client
//! sends each file by one `PUT`. With `multipart = "auto"`, files for this client are sent in one request too, up to 5 GiB at AWS.
//! `upsign check` says which routes serve the dialect, and what others lack.
//!
//! # A form
//!
//! The address is that of the service, with `?route=NAME` for a named route and `&articleId=UUID` for an id that callers may supply:
//!
//! ```html
//! <form method="post" action="/messages">
//!   <input type="file" name="message[image]" data-direct-upload-url="https://api.example.com/rails/active_storage/direct_uploads">
//!   <button type="submit">Send</button>
//! </form>
//! ```
//!
//! ```js
//! import * as ActiveStorage from '@rails/activestorage';
//!
//! addEventListener('direct-upload:before-blob-request', ({ detail }) => {
//!   detail.xhr.setRequestHeader('Authorization', `Bearer ${session.accessToken()}`);
//! });
//! ActiveStorage.start();
//! ```
//!
//! When the form is submitted, the client uploads the file and submits `message[image]` with the `signed_id`.
//!
//! # Your own code
//!
//! ```js
//! import { DirectUpload } from '@rails/activestorage';
//!
//! const url = 'https://api.example.com/rails/active_storage/direct_uploads';
//! const headers = { Authorization: `Bearer ${session.accessToken()}` };
//! new DirectUpload(file, url, {}, headers).create((error, blob) => (error ? show(error) : send(blob.signed_id)));
//! ```
//!
//! # What the application does with `signed_id`
//!
//! It is the upload token of the grant ([`confirm`](super::confirm)): opaque to the page, and valid for the user who uploaded the file.
//! It is not an id of Rails: `find_signed` does not know it, and no blob is in your database. The application sends it to
//! `POST /uploads/confirm` as `{"uploadToken": "…"}`, with the user's token, and gets the state, the key, the size and a receipt; or it
//! calls `UploadService::confirm_upload` in the same process. Believe the answer, not the `key` that a page sends. Attach what was
//! confirmed by its key, for example with `ActiveStorage::Blob.create!(key:, filename:, byte_size:, checksum:, service_name:)`.
//!
//! # What is bound
//!
//! The client sends exactly the headers of the answer, so that all of the policy is bound: type, size, MD5, `If-None-Match`,
//! metadata, disposition, encryption. The store compares the MD5 with the bytes that it receives.
//!
//! # Limits
//!
//! - A cookie identifies the user only if page and service have the same origin: the service never permits credentials of other
//!   origins. `X-CSRF-Token` is admitted from other origins, and is for your own `Authenticate` to check; the service ignores it.
//! - The client repeats nothing and knows neither parts nor resuming. After a lost connection or an expired URL, the user submits the
//!   form again, and the file has another key.
//! - It shows the status of a refusal, such as `Error creating Blob for "a.html". Status: 415`. The problem document is in
//!   `detail.xhr.response` of `direct-upload:before-blob-request`, once the request has ended.
//! - Of `metadata`, which a page can add to the request, `custom` becomes metadata of the object where the policy permits it. The answer
//!   has the members of Rails without `id` and `service_name`.
