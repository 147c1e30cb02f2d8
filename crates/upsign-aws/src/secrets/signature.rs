//! Signature Version 4 of a call, in its headers.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.

use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use upsign_core::{Credentials, Timestamp};
use zeroize::Zeroizing;

const CONTENT_TYPE: &str = "application/x-amz-json-1.1";
const OPERATION: &str = "secretsmanager.GetSecretValue";
const SERVICE: &str = "secretsmanager";

/// A call of `GetSecretValue`.
pub(super) struct SignedCall<'a> {
    /// The host, with the port if it is not the default.
    pub(super) host: &'a str,
    pub(super) region: &'a str,
    pub(super) body: &'a [u8],
}

/// Returns the headers of the call: the signed ones except `host`, which the HTTP client adds, and `authorization`.
pub(super) fn sign(
    call: &SignedCall<'_>,
    credentials: &Credentials,
    at: Timestamp,
) -> Vec<(&'static str, Zeroizing<String>)> {
    let time = at.to_string().replace(['-', ':'], "");
    let date = time.split('T').next().unwrap_or_default();
    // In alphabetical order, as the canonical request needs them.
    let mut headers = vec![
        ("content-type", Zeroizing::new(CONTENT_TYPE.to_owned())),
        ("host", Zeroizing::new(call.host.to_owned())),
        ("x-amz-date", Zeroizing::new(time.clone())),
    ];
    if let Some(token) = credentials.session_token() {
        headers.push(("x-amz-security-token", Zeroizing::new(token.to_owned())));
    }
    headers.push(("x-amz-target", Zeroizing::new(OPERATION.to_owned())));

    let mut canonical = Zeroizing::new("POST\n/\n\n".to_owned());
    for (name, value) in &headers {
        let _ = writeln!(canonical, "{name}:{}", value.trim());
    }
    let signed = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let _ = write!(canonical, "\n{signed}\n{}", hex(&Sha256::digest(call.body)));

    let scope = format!("{date}/{}/{SERVICE}/aws4_request", call.region);
    let to_sign =
        format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex(&Sha256::digest(canonical.as_bytes())));
    let secret = Zeroizing::new(format!("AWS4{}", credentials.secret_access_key()));
    let mut key = Zeroizing::new(hmac(secret.as_bytes(), date.as_bytes()));
    for part in [call.region, SERVICE, "aws4_request"] {
        key = Zeroizing::new(hmac(key.as_slice(), part.as_bytes()));
    }
    let signature = hex(&hmac(key.as_slice(), to_sign.as_bytes()));
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={signed}, Signature={signature}",
        credentials.access_key_id()
    );
    headers.retain(|(name, _)| *name != "host");
    headers.push(("authorization", Zeroizing::new(authorization)));
    headers
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    // HMAC accepts keys of every length, so the default is never returned.
    let mac = Hmac::<Sha256>::new_from_slice(key).map(|mac| mac.chain_update(message).finalize());
    mac.map(|tag| tag.into_bytes().into()).unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
