//! The URLs of parts of uploads of which only a maximum size is known: the client states each length.

use upsign::session::{PartUrls, PartsRequest};
use upsign_testing::mocks::MockObjectCalls;

use super::*;

/// Requests parts with their lengths, of an upload of at most 12 MiB.
async fn sign_parts(parts: &[(u64, u64)]) -> Result<PartUrls, SessionError> {
    let token = sign(upload(PlannedSize::AtMost(plan(SIZE)), None));
    let request = PartsRequest::new(parts.iter().map(|(it, _)| number(*it)).collect()).unwrap();
    let request = request.with_lengths(parts.iter().map(|(_, len)| *len).collect()).unwrap();
    service(MockObjectCalls::new()).presign_parts(&alice(), &token, &request, at()).await
}

#[tokio::test]
async fn stated_lengths_are_signed() {
    let parts = [(1, PART_SIZE), (2, PART_SIZE), (3, 7)];
    let urls = sign_parts(&parts).await.unwrap();
    let signed: Vec<_> = urls.parts.iter().map(|part| (u64::from(part.number.get()), part.len)).collect();
    assert_eq!(signed, parts);
    assert_eq!(urls.parts[2].headers.get("content-length"), Some("7"));
}

#[tokio::test]
async fn only_the_highest_part_can_be_short() {
    for accepted in [[(1, 0), (1, 0)], [(2, 1), (1, PART_SIZE)], [(2, PART_SIZE), (3, 2 * MIB)]] {
        let accepted = if accepted[0] == accepted[1] { &accepted[..1] } else { &accepted[..] };
        assert!(sign_parts(accepted).await.is_ok(), "{accepted:?}");
    }
    for (refused, message) in [
        (
            vec![(1, PART_SIZE - 1), (2, 5)],
            "part 1 cannot have 5242879 bytes: only the last part can be shorter than 5242880",
        ),
        (vec![(1, PART_SIZE + 1)], "part 1 cannot have 5242881 bytes: the part size is 5242880"),
        (vec![(3, 2 * MIB + 1)], "part 3 cannot have 2097153 bytes: the part size is 2097152"),
        (vec![(2, 0)], "part 2 cannot be empty"),
    ] {
        let result = sign_parts(&refused).await;
        assert_eq!(result.as_ref().unwrap_err().to_string(), message);
        assert_eq!(answer(result), ("part-lengths-invalid", 400));
    }
    assert_eq!(answer(sign_parts(&[(4, 1)]).await), ("part-numbers-invalid", 400));
}

#[tokio::test]
async fn lengths_must_be_stated() {
    let token = sign(upload(PlannedSize::AtMost(plan(SIZE)), None));
    let request = PartsRequest::new(vec![number(1)]).unwrap();
    let result = service(MockObjectCalls::new()).presign_parts(&alice(), &token, &request, at()).await;
    assert_eq!(answer(result), ("part-lengths-invalid", 400));
}
