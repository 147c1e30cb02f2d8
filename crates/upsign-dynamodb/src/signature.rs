//! Signature Version 4 of a call, in its headers.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.

use sha2::{Digest, Sha256};
use upsign::sigv4::stages::{SigningKey, amz_date, canonical_request, scope, string_to_sign};
use upsign::{Credentials, Timestamp};
use zeroize::Zeroizing;

const SERVICE: &str = "dynamodb";
const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

/// A call of an operation.
pub(crate) struct SignedCall<'a> {
    /// The host, with the port if it is not the default.
    pub(crate) host: &'a str,
    pub(crate) region: &'a str,
    /// For example `DynamoDB_20120810.GetItem`.
    pub(crate) target: &'a str,
    pub(crate) body: &'a [u8],
}

/// Returns the headers of the call: the signed ones except `host`, which the HTTP client adds, and `authorization`.
pub(crate) fn sign(
    call: &SignedCall<'_>,
    credentials: &Credentials,
    at: Timestamp,
) -> Vec<(&'static str, Zeroizing<String>)> {
    let time = amz_date(at);
    let mut signed = vec![
        ("content-type", CONTENT_TYPE),
        ("host", call.host),
        ("x-amz-date", time.as_str()),
        ("x-amz-target", call.target),
    ];
    signed.extend(credentials.session_token().map(|token| ("x-amz-security-token", token)));
    signed.sort_unstable();

    let hash = hex(&Sha256::digest(call.body));
    let canonical = Zeroizing::new(canonical_request("POST", "/", &[], &signed, &hash));
    let scope = scope(at, call.region, SERVICE);
    let key = SigningKey::derive(credentials.secret_access_key(), at, call.region, SERVICE);
    let signature = key.sign(&string_to_sign(at, &scope, &canonical));
    let names = signed.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
        credentials.access_key_id()
    );
    let headers = signed.into_iter().filter(|(name, _)| *name != "host");
    let mut headers: Vec<_> = headers.map(|(name, value)| (name, Zeroizing::new(value.to_owned()))).collect();
    headers.push(("authorization", Zeroizing::new(authorization)));
    headers
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use aws_credential_types::Credentials as AwsCredentials;
    use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign as sign_with_aws};
    use aws_sigv4::sign::v4::SigningParams;
    use upsign::types::Expiry;

    use super::*;

    fn of_aws(call: &SignedCall<'_>, credentials: &Credentials, at: Timestamp) -> String {
        let identity = AwsCredentials::from_keys(
            credentials.access_key_id(),
            credentials.secret_access_key(),
            credentials.session_token().map(str::to_owned),
        )
        .into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region(call.region)
            .name(SERVICE)
            .time(SystemTime::UNIX_EPOCH + Duration::from_secs(at.as_unix()))
            .settings(SigningSettings::default())
            .build()
            .unwrap()
            .into();
        let headers = [("content-type", CONTENT_TYPE), ("host", call.host), ("x-amz-target", call.target)];
        let url = format!("https://{}/", call.host);
        let request =
            SignableRequest::new("POST", &url, headers.into_iter(), SignableBody::Bytes(call.body)).unwrap();
        let (instructions, _) = sign_with_aws(request, &params).unwrap().into_parts();
        let mut headers = instructions.headers();
        headers.find(|(name, _)| *name == "authorization").unwrap().1.to_owned()
    }

    #[test]
    fn signatures_equal_those_of_aws() {
        let (id, secret) = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        let long_term = Credentials::long_term(id, secret).unwrap();
        let temporary = Credentials::temporary(id, secret, "token/+=", Expiry::Unknown).unwrap();
        let at = "2026-01-31T12:00:07Z".parse().unwrap();
        for (host, body) in [
            ("dynamodb.eu-central-1.amazonaws.com", b"{}".as_slice()),
            ("127.0.0.1:4566", "{\"TableName\":\"é\"}".as_bytes()),
        ] {
            let target = "DynamoDB_20120810.TransactWriteItems";
            let call = SignedCall { host, region: "eu-central-1", target, body };
            for credentials in [&long_term, &temporary] {
                let headers = sign(&call, credentials, at);
                let authorization = headers.iter().find(|(name, _)| *name == "authorization").unwrap();
                assert_eq!(*authorization.1, of_aws(&call, credentials, at));
                assert!(headers.iter().all(|(name, _)| *name != "host"));
            }
        }
    }
}
