//! Upload from programs and apps: curl, Python, Node.js, Rust, iOS, Android and Flutter.
//!
//! Every client does the same: it asks the API for a grant, and sends the file to the store as the grant says. The examples describe
//! the file, so that its type and its exact size are signed. They take the address of the API from `API`, the user's access token from
//! `TOKEN`, and print the key of the object. `upsign dev` offers an API to try them with, and prints where its tokens are.
//!
//! The first four run as printed in the tests of this repository, against `upsign dev`. Those for Swift, Kotlin and Dart do not run there:
//! a test compares the names in them with the contract.
//!
//! # Rules for every client
//!
//! - Send `headers` of the answer exactly, and no others that begin with `x-amz-`: each is signed. The HTTP library itself sends `Host`
//!   and `Content-Length`. Some add a `Content-Type` of their own: prevent it.
//! - Never send the user's token to `uploadUrl`. A store that sees `Authorization` in addition to a signature refuses the request.
//! - Use `uploadUrl` as it is. A library that decodes and encodes it again changes what was signed.
//! - Send `Content-Length`, not `Transfer-Encoding: chunked`, which S3 does not accept.
//! - Keep URLs out of logs and error messages: they are permissions, and good for anyone until they expire.
//! - After a lost connection, the object may be stored: repeat the `PUT`. 412 means that the object exists already, because the first
//!   attempt arrived ([`confirm`](super::confirm) proves which object it is). After 403 with an expired URL, ask for another grant.
//! - `POST /upload-url` can be repeated after 503 and 429, not earlier than `Retry-After` says.
//!
//! | `method` of the answer | how to send the file |
//! | --- | --- |
//! | `PUT` | the file as the body, with `headers` |
//! | `POST` | `multipart/form-data`: `fields` in their order, then the file as the last field with the name `file` ([`forms`](super::forms)) |
//! | `MULTIPART` | in parts ([below](#in-parts)). `"multipart": false` in the request asks for one `PUT` |
//!
//! # curl
//!
//! ```shell
//! file=photo.jpg
//! description="{\"contentType\": \"image/jpeg\", \"contentLength\": $(wc -c < "$file")}"
//! grant=$(curl --silent --show-error --fail-with-body "$API/upload-url" \
//!   --header "Authorization: Bearer $TOKEN" --header "Content-Type: application/json" --data "$description")
//! jq -r '.headers | to_entries[] | "\(.key): \(.value)"' <<< "$grant" > headers.txt
//! curl --silent --show-error --fail-with-body --upload-file "$file" --header @headers.txt "$(jq -r .uploadUrl <<< "$grant")"
//! jq -r .key <<< "$grant"
//! ```
//!
//! `upsign upload photo.jpg --api "$API"` does the same with progress, retries and parts.
//!
//! # Python
//!
//! With the package `requests`:
//!
//! ```python
//! import os
//! import sys
//!
//! import requests
//!
//!
//! def call(path, body):
//!     headers = {"Authorization": f"Bearer {os.environ['TOKEN']}"}
//!     answer = requests.post(os.environ["API"] + path, json=body, headers=headers, timeout=30)
//!     if not answer.ok:
//!         raise RuntimeError(f"the service refused: {answer.json()['detail']}")
//!     return answer.json()
//!
//!
//! def send(body, url, headers):
//!     stored = requests.put(url, data=body, headers=headers, timeout=60)
//!     if not stored.ok:
//!         # raise_for_status() would put the URL into the message.
//!         raise RuntimeError(f"the store answered {stored.status_code}")
//!     return stored
//!
//!
//! def upload(path, content_type):
//!     description = {"contentType": content_type, "contentLength": os.path.getsize(path)}
//!     grant = call("/upload-url", description)
//!     with open(path, "rb") as file:
//!         send(file, grant["uploadUrl"], grant["headers"])
//!     return grant["key"]
//!
//!
//! if __name__ == "__main__":
//!     print(upload(sys.argv[1], "image/jpeg"))
//! ```
//!
//! ## In parts
//!
//! For a route with `multipart` ([`large_files`](super::large_files)), in the same file:
//!
//! ```python
//! def upload_in_parts(path, content_type, route):
//!     description = {"contentType": content_type, "contentLength": os.path.getsize(path), "multipart": True, "route": route}
//!     grant = call("/upload-url", description)
//!     token, parts = grant["uploadToken"], []
//!     with open(path, "rb") as file:
//!         for number in range(1, grant["partCount"] + 1):
//!             # URLs expire, so each is requested when its part is about to be sent.
//!             [part] = call("/uploads/parts", {"uploadToken": token, "partNumbers": [number]})["parts"]
//!             stored = send(file.read(grant["partSize"]), part["uploadUrl"], part["headers"])
//!             parts.append({"partNumber": number, "etag": stored.headers["ETag"]})
//!     return call("/uploads/complete", {"uploadToken": token, "parts": parts})["key"]
//! ```
//!
//! Keep `uploadToken` as a secret of the user. With it, `POST /uploads/status` says after a crash which parts are missing.
//!
//! # Node.js
//!
//! Version 20 or later, without packages:
//!
//! ```js
//! import { openAsBlob } from 'node:fs';
//!
//! async function upload(path, contentType) {
//!   const file = await openAsBlob(path); // reads the file while it is sent
//!   const answer = await fetch(`${process.env.API}/upload-url`, {
//!     method: 'POST',
//!     headers: { Authorization: `Bearer ${process.env.TOKEN}`, 'Content-Type': 'application/json' },
//!     body: JSON.stringify({ contentType, contentLength: file.size }),
//!   });
//!   const grant = await answer.json();
//!   if (!answer.ok) throw new Error(`the service refused: ${grant.detail}`);
//!   const stored = await fetch(grant.uploadUrl, { method: 'PUT', headers: grant.headers, body: file });
//!   if (!stored.ok) throw new Error(`the store answered ${stored.status}`);
//!   return grant.key;
//! }
//!
//! console.log(await upload(process.argv[2], 'image/jpeg'));
//! ```
//!
//! In a browser, use the [client for browsers](super::browser).
//!
//! # Rust
//!
//! The crate `upsign-client` uploads in one request or in parts, as the answer says, with checksums, retries and progress, and can resume
//! in another process. This is its example `upload`:
//!
//! ```rust,ignore
//! use upsign_client::{ApiEndpoint, Event, FileSource, FixedToken, UploadClient, UploadOptions, UploadRequest};
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let path = std::env::args().nth(1).ok_or("which file?")?;
//!     let (api, token) = (std::env::var("API")?, std::env::var("TOKEN")?);
//!     let client =
//!         UploadClient::new(ApiEndpoint::new(&api)?, FixedToken::new(token), UploadOptions::default())?;
//!     let file = FileSource::open(&path).await?;
//!     let progress = |event: &Event<'_>| eprintln!("{event:?}");
//!     let uploaded = client.upload(file, &UploadRequest::new("image/jpeg"), progress).await?;
//!     println!("{}", uploaded.key);
//!     Ok(())
//! }
//! ```
//!
//! # iOS: Swift
//!
//! A background session uploads while the app is suspended, and restarts a task that lost its connection. It needs a file, not data in
//! memory.
//!
//! ```swift
//! import Foundation
//!
//! struct Description: Encodable { let contentType: String; let contentLength: Int }
//! struct Grant: Decodable { let uploadUrl: URL; let headers: [String: String]; let key: String }
//! struct Problem: Decodable, Error { let code: String; let detail: String }
//!
//! final class Uploader: NSObject, URLSessionTaskDelegate {
//!   let api: URL
//!   private lazy var background = URLSession(
//!     configuration: .background(withIdentifier: "com.example.uploads"), delegate: self, delegateQueue: nil)
//!
//!   init(api: URL) { self.api = api }
//!
//!   /// Asks for a grant and starts the upload. The task's description is the key of the object.
//!   func upload(_ file: URL, contentType: String, token: String) async throws {
//!     guard let size = try file.resourceValues(forKeys: [.fileSizeKey]).fileSize else { throw CocoaError(.fileReadUnknown) }
//!     var request = URLRequest(url: api.appendingPathComponent("upload-url"))
//!     request.httpMethod = "POST"
//!     request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
//!     request.setValue("application/json", forHTTPHeaderField: "Content-Type")
//!     request.httpBody = try JSONEncoder().encode(Description(contentType: contentType, contentLength: size))
//!     let (data, response) = try await URLSession.shared.data(for: request)
//!     guard (response as? HTTPURLResponse)?.statusCode == 200 else { throw try JSONDecoder().decode(Problem.self, from: data) }
//!     let grant = try JSONDecoder().decode(Grant.self, from: data)
//!     var put = URLRequest(url: grant.uploadUrl)
//!     put.httpMethod = "PUT"
//!     for (name, value) in grant.headers { put.setValue(value, forHTTPHeaderField: name) }
//!     let task = background.uploadTask(with: put, fromFile: file)
//!     task.taskDescription = grant.key
//!     task.resume()
//!   }
//!
//!   func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: Error?) {
//!     let status = (task.response as? HTTPURLResponse)?.statusCode
//!     // 412 after a restart by the system: the first attempt has stored the object.
//!     let isStored = error == nil && (status == 200 || status == 412)
//!     print(task.taskDescription ?? "", isStored ? "stored" : "failed")
//!   }
//! }
//! ```
//!
//! iOS decides when a background task starts. Give the route an `expires_in` of hours, not of minutes: S3 compares the time when the request
//! arrives. If `status` is 403, ask for another grant.
//!
//! # Android: Kotlin
//!
//! A worker of WorkManager survives the end of the app, and waits for a network. With OkHttp:
//!
//! ```kotlin
//! import android.content.Context
//! import androidx.work.CoroutineWorker
//! import androidx.work.WorkerParameters
//! import androidx.work.workDataOf
//! import kotlinx.coroutines.Dispatchers
//! import kotlinx.coroutines.withContext
//! import okhttp3.MediaType.Companion.toMediaType
//! import okhttp3.OkHttpClient
//! import okhttp3.Request
//! import okhttp3.RequestBody.Companion.asRequestBody
//! import okhttp3.RequestBody.Companion.toRequestBody
//! import org.json.JSONObject
//! import java.io.File
//! import java.io.IOException
//!
//! class UploadWorker(context: Context, parameters: WorkerParameters) : CoroutineWorker(context, parameters) {
//!     private val http = OkHttpClient()
//!
//!     override suspend fun doWork(): Result = withContext(Dispatchers.IO) {
//!         val file = File(inputData.getString("path")!!)
//!         try {
//!             val grant = grantFor(file, inputData.getString("contentType")!!)
//!             val put = Request.Builder().url(grant.getString("uploadUrl"))
//!             val headers = grant.getJSONObject("headers")
//!             for (name in headers.keys()) put.header(name, headers.getString(name))
//!             // Without a media type: OkHttp would replace the header by the one of the body.
//!             http.newCall(put.put(file.asRequestBody(null)).build()).execute().use { stored ->
//!                 when {
//!                     // 412: an attempt whose answer was lost has stored the object.
//!                     stored.isSuccessful || stored.code == 412 -> Result.success(workDataOf("key" to grant.getString("key")))
//!                     stored.code == 403 || stored.code >= 500 -> Result.retry() // with another grant
//!                     else -> Result.failure()
//!                 }
//!             }
//!         } catch (error: IOException) {
//!             Result.retry()
//!         }
//!     }
//!
//!     private fun grantFor(file: File, contentType: String): JSONObject {
//!         val description = JSONObject().put("contentType", contentType).put("contentLength", file.length())
//!         val request = Request.Builder().url(Session.api + "/upload-url")
//!             .header("Authorization", "Bearer " + Session.accessToken())
//!             .post(description.toString().toRequestBody("application/json".toMediaType()))
//!         http.newCall(request.build()).execute().use { answer ->
//!             val body = JSONObject(answer.body!!.string())
//!             check(answer.isSuccessful) { body.getString("detail") }
//!             return body
//!         }
//!     }
//! }
//! ```
//!
//! `Session` is the app's own. An upload of more than ten minutes needs a foreground worker (`setForeground`). A repeated attempt asks for
//! another grant, so that it stores another object if the key contains `{id}`: for large files, send parts.
//!
//! # Flutter: Dart
//!
//! Without packages, and without the file in memory:
//!
//! ```dart
//! import 'dart:convert';
//! import 'dart:io';
//!
//! Future<String> upload(File file, String contentType, {required String api, required String token}) async {
//!   final client = HttpClient();
//!   try {
//!     final size = await file.length();
//!     final request = await client.postUrl(Uri.parse('$api/upload-url'));
//!     request.headers
//!       ..set('Authorization', 'Bearer $token')
//!       ..set('Content-Type', 'application/json');
//!     request.write(jsonEncode({'contentType': contentType, 'contentLength': size}));
//!     final answer = await request.close();
//!     final grant = jsonDecode(await utf8.decodeStream(answer)) as Map<String, dynamic>;
//!     if (answer.statusCode != 200) throw HttpException('the service refused: ${grant['detail']}');
//!     final put = await client.openUrl('PUT', Uri.parse(grant['uploadUrl'] as String));
//!     put.contentLength = size;
//!     (grant['headers'] as Map<String, dynamic>).forEach((name, value) => put.headers.set(name, value as String));
//!     await put.addStream(file.openRead());
//!     final stored = await put.close();
//!     await stored.drain<void>();
//!     if (stored.statusCode != 200) throw HttpException('the store answered ${stored.statusCode}');
//!     return grant['key'] as String;
//!   } finally {
//!     client.close();
//!   }
//! }
//! ```
//!
//! For uploads that continue in the background, hand `uploadUrl` and `headers` to a package that uses the system
//! services of the two sections above, such as `background_downloader`.
