//! Inspect uploads before anyone can read them, and keep the others out of reach.
//!
//! A content type is what the client claims. A route with `inspect` looks into the bytes when an upload is confirmed
//! ([`confirm`](super::confirm)), and a *gate* keeps readers from the object until then. `inspect` without a gate is refused: anyone
//! could read the object before it is inspected.
//!
//! # Configure
//!
//! ```toml
//! [bucket]
//! name = "article-images-bucket"
//! region = "eu-central-1"
//!
//! [upload]
//! key = "articles/{sub}/{id}.{ext}"
//! pending_key = "pending/{sub}/{id}.{ext}"
//! types = ["image/jpeg", "image/png", "application/pdf"]
//! max_size = "10 MiB"
//! bodyless = "refuse"
//! confirm = true
//! inspect = "magic"
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
//! # The gate
//!
//! | | `pending_key` | `gate = "tag"` |
//! | --- | --- | --- |
//! | where clients upload | below a folder of its own | to `key` |
//! | what confirming does | copies the pinned version to `key`, and deletes the pending object | sets the tag `upsign=confirmed` on that version |
//! | who reads before | the service only, by the bucket policy | the service only, by the bucket policy |
//! | what is rejected | stays in the folder until a lifecycle rule deletes it | has the tag `upsign=rejected` |
//! | needs | conditional copies, at most 5 GiB, and `{id}` in `key` | a versioned bucket, object tags by version, and no tags by clients |
//!
//! The grant and every answer name the final key, so an application never sees the pending one. The copy is bound on both sides: to the
//! version or entity tag of the source, and to a destination that does not exist. If the answer to a copy is lost, the state is `pending`,
//! and the next call finds the object at its key.
//!
//! `upsign documents` derives what belongs to it: the role may copy and delete, a policy of the bucket denies everyone else to read
//! what is not confirmed, and a lifecycle rule deletes pending objects after `pending_days`. A document outside of a template needs
//! `deployment.service_role`, the role that the service runs as.
//!
//! **The gate is that policy.** Without it, every reader of the bucket reads unconfirmed objects too. It is a policy of AWS, with the
//! conditions `aws:PrincipalArn` and `s3:ExistingObjectTag`: apply it to the bucket, and compare it with `upsign check --against`. On
//! another store, confirming still inspects, moves and tags objects, but nothing of upsign keeps readers out: give no reader access to the
//! folder of `pending_key`, and use `gate = "tag"` on AWS only. `upsign check` warns of a gate at another store (`gate-not-enforced`).
//!
//! At an access point or a directory bucket, no such policy keeps readers out, so `upsign.toml` with a gate there is refused. Access points:
//! use the name of the bucket. The policy would name the access point, and readers who use the bucket, or another access point, pass.
//!
//! The statements of the policy were tried with three evaluators, none of which is AWS:
//!
//! | | `PendingIsNotRead` | `OnlyConfirmed` | `NoForgedConfirmation` |
//! | --- | --- | --- | --- |
//! | an emulator of AWS (ministack), with requests of roles that may do everything else | denies readers, and no function of the stack | denies readers until the tag is set, also by version | not evaluated: it does not know `s3:RequestObjectTag` |
//! | `iam-simulate`, an evaluator of IAM policies | decides as expected | decides as expected | decides as expected |
//! | the evaluator of `upsign-documents`, with which `upsign check` compares | decides as expected | decides as expected | decides as expected |
//!
//! The emulator compares `aws:PrincipalArn` with the ARN of a session, where AWS compares it with that of the role, so its tests name the
//! sessions. SeaweedFS refuses the policy with 400, because it does not know `ArnNotLike`: there is no gate there, and no document that looks like one.
//!
//! In a bucket without versions, a copy has the type of the pending object at the moment of the copy, not of the one that was inspected if
//! both have the same bytes. So the service looks at the copy, and deletes one whose type or metadata are not what was granted. The next
//! request does that if the process ended before: it deletes an object at the final key that is not what was granted, and that has the
//! bytes and the type of the pending object. So an object at `key` can be deleted that nobody has confirmed: if your application replaces
//! a confirmed object by one of the same bytes and of a type that was not granted, and its uploader then uploads exactly that to the pending
//! key. If two servers find one wrong copy at the same moment, the slower one can delete the right copy by which the faster one has
//! just replaced it: its receipt then finds no object. A copy of a version is always the inspected one: enable versioning.
//!
//! A store that copies without conditions could move another object than the one that was inspected. `pending_key` is refused for it. Declare what you
//! have tried: `bucket.can = { copy_if_none_match = true, copy_source_if_match = true }`.
//!
//! # `inspect = "magic"`
//!
//! Reads the first and the last 64 KiB of the object, and an SVG or XML file of up to 1 MiB as a whole, and compares them with the signed
//! content type:
//!
//! | `reason` | example |
//! | --- | --- |
//! | `type-mismatch` | HTML that is called `photo.jpg` |
//! | `unknown-type` | the type has no signature that can be compared. `upsign check` names such types of a route |
//! | `active-content` | an SVG with a script |
//! | `polyglot` | an image that is an archive too |
//! | `archive` | an archive that is called a document, or the other way around |
//! | `truncated` | a JPEG without its end |
//!
//! Two more reasons are those of a hook: `malware` and `application`.
//!
//! This is a comparison and not a virus scan. A file that passes can still harm a program with a fault: decode images again before you
//! show them, and scan documents.
//!
//! # `inspect = "hook"`
//!
//! The application inspects, by [`Inspect`](crate::confirm::Inspect): a virus scanner, or a decoder of images. Every read is bound to the version
//! that is confirmed.
//!
//! ```
//! use upsign::async_trait;
//! use upsign::confirm::{ConfirmReason, Inspect, InspectError, InspectRequest, InspectVerdict};
//!
//! #[derive(Debug)]
//! struct NoLongTexts;
//!
//! #[async_trait]
//! impl Inspect for NoLongTexts {
//!     async fn inspect(&self, object: &InspectRequest<'_>) -> Result<InspectVerdict, InspectError> {
//!         let start = object.read(0, 4_096).await.map_err(InspectError::new)?;
//!         let is_long = start.split(|byte| *byte == b'\n').any(|line| line.len() > 1_000);
//!         Ok(if is_long { InspectVerdict::Reject(ConfirmReason::Application) } else { InspectVerdict::Accept })
//!     }
//! }
//! # fn example(issuer: upsign::UploadIssuer) -> upsign::UploadIssuer {
//! issuer.with_inspector(NoLongTexts)
//! # }
//! ```
//!
//! Return [`InspectVerdict::Later`](crate::confirm::InspectVerdict::Later) if a scan takes longer than a request: the client gets `pending` and
//! asks again. If the inspector fails, the client gets 503 `inspection-unavailable`, and nothing is confirmed. A service whose
//! route has `inspect = "hook"` and that has no inspector does not start; so `upsign serve` does not. `upsign dev` and `upsign demo` stand
//! for the application with an inspector that accepts every object: nothing is inspected there.
//!
//! # What is rejected
//!
//! A rejected object is not deleted by the service. It lies where nobody reads, asking again gives `rejected` again, and the lifecycle rule
//! removes it. So a person can look at it.
//!
//! A version that was confirmed stays confirmed. Confirming it again finds it at its final key, or reads its tag, and does not inspect it,
//! so a scanner that has learned of a virus since then does not change it. The application withdraws such an object, by
//! [`AuthorizeRead`](crate::read::AuthorizeRead), or by deleting it. A version that was rejected is inspected again, and can be confirmed
//! then. If two requests confirm one version at the same moment, and their inspections differ, the one that refuses it looks for a
//! confirmed object once more before it answers `rejected`, and answers `confirmed` if there is one. The other one may still confirm the
//! version after that look. With `gate = "tag"`, both may set the tag then: if `rejected` is set last, the bucket policy denies readers an
//! object that has a receipt.
//!
//! A quota no longer counts a rejected upload ([`quotas`](super::quotas#what-counts)), except on a route with `{id:sealed}` and without
//! `claim = true`. When the lifecycle rule removes its object, it is announced as
//! expired, with the id of the announcement that it was rejected: a receiver that ignores ids it has processed keeps `rejected`.
