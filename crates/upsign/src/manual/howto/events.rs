//! Confirm uploads by the events of the bucket, without the client.
//!
//! A client that loses its network after the upload never confirms it. The bucket can notify a program of every object, by a queue,
//! a topic or EventBridge. That program confirms the object in its place.
//!
//! # What proves an object
//!
//! An event says that an object exists. It does not say that this service granted it: anyone with access to the bucket can store one.
//! [`confirm_object`](crate::UploadService::confirm_object) confirms only what proves itself, and reports the others as
//! [`Observed`](crate::confirm::ObjectOutcome::Observed):
//!
//! | proof | configure | what is compared |
//! | --- | --- | --- |
//! | a claim | `claim = true`: the upload carries what was granted as `x-amz-meta-upsign`, signed, with a message authentication code | all that the upload token states |
//! | a sealed id | `{id:sealed}` in the template: the id has a message authentication code over the key, the route, the bucket and the uploader | the limits of the route: size and types |
//! | none | | nothing is confirmed |
//!
//! A sealed id has 64 characters. It sorts by time, and has at least 64 random bits, 128 bits of a hash of the uploader, encrypted, and a code of 80 bits.
//! With neither claim nor sealed id, clients confirm with their upload tokens.
//!
//! # Read notifications
//!
//! The crate `upsign-events` reads the notifications of S3 to a queue, those by SNS, and those of EventBridge; it does no I/O.
//! It decodes keys, recognizes `s3:TestEvent`, and orders the events of one key by their sequencer. The example `consumer` is a Lambda
//! function on it: a queue delivers records, each object is confirmed, and the answer names the records that failed, so that only they
//! are delivered again.
//!
//! Events arrive more than once and in any order. That is harmless: the service looks at the object, and confirming it again has the same
//! answer.
//!
//! # Objects that nobody confirms
//!
//! A lifecycle rule removes pending objects ([`quarantine`](super::quarantine)). The generated notifications contain that event,
//! `s3:LifecycleExpiration:*`, for the folders of pending objects; pass it to [`expire_object`](crate::UploadService::expire_object), as
//! the example does, which announces it. Without a consumer, nobody learns that an upload has expired. An object that was rejected expires
//! too, and is announced a second time then.
//!
//! # What is not generated
//!
//! The generated stack has the queue, but no function that reads it. Deploy the example `consumer` for that, with the role of the API and an
//! event source mapping. The example announces nothing: set an announcer with `FunctionSettings::with_announcer`. `upsign serve` reads no events.
