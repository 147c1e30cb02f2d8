//! The hook: streams an object to ClamAV's daemon and reads its verdict.
//!
//! Source: the command `INSTREAM` in <https://docs.clamav.net/manual/Usage/Scanning.html#clamd> and `man clamd`.

use std::{io, time::Duration};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::{net::TcpStream, time::timeout};
use upsign::async_trait;
use upsign::confirm::{ConfirmReason, Inspect, InspectError, InspectRequest, InspectVerdict};
use upsign_inspect::MagicInspect;

/// The client waits for the verdict. A gateway in front of the API would end the request after about 30 seconds.
const TIME: Duration = Duration::from_secs(20);
/// The default of `StreamMaxLength` and `MaxFileSize` in `clamd.conf`. The daemon says that a longer file is clean without having
/// scanned it, unless `AlertExceedsMax` is set.
const MAX_BYTES: u64 = 100 << 20;

/// Compares objects with their types, which reads 128 KiB, and scans them with the `clamd` at an address.
#[derive(Debug)]
pub(crate) struct ClamAv(pub(crate) Box<str>);

impl ClamAv {
    /// Sends the object in chunks with their lengths, then an empty chunk, and returns the answer.
    async fn scan(&self, object: &InspectRequest<'_>) -> io::Result<String> {
        let mut stream = TcpStream::connect(&*self.0).await?;
        stream.write_all(b"zINSTREAM\0").await?;
        let mut at = 0;
        let mut is_open = true;
        // The daemon closes the stream early if it refuses the object. Its answer says why.
        while is_open && at < object.size {
            let bytes = object.read(at, 1 << 20).await.map_err(io::Error::other)?;
            // Fewer bytes than the object has.
            let Some(len) = u32::try_from(bytes.len()).ok().filter(|len| *len > 0) else {
                return Err(io::ErrorKind::UnexpectedEof.into());
            };
            at += u64::from(len);
            is_open = stream.write_all(&[&len.to_be_bytes(), &bytes[..]].concat()).await.is_ok();
        }
        let _ = stream.write_all(&[0; 4]).await;
        let mut answer = String::new();
        stream.take(1024).read_to_string(&mut answer).await?;
        Ok(answer.trim_end_matches('\0').to_owned())
    }
}

#[async_trait]
impl Inspect for ClamAv {
    async fn inspect(&self, object: &InspectRequest<'_>) -> Result<InspectVerdict, InspectError> {
        let verdict = MagicInspect::new().inspect(object).await?;
        if verdict != InspectVerdict::Accept {
            return Ok(verdict);
        } else if object.size > MAX_BYTES {
            return Ok(InspectVerdict::Reject(ConfirmReason::Application));
        }
        let answer = timeout(TIME, self.scan(object)).await.map_err(InspectError::new)?;
        match answer.map_err(InspectError::new)?.as_str() {
            "stream: OK" => Ok(InspectVerdict::Accept),
            found if found.starts_with("stream: ") && found.ends_with(" FOUND") => {
                Ok(InspectVerdict::Reject(ConfirmReason::Malware))
            }
            other => Err(InspectError::new(format!("the scanner answered {other:?}"))),
        }
    }
}
