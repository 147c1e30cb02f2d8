//! Uploads whose parts can have any length, and tickets: what binds nothing before is compared when the upload is completed.

use upsign::objects::CompletedUpload;
use upsign::policy::ConfirmationOptions;
use upsign::quota::{FailMode, MemoryQuota, Quota, QuotaLimit, Window};
use upsign::session::{
    CompletedObject, InvalidPartLengths, PartsRequest, TicketCall, TokenRejection, UploadState,
};
use upsign::{Access, Upload};

use super::*;

const MAX: u64 = 12 * MIB;

fn token_of_free_parts() -> String {
    sign(upload(PlannedSize::FreeParts(plan(MAX)), None))
}

fn listing(parts: Vec<UploadedPart>) -> MockObjectCalls {
    let mut store = MockObjectCalls::new();
    store.expect_list_parts().returning(move |_, _| Ok(PartList::new(parts.clone())));
    store
}

/// A store that completes an upload of these parts.
fn completing(parts: Vec<UploadedPart>) -> MockObjectCalls {
    let mut store = listing(parts);
    store
        .expect_complete_multipart_upload()
        .times(1)
        .returning(|_, _| Ok(CompletedUpload::new("opaque".parse().unwrap())));
    store
}

/// A store with these parts that expects an abort. Completing fails the test.
fn aborting(parts: Vec<UploadedPart>) -> MockObjectCalls {
    let mut store = listing(parts);
    store.expect_abort_multipart_upload().times(1).returning(|_, _| Ok(()));
    store.expect_head_object().returning(|_, _| Err(absent()));
    store
}

async fn complete(store: MockObjectCalls, parts: u64) -> Result<CompletedObject, SessionError> {
    let request = CompleteRequest::new(client_parts(parts)).unwrap();
    service(store).complete_upload(&alice(), &token_of_free_parts(), &request, at()).await
}

#[tokio::test]
async fn upload_of_unstated_size_begins() {
    let mut store = MockObjectCalls::new();
    store.expect_create_multipart_upload().times(1).returning(|call, _| {
        assert_eq!(call.headers().get("content-type"), Some("video/mp4"));
        Ok("id".parse().unwrap())
    });
    let request = UploadRequest::described().with_content_type("video/mp4").with_free_parts();
    let grant = service(store).issue(&alice(), None, &request, at()).await.unwrap();
    let Upload::Multipart(grant) = grant.upload else { panic!("{:?}", grant.upload) };
    assert!(matches!(grant.plan, PlannedSize::FreeParts(plan) if plan.size() == 1 << 30), "{:?}", grant.plan);
}

#[tokio::test]
async fn free_parts_need_a_route_with_parts_and_without_required_checksums() {
    let request = UploadRequest::described().with_content_type("video/mp4").with_free_parts();
    let single = policy_with(MultipartMode::No, Provider::Aws.capabilities(), |builder| builder);
    for (policy, code) in
        [(single, "content-length-required"), (requiring(ChecksumAlgorithm::Sha256), "checksum-required")]
    {
        let refused = service_of(policy, MockObjectCalls::new()).issue(&alice(), None, &request, at()).await;
        assert_eq!(refused.unwrap_err().code(), code);
    }
}

#[tokio::test]
async fn urls_bind_no_length() {
    let service = service(MockObjectCalls::new());
    let request = PartsRequest::new(vec![number(1), number(3)]).unwrap();
    let urls = service.presign_parts(&alice(), &token_of_free_parts(), &request, at()).await.unwrap();
    assert_eq!(urls.expires_in.as_secs(), 900);
    for (part, number) in urls.parts.iter().zip([1, 3]) {
        let url = part.url.expose();
        assert!(
            url.contains(&format!("partNumber={number}&")) && url.contains("X-Amz-SignedHeaders=host&"),
            "{url}"
        );
        assert_eq!((part.headers.get("content-length"), part.len), (None, MAX));
    }
    let stated = request.with_lengths(vec![5, 5]).unwrap();
    let refused = service.presign_parts(&alice(), &token_of_free_parts(), &stated, at()).await;
    assert!(matches!(refused, Err(SessionError::PartLengths(InvalidPartLengths::Free))), "{refused:?}");
}

