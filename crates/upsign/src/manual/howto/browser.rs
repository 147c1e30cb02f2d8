//! Upload from a page with the client for browsers.
//!
//! A page needs no client of ours: two calls of `fetch` upload a file ([`contract`](crate::manual::reference::contract)). The client adds
//! what a page usually writes next: progress, repeated attempts, parallel parts, resuming, checksums, errors with codes. It has no
//! dependencies. An upload in one request loads less than 3 kB, minified and compressed, and one in parts, or of more than 5 MiB, less
//! than 6 kB. It needs Chromium 116, Firefox 124 or Safari 17.4, or later.
//!
//! # Get it
//!
//! With a bundler, install the npm package `upsign`. It has types, and its modules are not minified: your bundler does that.
//!
//! ```js
//! import { upload } from 'upsign';
//! ```
//!
//! Checksums are computed in a worker, which webpack 5 and Vite recognize. With another bundler, such as esbuild, copy `worker.js` and
//! `hash.js` next to its output; otherwise they are computed in the page's own thread, with the same result.
//!
//! Without one, import it from the service. `upsign dev` always offers it, and `upsign serve` with this setting, to the pages in
//! `cors.origins`:
//!
//! ```toml
//! [server]
//! browser_client = true
//! ```
//!
//! ```js
//! import { upload } from 'https://api.example.com/upsign/upsign.js';
//! ```
//!
//! This path redirects to `/upsign/<version>/upsign.js`, whose answers browsers keep for a year: the modules of a released version
//! never change. Further modules are loaded when an upload needs them, so the service also has those of the release before it, for pages
//! that are open while it is updated. While instances of both versions answer, send the requests of a page to one of them, or use a
//! bundler.
//!
//! A page with a content security policy permits the service in `script-src` and `connect-src`, the store in `connect-src`, and
//! `worker-src blob:`; without the last, checksums are computed in the page's own thread. In both cases the modules are those of the folder
//! `crates/upsign-browser/npm`.
//!
//! # Upload
//!
//! ```js
//! const { key, articleId } = await upload(file, {
//!   endpoint: 'https://api.example.com',
//!   token: () => session.accessToken(),
//!   onProgress: ({ loaded, total }) => { bar.value = loaded / total; },
//! });
//! ```
//!
//! `token` is called for each call of the service, and once more with `{ isRejected: true }` after 401. Leave it out and set
//! `credentials: 'include'` if the service knows the user by a cookie. The result has the key and the ids of the service. The answer
//! decides what is sent: one `PUT`, a form, or parts, with exactly its headers.
//!
//! | option | meaning |
//! | --- | --- |
//! | `route`, `ids`, `metadata`, `tags`, `contentDisposition`, `ifMatch`, `multipart` | members of the request |
//! | `contentType`, `fileName` | in place of those of the file |
//! | `checksum` | `"crc64nvme"` and others: the checksum of the whole file, signed. Without it, one is computed if the service demands it, and those of parts in any case |
//! | `signal` | aborts. A multipart upload is then discarded, unless the reason is `paused()` |
//! | `onPart`, `onGrant` | how far each part is; what the service granted |
//! | `onSend`, `fetch` | each request to the store before it is sent; what sends the calls of the service |
//! | `confirm`, `readUrl` | see [below](#confirmed-uploads) |
//! | `resume`, `owner` | see [below](#large-files) |
//! | `retries`, `timeout`, `idle`, `partsAtOnce` | 8 repetitions, one minute per call, one minute without progress; the number of the grant |
//!
//! `crc64nvme` is read in pieces and has no limit; a worker computes about 150 MiB per second on a desktop, and less on a phone. The
//! browser hashes `sha256` itself, which takes the whole file or part in memory, one at a time, and fails at 2 GiB.
//!
//! # Errors
//!
//! ```js
//! import { ApiError, NetworkError, StoreError, UploadError, upload } from 'upsign';
//!
//! try {
//!   await upload(file, options);
//! } catch (error) {
//!   if (error instanceof ApiError) show(error.problem?.detail ?? error.code); // the service refused: 415 content-type-not-allowed
//!   else if (error instanceof NetworkError) show('No connection.');           // no answer: the network, or CORS
//!   else if (error instanceof StoreError) show(`The store refused: ${error.code}`);
//!   else if (error instanceof UploadError) show(error.code);                  // such as confirm-rejected
//!   else if (error.name !== 'AbortError') throw error;
//! }
//! ```
//!
//! `isRetryable` says whether to offer another attempt. An `ApiError` has the problem document in `problem`, and in `diagnose` its hint
//! if the service gives one: cause, owner and fix, as `upsign diagnose` says it. `message` is for people who develop the page.
//!
//! Before an error reaches the page, the client has repeated what can be repeated, for about 20 seconds: lost connections, 5xx and 429
//! with `Retry-After`, modules that were not loaded, and expired URLs with new ones. While the browser is offline, it waits for the network
//! and does not count; `signal` ends that. What the page's functions throw is reported as an error of the page and ends no upload,
//! except for `token`.
//!
//! If the answer to a `PUT` is lost and the second attempt gets 412, the client compares the checksum of the stored object with that of
//! the file. Only routes with multipart or `confirm` permit that. On others, the client requests another grant and sends the file once
//! more, and the object of the lost answer may remain under a key that nobody has.
//!
//! A request that the server wants to have later than in two minutes, such as after the quota of a day, is not repeated: `retryAfter` of the
//! error has the seconds. A file that has changed on disk or is gone rejects with `unreadable`, which another attempt does not repair.
//!
//! # Large files
//!
//! Parts are sent in parallel, each with its checksum, and their URLs are requested when they are needed. The upload token and the
//! checksums of stored parts are kept in IndexedDB, so that the same call with the same file continues after a reload:
//!
//! ```js
//! import { interrupted, paused, upload } from 'upsign';
//!
//! const controller = new AbortController();
//! pauseButton.onclick = () => controller.abort(paused());
//! await upload(file, { ...options, signal: controller.signal });
//!
//! // On the next page: what can be continued?
//! const list = await interrupted();
//! for (const { name, loaded, size } of list) console.log(`${name}: ${loaded} of ${size} bytes`);
//! continueButton.onclick = async () => {
//!   // First all questions of the browser, which it asks during a click only.
//!   const found = await Promise.all(list.map(async ({ route, ids, handle }) => ({ route, ids, file: await handle() })));
//!   for (const { route, ids, file } of found) if (file) await upload(file, { ...options, route, ids });
//! };
//! ```
//!
//! Only Chromium gives and keeps handles of files, from `showOpenFilePicker` or a drop. Elsewhere, the user chooses the file again.
//! `discard` of an entry aborts the upload. A lifecycle rule removes the parts of uploads that nobody continues
//! ([`large_files`](super::large_files)). `resume: false` keeps nothing.
//!
//! Several users of one browser: an upload token is good for the user who began the upload only, but the list has names of files. Set
//! `owner` to an id of the user, in `upload` and in `interrupted({ owner })`, or call `forgetAll()` when a user signs out.
//!
//! An upload continues only with the same options, because they are part of what was granted. Parts that are stored already are compared
//! with the file by their checksums, and sent again if they differ. An upload that was completed but not confirmed is confirmed by the
//! next call; one whose object no checksum of the store proves (`sha256` of parts) is sent again, as another object.
//!
//! A file that is written to while it is sent is the limit: Chromium fails to read it, but Firefox sends old and new bytes. Before the
//! completion, the client compares the first and the last part once more and rejects with `changed`. With `checksum: 'crc64nvme'`, which
//! is computed before the upload, all parts are compared. An upload in one request is not compared without `checksum`.
//!
//! `onPart` reports each part, and `onSend` receives the `XMLHttpRequest` of each, so that a page can draw them, or abort one: the client
//! then sends this part again.
//!
//! # Several files
//!
//! ```js
//! import { uploadAll } from 'upsign';
//!
//! const results = await uploadAll(input.files, { ...options, onProgress: ({ loaded, total }, index) => draw(index, loaded / total) });
//! const keys = results.filter(({ status }) => status === 'fulfilled').map(({ value }) => value.key);
//! ```
//!
//! Three are sent at a time (`atOnce`), and one that fails does not stop the others. `together: true` begins all in one request, for a
//! route with `max_files` ([`several_files`](super::several_files)).
//!
//! # Confirmed uploads
//!
//! On a route with `confirm = true`, the promise settles after the confirmation: with a `receipt`, and with `readUrl` if the option of
//! this name is set. Content that the inspection refuses rejects with `confirm-rejected`. The grant says that the route confirms, and
//! the client never takes an upload for a success without that. With `confirm: true`, a route that does not confirm is an error too. If
//! only the URL for reading fails, the result has `readUrlError` in place of `readUrl`.
//!
//! ```js
//! const { key, receipt, readUrl } = await upload(file, { ...options, route: 'avatars', confirm: true, readUrl: true });
//! image.src = readUrl;
//! ```
//!
//! # React
//!
//! ```js
//! import { useUpload } from 'upsign/react';
//!
//! function Photos({ options }) {
//!   const { uploads, start, cancel, retry } = useUpload(options); // also: pause, dismiss
//!   const button = ({ id, state }) => (state === 'failed' ? <button onClick={() => retry(id)}>Retry</button> : <button onClick={() => cancel(id)}>Cancel</button>);
//!   return <>
//!     <input type="file" multiple onChange={(event) => start(event.target.files)} />
//!     <ul>{uploads.map((upload) => <li key={upload.id}>{upload.name} {upload.loaded}/{upload.total} {button(upload)}</li>)}</ul>
//!   </>;
//! }
//! ```
//!
//! Uploads that run are paused when the component goes: those in parts can be continued, and `interrupted` lists them.
//!
//! # A web component
//!
//! ```html
//! <script type="module">
//!   import 'https://api.example.com/upsign/element.js';
//!   document.querySelector('upsign-upload').token = () => session.accessToken();
//!   document.addEventListener('upsign-uploaded', ({ detail }) => console.log(detail.result.key));
//! </script>
//! <upsign-upload endpoint="https://api.example.com" accept="image/jpeg" name="keys" multiple></upsign-upload>
//! ```
//!
//! Files are chosen, dropped or pasted; without `multiple`, another file replaces the one before it. With `name`, a form around it is
//! submitted with the keys. It is not valid while an upload runs, and with `required`, not without one. Style it by its parts (`drop`,
//! `choose`, `hint`, `list`, `item`, `name`, `progress`, `status`, `cancel`, `retry`, `remove`) and by `--upsign-accent`, `--upsign-danger`,
//! `--upsign-border` and `--upsign-radius`. The property `words` translates it, also the errors by their codes. It needs Chromium 123,
//! Firefox 120 or Safari 17.5, or later.
//!
//! # From the original page
//!
//! The page of the original design keeps working ([`migrate`](super::migrate)): its two calls, and the one that replaces them, side by
//! side.
//!
//! ```js
//! const uploadImage = async (file) => {
//!   const headers = { Authorization: `Bearer ${accessToken}`, "Content-Type": "application/json" };
//!   const response = await fetch(`${API_BASE}/upload-url`, { method: "POST", headers });
//!   const { uploadUrl, key, articleId } = await response.json();
//!   const stored = await fetch(uploadUrl, { method: "PUT", headers: { "Content-Type": file.type }, body: file });
//!   if (!stored.ok) throw new Error("Upload failed");
//!   return { key, articleId };
//! };
//! ```
//!
//! ```js
//! import { upload } from 'upsign';
//!
//! const uploadImage = (file) => upload(file, { endpoint: API_BASE, token: () => accessToken });
//! ```
//!
//! The second one describes the file, so type, size and protection against overwriting are signed, and sends the headers of the
//! answer in place of its own guess. Both return `key` and `articleId`; a page can be changed before or after the service.
