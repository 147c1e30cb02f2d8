//! What happens during an upload, for progress bars and logs.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::api::ApiCall;
use crate::confirm::Confirmation;
use crate::plan::{PartLayout, Uploaded};

/// What happened during an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The API granted the upload, in one request or in parts.
    #[non_exhaustive]
    Granted {
        /// The key that the object will have.
        key: &'a str,
        /// The plan, or `None` for an upload in one request.
        layout: Option<&'a PartLayout>,
        /// The number of parts that the API permits at the same time; `None` for an upload in one request.
        parts_at_once: Option<u8>,
    },
    /// An upload that another process began continues.
    #[non_exhaustive]
    Resumed {
        /// The key that the object will have.
        key: &'a str,
        /// The plan.
        layout: &'a PartLayout,
        /// The number of parts that are stored.
        parts: u32,
        /// The bytes of these parts.
        bytes: u64,
        /// The number of parts that the API permits at the same time.
        parts_at_once: Option<u8>,
    },
    /// An upload that another process began cannot be continued. Its state is removed, and it begins again.
    #[non_exhaustive]
    Restarted {
        /// Why it cannot be continued.
        reason: RestartReason<'a>,
    },
    /// The bytes of a part are being read.
    #[non_exhaustive]
    PartStarted {
        /// The number of the part.
        number: u32,
        /// The length in bytes; less for the last part of a source of unknown size.
        len: u64,
    },
    /// Bytes were given to the connection.
    #[non_exhaustive]
    Sent {
        /// The number of bytes since the last event.
        bytes: u64,
    },
    /// Bytes that were reported as sent will be sent again, because the attempt failed.
    #[non_exhaustive]
    Unsent {
        /// The number of bytes.
        bytes: u64,
    },
    /// The store has a part.
    #[non_exhaustive]
    PartDone {
        /// The number of the part.
        number: u32,
        /// The length in bytes.
        len: u64,
        /// Its entity tag.
        etag: &'a str,
    },
    /// A request failed and will be repeated.
    #[non_exhaustive]
    Retry {
        /// What is repeated.
        what: RetryOf,
        /// The number of attempts that failed.
        attempt: u32,
        /// The pause before the next attempt.
        after: Duration,
        /// Why the attempt failed. It contains no URL and no token.
        cause: &'a str,
    },
    /// All bytes are stored, and the API assembles the object.
    Completing,
    /// The bytes are stored, and the API inspects or moves the object before it confirms it. The client repeats the request after the pause.
    #[non_exhaustive]
    ConfirmationPending {
        /// What the API waits for, such as `inspecting`, as it wrote it.
        reason: Option<&'a str>,
        /// The pause before the next call.
        after: Duration,
    },
    /// The API confirmed the object.
    #[non_exhaustive]
    Confirmed(&'a Confirmation),
    /// The answer to an upload was lost. The API has confirmed that the object is stored.
    Resolved,
    /// The object is stored.
    Done(&'a Uploaded),
}

/// Why an upload begins again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RestartReason<'a> {
    /// The store no longer has the upload: it was aborted, or removed because of its age.
    Gone,
    /// The upload token has expired. The store keeps the parts until a lifecycle rule of the bucket removes them.
    #[non_exhaustive]
    Expired {
        /// When it expired, as the API wrote it.
        expires_at: &'a str,
    },
    /// [`UploadOptions::restart`](crate::UploadOptions::restart) is set. The interrupted upload was aborted, or had ended.
    Requested,
    /// The state is damaged, so that the upload can be neither resumed nor aborted. The store keeps the parts until a lifecycle
    /// rule of the bucket removes them.
    #[non_exhaustive]
    Unreadable {
        /// The file with the state, which is removed.
        state: &'a Path,
    },
}

/// The request that is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryOf {
    /// A call of the API.
    Call(ApiCall),
    /// The upload of an object in one request.
    Object,
    /// The upload of a part.
    Part(u32),
    /// The upload of parts that the store does not have as they were sent, before the object is completed.
    Parts,
}

impl fmt::Display for RetryOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(call) => call.fmt(f),
            Self::Object => f.write_str("the upload"),
            Self::Part(number) => write!(f, "part {number}"),
            Self::Parts => f.write_str("parts that differ"),
        }
    }
}

/// Receives what happens during an upload. Closures `Fn(&Event)` implement it.
pub trait Events: Send + Sync {
    /// Receives an event. It is called often, so it must return quickly.
    fn event(&self, event: &Event<'_>);
}

impl<F: Fn(&Event<'_>) + Send + Sync> Events for F {
    fn event(&self, event: &Event<'_>) {
        self(event);
    }
}

/// Passes events on.
#[derive(Clone)]
pub(crate) struct Emitter(pub(crate) Arc<dyn Events>);

impl Emitter {
    pub(crate) fn emit(&self, event: &Event<'_>) {
        self.0.event(event);
    }
}

impl fmt::Debug for Emitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Emitter")
    }
}