/// S3 completes no upload of 12 MiB with four parts: each but the last has 5 MiB. A fourth is signed, so that a file that is a little too
/// large is found when it is completed.
#[tokio::test]
async fn parts_that_cannot_be_completed_are_not_signed() {
    let service = service(MockObjectCalls::new());
    let sign = async |wrong| {
        let request = PartsRequest::new(vec![number(1), number(wrong)]).unwrap();
        service.presign_parts(&alice(), &token_of_free_parts(), &request, at()).await
    };
    assert_eq!(sign(4).await.unwrap().parts.len(), 2);
    for wrong in [5, 10_000] {
        let refused = sign(wrong).await;
        assert!(
            refused.as_ref().is_err_and(|error| error.to_string().contains("12582912 bytes")),
            "{refused:?}"
        );
        assert_eq!(answer(refused), ("part-numbers-invalid", 400));
    }
}

#[tokio::test]
async fn parts_of_any_length_are_completed_up_to_the_maximum() {
    for sizes in [vec![1], vec![MAX], vec![7 * MIB, 1, 5 * MIB - 1], vec![6 * MIB, 6 * MIB]] {
        let parts: Vec<_> = (1..).zip(&sizes).map(|(it, size)| uploaded(it, *size)).collect();
        let object = complete(completing(parts), sizes.len() as u64).await.unwrap();
        assert_eq!(object.size, sizes.iter().sum::<u64>());
    }
}

#[tokio::test]
async fn parts_above_the_maximum_are_refused_and_aborted() {
    for sizes in [vec![MAX + 1], vec![6 * MIB, 6 * MIB, 1], vec![u64::MAX, u64::MAX]] {
        let parts: Vec<_> = (1..).zip(&sizes).map(|(it, size)| uploaded(it, *size)).collect();
        let refused = complete(aborting(parts.clone()), sizes.len() as u64).await;
        assert_eq!(answer(refused), ("too-large", 413));
        // The ticket is refused first, before the client sends the request to complete.
        let service = service(aborting(parts));
        let token = token_of_free_parts();
        let refused = service.ticket_counted(&alice(), &token, TicketCall::Complete, at()).await;
        assert_eq!(answer(refused), ("too-large", 413));
    }
}

#[tokio::test]
async fn upload_that_cannot_be_aborted_is_not_completed_either() {
    let mut store = listing(vec![uploaded(1, MAX + 1)]);
    store
        .expect_abort_multipart_upload()
        .times(1)
        .returning(|_, _| Err(store_error("AbortMultipartUpload", 503, Some("SlowDown"))));
    let refused = complete(store, 1).await.unwrap_err();
    assert!(refused.is_service_fault() && refused.retry_after().is_some(), "{refused:?}");
}

#[tokio::test]
async fn part_that_was_replaced_after_the_ticket_counts_with_its_new_size() {
    // The ticket saw a part of 5 MiB. The client then sends the same part with 13 MiB, and completes with its new entity tag.
    let ticket_service = service(listing(vec![uploaded(1, PART_SIZE)]));
    let token = token_of_free_parts();
    let ticket = ticket_service.ticket_counted(&alice(), &token, TicketCall::Complete, at()).await.unwrap();
    let service = service(aborting(vec![uploaded(1, 13 * MIB)]));
    let upload = service.verify_ticket(&token, ticket.expose(), TicketCall::Complete, at()).await.unwrap();
    let request = CompleteRequest::new(client_parts(1)).unwrap();
    let refused = service.complete_for_ticket(&upload, &token, &request, at()).await;
    assert_eq!(answer(refused), ("too-large", 413));
}

