//! Signature Version 4 of a call of SQS, in its headers.

use upsign::sigv4::JsonCall;

/// Returns the call of `SendMessage`, with the protocol of SQS with JSON bodies.
pub(super) const fn send_message<'a>(host: &'a str, region: &'a str, body: &'a [u8]) -> JsonCall<'a> {
    JsonCall {
        service: "sqs",
        region,
        host,
        content_type: "application/x-amz-json-1.0",
        target: "AmazonSQS.SendMessage",
        body,
    }
}

#[cfg(test)]
mod tests {
    use upsign::types::Expiry;
    use upsign::{Credentials, Timestamp};

    use super::*;

    /// The signatures are those of botocore 1.43 for the same request.
    #[test]
    fn signatures_are_those_of_botocore() {
        let at: Timestamp = "2026-01-31T12:00:00Z".parse().unwrap();
        let (id, secret) = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        let signature = |credentials: &Credentials| {
            let host = "sqs.eu-central-1.amazonaws.com";
            let headers = send_message(host, "eu-central-1", br#"{"a":1}"#).sign(credentials, at);
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
