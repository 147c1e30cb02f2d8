//! Signature Version 4 of a call, in its headers.

use upsign::sigv4::JsonCall;

/// Returns the call of an operation, for example of `DynamoDB_20120810.GetItem`. `host` contains the port if it is not the
/// default.
pub(crate) const fn call<'a>(
    host: &'a str,
    region: &'a str,
    target: &'a str,
    body: &'a [u8],
) -> JsonCall<'a> {
    JsonCall { service: "dynamodb", region, host, content_type: "application/x-amz-json-1.0", target, body }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use aws_credential_types::Credentials as AwsCredentials;
    use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign as sign_with_aws};
    use aws_sigv4::sign::v4::SigningParams;
    use upsign::types::Expiry;
    use upsign::{Credentials, Timestamp};

    use super::*;

    fn of_aws(call: &JsonCall<'_>, credentials: &Credentials, at: Timestamp) -> String {
        let identity = AwsCredentials::from_keys(
            credentials.access_key_id(),
            credentials.secret_access_key(),
            credentials.session_token().map(str::to_owned),
        )
        .into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region(call.region)
            .name(call.service)
            .time(SystemTime::UNIX_EPOCH + Duration::from_secs(at.as_unix()))
            .settings(SigningSettings::default())
            .build()
            .unwrap()
            .into();
        let headers =
            [("content-type", call.content_type), ("host", call.host), ("x-amz-target", call.target)];
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
            let call = call(host, "eu-central-1", target, body);
            for credentials in [&long_term, &temporary] {
                let headers = call.sign(credentials, at);
                let authorization = headers.iter().find(|(name, _)| *name == "authorization").unwrap();
                assert_eq!(*authorization.1, of_aws(&call, credentials, at));
                assert!(headers.iter().all(|(name, _)| *name != "host"));
            }
        }
    }
}
