//! The hook: streams an object to ClamAV's daemon and reads its verdict.
//!
//! Source: the command `INSTREAM` in <https://docs.clamav.net/manual/Usage/Scanning.html#clamd> and `man clamd`.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use upsign::async_trait;
use upsign::confirm::{ConfirmReason, Inspect, InspectError, InspectRequest, InspectVerdict};

/// Bytes of one range and of one chunk of the protocol.
const CHUNK: usize = 1 << 20;
/// The client waits for the verdict. A gateway in front of the API would end the request after about 30 seconds.
const TIME: Duration = Duration::from_secs(20);
/// The default of `StreamMaxLength` and `MaxFileSize` in `clamd.conf`. The daemon says that a longer file is clean without having
/// scanned it, unless `AlertExceedsMax` is set.
const MAX_BYTES: u64 = 100 << 20;

/// Scans objects with the `clamd` at an address. Without its verdict nothing is confirmed.
#[derive(Debug)]
pub(crate) struct ClamAv {
    address: Box<str>,
}

impl ClamAv {
    pub(crate) fn at(address: &str) -> Self {
        Self { address: address.into() }
    }

    /// Sends the object in chunks with their lengths, then an empty chunk, and returns the answer.
    async fn scan(&self, object: &InspectRequest<'_>) -> Result<String, InspectError> {
        let mut stream = TcpStream::connect(&*self.address).await.map_err(InspectError::new)?;
        stream.write_all(b"zINSTREAM\0").await.map_err(InspectError::new)?;
        let mut at = 0;
        while at < object.size {
            let bytes = object.read(at, CHUNK).await.map_err(InspectError::new)?;
            if bytes.is_empty() {
                return Err(InspectError::new("the store returned fewer bytes than the object has"));
            }
            at += bytes.len() as u64;
            // The daemon closes the stream early if it refuses the object. Its answer says why.
            if send(&mut stream, &bytes).await.is_err() {
                break;
            }
        }
        let _ = send(&mut stream, &[]).await;
        let mut answer = Vec::new();
        stream.take(1024).read_to_end(&mut answer).await.map_err(InspectError::new)?;
        let text = String::from_utf8_lossy(&answer);
        Ok(text.trim_end_matches('\0').to_owned())
    }
}

async fn send(stream: &mut TcpStream, chunk: &[u8]) -> io::Result<()> {
    let len = u32::try_from(chunk.len()).map_err(io::Error::other)?;
    stream.write_all(&len.to_be_bytes()).await?;
    stream.write_all(chunk).await
}

#[async_trait]
impl Inspect for ClamAv {
    async fn inspect(&self, object: &InspectRequest<'_>) -> Result<InspectVerdict, InspectError> {
        if object.size > MAX_BYTES {
            return Ok(InspectVerdict::Reject(ConfirmReason::Application));
        }
        let answer = timeout(TIME, self.scan(object)).await.map_err(InspectError::new)??;
        match answer.as_str() {
            "stream: OK" => Ok(InspectVerdict::Accept),
            found if found.starts_with("stream: ") && found.ends_with(" FOUND") => {
                Ok(InspectVerdict::Reject(ConfirmReason::Malware))
            }
            other => Err(InspectError::new(format!("the scanner answered {other:?}"))),
        }
    }
}