#[tokio::test]
async fn store_completes_exactly_the_listed_parts() {
    let mut store = listing(vec![uploaded(1, PART_SIZE)]);
    store.expect_complete_multipart_upload().times(1).returning(|call, _| {
        let parts: Vec<_> = call.parts().iter().map(|part| part.etag().clone()).collect();
        assert_eq!(parts, [etag(1)]);
        assert_eq!(call.object_size(), Some(PART_SIZE));
        Ok(CompletedUpload::new("opaque".parse().unwrap()))
    });
    complete(store, 1).await.unwrap();
}

#[tokio::test]
async fn parts_below_the_minimum_and_unlisted_parts_are_refused() {
    let least = |builder: UploadPolicyBuilder| {
        builder.size(upsign::policy::SizeLimit::between(100, 1 << 30).unwrap())
    };
    let policy = policy_with(MultipartMode::Always, Provider::Aws.capabilities(), least);
    let request = CompleteRequest::new(client_parts(1)).unwrap();
    let service_of_min = service_of(policy, listing(vec![uploaded(1, 99)]));
    let refused = service_of_min.complete_upload(&alice(), &token_of_free_parts(), &request, at()).await;
    assert_eq!(answer(refused), ("too-small", 400));
    let mut store = listing(vec![uploaded(1, 5), uploaded(2, 5)]);
    store.expect_head_object().returning(|_, _| Err(absent()));
    let refused = complete(store, 1).await;
    assert_eq!(answer(refused), ("parts-missing", 409));
}

#[tokio::test]
async fn status_lists_every_part() {
    let service = service(listing(vec![uploaded(1, 7), uploaded(2, 9 * MIB), uploaded(400, 1)]));
    let status = service.upload_status(&alice(), &token_of_free_parts(), at()).await.unwrap();
    let UploadState::Open(open) = status.state else { panic!("{status:?}") };
    assert_eq!((open.parts.len(), open.bytes), (3, 9 * MIB + 8));
    assert!(open.wrong.is_empty());
}

#[tokio::test]
async fn ticket_replaces_credentials_for_its_call_only() {
    // The route is for editors: the ticket was signed for one, and the request that carries it has no groups.
    let editors = Access::unrestricted().with_groups(["editors"]);
    let route = Route::unnamed(issuer(policy(), completing(vec![uploaded(1, 7)]))).with_access(editors);
    let service = UploadService::new([route]).unwrap();
    let token = token_of_free_parts();
    let ticket = service.ticket_counted(&alice(), &token, TicketCall::Complete, at()).await.unwrap();
    let ticket = ticket.expose();
    for call in [TicketCall::Create, TicketCall::List, TicketCall::Abort] {
        let rejected = service.verify_ticket(&token, ticket, call, at()).await.unwrap_err();
        let SessionError::Token(rejected) = rejected else { panic!("{rejected:?}") };
        assert_eq!(rejected.reason(), TokenRejection::TicketCall);
    }
    let upload = service.verify_ticket(&token, ticket, TicketCall::Complete, at()).await.unwrap();
    assert_eq!((upload.caller.subject().as_str(), upload.key.as_str()), ("alice", "videos/alice/1.mp4"));
    assert_eq!(
        &*upload.location,
        "https://article-images-bucket.s3.ap-southeast-1.amazonaws.com/videos/alice/1.mp4"
    );
    let request = CompleteRequest::new(client_parts(1)).unwrap();
    assert_eq!(service.complete_for_ticket(&upload, &token, &request, at()).await.unwrap().size, 7);
}

#[tokio::test]
async fn ticket_is_signed_for_the_caller_of_the_token_only() {
    let service = service(MockObjectCalls::new());
    let (token, bob) =
        (token_of_free_parts(), Identity::from_verified("https://issuer.example", "bob").unwrap());
    for call in [TicketCall::Create, TicketCall::List, TicketCall::Complete, TicketCall::Abort] {
        let refused = service.ticket_counted(&bob, &token, call, at()).await;
        assert_eq!(answer(refused), ("upload-token-invalid", 403));
    }
}

