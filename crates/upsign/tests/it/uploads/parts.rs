//! The URLs of parts of uploads whose size is known.

use upsign::policy::{Checksum, LifetimeOptions};
use upsign::session::{InvalidPartLengths, InvalidPartNumbers, PartUrls, PartsRequest};
use upsign::types::{Credentials, ExpiresIn, Expiry, PresignError, ShortCredentials};
use upsign::{SigV4, WithCredentials};
use upsign_testing::mocks::{MockObjectCalls, MockPresigner};

use super::*;

fn request(numbers: &[u64]) -> PartsRequest {
    PartsRequest::new(numbers.iter().map(|it| number(*it)).collect()).unwrap()
}

async fn sign_parts(
    policy: UploadPolicy,
    token: &str,
    request: &PartsRequest,
) -> Result<PartUrls, SessionError> {
    // No call to the store is expected.
    service_of(policy, MockObjectCalls::new()).presign_parts(&alice(), token, request, at()).await
}

fn zero(algorithm: ChecksumAlgorithm) -> Box<str> {
    Checksum::zero(algorithm).as_base64().into()
}

#[tokio::test]
async fn every_url_binds_number_upload_and_exact_length() {
    let (service, observer) = observed(service(MockObjectCalls::new()));
    // In any order.
    let urls = service.presign_parts(&alice(), &token(None), &request(&[3, 1]), at()).await.unwrap();
    assert_eq!((urls.key.as_str(), urls.expires_in.as_secs()), ("videos/alice/1.mp4", 900));
    assert_eq!(urls.expires_at, at().saturating_add(900));
    let found: Vec<_> = urls.parts.iter().map(|part| (part.number.get(), part.len)).collect();
    assert_eq!(found, [(3, 2 * MIB), (1, PART_SIZE)]);
    for part in &urls.parts {
        let url = part.url.expose();
        assert!(url.starts_with(
            "https://article-images-bucket.s3.ap-southeast-1.amazonaws.com/videos/alice/1.mp4?"
        ));
        for parameter in [
            format!("partNumber={}&", part.number),
            "uploadId=VXBsb2FkSWQ".to_owned(),
            "X-Amz-SignedHeaders=content-length%3Bhost".to_owned(),
            "X-Amz-Expires=900&".to_owned(),
        ] {
            assert!(url.contains(&parameter), "{parameter} in {url}");
        }
        assert_eq!(
            part.headers.iter().collect::<Vec<_>>(),
            [("content-length", part.len.to_string().as_str())]
        );
    }
    assert_eq!(observer.codes(), ["parts"]);
    assert!(observer.store_calls().is_empty());
}

#[tokio::test]
async fn all_parts_of_a_large_upload_sum_up_to_its_size() {
    let size = 999 * PART_SIZE + 7;
    let token = sign(upload(PlannedSize::Exact(plan(size)), None));
    let numbers: Vec<u64> = (1..=1_000).collect();
    let urls = sign_parts(policy(), &token, &request(&numbers)).await.unwrap();
    assert_eq!(urls.parts.iter().map(|part| part.len).sum::<u64>(), size);
}

#[tokio::test]
async fn numbers_outside_the_plan_are_refused() {
    let result = sign_parts(policy(), &token(None), &request(&[1, 4])).await;
    assert_eq!(
        result.as_ref().unwrap_err().to_string(),
        "part number 4 is not in the range 1 to 3 of this upload"
    );
    assert_eq!(answer(result), ("part-numbers-invalid", 400));

    let numbers = |numbers: &[u64]| PartsRequest::new(numbers.iter().map(|it| number(*it)).collect());
    assert_eq!(numbers(&[]), Err(InvalidPartNumbers::None));
    assert_eq!(numbers(&[1, 2, 1]), Err(InvalidPartNumbers::Repeated(number(1))));
    let many: Vec<u64> = (1..=10_000).collect();
    assert_eq!(numbers(&many), Err(InvalidPartNumbers::TooMany { count: 10_000, max: 1_000 }));
    assert!(numbers(many.get(..1_000).unwrap()).is_ok());
}

