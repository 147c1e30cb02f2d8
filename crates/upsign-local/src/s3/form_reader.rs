//! Reading of POST forms: first the fields, and the file only if the signature in the fields is valid.
//!
//! Any web page can send a form to this server without a preflight. A form without a valid signature therefore costs at most
//! [`MAX_FIELD_BYTES`] of memory and [`FormTimes::fields`], and all forms together cost at most [`FormReader::budget`].

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use bytes::Bytes;
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};

use super::error_response::ErrorResponse;
use super::form;

/// Maximum size of the fields before the file, in bytes. It is the limit of S3 (`MaxPostPreDataLengthExceeded`).
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>.
const MAX_FIELD_BYTES: usize = 20 * 1024;
/// Maximum size of the fields and boundaries of a form, in addition to the file, in bytes.
pub(super) const MAX_FORM_OVERHEAD: usize = 1024 * 1024;
/// The fields are parsed again each time when this number of bytes has arrived, so that many small frames cost little.
const PARSE_STEP: usize = 1024;
/// The unit of the budget, in bytes. Semaphores count at most 2^32 permits for one request.
const UNIT: usize = 1024;

/// Time limits for a form.
#[derive(Clone, Copy, Debug)]
pub(super) struct FormTimes {
    /// Until the fields before the file have arrived.
    pub(super) fields: Duration,
    /// Between two frames of the file, and to wait for memory that other forms use.
    pub(super) idle: Duration,
    /// Until the file has arrived.
    pub(super) file: Duration,
}

impl FormTimes {
    pub(super) const DEFAULT: Self = Self {
        fields: Duration::from_secs(10),
        idle: Duration::from_secs(20),
        file: Duration::from_secs(300),
    };
}

/// Reads forms into memory within limits.
#[derive(Debug)]
pub(super) struct FormReader {
    /// Maximum size of the file of a form, in bytes.
    max_file_bytes: usize,
    /// Maximum size of a form, in bytes.
    max_bytes: usize,
    times: FormTimes,
    /// The memory for files of forms, in units of [`UNIT`]: that of two forms of the maximum size.
    budget: Arc<Semaphore>,
    budget_units: u32,
}

/// A form in memory.
#[derive(Debug)]
pub(super) struct ReadForm {
    pub(super) bytes: Bytes,
    /// The fields before the file, by lowercase name.
    pub(super) fields: BTreeMap<String, String>,
    /// Returns the memory to the budget when it is dropped.
    _memory: OwnedSemaphorePermit,
}

impl FormReader {
    pub(super) fn new(max_file_bytes: usize, times: FormTimes) -> Self {
        let max_bytes = max_file_bytes.saturating_add(MAX_FORM_OVERHEAD);
        let most = Semaphore::MAX_PERMITS.min(u32::MAX as usize);
        let units = max_bytes.div_ceil(UNIT).saturating_mul(2).min(most);
        let budget_units = u32::try_from(units).unwrap_or(u32::MAX);
        Self { max_file_bytes, max_bytes, times, budget: Arc::new(Semaphore::new(units)), budget_units }
    }

    /// Returns the maximum size of the file of a form, in bytes.
    pub(super) fn max_file_bytes(&self) -> u64 {
        self.max_file_bytes as u64
    }

    /// Reads a form. `declared` is its `Content-Length`, and `check` verifies the fields before the file is read.
    pub(super) async fn read<B>(
        &self,
        content_type: &str,
        declared: Option<usize>,
        mut body: B,
        check: impl FnOnce(&BTreeMap<String, String>) -> Result<(), ErrorResponse>,
    ) -> Result<ReadForm, ErrorResponse>
    where
        B: http_body::Body<Data = Bytes> + Unpin,
    {
        if declared.is_some_and(|length| length > self.max_bytes) {
            return Err(self.too_large());
        }
        let read_fields = read_fields(content_type, &mut body);
        let Fields { mut bytes, fields, ended } =
            timeout(self.times.fields, read_fields).await.map_err(|_| timed_out())??;
        check(&fields)?;
        let length = declared.unwrap_or(self.max_bytes).max(bytes.len());
        let memory = self.reserve(length).await?;
        bytes.reserve_exact(declared.unwrap_or_default().saturating_sub(bytes.len()));
        // A body must not be read again after its end.
        if !ended {
            self.read_file(&mut bytes, &mut body).await?;
        }
        Ok(ReadForm { bytes: bytes.into(), fields, _memory: memory })
    }

