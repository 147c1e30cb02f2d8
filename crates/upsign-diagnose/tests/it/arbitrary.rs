//! Any text is either refused or diagnosed, without a panic, and what a person can break is never certain.

use proptest::prelude::*;
use upsign_diagnose::{Evidence, IamPolicy, diagnose};
use upsign_documents::FoundDocuments;

use crate::evidence::{GUARD, ROLE};
use crate::fixture::{Request, har};

/// Texts of every kind.
fn seeds() -> Vec<String> {
    let request = Request::put();
    vec![
        request.echo(),
        request.curl_verbose(403, &request.echo()),
        request.curl_command(),
        request.curl_command().replace('\'', "^\""),
        request.fetch_call(),
        har(&[request.har_entry(403, &[], &request.echo())]),
        "HTTP/1.1 403 Forbidden\r\nA: b\r\n\r\n<Error><Code>AccessDenied</Code></Error>".to_owned(),
        "Access to fetch at 'https://b/k' from origin 'https://a' has been blocked by CORS policy: x"
            .to_owned(),
        "{\"code\":\"unauthorized\",\"status\":401}".to_owned(),
        // Consoles of the other browsers, with a line that has a status.
        "Cross-Origin Request Blocked: (Reason: CORS header ‘Access-Control-Allow-Origin’ does not match ‘https://x’).".to_owned(),
        "PUT https://b.s3.amazonaws.com/k net::ERR_FAILED 403 (Forbidden)\nConnecting to 'https://b/k' violates the following Content \
         Security Policy directive: \"connect-src 'self'\"."
            .to_owned(),
        // An error of a gateway, a token, and messages of a store that name parts of a request.
        "{\"message\":\"The incoming token has expired\"}".to_owned(),
        request.curl_verbose(401, "{\"message\":\"Unauthorized\"}").replace(
            "> content-type: image/jpeg",
            "> authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjE3MDAwMDAwMDAsImlzcyI6Imh0dHBzOi8vaSJ9.c2ln",
        ),
        "<Error><Code>InvalidArgument</Code><Message>Bucket POST must contain a field named 'key'.</Message><ArgumentName>key</ArgumentName></Error>".to_owned(),
        "<Error><Code>AccessDenied</Code><Message>User: arn:aws:sts::111122223333:assumed-role/a/b is not authorized to perform: \
         kms:Decrypt on resource: arn:aws:kms:us-east-1:111122223333:key/1 because no session policy allows it</Message></Error>"
            .to_owned(),
    ]
}

fn role(text: &str) -> IamPolicy {
    FoundDocuments::read(text).unwrap().role.unwrap()
}

fn bucket(text: &str) -> IamPolicy {
    FoundDocuments::read(text).unwrap().bucket_policy.unwrap()
}

fn read(text: &str) {
    if let Ok(evidence) = Evidence::read(text.as_bytes()) {
        assert!(!diagnose(&evidence).is_empty());
        let (role, bucket) = (role(ROLE), bucket(GUARD));
        let evidence = evidence.with_url(Request::put().signed_url()).unwrap();
        let found =
            diagnose(&evidence.with_policies(Some(role), Some(bucket.clone())).with_kms_policy(bucket));
        assert!(!found.is_empty());
    }
}

proptest! {
    #[test]
    fn arbitrary_text_is_read(text in "\\PC{0,200}") {
        read(&text);
    }

    #[test]
    fn arbitrary_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(evidence) = Evidence::read(&bytes) {
            prop_assert!(!diagnose(&evidence).is_empty());
        }
    }

    #[test]
    fn changed_texts_are_read(seed in 0..15_usize, at in 0.0..1.0_f64, cut in 0..40_usize, added in "\\PC{0,12}") {
        let text = &seeds()[seed];
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in the text")]
        let at = text.floor_char_boundary((text.len() as f64 * at) as usize);
        let end = text.floor_char_boundary((at + cut).min(text.len()));
        read(&format!("{}{added}{}", &text[..at], &text[end..]));
        read(&text[..at]);
    }
}
