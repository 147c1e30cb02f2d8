//! Uploads with faults of the API, of the store and of the network: what is repeated, what fails, and with which error.

use upsign_client::{BytesSource, FixedToken, UploadError, Uploaded};

use crate::fixture::{Act, Fault, Mode, On, Settings, World};
use crate::support::{Counted, Recorded, ignore, options, random_bytes, request};

const PART: usize = 64 << 10;
const DOCUMENT: &str = "<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>";

async fn upload(world: &World, events: &Recorded) -> Result<Uploaded, UploadError> {
    let client = world.client(FixedToken::new("first"), options());
    client.upload(BytesSource::new("film.mp4", random_bytes(5 * PART + 1)), &request(), events.clone()).await
}

/// Uploads with these faults, and compares the bytes.
#[track_caller]
fn assert_stored(world: &World, result: Result<Uploaded, UploadError>) {
    result.unwrap();
    assert!(world.object() == random_bytes(5 * PART + 1), "the object differs");
}

#[tokio::test]
async fn faults_that_pass_are_survived() {
    let store = |number, act| Fault::once(On::Store, number, act);
    for act in [
        Act::Close,
        Act::LoseAnswer,
        Act::Answer(500, "", None),
        Act::Answer(503, DOCUMENT, None),
        Act::Answer(408, "", None),
        Act::Answer(429, "", None),
        Act::Answer(400, "<Error><Code>RequestTimeout</Code></Error>", None),
        Act::Answer(400, "<Error><Code>ExpiredToken</Code></Error>", None),
        Act::FlipBit,
        Act::StoreOther,
        Act::Expire,
        Act::Hang,
    ] {
        for number in [1, 4, 6] {
            let world = World::with_faults(Settings::default(), [store(number, act)]).await;
            let events = Recorded::default();
            let result = upload(&world, &events).await;
            assert_stored(&world, result);
            assert!(events.has("Retry") && events.has("Unsent"), "{act:?} {number}: {}", events.all());
        }
    }
}

