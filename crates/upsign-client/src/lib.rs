//! Uploads files through an API of `upsign`: single requests and multipart uploads, checksums while sending, retries, and
//! resuming.
//!
//! [`UploadClient`] asks the API for an upload and sends the bytes as it grants them. The command `upsign upload` is this crate
//! with a command line.
//!
//! ```no_run
//! use upsign_client::{ApiEndpoint, Event, FileSource, FixedToken, StateStore, UploadClient, UploadOptions, UploadRequest};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! // Another process can resume the upload if this one ends.
//! let mut options = UploadOptions::default();
//! options.state = Some(StateStore::new("/home/alice/.local/state/upsign/uploads"));
//!
//! let api = ApiEndpoint::new("https://api.example.com")?;
//! let client = UploadClient::new(api, FixedToken::new("eyJ…"), options)?;
//! let file = FileSource::open("film.mp4").await?;
//! let request = UploadRequest::new("video/mp4").with_file_name("film.mp4").with_route("videos");
//! let uploaded = client.upload(file, &request, |event: &Event<'_>| eprintln!("{event:?}")).await?;
//! println!("{}", uploaded.key);
//! # Ok(())
//! # }
//! ```
//!
//! # What is here
//!
//! | for | use |
//! | --- | --- |
//! | uploading | [`UploadClient`], [`UploadOptions`], [`UploadRequest`], [`ApiEndpoint`] |
//! | several files in one request | [`UploadClient::upload_together`], [`FileUpload`] |
//! | bytes | [`FileSource`], [`BytesSource`], [`ReaderSource`], or your own [`Source`] |
//! | the caller | [`TokenSource`], [`FixedToken`] |
//! | progress | [`Events`], [`Event`] |
//! | resuming in another process | [`StateStore`] |
//! | the confirmation | [`Confirm`], [`Confirmation`], [`Receipt`], [`UploadClient::read_url`], [`UploadClient::delete`] |
//! | results and failures | [`Uploaded`], [`UploadError`], [`ApiError`] with its [`Problem`] |
//!
//! # What is proven
//!
//! Each part is sent with its checksum, which the store compares before it keeps the part, and its length is part of the URL's
//! signature. The checksum of the whole object is computed from those of the parts, without reading anything twice, and the store
//! compares it when the upload is completed. Which of these a store knows is in its profile; the API says what it wants.
//!
//! # What this crate is not
//!
//! It is not an S3 client: it has no credentials of the store, and sends only what the API grants. It reads no environment
//! variables. It reads the clock only to measure durations.
//!
//! Neighboring crates: `upsign-http` is the API, and `upsign-cli` has the command.

mod api;
mod checksum;
mod client;
mod compare;
mod confirm;
mod error;
mod events;
mod expiry;
mod grant;
mod http;
mod multipart;
mod plan;
mod read;
mod request;
mod retry;
mod single;
mod source;
mod state;
mod store;
mod token;

#[doc(hidden)]
pub mod fuzzing;

pub use api::{ApiCall, ApiEndpoint, ApiError, ApiFailure, InvalidEndpoint, Problem, ProblemHint};
pub use checksum::{Checksum, ChecksumAlgorithm, ChecksumType, UnknownAlgorithm};
pub use client::{Confirm, FileResults, FileUpload, UploadClient, UploadOptions};
pub use confirm::{Confirmation, Receipt};
pub use error::UploadError;
pub use events::{Event, Events, RestartReason, RetryOf};
pub use plan::{PartLayout, Uploaded};
pub use read::{ReadOptions, ReadUrl};
pub use request::UploadRequest;
pub use source::{BytesSource, FileIdentity, FileSource, ReaderSource, Source, SourceChanged};
pub use state::{PendingUpload, StateStore, UnreadableState};
pub use store::{RefusedExchange, StoreRefusal};
pub use token::{FixedToken, TokenError, TokenSource};