#[tokio::test]
async fn ticket_ends_with_its_lifetime_and_with_the_token() {
    let service = service(MockObjectCalls::new());
    let token = token_of_free_parts();
    for (signed_after, expires_after) in [(0, 900), (86_400 - 60, 86_400)] {
        let signed_at = at().saturating_add(signed_after);
        let ticket = service.ticket_counted(&alice(), &token, TicketCall::List, signed_at).await.unwrap();
        assert_eq!(ticket.expires_at(), at().saturating_add(expires_after));
        let last = at().saturating_add(expires_after - 1);
        assert!(service.verify_ticket(&token, ticket.expose(), TicketCall::List, last).await.is_ok());
        let late =
            service.verify_ticket(&token, ticket.expose(), TicketCall::List, ticket.expires_at()).await;
        assert_eq!(answer(late), ("upload-token-invalid", 403));
    }
}

#[tokio::test]
async fn ticket_does_not_make_another_token_valid() {
    let service = service(MockObjectCalls::new());
    let mut other = upload(PlannedSize::FreeParts(plan(MAX)), None);
    other.key = "videos/alice/2.mp4".parse().unwrap();
    let (token, other) = (token_of_free_parts(), sign(other));
    let ticket = service.ticket_counted(&alice(), &token, TicketCall::Abort, at()).await.unwrap();
    for wrong in [&*other, "", "AAAA"] {
        let refused = service.verify_ticket(wrong, ticket.expose(), TicketCall::Abort, at()).await;
        assert_eq!(answer(refused), ("upload-token-invalid", 403));
    }
}

#[test]
fn token_states_that_parts_are_free() {
    let upload = upload(PlannedSize::FreeParts(plan(MAX)), None);
    let token = sign(upload.clone());
    let read = keys().verify(&token, &alice(), at(), |_| Some(target())).unwrap();
    assert_eq!(*read.upload(), upload);
    assert_ne!(token, sign(super::upload(PlannedSize::AtMost(plan(MAX)), None)));
}

/// A quota with room for one upload of the maximum size.
fn one_at_a_time(service: UploadService<Signer>) -> UploadService<Signer> {
    let limit = QuotaLimit::for_all_routes(Window::DAY).with_bytes(1 << 30);
    service.with_quota(Quota::new(MemoryQuota::new(), FailMode::Closed).with_limit(limit))
}

async fn begin_free_parts(service: &UploadService<Signer>) -> Result<String, &'static str> {
    let request = UploadRequest::described().with_content_type("video/mp4").with_free_parts();
    let grant = service.issue(&alice(), None, &request, at()).await.map_err(|error| error.code())?;
    Ok(grant.upload_token().unwrap().expose().to_owned())
}

#[tokio::test]
async fn quota_reserves_the_maximum_and_counts_what_is_confirmed() {
    let confirming =
        |builder: UploadPolicyBuilder| builder.confirmation(ConfirmationOptions::new().with_confirm(true));
    let mut store = completing(vec![uploaded(1, 7)]);
    store.expect_create_multipart_upload().returning(|_, _| Ok("id".parse().unwrap()));
    store.expect_head_object().returning(|_, _| {
        let mut head = ObjectHead::new(7, "opaque".parse().unwrap());
        head.content_type = Some("video/mp4".into());
        Ok(head)
    });
    let policy = policy_with(MultipartMode::Always, Provider::Aws.capabilities(), confirming);
    let service = one_at_a_time(service_of(policy, store));
    let token = begin_free_parts(&service).await.unwrap();
    assert_eq!(begin_free_parts(&service).await, Err("quota-exceeded"));
    let request = CompleteRequest::new(client_parts(1)).unwrap();
    service.complete_upload(&alice(), &token, &request, at()).await.unwrap();
    let confirmed = service.confirm_upload(&alice(), &token, at()).await.unwrap();
    assert!(confirmed.is_confirmed(), "{confirmed:?}");
    // 7 bytes are counted, so the maximum does not fit any more in this day.
    assert_eq!(begin_free_parts(&service).await, Err("quota-exceeded"));
    let tomorrow = at().saturating_add(86_400);
    let small = video(1 << 29);
    assert!(service.issue(&alice(), None, &small, at()).await.is_ok(), "half of the rest fits");
    assert!(service.issue(&alice(), None, &video(1 << 30), tomorrow).await.is_ok());
}

