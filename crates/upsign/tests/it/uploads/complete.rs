//! Completing an upload: what the store receives, and what is refused before it receives anything.

use upsign::objects::{CompleteMultipartUpload, CompletedUpload};
use upsign::policy::{Checksum, Replace, UploadMethod};
use upsign::session::{CompletedObject, InvalidPartNumbers, PartDifference};
use upsign_testing::mocks::MockObjectCalls;

use super::*;

fn etag_of_object() -> ETag {
    format!("{DIGEST}-3").parse().unwrap()
}

/// A store with these parts, which completes an upload once and repeats the checksum that it has compared.
fn completing(
    list: PartList,
    check: impl Fn(&CompleteMultipartUpload) + Send + Sync + 'static,
) -> MockObjectCalls {
    let mut store = MockObjectCalls::new();
    store.expect_list_parts().times(1).returning(move |_, _| Ok(list.clone()));
    store.expect_complete_multipart_upload().times(1).returning(move |call, time| {
        assert_eq!(
            (call.key().as_str(), call.upload_id().as_str(), time),
            ("videos/alice/1.mp4", "VXBsb2FkSWQ", at())
        );
        check(call);
        let is_whole = call.parts().len() == 3;
        let mut answer =
            CompletedUpload::new(if is_whole { etag_of_object() } else { "opaque".parse().unwrap() });
        answer.checksums = call.checksum().cloned().into_iter().collect();
        Ok(answer)
    });
    store
}

/// Returns a store with these parts. A request to complete the upload fails the test.
fn listing(list: PartList) -> MockObjectCalls {
    let mut store = MockObjectCalls::new();
    store.expect_list_parts().times(1).returning(move |_, _| Ok(list.clone()));
    store
}

async fn complete(
    policy: UploadPolicy,
    store: MockObjectCalls,
    token: &str,
    request: &CompleteRequest,
) -> Result<CompletedObject, SessionError> {
    service_of(policy, store).complete_upload(&alice(), token, request, at()).await
}

fn zero(algorithm: ChecksumAlgorithm) -> Checksum {
    Checksum::zero(algorithm)
}

#[tokio::test]
async fn store_receives_the_parts_and_everything_it_can_compare() {
    let crc = zero(ChecksumAlgorithm::Crc64nvme);
    let expected = crc.as_base64().to_owned();
    let store = completing(all_uploaded(), move |call| {
        let parts: Vec<_> =
            call.parts().iter().map(|part| (part.number().get(), part.etag().clone())).collect();
        assert_eq!(parts, [(1, etag(1)), (2, etag(2)), (3, etag(3))]);
        assert!(call.is_if_absent());
        assert_eq!((call.if_match(), call.object_size()), (None, Some(SIZE)));
        let checksum = call.checksum().unwrap();
        assert_eq!((checksum.algorithm().name(), checksum.as_base64()), ("CRC64NVME", expected.as_str()));
    });
    let request = complete_request().with_checksum("crc64nvme", crc.as_base64());
    let (service, observer) = observed(service(store));
    let object = service.complete_upload(&alice(), &token(FULL_CRC64), &request, at()).await.unwrap();
    assert_eq!(
        (object.key.as_str(), object.size, &object.etag),
        ("videos/alice/1.mp4", SIZE, &etag_of_object())
    );
    assert_eq!((object.checksum, object.was_complete, object.version_id), (Some(crc), false, None));
    assert_eq!(object.content_type.as_str(), "video/mp4");
    assert_eq!(observer.codes(), ["complete"]);
    assert_eq!(observer.store_calls(), ["ListParts", "CompleteMultipartUpload"]);
}

#[tokio::test]
async fn conditions_are_those_of_the_policy_and_the_store() {
    let replacing = policy_with(MultipartMode::Always, Provider::Aws.capabilities(), |builder| {
        builder.replace(Replace::Allow)
    });
    let store = completing(all_uploaded(), |call| assert!(!call.is_if_absent()));
    complete(replacing, store, &token(None), &complete_request()).await.unwrap();

    // A form cannot prevent overwriting, but the completion of a large file of its route can.
    let form = |store: Capabilities| {
        policy_with(MultipartMode::Auto, store, |builder| builder.method(UploadMethod::Post))
    };
    for (provider, is_if_absent) in [(Provider::Aws, true), (Provider::R2, false)] {
        let store = completing(all_uploaded(), move |call| assert_eq!(call.is_if_absent(), is_if_absent));
        complete(form(provider.capabilities()), store, &token(None), &complete_request()).await.unwrap();
    }

    // B2 knows neither conditions nor the size of the object.
    let b2 = policy_with(MultipartMode::Always, Provider::B2.capabilities(), |builder| builder);
    let store = completing(all_uploaded(), |call| {
        assert!(!call.is_if_absent());
        assert_eq!((call.object_size(), call.checksum()), (None, None));
    });
    complete(b2, store, &token(None), &complete_request()).await.unwrap();
}