#[tokio::test]
async fn lengths_of_a_known_size_cannot_be_stated() {
    let stated = request(&[1]).with_lengths(vec![PART_SIZE]).unwrap();
    assert_eq!(answer(sign_parts(policy(), &token(None), &stated).await), ("part-lengths-invalid", 400));
    let count = InvalidPartLengths::Count { lengths: 2, parts: 1 };
    assert_eq!(request(&[1]).with_lengths(vec![1, 2]), Err(count));
}

#[tokio::test]
async fn stated_checksum_of_a_part_is_signed() {
    for (checksum, header) in [
        (FULL_CRC64, "x-amz-checksum-crc64nvme"),
        (COMPOSITE_SHA256, "x-amz-checksum-sha256"),
        (checksum(ChecksumAlgorithm::Md5, ChecksumKind::Parts), "content-md5"),
    ] {
        let value = zero(checksum.unwrap().algorithm);
        let stated = request(&[1]).with_checksums(vec![Some(value.clone())]).unwrap();
        let urls = sign_parts(policy(), &token(checksum), &stated).await.unwrap();
        let part = &urls.parts[0];
        assert_eq!(part.headers.get(header), Some(&*value));
        assert!(part.url.expose().contains(header), "{}", part.url.expose());
    }
}

#[tokio::test]
async fn checksums_must_be_those_of_the_upload() {
    let one = |value: Option<&str>| request(&[2]).with_checksums(vec![value.map(Into::into)]).unwrap();
    let crc = zero(ChecksumAlgorithm::Crc64nvme);
    let refused = |token: String, stated| async move { answer(sign_parts(policy(), &token, &stated).await) };
    assert_eq!(refused(token(None), one(Some(&crc))).await, ("checksum-not-allowed", 400));
    for invalid in ["", "AAAA", "!!!!", &"A".repeat(1 << 16)] {
        assert_eq!(refused(token(FULL_CRC64), one(Some(invalid))).await, ("checksum-invalid", 400));
    }
    // A composite checksum consists of those of all parts; one of the full object does not need them.
    assert_eq!(refused(token(COMPOSITE_SHA256), one(None)).await, ("checksum-required", 400));
    assert_eq!(refused(token(COMPOSITE_SHA256), request(&[1])).await, ("checksum-required", 400));
    assert!(sign_parts(policy(), &token(FULL_CRC64), &one(None)).await.is_ok());
    // Unless the policy requires checksums.
    let requiring = requiring(ChecksumAlgorithm::Crc64nvme);
    let required = sign_parts(requiring, &token(FULL_CRC64), &request(&[1])).await;
    assert_eq!(required.as_ref().unwrap_err().to_string(), "a crc64nvme checksum of part 1 is required");
    assert_eq!(answer(required), ("checksum-required", 400));
    assert!(request(&[1]).with_checksums(Vec::new()).is_err());
}

#[tokio::test]
async fn checksum_that_the_store_does_not_compare_for_parts_is_not_signed() {
    // R2 compares a CRC-64/NVME of the whole object only.
    let policy = policy_with(MultipartMode::Always, Provider::R2.capabilities(), |builder| builder);
    let header = policy.multipart().unwrap().part_checksum_header(FULL_CRC64.unwrap());
    assert_eq!(header, None);
    let stated = request(&[1]).with_checksums(vec![Some(zero(ChecksumAlgorithm::Crc64nvme))]).unwrap();
    let urls = sign_parts(policy, &token(FULL_CRC64), &stated).await.unwrap();
    assert_eq!(urls.parts[0].headers.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["content-length"]);
}

