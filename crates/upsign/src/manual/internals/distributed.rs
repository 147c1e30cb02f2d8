//! Recipes for uploads that several programs handle: one takes the request, another signs, a third processes the file.
//!
//! | task | recipe |
//! | --- | --- |
//! | take upload requests from a queue | [`UploadBody` and a serialized identity](#uploads-from-a-queue) |
//! | decide in one process and sign in another | [a permit as JSON](#decide-here-sign-there) |
//! | process what has arrived | [S3's notifications](#when-the-file-has-arrived) |
//! | hand out a download | [presign a GET](#presign-a-download) |
//!
//! Calls that continue a multipart upload need no shared state either: what the first answer decided is in the upload token, and the
//! parts are at the store. Any process with the same `[token] keys` and the same `deployment` continues an upload that another
//! one began.
//!
//! The examples on this page are compiled and run by the tests. They use the feature `serde`, and `serde_json`.
//!
//! # Uploads from a queue
//!
//! A message holds the verified caller, the time of the request and the client's description. Identities and times are
//! serializable (the feature `serde`), an [`UploadRequest`](crate::UploadRequest) is not: it is what a client writes, so a
//! strict reader belongs in front of it. Keep the client's JSON as it is, and read it with `upsign_http::UploadBody`, with the
//! same checks and the same errors as the endpoint (`http/queue::queued_upload_is_answered_like_a_request`):
//!
//! ```text
//! #[derive(Serialize, Deserialize)]
//! struct Job {
//!     caller: Identity,
//!     at: Timestamp,
//!     upload: Box<RawValue>, // serde_json, feature `raw_value`: the bytes as they are
//! }
//!
//! let body = UploadBody::read(&HeaderMap::new(), job.upload.get().as_bytes(), &[])?;
//! let grant = service.issue(&job.caller, body.route.as_deref(), &body.upload, job.at).await?;
//! let answer = GrantBody::new(&grant).response();
//! ```
//!
//! `Problem::from(&error)` answers both kinds of error. Only your own service may write to the queue: deserializing an
//! identity does not authenticate anyone. A URL is valid for its lifetime after `at`, however late the message is read: do not
//! answer messages that are too old.
//!
//! # Decide here, sign there
//!
//! The policy needs no credentials, and the signer needs no policy. The process that decides makes a
//! [`Permit`](crate::policy::Permit), and sends the request inside it as JSON to the process that has the credentials.
//!
//! ```
//! # #[cfg(not(feature = "serde"))] fn main() {}
//! # #[cfg(feature = "serde")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use upsign::policy::{Ids, SignableRequest};
//! use upsign::prelude::*;
//! use upsign::{IdSource, PresignRequest, PresignedRequest, RandomIds, SigV4};
//!
//! # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
//! # let policy = UploadPolicy::builder(target, "articles/{article_id}/raw/{id}.{ext}".parse()?, Bodyless::Refuse)
//! #     .content_types(["image/jpeg"])
//! #     .max_size(10 << 20)
//! #     .build()?;
//! # let caller = Identity::from_verified("https://issuer.example", "alice")?;
//! # let upload = UploadRequest::described().with_content_type("image/jpeg").with_content_length(48_213);
//! # let at: Timestamp = "2026-01-01T00:00:00Z".parse()?;
//! # let credentials = Credentials::long_term("AKIDEXAMPLE", "secret")?;
//! // Here: the policy decides.
//! let ids = Ids::try_generate(at, policy.id_names(), || RandomIds.next(at))?;
//! let permit = policy.authorize(&caller, &upload, &ids)?;
//! let (key, request, ids) = permit.into_parts();
//! let SignableRequest::Put(request) = request else { return Err("this policy signs forms".into()) };
//! let message = serde_json::to_string(&(&request, at))?;
//!
//! // There: the signer signs exactly this request.
//! let (request, at): (PresignRequest, Timestamp) = serde_json::from_str(&message)?;
//! let signed = SigV4::new().with_credentials(credentials).presign_now(&request, at)?;
//! let answer = serde_json::to_string(&signed)?;
//!
//! // Here again: what the client receives.
//! let signed: PresignedRequest = serde_json::from_str(&answer)?;
//! assert!(signed.url.expose().contains(key.as_str()));
//! # assert_eq!(ids[0].0.as_ref(), "articleId");
//! # Ok(())
//! # }
//! ```
//!
//! The signer signs whatever it receives, so authenticate its callers; the answer contains a secret. Without an
//! [`UploadIssuer`](crate::UploadIssuer), nothing calls [`Authorize`](crate::Authorize): if clients may supply ids, check
//! [`Permit::client_supplied_ids`](crate::policy::Permit::client_supplied_ids) and the owner yourself. If the decision can
//! wait for the signer, implement [`Presigner`](crate::Presigner) by a call to it and keep the issuer: `examples/remote-signer`
//! does so over HTTP.
//!
//! # When the file has arrived
//!
//! S3 sends a notification for each new object to a queue, a topic or a function (`upsign documents notification` generates
//! the configuration). It is a JSON object with `Records`; of each record these members matter:
//!
//! | member | content |
//! | --- | --- |
//! | `eventName` | `ObjectCreated:Put`, `ObjectCreated:Post` or `ObjectCreated:CompleteMultipartUpload`; skip others |
//! | `s3.bucket.name` | the bucket |
//! | `s3.object.key` | the key, encoded like a form: a space is `+`, other bytes are percent-encoded |
//! | `s3.object.size` | the size in bytes |
//! | `s3.object.versionId` | the version, only in a versioned bucket |
//!
//! When the notification is configured, S3 sends one message without `Records`: `{"Event": "s3:TestEvent", …}`. A message can
//! arrive twice and out of order. Notifications that a topic or a queue relays are inside the text of another message.
//!
//! [`KeyTemplate::parse_key`](crate::KeyTemplate::parse_key) returns the ids that the key was made of.
//!
//! ```
//! use percent_encoding::percent_decode_str;
//! use serde_json::Value;
//! use upsign::{KeyTemplate, ObjectKey, Uuid};
//!
//! /// An object that has arrived: its key, its version in a versioned bucket, and its article.
//! type Arrived = (ObjectKey, Option<String>, Uuid);
//!
//! fn arrived(message: &str, template: &KeyTemplate) -> Result<Vec<Arrived>, Box<dyn std::error::Error>> {
//!     let message: Value = serde_json::from_str(message)?;
//!     let mut arrived = Vec::new();
//!     // The test event has no records.
//!     for record in message["Records"].as_array().into_iter().flatten() {
//!         let object = &record["s3"]["object"];
//!         if !record["eventName"].as_str().is_some_and(|name| name.starts_with("ObjectCreated:")) {
//!             continue;
//!         }
//!         let key = object["key"].as_str().ok_or("the record names no key")?.replace('+', " ");
//!         let key: ObjectKey = percent_decode_str(&key).decode_utf8()?.parse()?;
//!         // Another writer's object does not match the template.
//!         let Ok(parts) = template.parse_key(key.as_str()) else { continue };
//!         let article = parts.id("articleId").ok_or("the template has no {article_id}")?;
//!         arrived.push((key, object["versionId"].as_str().map(str::to_owned), article));
//!     }
//!     Ok(arrived)
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let template: KeyTemplate = "articles/{article_id}/{filename}".parse()?;
//! let message = r#"{"Records": [{"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "article-images-bucket"},
//!     "object": {"key": "articles/5b5d819a-b077-4419-af90-f3ad76700929/%C3%9Cber+uns.png", "size": 48213, "versionId": "3/L4k"}}}]}"#;
//! let arrived_now = arrived(message, &template)?;
//! assert!(arrived_now[0].0.as_str().ends_with("/Über uns.png"));
//! assert_eq!(arrived_now[0].1.as_deref(), Some("3/L4k"));
//! assert!(arrived(r#"{"Service": "Amazon S3", "Event": "s3:TestEvent"}"#, &template)?.is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! The crate `upsign-events` reads these messages, and those that come through SNS and EventBridge. `examples/consumer` is a complete
//! function: it confirms each object and reports the messages that failed. The role of a worker that only reads the objects is
//! `IamPolicy::for_worker` of `upsign-documents`. What S3 has not checked, a worker must: see
//! [`enforcement`](crate::manual::security::enforcement).
//!
//! # Presign a download
//!
//! The signer presigns any [`Operation`](crate::Operation), for example a GET for a user who may read the file. In a versioned
//! bucket, name the version: the key alone returns the newest one, which may be another file. The role then needs
//! `s3:GetObjectVersion` in place of `s3:GetObject`.
//!
//! ```
//! use upsign::prelude::*;
//! use upsign::{ExpiresIn, Operation, PresignRequest, Query, SigV4};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
//! let presigner = SigV4::new().with_credentials(Credentials::long_term("AKIDEXAMPLE", "secret")?);
//! let mut query = Query::new();
//! query.insert("versionId", "3/L4k")?;
//! // Let the browser save the file under this name instead of displaying it.
//! query.insert("response-content-disposition", "attachment; filename=\"image.jpg\"")?;
//! let key = "articles/5b5d819a-b077-4419-af90-f3ad76700929/raw/1.jpg".parse()?;
//! let request = PresignRequest::new(target, Operation::GetObject, key, ExpiresIn::from_secs(300)?).with_query(query);
//! let download = presigner.presign_now(&request, SystemClock.now())?;
//! assert!(download.url.expose().contains("versionId=3%2FL4k"));
//! # Ok(())
//! # }
//! ```
//!
//! With credentials that are fetched, call [`Presigner::presign`](crate::Presigner::presign) instead of `presign_now`. Read
//! the [threats](crate::manual::security::threats) before you hand out downloads of files that other users have uploaded.