#[tokio::test]
async fn composite_checksum_repeats_those_of_the_parts() {
    let sha = zero(ChecksumAlgorithm::Sha256);
    let expected = sha.as_base64().to_owned();
    let store = completing(all_uploaded(), move |call| {
        assert!(call.parts().iter().all(|part| part.checksum().unwrap().as_base64() == expected));
        assert_eq!(call.checksum(), None);
    });
    let parts = client_parts(3).into_iter().map(|part| part.with_checksum(sha.as_base64())).collect();
    let request = CompleteRequest::new(parts).unwrap();
    let object = complete(policy(), store, &token(COMPOSITE_SHA256), &request).await.unwrap();
    assert_eq!(object.checksum, None, "a checksum of checksums is not that of the object");

    let without =
        complete(policy(), MockObjectCalls::new(), &token(COMPOSITE_SHA256), &complete_request()).await;
    assert_eq!(answer(without), ("checksum-required", 400));
    let total = request.with_checksum("sha256", sha.as_base64());
    let total = complete(policy(), MockObjectCalls::new(), &token(COMPOSITE_SHA256), &total).await;
    assert_eq!(answer(total), ("checksum-not-allowed", 400));
}

#[tokio::test]
async fn checksum_of_the_object_must_be_that_of_the_upload() {
    let crc = zero(ChecksumAlgorithm::Crc64nvme);
    let refused = |policy, token: String, request: CompleteRequest| async move {
        // The store is not called.
        answer(complete(policy, MockObjectCalls::new(), &token, &request).await)
    };
    let request = || complete_request().with_checksum("crc64nvme", crc.as_base64());
    assert_eq!(refused(policy(), token(None), request()).await, ("checksum-not-allowed", 400));
    let other = complete_request().with_checksum("crc32", "AAAAAA==");
    assert_eq!(refused(policy(), token(FULL_CRC64), other).await, ("checksum-not-allowed", 400));
    let invalid = complete_request().with_checksum("crc64nvme", "AAAAAA==");
    assert_eq!(refused(policy(), token(FULL_CRC64), invalid).await, ("checksum-invalid", 400));
    let requiring = || requiring(ChecksumAlgorithm::Crc64nvme);
    assert_eq!(refused(requiring(), token(FULL_CRC64), complete_request()).await, ("checksum-required", 400));
    let store = completing(all_uploaded(), |_| {});
    assert!(complete(requiring(), store, &token(FULL_CRC64), &request()).await.is_ok());
}

#[tokio::test]
async fn checksum_is_not_taken_from_the_parts_of_the_store() {
    // That would compare the store with itself.
    let mut list = all_uploaded();
    for part in &mut list.parts {
        part.checksums = vec![
            upsign::objects::Checksum::parse(
                upsign::objects::ChecksumAlgorithm::Crc64nvme,
                zero(ChecksumAlgorithm::Crc64nvme).as_base64(),
            )
            .unwrap(),
        ];
    }
    let store = completing(list, |call| assert_eq!(call.checksum(), None));
    assert!(complete(policy(), store, &token(FULL_CRC64), &complete_request()).await.is_ok());
}

#[tokio::test]
async fn list_of_parts_must_be_complete_and_in_order() {
    let parts = |numbers: &[u64]| {
        CompleteRequest::new(numbers.iter().map(|it| ClientPart::new(number(*it), etag(*it))).collect())
    };
    assert_eq!(parts(&[1, 3, 2]), Err(InvalidPartNumbers::Unsorted(number(2))));
    assert_eq!(parts(&[1, 1, 2]), Err(InvalidPartNumbers::Repeated(number(1))));
    let refused = |request: CompleteRequest| async move {
        let result = complete(policy(), MockObjectCalls::new(), &token(None), &request).await;
        (result.as_ref().unwrap_err().to_string(), answer(result))
    };
    let beyond =
        ("part number 4 is not in the range 1 to 3 of this upload".to_owned(), ("part-numbers-invalid", 400));
    assert_eq!(refused(parts(&[1, 2, 3, 4]).unwrap()).await, beyond);
    let missing = |text: &str| (text.to_owned(), ("parts-missing", 409));
    assert_eq!(
        refused(parts(&[1, 3]).unwrap()).await,
        missing("the request lists 2 of 3 parts: add 2, each with its ETag")
    );
    assert_eq!(
        refused(parts(&[2]).unwrap()).await,
        missing("the request lists 1 of 3 parts: add 1,3, each with its ETag")
    );
    assert_eq!(
        refused(parts(&[]).unwrap()).await,
        missing("the request lists 0 of 3 parts: add 1-3, each with its ETag")
    );
}

