//! Signature Version 4 of a call of SQS, in its headers.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use upsign::{Credentials, Timestamp};
use zeroize::Zeroizing;

/// The protocol of SQS with JSON bodies.
pub(super) const CONTENT_TYPE: &str = "application/x-amz-json-1.0";
const OPERATION: &str = "AmazonSQS.SendMessage";

/// Returns the headers of `SendMessage`: the signed ones except `host`, which the HTTP client adds, and `authorization`.
pub(super) fn sign(
    host: &str,
    region: &str,
    body: &[u8],
    credentials: &Credentials,
    at: Timestamp,
) -> Vec<(&'static str, Zeroizing<String>)> {
    let time = at.to_string().replace(['-', ':'], "");
    let date = time.split('T').next().unwrap_or_default();
    // In alphabetical order, as the canonical request needs them.
    let mut headers = vec![
        ("content-type", Zeroizing::new(CONTENT_TYPE.to_owned())),
        ("host", Zeroizing::new(host.to_owned())),
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
    let _ = write!(canonical, "\n{signed}\n{}", hex(&Sha256::digest(body)));

    let scope = format!("{date}/{region}/sqs/aws4_request");
    let to_sign =
        format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex(&Sha256::digest(canonical.as_bytes())));
    let secret = Zeroizing::new(format!("AWS4{}", credentials.secret_access_key()));
    let mut key = Zeroizing::new(hmac(secret.as_bytes(), date.as_bytes()));
    for part in [region, "sqs", "aws4_request"] {
        key = Zeroizing::new(hmac(key.as_slice(), part.as_bytes()));
    }
    let signature = hex(&hmac(key.as_slice(), to_sign.as_bytes()));
    let id = credentials.access_key_id();
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={signed}, Signature={signature}");
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

#[cfg(test)]
mod tests {
    use upsign::types::Expiry;

    use super::*;

    /// The signatures are those of botocore 1.43 for the same request.
    #[test]
    fn signatures_are_those_of_botocore() {
        let at: Timestamp = "2026-01-31T12:00:00Z".parse().unwrap();
        let (id, secret) = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        let signature = |credentials: &Credentials| {
            let host = "sqs.eu-central-1.amazonaws.com";
            let headers = sign(host, "eu-central-1", br#"{"a":1}"#, credentials, at);
            assert!(
                headers.iter().any(|(name, value)| *name == "x-amz-date" && **value == "20260131T120000Z")
            );
            let (_, value) = headers.iter().find(|(name, _)| *name == "authorization").unwrap();
            value.rsplit('=').next().unwrap().to_owned()
        };
        assert_eq!(
            signature(&Credentials::long_term(id, secret).unwrap()),
            "2d4837a5238d035f095c93b07ef6176aaf10ea1c0feab1e444d6b503e2bc152b"
        );
        let temporary = Credentials::temporary(id, secret, "TOKEN", Expiry::Never).unwrap();
        assert_eq!(signature(&temporary), "06a0497bb81c65e1875a0952157d6ba03ddb436aff9baff8dd939c9e8314a131");
    }
}