#[tokio::test]
async fn faults_of_the_api_that_pass_are_survived() {
    for on in [On::Begin, On::Parts, On::Complete] {
        for act in [
            Act::Close,
            Act::LoseAnswer,
            Act::Hang,
            Act::Answer(502, "<html>", None),
            Act::Answer(500, r#"{"message":"Internal Server Error"}"#, None),
            Act::Answer(503, r#"{"code":"completion-uncertain","detail":"d"}"#, Some(1)),
            Act::Answer(429, r#"{"code":"too-many-requests","detail":"d"}"#, None),
        ] {
            let world = World::with_faults(Settings::default(), [Fault::once(on, 1, act)]).await;
            let events = Recorded::default();
            let result = upload(&world, &events).await;
            // A second upload begins if the answer to the first one is lost. It stays without parts.
            assert_stored(&world, result);
            assert!(events.has("Retry"), "{on:?} {act:?}");
        }
    }
}

#[tokio::test]
async fn decisions_of_the_api_are_not_repeated() {
    let problem = r#"{"type":"urn:upsign:problem:too-large","status":413,"code":"too-large","detail":"at most 10 MiB"}"#;
    for (act, code, text) in [
        (
            Act::Answer(413, problem, None),
            "too-large",
            "the request for an upload failed: at most 10 MiB (too-large)",
        ),
        (
            Act::Answer(500, r#"{"code":"store-refused","detail":"d"}"#, None),
            "store-refused",
            "the request for an upload failed: d (store-refused)",
        ),
        (
            Act::Answer(403, r#"{"message":"Forbidden"}"#, None),
            "api-status",
            "the request for an upload failed: status 403: Forbidden",
        ),
        (Act::Answer(404, "<html>", None), "api-status", "the request for an upload failed: status 404"),
        (
            Act::Answer(200, "{}", None),
            "api-answer",
            "the request for an upload failed: the answer of the API is not understood: missing field `method` at line 1 column 2",
        ),
    ] {
        let world = World::with_faults(Settings::default(), [Fault::always(On::Begin, act)]).await;
        let error = upload(&world, &Recorded::default()).await.unwrap_err();
        assert_eq!((error.code(), error.to_string().as_str()), (code, text));
        assert_eq!(world.state().count(On::Begin), 1);
    }
}

#[tokio::test]
async fn faults_that_do_not_pass_fail_with_their_cause() {
    for (act, code, text) in [
        (Act::Answer(503, DOCUMENT, None), "store-refused-upload", "SlowDown: Reduce your request rate."),
        (Act::Close, "store-unreachable", "sending part"),
        (Act::FlipBit, "checksum-mismatch", "the store received other bytes of part"),
        (Act::StoreOther, "checksum-mismatch", "the store received other bytes of part"),
        (Act::Expire, "store-refused-upload", "Request has expired"),
        (
            Act::Answer(
                403,
                "<Error><Code>AccessDenied</Code><StringToSign>secret</StringToSign></Error>",
                None,
            ),
            "store-refused-upload",
            "AccessDenied",
        ),
        (
            Act::Answer(404, "<Error><Code>NoSuchUpload</Code></Error>", None),
            "upload-gone",
            "no longer has the upload",
        ),
    ] {
        let world = World::with_faults(Settings::default(), [Fault::always(On::Store, act)]).await;
        let client = world.client(FixedToken::new("first"), {
            let mut options = options();
            options.retries = 2;
            options
        });
        let source = BytesSource::new("film.mp4", random_bytes(PART));
        let error = client.upload(source, &request(), ignore).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(text), "{error}");
        assert!(!format!("{error:?}{error}").contains("secret"), "{error:?}");
        assert!(!format!("{error:?}{error}").contains("signature-"), "a URL is in {error:?}");
        assert!(world.state().objects.is_empty());
    }
}

#[tokio::test]
async fn number_of_attempts_is_limited() {
    let world =
        World::with_faults(Settings::default(), [Fault::always(On::Store, Act::Answer(503, "", None))]).await;
    let mut options = options();
    options.retries = 3;
    let client = world.client(FixedToken::new("first"), options);
    client.upload(BytesSource::new("film.mp4", "abc"), &request(), ignore).await.unwrap_err();
    assert_eq!(world.state().count(On::Store), 4);
    assert!(
        world.state().uploads.values().all(|upload| upload.is_aborted),
        "without a state, nothing can resume it"
    );
}

#[tokio::test]
async fn pauses_that_servers_demand_are_kept() {
    for on in [On::Parts, On::Store] {
        let world =
            World::with_faults(Settings::default(), [Fault::once(on, 1, Act::Answer(503, "", Some(1)))])
                .await;
        let began = std::time::Instant::now();
        let result = upload(&world, &Recorded::default()).await;
        assert_stored(&world, result);
        assert!(began.elapsed() >= std::time::Duration::from_secs(1), "{on:?}");
    }
}

#[tokio::test]
async fn corrupted_part_is_read_again() {
    let world = World::with_faults(Settings::default(), [Fault::once(On::Store, 1, Act::FlipBit)]).await;
    let source = Counted::new(random_bytes(PART));
    let reads = source.reads.clone();
    let client = world.client(FixedToken::new("first"), options());
    client.upload(source, &request(), ignore).await.unwrap();
    assert_eq!(*reads.lock().unwrap(), [(0, 2)].into());
}

#[tokio::test]
async fn repeated_part_is_not_read_again() {
    let world = World::with_faults(Settings::default(), [Fault::once(On::Store, 1, Act::LoseAnswer)]).await;
    let source = Counted::new(random_bytes(PART));
    let reads = source.reads.clone();
    let client = world.client(FixedToken::new("first"), options());
    client.upload(source, &request(), ignore).await.unwrap();
    assert_eq!(*reads.lock().unwrap(), [(0, 1)].into());
}

#[tokio::test]
async fn parts_that_the_store_lost_are_sent_again() {
    for act in [Act::Forget, Act::StoreOther] {
        let settings = Settings { checksum: None, ..Settings::default() };
        let world = World::with_faults(settings, [Fault::once(On::Store, 3, act)]).await;
        let result = upload(&world, &Recorded::default()).await;
        if matches!(act, Act::Forget) {
            assert_stored(&world, result);
            let state = world.state();
            assert_eq!((state.count(On::Complete), state.count(On::Store)), (2, 7));
        } else {
            // The default checksum of the store differs, but none was computed for this upload: nobody can notice.
            result.unwrap();
        }
    }
}

#[tokio::test]
async fn store_that_loses_parts_again_and_again_fails() {
    let world = World::with_faults(Settings::default(), [Fault::always(On::Store, Act::Forget)]).await;
    let error = upload(&world, &Recorded::default()).await.unwrap_err();
    assert_eq!(error.code(), "parts-missing");
    assert_eq!(world.state().count(On::Complete), 4);
}

#[tokio::test]
async fn lost_answer_to_the_completion_is_repeated() {
    let world =
        World::with_faults(Settings::default(), [Fault::once(On::Complete, 1, Act::LoseAnswer)]).await;
    let result = upload(&world, &Recorded::default()).await;
    assert_stored(&world, result);
    assert_eq!(world.state().count(On::Complete), 2);
}

#[tokio::test]
async fn lost_answer_to_a_put_is_resolved_by_looking() {
    let settings = |with_token| Settings { mode: Mode::Put { with_token }, ..Settings::default() };
    let fault = Fault::once(On::Store, 1, Act::LoseAnswer);

    let world = World::with_faults(settings(true), [fault]).await;
    let events = Recorded::default();
    let uploaded = upload(&world, &events).await;
    assert_stored(&world, uploaded);
    assert!(events.has("Resolved"));

    // Without a token the client cannot ask, and must not guess.
    let world = World::with_faults(settings(false), [fault]).await;
    let error = upload(&world, &Recorded::default()).await.unwrap_err();
    assert_eq!(error.code(), "put-uncertain");
    assert_eq!(
        error.to_string(),
        "the store already has an object raw/1, and the answer to an earlier attempt was lost: it may be this upload"
    );
}

#[tokio::test]
async fn object_of_somebody_else_is_not_taken_for_the_upload() {
    for with_token in [true, false] {
        let world = World::start(Settings { mode: Mode::Put { with_token }, ..Settings::default() }).await;
        let other = crate::fixture::Object { bytes: "other".into(), etag: "e".to_owned() };
        world.state().objects.insert("raw/1".to_owned(), other);
        // Without a lost answer it is clear at once; with one, only looking tells.
        if with_token {
            world.add_fault(Fault::once(On::Store, 1, Act::Close));
        }
        let error = upload(&world, &Recorded::default()).await.unwrap_err();
        assert_eq!(error.code(), "object-exists", "{error}");
        assert_eq!(world.object(), b"other");
    }
}

#[tokio::test]
async fn expired_put_is_granted_anew() {
    let settings = Settings { mode: Mode::Put { with_token: false }, ..Settings::default() };
    let world = World::with_faults(settings, [Fault::once(On::Store, 1, Act::Expire)]).await;
    let result = upload(&world, &Recorded::default()).await;
    assert_stored(&world, result);
    assert_eq!(world.state().count(On::Begin), 2);
}
