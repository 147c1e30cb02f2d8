//! Errors of stores and APIs: every input is refused or diagnosed in time, and no secret of a request is shown. The input is a whole
//! document first, then the inside of an error, then a canonical request.

use upsign_core::Timestamp;
use upsign_diagnose::{Evidence, SignedUrl, diagnose};

use crate::within_time_limit;

/// Which no input contains by accident.
pub(super) const SECRET: &str = "5f1e5f1e5f1e5f1e0a0b0c0d0e0f0a0b0c0d0e0f0a0b0c0d0e0f0a0b0c0d0e0f";

/// A presigned URL up to its signature.
pub(super) const URL: &str = "https://abc.s3.us-east-1.amazonaws.com/a%20b.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256\
     &X-Amz-Credential=ASIAIOSFODNN7EXAMPLE%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260101T000000Z&X-Amz-Expires=900\
     &X-Amz-SignedHeaders=content-type%3Bhost&X-Amz-Security-Token=5f1e5f1e5f1e5f1e0a0b0c0d0e0f0a0b0c0d0e0f0a0b0c0d0e0f0a0b0c0d0e0f\
     &X-Amz-Signature=";

pub(super) fn run(data: &[u8]) {
    diagnosed(data);
    let Ok(text) = str::from_utf8(data) else { return };
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
    for inside in [
        text.to_owned(),
        format!("<Code>AccessDenied</Code><Message>{escaped}</Message>"),
        format!(
            "<Code>SignatureDoesNotMatch</Code><SignatureProvided>{SECRET}</SignatureProvided><CanonicalRequest>{escaped}</CanonicalRequest>"
        ),
        format!("<Code>{escaped}</Code><Message>{escaped}</Message>"),
    ] {
        diagnosed(format!("<Error>{inside}</Error>").as_bytes());
    }
}

/// Diagnoses an input, alone and with the URL of the upload.
pub(super) fn diagnosed(input: &[u8]) {
    let url = SignedUrl::parse(&format!("{URL}{SECRET}")).expect("a presigned URL");
    match within_time_limit(|| Evidence::read(input)) {
        Ok(evidence) => {
            let evidence = evidence.with_time(Timestamp::UNIX_EPOCH);
            let found = within_time_limit(|| diagnose(&evidence));
            let with_url = evidence.with_url(url).expect("a URL of S3");
            let more = within_time_limit(|| diagnose(&with_url));
            assert!(!found.is_empty() && !more.is_empty());
            let shown = format!("{with_url:?}{found:?}{more:?}");
            assert!(!shown.contains(&SECRET[16..]), "{shown}");
        }
        Err(error) => {
            assert!(error.to_string().len() < 300, "a long message: {error}");
            assert!(!error.to_string().contains(&SECRET[16..]));
        }
    }
}
