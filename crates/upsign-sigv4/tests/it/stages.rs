//! Signatures of the signer compared with those computed step by step with the `stages` module.

use proptest::prelude::*;
use upsign_core::{Credentials, PresignRequest, Sign, Timestamp};
use upsign_sigv4::{SigV4, encode_key, stages};
use upsign_testing::requests;

/// Computes the signature of a request step by step.
fn signature_by_stages(request: &PresignRequest, credentials: &Credentials, at: Timestamp) -> String {
    let (target, expires) = (request.target(), request.expires_in().as_secs().to_string());
    let scope = stages::scope(at, target.region().as_str(), target.signing_service());
    let credential = format!("{}/{scope}", credentials.access_key_id());
    let mut headers: Vec<(&str, &str)> = request.headers().iter().collect();
    headers.push(("host", target.host()));
    headers.sort_unstable();
    let signed_headers = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let date = stages::amz_date(at);
    let mut query: Vec<(String, String)> = vec![
        ("X-Amz-Algorithm".into(), "AWS4-HMAC-SHA256".into()),
        ("X-Amz-Credential".into(), credential),
        ("X-Amz-Date".into(), date),
        ("X-Amz-Expires".into(), expires),
        ("X-Amz-SignedHeaders".into(), signed_headers),
    ];
    if let Some(token) = credentials.session_token() {
        query.push(("X-Amz-Security-Token".into(), token.into()));
    }
    request.operation().for_each_query_parameter(|name, value| query.push((name.into(), value.into())));
    query.extend(request.query().iter().map(|(name, value)| (name.into(), value.into())));
    let query: Vec<(&str, &str)> =
        query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut path = format!("{}/", target.path_prefix());
    encode_key(&mut path, request.key().as_str());
    let method = request.operation().method().as_str();
    let canonical = stages::canonical_request(method, &path, &query, &headers, stages::UNSIGNED_PAYLOAD);
    let key = stages::SigningKey::derive(
        credentials.secret_access_key(),
        at,
        target.region().as_str(),
        target.signing_service(),
    );
    key.sign(&stages::string_to_sign(at, &scope, &canonical))
}

proptest! {
    #[test]
    fn signer_equals_stages(request in requests::all(), credentials in requests::credentials(), at in requests::times()) {
        let signer = SigV4::new();
        let presigned = signer.sign(&request, &credentials, at).unwrap();
        let (_, signature) = presigned.url.expose().rsplit_once("X-Amz-Signature=").unwrap();
        prop_assert_eq!(signature, signature_by_stages(&request, &credentials, at));
    }

    #[test]
    fn sign_into_appends(request in requests::all(), credentials in requests::credentials(), at in requests::times()) {
        let signer = SigV4::new();
        let mut buffer = "before ".to_owned();
        signer.sign_into(&mut buffer, &request, &credentials, at).unwrap();
        let presigned = signer.sign(&request, &credentials, at).unwrap();
        prop_assert_eq!(buffer.strip_prefix("before "), Some(presigned.url.expose()));
    }
}