#[tokio::test]
async fn parts_that_are_not_uploaded_are_missing() {
    let missing = |head: fn() -> Result<ObjectHead, ObjectError>| async move {
        let mut store = listing(PartList::new(vec![uploaded(1, PART_SIZE), uploaded(3, 2 * MIB)]));
        store.expect_head_object().times(1).returning(move |_, _| head());
        complete(policy(), store, &token(None), &complete_request()).await
    };
    let heads: [fn() -> Result<ObjectHead, ObjectError>; 3] = [
        || Err(absent()),
        || Err(store_error("HeadObject", 403, None)),
        || Ok(ObjectHead::new(1, DIGEST.parse().unwrap())),
    ];
    for head in heads {
        let result = missing(head).await;
        assert_eq!(result.as_ref().unwrap_err().to_string(), "1 of 3 parts are missing: 2");
        assert_eq!(answer(result), ("parts-missing", 409));
    }
    // Another client is completing the upload, and the store has already removed parts.
    assert!(missing(|| Ok(head())).await.unwrap().was_complete);
}

#[tokio::test]
async fn parts_that_differ_are_named_with_what_the_store_has() {
    let mut request = client_parts(3);
    request[1].etag = etag(9);
    let request = CompleteRequest::new(request).unwrap();
    let list = PartList::new(vec![uploaded(1, PART_SIZE), uploaded(2, PART_SIZE), uploaded(3, 2 * MIB + 1)]);
    let error = complete(policy(), listing(list), &token(None), &request).await.unwrap_err();
    let SessionError::PartMismatch(wrong) = &error else { panic!("{error}") };
    let found: Vec<_> =
        wrong.iter().map(|part| (part.number.get(), part.difference, part.etag.clone(), part.size)).collect();
    assert_eq!(
        found,
        [(2, PartDifference::ETag, etag(2), PART_SIZE), (3, PartDifference::Size, etag(3), 2 * MIB + 1)]
    );
    assert_eq!((error.code(), error.status()), ("part-mismatch", 409));
    assert_eq!(
        error.to_string(),
        "the store has part 3 with another size than planned, part 2 with another ETag than stated: upload them again"
    );
}

#[tokio::test]
async fn end_of_an_upload_of_unknown_size_is_where_the_client_says() {
    let at_most = || sign(upload(PlannedSize::AtMost(plan(SIZE)), None));
    let request = |count| CompleteRequest::new(client_parts(count)).unwrap();
    let two = || PartList::new(vec![uploaded(1, PART_SIZE), uploaded(2, 7)]);
    let store = completing(two(), |call| assert_eq!(call.object_size(), Some(PART_SIZE + 7)));
    let object = complete(policy(), store, &at_most(), &request(2)).await.unwrap();
    assert_eq!(object.size, PART_SIZE + 7);

    // The store has a part that the client does not name: the object would lose its end.
    let mut store = listing(two());
    store.expect_head_object().times(1).returning(|_, _| Err(absent()));
    let result = complete(policy(), store, &at_most(), &request(1)).await;
    let message = "the request lists 1 of 2 parts: add 2, each with its ETag";
    assert_eq!(result.as_ref().unwrap_err().to_string(), message);
    assert_eq!(answer(result), ("parts-missing", 409));
    let short = PartList::new(vec![uploaded(1, 7), uploaded(2, 7)]);
    let result = complete(policy(), listing(short), &at_most(), &request(2)).await;
    assert_eq!(answer(result), ("part-mismatch", 409));
    let result = complete(policy(), MockObjectCalls::new(), &at_most(), &request(0)).await;
    assert_eq!(answer(result), ("parts-missing", 409));
}

#[tokio::test]
async fn minimum_size_holds_for_uploads_of_unknown_size() {
    let policy = || {
        policy_with(MultipartMode::Always, Provider::Aws.capabilities(), |builder| {
            builder.size(upsign::policy::SizeLimit::between(100, 1 << 30).unwrap())
        })
    };
    let token = sign(upload(PlannedSize::AtMost(plan(SIZE)), None));
    let one = |size| PartList::new(vec![uploaded(1, size)]);
    let request = CompleteRequest::new(client_parts(1)).unwrap();
    let small = complete(policy(), listing(one(99)), &token, &request).await;
    assert_eq!(
        small.as_ref().unwrap_err().to_string(),
        "the object has 99 bytes, but at least 100 are required"
    );
    assert_eq!(answer(small), ("too-small", 400));
    let store = completing(one(100), |_| {});
    assert!(complete(policy(), store, &token, &request).await.is_ok());
}
