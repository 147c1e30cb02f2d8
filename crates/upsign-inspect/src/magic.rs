//! The inspector for the service.

use upsign::async_trait;
use upsign::confirm::{Inspect, InspectError, InspectRequest, InspectVerdict};

use crate::judge::inspect;
use crate::sample::{Sample, ranges};

/// Compares the first and last bytes of each uploaded object with its signed content type (`inspect = "magic"`).
///
/// Reads at most 128 KiB of an object, in one request, or in two if it is longer than 64 KiB. SVG and XML are read as a whole, up
/// to 1 MiB. See [`inspect`](crate::inspect) for the reasons to refuse a file.
///
/// ```
/// use upsign::confirm::Inspect;
/// // For `UploadService::with_inspector`.
/// let inspector: Box<dyn Inspect> = Box::new(upsign_inspect::MagicInspect::new());
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct MagicInspect {}

impl MagicInspect {
    /// Creates the inspector.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

#[async_trait]
impl Inspect for MagicInspect {
    async fn inspect(&self, object: &InspectRequest<'_>) -> Result<InspectVerdict, InspectError> {
        let (head_len, tail_len) = ranges(object.content_type, object.size);
        let head = object.read(0, head_len).await.map_err(InspectError::new)?;
        let tail = match tail_len {
            0 => Vec::new(),
            len => object.read(object.size - len as u64, len).await.map_err(InspectError::new)?,
        };
        if head.len() != head_len || tail.len() != tail_len {
            return Err(InspectError::new("the store returned fewer bytes than the object has"));
        }
        let sample = Sample::new(object.content_type, object.size, &head, &tail);
        Ok(match inspect(&sample) {
            Ok(()) => InspectVerdict::Accept,
            Err(rejection) => InspectVerdict::Reject(rejection.reason),
        })
    }
}