    /// Appends the rest of a form to `bytes`.
    async fn read_file<B>(&self, bytes: &mut Vec<u8>, body: &mut B) -> Result<(), ErrorResponse>
    where
        B: http_body::Body<Data = Bytes> + Unpin,
    {
        let end = Instant::now() + self.times.file;
        loop {
            let next = timeout(self.times.idle, body.frame());
            let frame = timeout_at(end, next).await.map_err(|_| timed_out())?.map_err(|_| timed_out())?;
            let Some(frame) = frame else { return Ok(()) };
            let frame = frame.map_err(|_| incomplete())?;
            let data = frame.data_ref().map(Bytes::as_ref).unwrap_or_default();
            if bytes.len().saturating_add(data.len()) > self.max_bytes {
                return Err(self.too_large());
            }
            bytes.extend_from_slice(data);
        }
    }

    /// Takes the memory for a form from the budget, and waits for it if other forms use it.
    async fn reserve(&self, length: usize) -> Result<OwnedSemaphorePermit, ErrorResponse> {
        let units = u32::try_from(length.div_ceil(UNIT)).unwrap_or(u32::MAX).min(self.budget_units);
        let acquired = timeout(self.times.idle, Arc::clone(&self.budget).acquire_many_owned(units)).await;
        let busy = || {
            let message = "Please reduce your request rate. Other forms use the memory for forms.";
            ErrorResponse::new(StatusCode::SERVICE_UNAVAILABLE, "SlowDown", message)
        };
        acquired.ok().and_then(Result::ok).ok_or_else(busy)
    }

    fn too_large(&self) -> ErrorResponse {
        let message = "Your proposed upload exceeds the maximum allowed size";
        ErrorResponse::bad_request("EntityTooLarge", message)
            .with("MaxSizeAllowed", self.max_file_bytes.to_string())
    }
}

/// The beginning of a form.
struct Fields {
    /// Everything that has arrived, including the beginning of the file.
    bytes: Vec<u8>,
    fields: BTreeMap<String, String>,
    /// Whether the form has ended.
    ended: bool,
}

/// Reads until the header of the file has arrived.
async fn read_fields<B>(content_type: &str, body: &mut B) -> Result<Fields, ErrorResponse>
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    let mut bytes = Vec::new();
    let mut parsed = 0;
    loop {
        let frame = body.frame().await.transpose().map_err(|_| incomplete())?;
        let ended = frame.is_none();
        if let Some(data) = frame.as_ref().and_then(http_body::Frame::data_ref) {
            bytes.extend_from_slice(data);
        }
        if !ended && bytes.len() < parsed + PARSE_STEP {
            continue;
        }
        parsed = bytes.len();
        // A frame can contain much of the file, so only the possible fields are parsed.
        let beginning = bytes.get(..MAX_FIELD_BYTES).unwrap_or(&bytes);
        let (fields, complete) = form::fields(content_type, beginning);
        if complete || ended {
            return Ok(Fields { bytes, fields, ended });
        }
        if bytes.len() >= MAX_FIELD_BYTES {
            let message = "Your POST request fields preceding the upload file were too large.";
            return Err(ErrorResponse::bad_request("MaxPostPreDataLengthExceeded", message)
                .with("MaxPostPreDataLengthBytes", MAX_FIELD_BYTES.to_string()));
        }
    }
}

fn incomplete() -> ErrorResponse {
    ErrorResponse::bad_request("IncompleteBody", "The request body terminated unexpectedly")
}

