//! The suite for presigners.

mod every;
mod forms;
mod parts;
mod signed;

use std::cell::Cell;
use std::collections::BTreeSet;

use upsign_core::{
    Credentials, ExpiresIn, Expiry, Operation, PresignError, PresignRequest, PresignedRequest, Presigner,
    SignedHeaders, Target, Timestamp,
};

/// Creates a presigner that signs with the given credentials.
pub type MakePresigner<'a> = dyn Fn(Credentials) -> Box<dyn Presigner> + 'a;

/// Runs the suite for presigners.
///
/// A presigner need not support every request, form or kind of address: the suite skips what `check` or `check_post` and the
/// signing method agree to be [`Unsupported`](upsign_core::Unsupported). Whatever it does sign must be signed completely. The
/// suite computes each SigV4 signature again, with code of its own, and checks that
///
/// - the URL has the method, address, key, lifetime, time, session token and query parameters of the request, the signature
///   covers exactly its headers, and nothing was added or moved;
/// - every part of a request changes the signature, also after the credentials were replaced;
/// - the parts of a multipart upload are signed together as each is for itself;
/// - forms contain every condition and field of their policy;
/// - the answers agree with those of boto3 and the AWS SDK for JavaScript, and with the example in the documentation of S3;
/// - `Debug` output shows no secret and no signature.
///
/// ```
/// # use upsign_core::{Credentials, WithCredentials};
/// # use upsign_sigv4::SigV4;
/// # use upsign_testing::conformance::check_presigner;
/// # struct MyPresigner;
/// # impl MyPresigner {
/// #     fn new(credentials: Credentials) -> WithCredentials<SigV4, Credentials> {
/// #         SigV4::new().with_credentials(credentials)
/// #     }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// check_presigner(&|credentials| Box::new(MyPresigner::new(credentials))).await;
/// # }
/// ```
///
/// # Panics
/// Panics at the first difference, with the expected value, and if the presigner supports none of the requests.
pub async fn check_presigner(make: &MakePresigner<'_>) {
    let suite = Suite { make, supported: Cell::new(0) };
    documented_example_is_reproduced(&suite).await;
    every_argument_changes_the_signature(&suite).await;
    headers_are_signed_without_additions(&suite).await;
    rotated_credentials_change_the_signature(&suite).await;
    debug_output_has_no_secrets(&suite).await;
    every::operations(&suite).await;
    every::parameters(&suite).await;
    every::addresses(&suite).await;
    every::requests_of_other_sdks(&suite).await;
    parts::parts(&suite).await;
    forms::forms(&suite).await;
    assert!(suite.supported.get() > 0, "the presigner supports no request");
}

struct Suite<'a> {
    make: &'a MakePresigner<'a>,
    /// The number of requests that were signed.
    supported: Cell<usize>,
}

impl Suite<'_> {
    /// Presigns the request and checks the result, or returns `None` if the presigner does not support it.
    async fn presign(
        &self,
        credentials: &Credentials,
        request: &PresignRequest,
        at: Timestamp,
    ) -> Option<PresignedRequest> {
        let presigner = (self.make)(credentials.clone());
        let supported = presigner.check(request).is_ok();
        match presigner.presign(request, at).await {
            Err(PresignError::Unsupported(_)) => {
                assert!(!supported, "check() accepts a request that presign() refuses: {request:?}");
                None
            }
            presigned => {
                assert!(supported, "check() refuses a request that presign() signs: {request:?}");
                let presigned = presigned.unwrap_or_else(|error| panic!("{request:?}: {error}"));
                signed::assert_complete(request, &presigned, credentials, at);
                self.supported.set(self.supported.get() + 1);
                Some(presigned)
            }
        }
    }
}

