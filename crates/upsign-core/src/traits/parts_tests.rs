//! The URLs of the parts of a multipart upload, and of several requests: the default methods, the overridden ones behind pointers, and credentials.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;

use crate::credentials::{Credentials, Expiry};
use crate::error::{CredentialsError, PresignError, Unsupported};
use crate::request::PresignRequest;
use crate::request::headers::SignedHeaders;
use crate::request::lifetime::{ExpiresIn, ExpiryPrecision, ShortCredentials};
use crate::request::operation::Operation;
use crate::request::part::PartNumber;
use crate::request::parts::{PartChecksum, PartToSign, PresignParts, PresignedParts};
use crate::request::presigned::PresignedRequest;
use crate::target::Target;
use crate::time::Timestamp;
use crate::traits::credentials::CredentialsSource;
use crate::traits::presigner::Presigner;
use crate::traits::sign::Sign;
use crate::traits::tests::ready;
use crate::traits::with_credentials::WithCredentials;

const AT: Timestamp = Timestamp::UNIX_EPOCH;

/// Writes the whole request into the URL. Supports parts up to number 3.
#[derive(Clone, Debug)]
struct Single;

impl Sign for Single {
    fn sign(
        &self,
        request: &PresignRequest,
        credentials: &Credentials,
        at: Timestamp,
    ) -> Result<PresignedRequest, PresignError> {
        self.check(request)?;
        let url =
            format!("u?{}&{:?}&{:?}", credentials.access_key_id(), request.operation(), request.headers());
        Ok(PresignedRequest::new(request, url, at))
    }

    fn check(&self, request: &PresignRequest) -> Result<(), Unsupported> {
        match request.operation() {
            Operation::UploadPart { part_number, .. } if part_number.get() > 3 => {
                Err(Unsupported::new("single", "part 4"))
            }
            _ => Ok(()),
        }
    }
}

/// Signs parts together, without a call of `sign`.
#[derive(Clone, Debug)]
struct Together;

impl Sign for Together {
    fn sign(
        &self,
        _: &PresignRequest,
        _: &Credentials,
        _: Timestamp,
    ) -> Result<PresignedRequest, PresignError> {
        Err(Unsupported::new("together", "a single request").into())
    }

    fn sign_parts(
        &self,
        parts: &PresignParts,
        credentials: &Credentials,
        at: Timestamp,
    ) -> Result<PresignedParts, PresignError> {
        let mut presigned = PresignedParts::new(parts, at);
        for part in parts.parts() {
            presigned.push(part.number, format!("together?{}", credentials.access_key_id()));
        }
        Ok(presigned)
    }

    fn check(&self, _: &PresignRequest) -> Result<(), Unsupported> {
        Ok(())
    }
}

/// Returns other credentials at each call: the ids `AKID0`, `AKID1`, …, each of which expires 10 s earlier.
#[derive(Debug, Default)]
struct Counting(AtomicU32);

#[async_trait]
impl CredentialsSource for Counting {
    async fn credentials(&self, at: Timestamp) -> Result<Credentials, CredentialsError> {
        let call = self.0.fetch_add(1, Ordering::Relaxed);
        let end = at.saturating_add(u64::from(600 - 10 * call));
        Credentials::temporary(&format!("AKID{call}"), "s", "t", Expiry::AtMost(end))
            .map_err(CredentialsError::load)
    }
}

fn part(number: u64) -> PartToSign {
    PartToSign::new(PartNumber::new(number).unwrap(), 5 << 20)
}

fn parts(numbers: &[u64]) -> PresignParts {
    let target = Target::aws("abc".parse().unwrap(), "us-east-1".parse().unwrap());
    let expires_in = ExpiresIn::from_secs(900).unwrap();
    let numbers = numbers.iter().map(|number| part(*number));
    PresignParts::new(target, "k".parse().unwrap(), "id".parse().unwrap(), expires_in, numbers)
}

fn fixed() -> Credentials {
    Credentials::long_term("AKID", "s").unwrap()
}