fn timed_out() -> ErrorResponse {
    let message = "Your socket connection to the server was not read from or written to within the timeout period. \
                   Idle connections will be closed.";
    ErrorResponse::bad_request("RequestTimeout", message)
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Poll};

    use http_body::Frame;

    use super::*;

    const CONTENT_TYPE: &str = "multipart/form-data; boundary=B";
    const FRAME: usize = 64 * 1024;
    const TIMES: FormTimes = FormTimes {
        fields: Duration::from_millis(50),
        idle: Duration::from_millis(50),
        file: Duration::from_millis(200),
    };

    /// A form that begins with a text and then either never ends or stalls. It counts the bytes that were read.
    struct Hostile {
        beginning: Option<Bytes>,
        rest: Option<Bytes>,
        read: Arc<AtomicUsize>,
    }

    impl http_body::Body for Hostile {
        type Data = Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
            let Some(data) = self.beginning.take().or_else(|| self.rest.clone()) else {
                return Poll::Pending;
            };
            self.read.fetch_add(data.len(), Ordering::Relaxed);
            Poll::Ready(Some(Ok(Frame::data(data))))
        }
    }

    fn hostile(beginning: &str, rest: Option<&[u8]>) -> (Hostile, Arc<AtomicUsize>) {
        let read = Arc::new(AtomicUsize::new(0));
        let rest = rest.map(Bytes::copy_from_slice);
        let beginning = Some(Bytes::copy_from_slice(beginning.as_bytes()));
        (Hostile { beginning, rest, read: Arc::clone(&read) }, read)
    }

    fn file(fields: &str) -> String {
        let part = "--B\r\nContent-Disposition: form-data; name=";
        format!("{fields}{part}\"file\"; filename=\"x\"\r\n\r\n")
    }

    fn denied(fields: &BTreeMap<String, String>) -> Result<(), ErrorResponse> {
        match fields.get("x-amz-signature").map(String::as_str) {
            Some("valid") => Ok(()),
            _ => Err(ErrorResponse::forbidden("AccessDenied", "Access Denied")),
        }
    }

    fn signed() -> String {
        file("--B\r\nContent-Disposition: form-data; name=\"x-amz-signature\"\r\n\r\nvalid\r\n")
    }

    #[tokio::test]
    async fn file_of_an_unsigned_form_is_not_read() {
        let reader = FormReader::new(64 * 1024 * 1024, TIMES);
        for beginning in [file(""), String::new(), signed().replace("valid", "other")] {
            let (body, read) = hostile(&beginning, Some(&[b'a'; FRAME]));
            let refused = reader.read(CONTENT_TYPE, None, body, denied).await.unwrap_err();
            assert!(
                ["AccessDenied", "MaxPostPreDataLengthExceeded"].contains(&&*refused.code),
                "{}",
                refused.code
            );
            let read = read.load(Ordering::Relaxed);
            assert!(read <= MAX_FIELD_BYTES + FRAME, "{read} bytes were read");
        }
    }

    #[tokio::test]
    async fn file_of_a_signed_form_is_bounded() {
        let reader = FormReader::new(1024 * 1024, TIMES);
        let (body, read) = hostile(&signed(), Some(&[b'a'; FRAME]));
        let refused = reader.read(CONTENT_TYPE, None, body, denied).await.unwrap_err();
        assert_eq!(refused.code, "EntityTooLarge");
        assert!(read.load(Ordering::Relaxed) <= 2 * 1024 * 1024 + FRAME + 1024);
        let (body, read) = hostile(&signed(), Some(&[b'a'; FRAME]));
        let refused = reader.read(CONTENT_TYPE, Some(2 * 1024 * 1024 + 1), body, denied).await.unwrap_err();
        assert_eq!((&*refused.code, read.load(Ordering::Relaxed)), ("EntityTooLarge", 0));
    }

    #[tokio::test]
    async fn stalled_forms_time_out() {
        let reader = FormReader::new(1024 * 1024, TIMES);
        for beginning in [String::new(), "--B\r\n".to_owned(), signed() + &"a".repeat(2 * PARSE_STEP)] {
            let (body, _) = hostile(&beginning, None);
            let refused = reader.read(CONTENT_TYPE, Some(FRAME), body, denied).await.unwrap_err();
            assert_eq!(refused.code, "RequestTimeout", "{beginning:?}");
        }
    }

    #[tokio::test]
    async fn forms_share_one_budget_of_memory() {
        let reader = FormReader::new(1024 * 1024, TIMES);
        let read = async || {
            let body = http_body_util::Full::new(Bytes::from(signed() + "x\r\n--B--\r\n"));
            reader.read(CONTENT_TYPE, Some(2 * 1024 * 1024), body, denied).await
        };
        let (one, two) = (read().await.unwrap(), read().await.unwrap());
        assert_eq!(read().await.unwrap_err().code, "SlowDown");
        drop(one);
        assert!(read().await.is_ok());
        drop(two);
    }

    #[tokio::test]
    async fn form_in_many_small_frames_is_read_whole() {
        let text = signed() + "file\r\n--B--\r\n";
        let frames = text.bytes().map(|byte| Ok::<_, std::convert::Infallible>(Bytes::from(vec![byte])));
        let body = axum::body::Body::from_stream(Frames(frames.collect()));
        let reader = FormReader::new(1024 * 1024, TIMES);
        let form = reader.read(CONTENT_TYPE, Some(text.len()), body, denied).await.unwrap();
        assert_eq!(form.bytes, text.as_bytes());
    }

    /// A stream of frames.
    struct Frames(std::collections::VecDeque<Result<Bytes, std::convert::Infallible>>);

    impl futures_core::Stream for Frames {
        type Item = Result<Bytes, std::convert::Infallible>;

        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            Poll::Ready(self.0.pop_front())
        }
    }
}
