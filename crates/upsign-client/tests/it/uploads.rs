//! Uploads without faults: every kind of grant, sizes around the parts, checksums, and what the calls contain.

use std::time::Duration;

use async_trait::async_trait;
use upsign_client::{
    BytesSource, Checksum, ChecksumAlgorithm, FixedToken, Source as _, TokenError, TokenSource, UploadError,
    UploadRequest,
};
use zeroize::Zeroizing;

use crate::fixture::{Mode, On, Settings, World};
use crate::support::{Counted, Recorded, ignore, options, random_bytes, request};

const PART: usize = 64 << 10;

async fn upload(world: &World, bytes: &[u8]) -> Result<upsign_client::Uploaded, UploadError> {
    let client = world.client(FixedToken::new("first"), options());
    client.upload(BytesSource::new("film.mp4", bytes.to_vec()), &request(), ignore).await
}

#[track_caller]
fn assert_same(stored: &[u8], sent: &[u8]) {
    assert!(stored == sent, "{} bytes were stored, {} were sent, or they differ", stored.len(), sent.len());
}

#[tokio::test]
async fn every_size_around_parts_arrives() {
    for len in [0, 1, PART - 1, PART, PART + 1, 3 * PART, 10 * PART + 7] {
        let world = World::start(Settings::default()).await;
        let bytes = random_bytes(len);
        let uploaded = upload(&world, &bytes).await.unwrap();
        assert_same(&world.object(), &bytes);
        let parts = u32::try_from(len.div_ceil(PART).max(1)).unwrap();
        assert_eq!((uploaded.size, uploaded.parts), (len as u64, Some(parts)));
        assert_eq!(uploaded.checksum, Some(Checksum::of(ChecksumAlgorithm::Crc64Nvme, &bytes)));
        assert_eq!(uploaded.ids["articleId"], "article-1");
        assert!(uploaded.etag.unwrap().ends_with(&format!("-{parts}")));
    }
}

#[tokio::test]
async fn one_request_is_sent_as_put_or_as_form() {
    for mode in [Mode::Put { with_token: false }, Mode::Form] {
        for len in [0, 1, 300_000] {
            let world = World::start(Settings { mode: mode.clone(), ..Settings::default() }).await;
            let bytes = random_bytes(len);
            let uploaded = upload(&world, &bytes).await.unwrap();
            assert_same(&world.object(), &bytes);
            assert_eq!((uploaded.size, uploaded.parts), (len as u64, None), "{mode:?}");
            assert_eq!(uploaded.checksum, Some(Checksum::of(ChecksumAlgorithm::Crc64Nvme, &bytes)));
            assert_eq!(world.state().calls.len(), 1);
        }
    }
}

#[tokio::test]
async fn large_files_are_streamed_in_one_request() {
    let world = World::start(Settings { mode: Mode::Put { with_token: false }, ..Settings::default() }).await;
    let bytes = random_bytes((16 << 20) + 5);
    let source = Counted::new(bytes.clone());
    let reads = source.reads.clone();
    world.client(FixedToken::new("first"), options()).upload(source, &request(), ignore).await.unwrap();
    assert_same(&world.object(), &bytes);
    let reads = reads.lock().unwrap();
    assert_eq!(reads.len(), 17, "1 MiB at a time");
    assert!(reads.values().all(|count| *count == 1), "{reads:?}");
}

#[tokio::test]
async fn large_parts_are_streamed_with_their_checksum_afterwards() {
    let settings = Settings { part_size: (16 << 20) + 1, ..Settings::default() };
    let world = World::start(settings).await;
    let bytes = random_bytes((16 << 20) + 9);
    let uploaded = upload(&world, &bytes).await.unwrap();
    assert_same(&world.object(), &bytes);
    assert_eq!(uploaded.checksum, Some(Checksum::of(ChecksumAlgorithm::Crc64Nvme, &bytes)));
    let state = world.state();
    let parts = state.calls.iter().filter(|(on, _)| *on == On::Parts);
    assert!(parts.clone().count() > 0);
    assert!(parts.into_iter().all(|(_, body)| body.get("checksums").is_none()));
}

