//! What every [`Presigner`] must do, as a suite that an implementation of your own can run.
//!
//! What a presigner cannot do it has to call unsupported, at `check` and at `presign` alike; it need not do everything.
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

/// Makes a presigner that signs with the given credentials.
pub type Make<'a> = dyn Fn(Credentials) -> Box<dyn Presigner> + 'a;

/// Runs the whole suite.
///
/// # Panics
/// With what was expected, at the first thing that is not so.
pub async fn run(make: &Make<'_>) {
    the_documented_example(make).await;
    every_argument_matters(make).await;
    nothing_is_hidden_or_added(make).await;
    a_rotation_changes_the_signature(make).await;
    secrets_stay_out_of_debug(make).await;
    every::operations(make).await;
    every::addresses(make).await;
    every::what_other_sdks_signed(make).await;
    forms::forms(make).await;
}

fn fixed() -> (Credentials, Timestamp) {
    let credentials =
        Credentials::long_term("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    (credentials.unwrap(), "2013-05-24T00:00:00Z".parse().unwrap())
}

fn article(key: &str, headers: &[(&str, &str)], seconds: u64) -> PresignRequest {
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

/// The `GET` of <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>, whose host is the
/// global one: given as an endpoint, since `Target::aws` always takes the regional one.
async fn the_documented_example(make: &Make<'_>) {
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

/// Each part of a request changes the signature; the same request does not.
async fn every_argument_matters(make: &Make<'_>) {
    let (credentials, at) = fixed();
    let typed: &[(&str, &str)] = &[("content-type", "image/jpeg"), ("content-length", "7")];
    let requests = [
        article("a/b.jpg", typed, 900),
        article("a/c.jpg", typed, 900),
        article("a/b.jpg", &[("content-type", "image/png"), ("content-length", "7")], 900),
        article("a/b.jpg", &[("content-type", "image/jpeg"), ("content-length", "8")], 900),
        article("a/b.jpg", &[("content-type", "image/jpeg")], 900),
        article("a/b.jpg", &[], 900),
        article("a/b.jpg", typed, 901),
    ];
    let mut signatures = std::collections::BTreeSet::new();
    for request in &requests {
        let once = sign(make, credentials.clone(), request, at).await;
        let twice = sign(make, credentials.clone(), request, at).await;
        assert_eq!(once, twice, "the same arguments give the same bytes");
        let later = sign(make, credentials.clone(), request, at.saturating_add(1)).await;
        signatures.insert(signature(&once));
        signatures.insert(signature(&later));
    }
    assert_eq!(signatures.len(), 2 * requests.len(), "every part of the request is bound");
}

/// Every header is signed as a header, none moved into the query, none made up.
async fn nothing_is_hidden_or_added(make: &Make<'_>) {
    let (credentials, at) = fixed();
    let request = article(
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

/// The same access key id with another secret or token signs differently, also right after the first.
async fn a_rotation_changes_the_signature(make: &Make<'_>) {
    let (_, at) = fixed();
    let request = article("a.jpg", &[], 60);
    let make_credentials = |secret, token| {
        Credentials::temporary("ASIAEXAMPLE", secret, token, Expiry::At(Timestamp::MAX)).unwrap()
    };
    let mut signatures = std::collections::BTreeSet::new();
    for (secret, token) in [("one", "t"), ("two", "t"), ("one", "u"), ("one", "t")] {
        signatures.insert(signature(&sign(make, make_credentials(secret, token), &request, at).await));
    }
    assert_eq!(signatures.len(), 3);
}

async fn secrets_stay_out_of_debug(make: &Make<'_>) {
    let (_, at) = fixed();
    let credentials =
        Credentials::temporary("ASIAEXAMPLE", "Se-Cret", "To-Ken", Expiry::At(Timestamp::MAX)).unwrap();
    let presigner = make(credentials);
    let presigned = presigner.presign(&article("a.jpg", &[], 60), at).await.unwrap();
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