fn fixed() -> (Credentials, Timestamp) {
    let credentials =
        Credentials::long_term("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    (credentials.unwrap(), "2013-05-24T00:00:00Z".parse().unwrap())
}

fn request(operation: Operation, key: &str, headers: &[(&str, &str)], seconds: u64) -> PresignRequest {
    let mut signed = SignedHeaders::new();
    for (name, value) in headers {
        signed.insert(name, value).unwrap();
    }
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let lifetime = ExpiresIn::from_secs(seconds).unwrap();
    PresignRequest::new(target, operation, key.parse().unwrap(), lifetime).with_headers(signed)
}

fn put_request(key: &str, headers: &[(&str, &str)], seconds: u64) -> PresignRequest {
    request(Operation::PutObject, key, headers, seconds)
}

/// Signs the `GET` of <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>. Its host is the global
/// one, which has to be given as an endpoint because `Target::aws` always uses the regional one.
async fn documented_example_is_reproduced(suite: &Suite<'_>) {
    let (credentials, at) = fixed();
    for example in crate::vectors::docs_examples("presign") {
        let target = Target::at(
            &"https://s3.amazonaws.com".parse().unwrap(),
            upsign_core::Addressing::VirtualHosted,
            "examplebucket".parse().unwrap(),
            example.region.parse().unwrap(),
        );
        let key = example.path.trim_start_matches('/').parse().unwrap();
        let lifetime = ExpiresIn::from_secs(example.expires.unwrap()).unwrap();
        let request = PresignRequest::new(target.unwrap(), Operation::GetObject, key, lifetime);
        let Some(presigned) = suite.presign(&credentials, &request, at).await else { continue };
        assert_eq!(presigned.url.expose(), example.expected.url);
    }
}

/// Checks that every part of a request changes the signature, and that equal requests have equal signatures.
async fn every_argument_changes_the_signature(suite: &Suite<'_>) {
    let (credentials, at) = fixed();
    let typed: &[(&str, &str)] = &[("content-type", "image/jpeg"), ("content-length", "7")];
    let requests = [
        put_request("a/b.jpg", typed, 900),
        put_request("a/c.jpg", typed, 900),
        put_request("a/b.jpg", &[("content-type", "image/png"), ("content-length", "7")], 900),
        put_request("a/b.jpg", &[("content-type", "image/jpeg"), ("content-length", "8")], 900),
        put_request("a/b.jpg", &[("content-type", "image/jpeg")], 900),
        put_request("a/b.jpg", &[], 900),
        put_request("a/b.jpg", typed, 901),
        request(Operation::GetObject, "a/b.jpg", &[], 900),
        request(Operation::HeadObject, "a/b.jpg", &[], 900),
    ];
    let (mut signatures, mut signed) = (BTreeSet::new(), 0);
    for request in &requests {
        let Some(once) = suite.presign(&credentials, request, at).await else { continue };
        let twice = suite.presign(&credentials, request, at).await;
        assert_eq!(Some(&once), twice.as_ref(), "equal arguments must give equal bytes");
        let later = suite.presign(&credentials, request, at.saturating_add(1)).await.unwrap();
        signatures.extend([signature(&once), signature(&later)]);
        signed += 2;
    }
    assert_eq!(signatures.len(), signed, "every part of the request must change the signature");
}

/// Checks each header alone, and all together: it is signed as a header, not moved into the query, and none is added.
async fn headers_are_signed_without_additions(suite: &Suite<'_>) {
    let (credentials, at) = fixed();
    let headers = [
        ("content-type", "image/jpeg"),
        ("content-length", "7"),
        ("if-none-match", "*"),
        ("cache-control", "max-age=60"),
        ("content-encoding", "gzip"),
        ("content-language", "de, en-GB"),
        ("expires", "Thu, 01 Jan 2037 00:00:00 GMT"),
        ("x-amz-checksum-sha256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
        ("x-amz-expected-bucket-owner", "123456789012"),
        ("x-amz-meta-owner", "a  b"),
        ("x-amz-object-lock-legal-hold", "ON"),
        ("x-amz-object-lock-mode", "GOVERNANCE"),
        ("x-amz-object-lock-retain-until-date", "2013-06-23T00:00:00Z"),
        ("x-amz-request-payer", "requester"),
        ("x-amz-server-side-encryption", "aws:kms"),
        ("x-amz-server-side-encryption-bucket-key-enabled", "true"),
        ("x-amz-server-side-encryption-context", "eyJ0ZW5hbnQiOiJhY21lIn0="),
        ("x-amz-tagging", "a=b&c=d"),
        ("x-amz-website-redirect-location", "/moved.html?a=b"),
    ];
    for header in headers {
        suite.presign(&credentials, &put_request("a.jpg", &[header], 900), at).await;
    }
    let request = put_request("a b/é+(1).jpg", &headers, 900);
    let Some(presigned) = suite.presign(&credentials, &request, at).await else { return };
    let (base, query) = presigned.url.expose().split_once('?').unwrap();
    let host = "https://article-images-bucket.s3.ap-southeast-1.amazonaws.com";
    assert_eq!(base, format!("{host}/a%20b/%C3%A9%2B%281%29.jpg"));
    let names: Vec<&str> = query.split('&').map(|parameter| parameter.split_once('=').unwrap().0).collect();
    let wanted = ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"];
    assert_eq!(names, wanted.map(|name| format!("X-Amz-{name}")));
    let mut signed: Vec<&str> = headers.iter().map(|(name, _)| *name).chain(["host"]).collect();
    signed.sort_unstable();
    let signed = signed.join("%3B");
    assert!(query.contains(&format!("X-Amz-SignedHeaders={signed}&")), "{query}");
}

/// Checks that an access key id with another secret or token gives another signature, even right after the first.
async fn rotated_credentials_change_the_signature(suite: &Suite<'_>) {
    let (_, at) = fixed();
    let make_credentials = |secret, token| {
        Credentials::temporary("ASIAEXAMPLE", secret, token, Expiry::At(Timestamp::MAX)).unwrap()
    };
    for request in [put_request("a.jpg", &[], 60), request(Operation::GetObject, "a.jpg", &[], 60)] {
        let mut signatures = BTreeSet::new();
        for (secret, token) in [("one", "t"), ("two", "t"), ("one", "u"), ("one", "t")] {
            let presigned = suite.presign(&make_credentials(secret, token), &request, at).await;
            signatures.extend(presigned.as_ref().map(signature));
        }
        assert!(signatures.is_empty() || signatures.len() == 3, "{} of 3 signatures", signatures.len());
    }
}

async fn debug_output_has_no_secrets(suite: &Suite<'_>) {
    let (_, at) = fixed();
    let credentials =
        Credentials::temporary("ASIAEXAMPLE", "Se-Cret", "To-Ken", Expiry::At(Timestamp::MAX)).unwrap();
    let presigner = (suite.make)(credentials);
    let mut texts = vec![format!("{presigner:?}"), format!("{presigner:#?}")];
    let mut secrets = vec!["Se-Cret".to_owned(), "To-Ken".to_owned()];
    for request in [put_request("a.jpg", &[], 60), request(Operation::GetObject, "a.jpg", &[], 60)] {
        if let Ok(presigned) = presigner.presign(&request, at).await {
            texts.extend([format!("{presigned:?}"), format!("{presigner:?}")]);
            secrets.push(signature(&presigned));
        }
    }
    for text in texts {
        let shown = secrets.iter().any(|secret| text.contains(secret.as_str()));
        assert!(!shown, "Debug shows a secret: {text}");
    }
}

fn signature(presigned: &PresignedRequest) -> String {
    let (_, signature) = presigned.url.expose().rsplit_once("X-Amz-Signature=").unwrap();
    assert_eq!(signature.len(), 64);
    signature.to_owned()
}