#[tokio::test]
async fn each_part_is_read_once() {
    let world = World::start(Settings::default()).await;
    let source = Counted::new(random_bytes(20 * PART + 3));
    let reads = source.reads.clone();
    world.client(FixedToken::new("first"), options()).upload(source, &request(), ignore).await.unwrap();
    let reads = reads.lock().unwrap();
    assert_eq!(reads.len(), 21);
    assert!(reads.values().all(|count| *count == 1), "{reads:?}");
    assert_eq!(world.state().received, 20 * PART as u64 + 3);
}

#[tokio::test]
async fn checksums_are_those_of_the_grant() {
    for (checksum, refuses) in [
        (Some(("crc64nvme", "FULL_OBJECT")), false),
        (Some(("crc32", "FULL_OBJECT")), false),
        (Some(("crc32c", "COMPOSITE")), false),
        (Some(("sha256", "COMPOSITE")), false),
        (Some(("crc64nvme", "FULL_OBJECT")), true),
        (None, false),
    ] {
        let settings = Settings { checksum, refuses_part_checksums: refuses, ..Settings::default() };
        let world = World::start(settings).await;
        let bytes = random_bytes(3 * PART + 1);
        upload(&world, &bytes).await.unwrap();
        assert_same(&world.object(), &bytes);
        let state = world.state();
        let signed = state.urls.values().filter(|url| !url.headers.is_empty()).count();
        let expected = if checksum.is_some() && !refuses { 4 } else { 0 };
        assert_eq!(signed, expected, "{checksum:?} {refuses}");
    }
}

#[tokio::test]
async fn unknown_checksum_algorithms_are_refused() {
    for checksum in [("crc16", "FULL_OBJECT"), ("crc32", "HALF_OBJECT")] {
        let world = World::start(Settings { checksum: Some(checksum), ..Settings::default() }).await;
        let error = upload(&world, b"abc").await.unwrap_err();
        assert_eq!(error.code(), "api-answer");
    }
}

#[tokio::test]
async fn put_gets_the_checksum_that_its_route_demands() {
    for algorithm in ["crc64nvme", "crc32", "crc32c", "sha256"] {
        let settings = Settings {
            mode: Mode::Put { with_token: false },
            put_checksum: Some(algorithm),
            ..Settings::default()
        };
        let world = World::start(settings).await;
        let bytes = random_bytes(3_000_000);
        let uploaded = upload(&world, &bytes).await.unwrap();
        assert_same(&world.object(), &bytes);
        let algorithm: ChecksumAlgorithm = algorithm.parse().unwrap();
        assert_eq!(uploaded.checksum, Some(Checksum::of(algorithm, &bytes)));
    }
}

#[tokio::test]
async fn parallel_parts_are_limited_by_api_caller_and_memory() {
    for (api, caller, buffer, expected) in [
        (4, None, 64 << 20, 4),
        (4, Some(2), 64 << 20, 2),
        (2, Some(8), 64 << 20, 2),
        (4, None, 3 * PART, 3),
        (4, None, 1, 1),
    ] {
        let settings =
            Settings { parts_at_once: api, delay: Duration::from_millis(20), ..Settings::default() };
        let world = World::start(settings).await;
        let mut options = options();
        options.parts_at_once = caller;
        options.max_buffer = buffer as u64;
        let source = BytesSource::new("film.mp4", random_bytes(12 * PART));
        world.client(FixedToken::new("first"), options).upload(source, &request(), ignore).await.unwrap();
        let parts = world
            .state()
            .calls
            .iter()
            .filter(|(on, _)| *on == On::Parts)
            .map(|(_, body)| body["partNumbers"].as_array().unwrap().len())
            .max();
        assert_eq!(parts, Some(expected), "the largest batch of {api} {caller:?} {buffer}");
        assert!(world.state().max_in_flight <= expected);
    }
}

#[tokio::test]
async fn answers_with_fewer_urls_are_completed_by_further_calls() {
    let world = World::start(Settings { max_urls: 1, ..Settings::default() }).await;
    let bytes = random_bytes(9 * PART);
    upload(&world, &bytes).await.unwrap();
    assert_same(&world.object(), &bytes);
    assert_eq!(world.state().urls.len(), 9, "each part has one URL");
}