#[test]
fn default_signs_each_part_for_itself() {
    let checksum = PartChecksum::new("x-amz-checksum-crc32", "NSRBwg==").unwrap();
    let mut headers = SignedHeaders::new();
    headers.insert("x-amz-request-payer", "requester").unwrap();
    let mut with_checksum = parts(&[]);
    with_checksum = PresignParts::new(
        with_checksum.target().clone(),
        with_checksum.key().clone(),
        with_checksum.upload_id().clone(),
        with_checksum.expires_in(),
        [part(3), part(1).with_checksum(checksum), part(3)],
    )
    .with_headers(headers);
    let signed = Single.sign_parts(&with_checksum, &fixed(), AT).unwrap();
    assert_eq!(
        (signed.expires_at, signed.expiry_precision),
        (AT.saturating_add(900), ExpiryPrecision::Exact)
    );
    let expected: Vec<_> = with_checksum
        .parts()
        .iter()
        .map(|part| {
            let request = with_checksum.request(part).unwrap();
            (part.number, Single.sign(&request, &fixed(), AT).unwrap().url)
        })
        .collect();
    assert_eq!(signed.urls, expected);
    let second = signed.urls[1].1.expose();
    assert!(
        second.contains("PartNumber(1)") && second.contains(r#""content-length": "5242880""#),
        "{second}"
    );
    assert!(second.contains(r#""x-amz-checksum-crc32": "NSRBwg==""#), "{second}");
    assert!(second.contains(r#""x-amz-request-payer": "requester""#), "{second}");
    let presigner = WithCredentials::new(Single, fixed());
    assert_eq!(ready(presigner.presign_parts(&with_checksum, AT)).unwrap(), signed);
    assert_eq!(presigner.presign_parts_now(&with_checksum, AT).unwrap(), signed);
}

#[test]
fn no_url_is_returned_if_one_part_cannot_be_signed() {
    let error = Single.sign_parts(&parts(&[1, 4, 2]), &fixed(), AT).unwrap_err();
    assert!(matches!(error, PresignError::Unsupported(error) if error.backend == "single"));
    let mut headers = SignedHeaders::new();
    headers.insert("content-length", "1").unwrap();
    let error = Single.sign_parts(&parts(&[1]).with_headers(headers), &fixed(), AT).unwrap_err();
    assert_eq!(
        crate::error_chain(&error).to_string(),
        "the request cannot be signed by this backend: upsign-core cannot sign the headers of every part: the header `content-length` is given twice"
    );
}

/// The default of a presigner that loads other credentials for each part.
#[test]
fn earliest_expiry_of_single_parts_applies_to_all() {
    #[derive(Debug)]
    struct Slow(WithCredentials<Single, Counting>);

    #[async_trait]
    impl Presigner for Slow {
        async fn presign(
            &self,
            request: &PresignRequest,
            at: Timestamp,
        ) -> Result<PresignedRequest, PresignError> {
            self.0.presign(request, at).await
        }

        fn check(&self, request: &PresignRequest) -> Result<(), Unsupported> {
            self.0.check(request)
        }
    }

    let slow = Slow(WithCredentials::new(Single, Counting::default()));
    let signed = ready(slow.presign_parts(&parts(&[1, 2, 3]), AT)).unwrap();
    let keys: Vec<&str> = signed.urls.iter().filter_map(|(_, url)| url.expose().get(2..7)).collect();
    assert_eq!(keys, ["AKID0", "AKID1", "AKID2"]);
    // The third credentials end after 580 s, less the margin of 30 s.
    assert_eq!(signed.expires_at, AT.saturating_add(550));
    assert_eq!(signed.expiry_precision, ExpiryPrecision::UpperBound);
}

#[test]
fn credentials_are_loaded_once_for_all_parts() {
    let presigner = WithCredentials::new(Single, Counting::default());
    let signed = ready(presigner.presign_parts(&parts(&[1, 2, 3]), AT)).unwrap();
    assert_eq!(presigner.source().0.load(Ordering::Relaxed), 1);
    assert!(signed.urls.iter().all(|(_, url)| url.expose().starts_with("u?AKID0&")));
    assert_eq!(signed.expires_at, AT.saturating_add(570));
    assert_eq!(signed.expiry_precision, ExpiryPrecision::UpperBound);

    let refusing = parts(&[1]).with_short_credentials(ShortCredentials::Refuse);
    let error = ready(presigner.presign_parts(&refusing, AT)).unwrap_err();
    assert!(
        matches!(error, PresignError::CredentialsTooShort { remaining: 560, requested: 900 }),
        "{error:?}"
    );
}

/// A pointer that did not forward `sign_parts` or `presign_parts` would call the single form, which this signer refuses.
#[test]
fn pointers_forward_the_signing_of_parts() {
    fn check_signer(signer: impl Sign + 'static) {
        let signed = signer.sign_parts(&parts(&[1, 2]), &fixed(), AT).unwrap();
        assert_eq!(signed.urls.len(), 2);
        let presigner = WithCredentials::new(signer, fixed());
        check_presigner(&presigner);
        check_presigner(Arc::new(presigner) as Arc<dyn Presigner>);
    }
    fn check_presigner(presigner: impl Presigner) {
        let signed = ready(presigner.presign_parts(&parts(&[2, 1]), AT)).unwrap();
        let numbers: Vec<u16> = signed.urls.iter().map(|(number, _)| number.get()).collect();
        assert_eq!(numbers, [2, 1]);
    }
    check_signer(Together);
    check_signer(&Together);
    check_signer(Arc::new(Together) as Arc<dyn Sign>);
    check_signer(Box::new(Together) as Box<dyn Sign>);
    check_presigner(Box::new(WithCredentials::new(Together, fixed())) as Box<dyn Presigner>);
}

/// Returns requests to upload `count` objects.
fn puts(count: u64) -> Vec<PresignRequest> {
    let target = parts(&[1]).target().clone();
    let put = |index| {
        let key = format!("a/{index}").parse().unwrap();
        let put = PresignRequest::new(
            target.clone(),
            Operation::PutObject,
            key,
            ExpiresIn::from_secs(900).unwrap(),
        );
        let mut headers = SignedHeaders::new();
        headers.insert("content-length", &format!("{index}")).unwrap();
        put.with_headers(headers)
    };
    (0..count).map(put).collect()
}

/// Signs several requests together only, which shows whether a pointer forwards the method.
#[derive(Clone, Debug)]
struct ManyOnly;

#[async_trait]
impl Presigner for ManyOnly {
    async fn presign(&self, _: &PresignRequest, _: Timestamp) -> Result<PresignedRequest, PresignError> {
        Err(Unsupported::new("many only", "a single request").into())
    }

    async fn presign_many(
        &self,
        requests: &[PresignRequest],
        at: Timestamp,
    ) -> Result<Vec<PresignedRequest>, PresignError> {
        Ok(requests.iter().map(|request| PresignedRequest::new(request, "u".to_owned(), at)).collect())
    }

    fn check(&self, _: &PresignRequest) -> Result<(), Unsupported> {
        Ok(())
    }
}

#[test]
fn several_requests_are_signed_in_order_with_the_same_credentials() {
    let presigner = WithCredentials::new(Single, Counting::default());
    let signed = ready(presigner.presign_many(&puts(3), AT)).unwrap();
    assert_eq!(presigner.source().0.load(Ordering::Relaxed), 1);
    for (index, signed) in signed.iter().enumerate() {
        let url = signed.url.expose();
        assert!(url.starts_with("u?AKID0&") && url.contains(&format!(r#""{index}""#)), "{url}");
        assert_eq!(signed.expires_at, AT.saturating_add(570));
    }
    assert_eq!(signed.len(), 3);
    assert!(ready(presigner.presign_many(&[], AT)).unwrap().is_empty());
}

#[test]
fn one_request_that_cannot_be_signed_fails_all() {
    let mut requests = puts(3);
    let last = requests.pop().unwrap().with_short_credentials(ShortCredentials::Refuse);
    requests.push(last);
    let presigner = WithCredentials::new(Single, Counting::default());
    let error = ready(presigner.presign_many(&requests, AT)).unwrap_err();
    assert!(matches!(error, PresignError::CredentialsTooShort { .. }), "{error:?}");
}

#[test]
fn pointers_forward_the_signing_of_several_requests() {
    fn check(presigner: impl Presigner) {
        assert_eq!(ready(presigner.presign_many(&puts(2), AT)).unwrap().len(), 2);
    }
    check(&ManyOnly);
    check(Arc::new(ManyOnly) as Arc<dyn Presigner>);
    check(Box::new(ManyOnly) as Box<dyn Presigner>);
}