#[tokio::test]
async fn upload_that_is_too_large_is_released() {
    let mut store = aborting(vec![uploaded(1, (1 << 30) + 1)]);
    store.expect_create_multipart_upload().returning(|_, _| Ok("id".parse().unwrap()));
    let service = one_at_a_time(service(store));
    let token = begin_free_parts(&service).await.unwrap();
    assert_eq!(begin_free_parts(&service).await, Err("quota-exceeded"));
    let refused = service.ticket_counted(&alice(), &token, TicketCall::Complete, at()).await;
    assert_eq!(answer(refused), ("too-large", 413));
    assert!(begin_free_parts(&service).await.is_ok());
}

/// The client has completed it with small parts, after the listing that found one that is too large.
#[tokio::test]
async fn upload_that_was_completed_meanwhile_stays_counted() {
    let mut store = listing(vec![uploaded(1, (1 << 30) + 1)]);
    store.expect_create_multipart_upload().returning(|_, _| Ok("id".parse().unwrap()));
    // SeaweedFS answers 204 for an upload that has ended.
    store.expect_abort_multipart_upload().returning(|_, _| Ok(()));
    store.expect_head_object().returning(|_, _| {
        let mut head = ObjectHead::new(7, "opaque".parse().unwrap());
        head.content_type = Some("video/mp4".into());
        Ok(head)
    });
    let service = one_at_a_time(service(store));
    let token = begin_free_parts(&service).await.unwrap();
    let refused = service.ticket_counted(&alice(), &token, TicketCall::Complete, at()).await;
    assert_eq!(answer(refused), ("upload-completed", 409));
    assert_eq!(begin_free_parts(&service).await, Err("quota-exceeded"));
}

/// Some stores list each upload of a part. The client sends it again if the answer is lost.
#[tokio::test]
async fn part_that_is_listed_twice_counts_once_for_a_ticket() {
    let service = service(listing(vec![uploaded(1, 6 * MIB), uploaded(1, 6 * MIB), uploaded(2, 6 * MIB)]));
    let token = token_of_free_parts();
    assert!(service.ticket_counted(&alice(), &token, TicketCall::Complete, at()).await.is_ok());
}

#[tokio::test]
async fn lasting_ticket_completes_as_long_as_parts_can_arrive() {
    let service = service(MockObjectCalls::new());
    let token = token_of_free_parts();
    for (call, expires_after) in [(TicketCall::Complete, 900 + 900), (TicketCall::Abort, 86_400)] {
        let ticket = service.lasting_ticket(&alice(), &token, call, at()).await.unwrap();
        assert_eq!(ticket.expires_at(), at().saturating_add(expires_after), "{call:?}");
    }
    let late = at().saturating_add(86_400 - 60);
    let ticket = service.lasting_ticket(&alice(), &token, TicketCall::Complete, late).await.unwrap();
    assert_eq!(ticket.expires_at(), at().saturating_add(86_400));
}

#[tokio::test]
async fn parts_that_the_store_finds_too_small_are_named() {
    let mut store = listing(vec![uploaded(1, 6 * MIB), uploaded(2, 7), uploaded(3, 1)]);
    store
        .expect_complete_multipart_upload()
        .times(1)
        .returning(|_, _| Err(store_error("CompleteMultipartUpload", 400, Some("EntityTooSmall"))));
    let refused = complete(store, 3).await.unwrap_err();
    let SessionError::PartMismatch(parts) = &refused else { panic!("{refused:?}") };
    assert_eq!(parts.iter().map(|part| part.number.get()).collect::<Vec<_>>(), [2]);
    assert_eq!((refused.code(), refused.status()), ("part-mismatch", 409));
}