#[tokio::test]
async fn expired_urls_are_replaced_before_they_are_used() {
    // Every pause is longer than the lifetime of a URL.
    let fault = crate::fixture::Fault {
        on: On::Store,
        first: 1,
        times: 4,
        act: crate::fixture::Act::Answer(503, "", Some(2)),
    };
    let world = World::with_faults(Settings { expires_in: 1, ..Settings::default() }, [fault]).await;
    let bytes = random_bytes(4 * PART);
    upload(&world, &bytes).await.unwrap();
    assert_same(&world.object(), &bytes);
    assert_eq!(world.state().count(On::Store), 8, "no request was sent to a URL that had expired");
}

/// Tokens in this order.
#[derive(Debug, Default)]
struct Tokens(std::sync::atomic::AtomicUsize);

#[async_trait]
impl TokenSource for Tokens {
    async fn token(&self) -> Result<Zeroizing<String>, TokenError> {
        let number = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        match ["first", "second"].get(number) {
            Some(token) => Ok(Zeroizing::new((*token).to_owned())),
            None => Err(TokenError::new("there is no third token")),
        }
    }
}

#[tokio::test]
async fn token_is_renewed_after_it_has_expired() {
    for calls in 0..4 {
        let world = World::start(Settings { first_token_calls: calls, ..Settings::default() }).await;
        let bytes = random_bytes(6 * PART);
        let client = world.client(Tokens::default(), options());
        client.upload(BytesSource::new("film.mp4", bytes.clone()), &request(), ignore).await.unwrap();
        assert_same(&world.object(), &bytes);
    }
}

#[tokio::test]
async fn rejected_token_fails_without_repetitions() {
    let world = World::start(Settings { first_token_calls: 0, ..Settings::default() }).await;
    let error = upload(&world, b"abc").await.unwrap_err();
    assert_eq!(error.code(), "unauthorized");
    assert_eq!(world.state().count(On::Begin), 2, "the token was read once more");
}

#[tokio::test]
async fn request_members_reach_the_api() {
    let world = World::start(Settings::default()).await;
    let mut request = UploadRequest::new("video/mp4").with_route("videos").with_file_name("film.mp4");
    request.ids.insert("articleId".to_owned(), "7".to_owned());
    let client = world.client(FixedToken::new("first"), options());
    client.upload(BytesSource::new("film.mp4", "abc"), &request, ignore).await.unwrap();
    let state = world.state();
    let expected = serde_json::json!({"route": "videos", "contentType": "video/mp4", "fileName": "film.mp4",
        "articleId": "7", "contentLength": 3});
    assert_eq!(state.calls[0].1, expected);
}

#[tokio::test]
async fn events_tell_the_whole_upload() {
    let world = World::start(Settings::default()).await;
    let events = Recorded::default();
    let client = world.client(FixedToken::new("first"), options());
    client
        .upload(BytesSource::new("film.mp4", random_bytes(2 * PART)), &request(), events.clone())
        .await
        .unwrap();
    let mut names = events.names();
    assert_eq!(
        (names.first().map(String::as_str), names.last().map(String::as_str)),
        (Some("Granted"), Some("Done"))
    );
    names.sort();
    assert_eq!(
        names,
        [
            "Completing",
            "Done",
            "Granted",
            "PartDone",
            "PartDone",
            "PartStarted",
            "PartStarted",
            "Sent",
            "Sent"
        ]
    );
    assert!(
        !events.all().contains("signature") && !events.all().contains("upload-raw"),
        "no URL and no upload token"
    );
}

#[tokio::test]
async fn bytes_are_read_by_offset() {
    let source = BytesSource::new("a", "0123456789");
    for (offset, len, expected) in [(0, 3, "0123"), (8, 5, "089"), (10, 1, "0"), (99, 1, "0")] {
        let buffer = bytes::BytesMut::from("0");
        let read = source.read_at(offset, len, buffer).await.unwrap();
        assert_eq!(read, if offset == 0 { "0012" } else { expected }, "{offset}");
    }
}
