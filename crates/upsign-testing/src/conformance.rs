//! A suite that every [`Presigner`] must pass.
//!
//! A presigner need not support every request. It must report an unsupported request from `check` and from `presign`, and
//! must never sign only a part of it.
//!
//! ```no_run
//! # use upsign_core::{Credentials, Presigner};
//! # async fn run(my_presigner: impl Fn(Credentials) -> Box<dyn Presigner>) {
//! upsign_testing::conformance::run(&my_presigner).await;
//! # }
//! ```

mod every;
mod forms;

use upsign_core::{
    Credentials, ExpiresIn, Expiry, Operation, PresignRequest, PresignedRequest, Presigner, SignedHeaders,
    Target, Timestamp,
};

/// Creates a presigner that signs with the given credentials.
pub type Make<'a> = dyn Fn(Credentials) -> Box<dyn Presigner> + 'a;

/// Runs the whole suite.
///
/// # Panics
/// Panics at the first difference, with the expected value.
pub async fn run(make: &Make<'_>) {
    documented_example_is_reproduced(make).await;
    every_argument_changes_the_signature(make).await;
    headers_are_signed_without_additions(make).await;
    rotated_credentials_change_the_signature(make).await;
    debug_output_has_no_secrets(make).await;
    every::operations(make).await;
    every::addresses(make).await;
    every::requests_of_other_sdks(make).await;
    forms::forms(make).await;
}

fn fixed() -> (Credentials, Timestamp) {
    let credentials =
        Credentials::long_term("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    (credentials.unwrap(), "2013-05-24T00:00:00Z".parse().unwrap())
}

fn put_request(key: &str, headers: &[(&str, &str)], seconds: u64) -> PresignRequest {
    let mut signed = SignedHeaders::new();
    for (name, value) in headers {
        signed.insert(name, value).unwrap();
    }
    let target = Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let lifetime = ExpiresIn::from_secs(seconds).unwrap();
    PresignRequest::new(target, Operation::PutObject, key.parse().unwrap(), lifetime).with_headers(signed)
}

async fn sign(
    make: &Make<'_>,
    credentials: Credentials,
    request: &PresignRequest,
    at: Timestamp,
) -> PresignedRequest {
    let presigner = make(credentials);
    presigner.check(request).unwrap();
    presigner.presign(request, at).await.unwrap()
}

/// Signs the `GET` of <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>. Its host is the global
/// one, which has to be given as an endpoint because `Target::aws` always uses the regional one.
async fn documented_example_is_reproduced(make: &Make<'_>) {
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
        let presigned = sign(make, credentials.clone(), &request, at).await;
        assert_eq!(presigned.url.expose(), example.expected.url);
        assert_eq!(presigned.expires_at, at.saturating_add(86_400));
    }
}

/// Checks that every part of a request changes the signature, and that equal requests have equal signatures.
async fn every_argument_changes_the_signature(make: &Make<'_>) {
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
    ];
    let mut signatures = std::collections::BTreeSet::new();
    for request in &requests {
        let once = sign(make, credentials.clone(), request, at).await;
        let twice = sign(make, credentials.clone(), request, at).await;
        assert_eq!(once, twice, "equal arguments must give equal bytes");
        let later = sign(make, credentials.clone(), request, at.saturating_add(1)).await;
        signatures.insert(signature(&once));
        signatures.insert(signature(&later));
    }
    assert_eq!(signatures.len(), 2 * requests.len(), "every part of the request must change the signature");
}

/// Checks that every header is signed as a header, none is moved into the query and none is added.
async fn headers_are_signed_without_additions(make: &Make<'_>) {
    let (credentials, at) = fixed();
    let request = put_request(
        "a b/é+(1).jpg",
        &[
            ("content-type", "image/jpeg"),
            ("content-length", "7"),
            ("if-none-match", "*"),
            ("cache-control", "max-age=60"),
            ("x-amz-checksum-sha256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
            ("x-amz-meta-owner", "a  b"),
            ("x-amz-server-side-encryption", "AES256"),
            ("x-amz-tagging", "a=b&c=d"),
        ],
        900,
    );
    let presigned = sign(make, credentials, &request, at).await;
    assert_eq!(presigned.headers, *request.headers());
    assert_eq!(presigned.method, request.operation().method());
    let (base, query) = presigned.url.expose().split_once('?').unwrap();
    let host = "https://article-images-bucket.s3.ap-southeast-1.amazonaws.com";
    assert_eq!(base, format!("{host}/a%20b/%C3%A9%2B%281%29.jpg"));
    let names: Vec<&str> = query.split('&').map(|parameter| parameter.split_once('=').unwrap().0).collect();
    let wanted = ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"];
    assert_eq!(names, wanted.map(|name| format!("X-Amz-{name}")));
    let signed = "cache-control%3Bcontent-length%3Bcontent-type%3Bhost%3Bif-none-match%3Bx-amz-checksum-sha256\
                  %3Bx-amz-meta-owner%3Bx-amz-server-side-encryption%3Bx-amz-tagging";
    assert!(query.contains(&format!("X-Amz-SignedHeaders={signed}&")), "{query}");
}

/// Checks that an access key id with another secret or token gives another signature, even right after the first.
async fn rotated_credentials_change_the_signature(make: &Make<'_>) {
    let (_, at) = fixed();
    let request = put_request("a.jpg", &[], 60);
    let make_credentials = |secret, token| {
        Credentials::temporary("ASIAEXAMPLE", secret, token, Expiry::At(Timestamp::MAX)).unwrap()
    };
    let mut signatures = std::collections::BTreeSet::new();
    for (secret, token) in [("one", "t"), ("two", "t"), ("one", "u"), ("one", "t")] {
        signatures.insert(signature(&sign(make, make_credentials(secret, token), &request, at).await));
    }
    assert_eq!(signatures.len(), 3);
}

async fn debug_output_has_no_secrets(make: &Make<'_>) {
    let (_, at) = fixed();
    let credentials =
        Credentials::temporary("ASIAEXAMPLE", "Se-Cret", "To-Ken", Expiry::At(Timestamp::MAX)).unwrap();
    let presigner = make(credentials);
    let presigned = presigner.presign(&put_request("a.jpg", &[], 60), at).await.unwrap();
    for text in [format!("{presigner:?}"), format!("{presigner:#?}"), format!("{presigned:?}")] {
        for secret in ["Se-Cret", "To-Ken", &signature(&presigned)] {
            assert!(!text.contains(secret), "Debug shows a secret: {text}");
        }
    }
}

fn signature(presigned: &PresignedRequest) -> String {
    let (_, signature) = presigned.url.expose().rsplit_once("X-Amz-Signature=").unwrap();
    assert_eq!(signature.len(), 64);
    signature.to_owned()
}