#[tokio::test]
async fn urls_do_not_outlive_the_token() {
    let service = service(MockObjectCalls::new());
    let end = at().saturating_add(86_400);
    for (before_end, lifetime) in [(86_400, 900), (901, 900), (900, 900), (899, 899), (1, 1)] {
        let time = end.saturating_sub(before_end);
        let urls = service.presign_parts(&alice(), &token(None), &request(&[1]), time).await.unwrap();
        assert_eq!(
            (u64::from(urls.expires_in.as_secs()), urls.expires_at),
            (lifetime, time.saturating_add(lifetime))
        );
        assert!(urls.parts[0].url.expose().contains(&format!("X-Amz-Expires={lifetime}&")));
    }
    let late = service.presign_parts(&alice(), &token(None), &request(&[1]), end).await;
    assert_eq!(answer(late), ("upload-token-invalid", 403));
}

/// Signs one part with credentials that end after `remaining` seconds, at the given time before the end of the token.
async fn with_credentials(
    remaining: u64,
    before_end: u64,
    short: ShortCredentials,
) -> Result<PartUrls, SessionError> {
    let policy = policy_with(MultipartMode::Always, Provider::Aws.capabilities(), |builder| {
        let lifetime = LifetimeOptions::new()
            .expires_in(ExpiresIn::from_secs(900).unwrap())
            .min_expires_in(ExpiresIn::from_secs(300).unwrap())
            .short_credentials(short);
        builder.lifetime(lifetime)
    });
    let time = at().saturating_add(86_400 - before_end);
    let expiry = Expiry::At(time.saturating_add(remaining));
    let credentials = Credentials::temporary("ASIAEXAMPLE", "secret", "token", expiry).unwrap();
    let signer = WithCredentials::new(SigV4::new(), credentials);
    let issuer = UploadIssuer::new(policy, signer).unwrap().with_store(MockObjectCalls::new(), keys());
    let service = UploadService::new([Route::unnamed(issuer)]).unwrap();
    service.presign_parts(&alice(), &token(None), &request(&[1]), time).await
}

#[tokio::test]
async fn credentials_that_end_soon_shorten_the_urls() {
    // The last 30 seconds of credentials are not used.
    for (remaining, lifetime) in [(2_000, 900), (600, 570), (330, 300)] {
        let urls = with_credentials(remaining, 86_400, ShortCredentials::Clamp).await.unwrap();
        assert_eq!(urls.expires_in.as_secs(), lifetime);
    }
    let error = with_credentials(329, 86_400, ShortCredentials::Clamp).await.unwrap_err();
    assert_eq!((error.code(), error.status(), error.retry_after()), ("credentials-too-short", 503, Some(30)));
    let error = with_credentials(600, 86_400, ShortCredentials::Refuse).await.unwrap_err();
    assert_eq!(error.code(), "credentials-too-short");
    // The end of the token is not that of the credentials: the minimum does not apply to it.
    let urls = with_credentials(600, 100, ShortCredentials::Clamp).await.unwrap();
    assert_eq!(urls.expires_in.as_secs(), 100);
    assert_eq!(
        with_credentials(129, 100, ShortCredentials::Clamp).await.unwrap_err().code(),
        "credentials-too-short"
    );
}

#[tokio::test]
async fn failing_signer_is_a_service_fault() {
    let mut presigner = MockPresigner::supporting_everything();
    presigner
        .expect_presign_parts()
        .times(1)
        .returning(|_, _| Err(PresignError::Backend { backend: "mock", source: "out of order".into() }));
    let issuer = UploadIssuer::new(policy(), presigner).unwrap().with_store(MockObjectCalls::new(), keys());
    let service = UploadService::new([Route::unnamed(issuer)]).unwrap();
    let failed = service.presign_parts(&alice(), &token(None), &request(&[1]), at()).await.unwrap_err();
    assert_eq!(
        (failed.code(), failed.status(), failed.retry_after()),
        ("signing-unavailable", 503, Some(10))
    );
}
