//! Requests of every kind: the signer, the URL template and the step-by-step signature agree.

use std::sync::{Arc, LazyLock};

use arbitrary::Arbitrary;
use upsign_core::{
    Addressing, Credentials, ExpiresIn, Expiry, Operation, PartNumber, PresignRequest, Sign, SignedHeaders,
    Target, Timestamp, UploadId,
};
use upsign_sigv4::{SigV4, UrlTemplate, encode_key, stages};

/// One signer for all inputs, so that its cached keys are reused and replaced.
static SIGNER: LazyLock<Arc<SigV4>> = LazyLock::new(|| Arc::new(SigV4::new()));

#[derive(Arbitrary, Debug)]
pub(super) struct Input<'a> {
    bucket: &'a str,
    region: &'a str,
    endpoint: Option<(&'a str, bool)>,
    key: &'a str,
    operation: u8,
    upload_id: &'a str,
    part_number: u16,
    headers: Vec<(&'a str, &'a str)>,
    expires_in: u32,
    at: u32,
    secret: &'a str,
    token: Option<&'a str>,
}

pub(super) fn run(input: Input<'_>) {
    let Some((request, credentials, at)) = request(&input) else { return };
    let Ok(presigned) = SIGNER.sign(&request, &credentials, at) else { return };
    let url = presigned.url.expose();
    let (base, signature) = url.rsplit_once("X-Amz-Signature=").expect("a signature");
    assert_eq!(signature, step_by_step(&request, &credentials, at), "{base}");
    assert!(url.bytes().all(|byte| byte.is_ascii_graphic()), "{base}");
    let template = UrlTemplate::new(SIGNER.clone(), request.clone()).unwrap();
    assert_eq!(template.url(request.key(), &credentials, at), url);
}

fn request(input: &Input<'_>) -> Option<(PresignRequest, Credentials, Timestamp)> {
    let bucket = input.bucket.parse().unwrap_or_else(|_| "article-images-bucket".parse().unwrap());
    let region = input.region.parse().unwrap_or_else(|_| "ap-southeast-1".parse().unwrap());
    let target = match input.endpoint {
        None => Target::aws(bucket, region),
        Some((endpoint, path)) => {
            let style = if path { Addressing::Path } else { Addressing::Auto };
            let endpoint = endpoint.parse().unwrap_or_else(|_| "http://127.0.0.1:9000".parse().unwrap());
            Target::at(&endpoint, style, bucket, region).ok()?
        }
    };
    let upload_id: UploadId = input.upload_id.parse().unwrap_or_else(|_| "id".parse().unwrap());
    let part_number = PartNumber::new(u64::from(input.part_number)).unwrap_or(PartNumber::MAX);
    let operation = match input.operation % 8 {
        0 => Operation::GetObject,
        1 => Operation::HeadObject,
        2 => Operation::DeleteObject,
        3 => Operation::CreateMultipartUpload,
        4 => Operation::UploadPart { upload_id, part_number },
        5 => Operation::CompleteMultipartUpload { upload_id },
        _ => Operation::PutObject,
    };
    let expires_in = ExpiresIn::from_secs(u64::from(input.expires_in % 604_800) + 1).ok()?;
    let mut headers = SignedHeaders::new();
    for (name, value) in &input.headers {
        // A refused name is replaced by a valid one, so that the value is tested in any case.
        if headers.insert(name, value).is_err() {
            let name: String = name.chars().filter(char::is_ascii_lowercase).collect();
            drop(headers.insert(&format!("x-amz-meta-a{name}"), value));
        }
    }
    let key = input.key.parse().unwrap_or_else(|_| "a/b.jpg".parse().unwrap());
    let request = PresignRequest::new(target, operation, key, expires_in).with_headers(headers);
    let secret = format!("{}x", input.secret);
    let credentials = match input.token {
        None => Credentials::long_term("AKIAIOSFODNN7EXAMPLE", &secret),
        Some(token) => Credentials::temporary("ASIAIOSFODNN7EXAMPLE", &secret, token, Expiry::Unknown),
    };
    Some((request, credentials.ok()?, Timestamp::from_unix(u64::from(input.at))?))
}

/// Computes the signature from the request alone, with the public functions for each stage.
fn step_by_step(request: &PresignRequest, credentials: &Credentials, at: Timestamp) -> String {
    let (target, region) = (request.target(), request.target().region().as_str());
    let scope = stages::scope(at, region, target.signing_service());
    let mut headers: Vec<(&str, &str)> = request.headers().iter().collect();
    headers.push(("host", target.host()));
    headers.sort_unstable();
    let signed_headers = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let mut query: Vec<(String, String)> = vec![
        ("X-Amz-Algorithm".into(), "AWS4-HMAC-SHA256".into()),
        ("X-Amz-Credential".into(), format!("{}/{scope}", credentials.access_key_id())),
        ("X-Amz-Date".into(), stages::amz_date(at)),
        ("X-Amz-Expires".into(), request.expires_in().as_secs().to_string()),
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
    let key =
        stages::SigningKey::derive(credentials.secret_access_key(), at, region, target.signing_service());
    key.sign(&stages::string_to_sign(at, &scope, &canonical))
}
