//! Confirmation after the upload, URLs to read, deletion, and several files in one request.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use upsign_client::{
    ApiCall, BytesSource, Confirm, Event, FileUpload, FixedToken, ReadOptions, Receipt, UploadError,
    UploadOptions, UploadRequest, Uploaded,
};

use crate::fixture::{Act, Confirmed, Fault, Mode, On, Settings, World};
use crate::support::{Folder, Recorded, ignore, options, random_bytes, request};

const PUT: Mode = Mode::Put { with_token: true };

async fn world(mode: Mode, confirmations: impl Into<Vec<Confirmed>>) -> World {
    World::start(Settings { mode, confirmations: confirmations.into(), ..Settings::default() }).await
}

async fn upload_with(world: &World, options: UploadOptions) -> Result<Uploaded, UploadError> {
    let client = world.client(FixedToken::new("first"), options);
    client.upload(BytesSource::new("film.mp4", random_bytes(100_000)), &request(), ignore).await
}

async fn upload(world: &World) -> Result<Uploaded, UploadError> {
    upload_with(world, options()).await
}

const PENDING: Confirmed = Confirmed::State("pending", "inspecting", Some(0));
const YES: Confirmed = Confirmed::Yes { moves: false };

#[tokio::test]
async fn every_kind_of_upload_is_confirmed() {
    for mode in [PUT, Mode::Form, Mode::Multipart] {
        let world = world(mode.clone(), [PENDING, PENDING, YES]).await;
        let recorded = Recorded::default();
        let client = world.client(FixedToken::new("first"), options());
        let source = BytesSource::new("film.mp4", random_bytes(100_000));
        let uploaded = client.upload(source, &request(), recorded.clone()).await.unwrap();
        let confirmation = uploaded.confirmation.unwrap();
        assert_eq!(confirmation.receipt.expose(), "receipt-raw/1", "{mode:?}");
        assert_eq!((confirmation.size, confirmation.content_type.as_deref()), (100_000, Some("video/mp4")));
        assert_eq!(confirmation.checksum, uploaded.checksum);
        assert_eq!(uploaded.version_id.as_deref(), Some("v2"));
        assert_eq!(world.state().count(On::Confirm), 3);
        let names = recorded.names();
        let last = &names[names.len() - 4..];
        assert_eq!(last, ["ConfirmationPending", "ConfirmationPending", "Confirmed", "Done"]);
        assert!(!recorded.all().contains("receipt-"), "the receipt is not printed");
    }
}

#[tokio::test]
async fn upload_ends_unconfirmed_if_the_api_does_not_offer_it() {
    for refusal in
        [None, Some(Confirmed::Refused(403, "upload-token-invalid")), Some(Confirmed::Refused(405, "x"))]
    {
        let world = world(Mode::Multipart, refusal.into_iter().collect::<Vec<_>>()).await;
        assert_eq!(upload(&world).await.unwrap().confirmation, None);
        let mut options = options();
        options.confirm = Confirm::Required;
        let error = upload_with(&world, options).await.unwrap_err();
        assert_eq!(error.code(), "confirm-not-offered");
        assert_eq!(world.state().count(On::Abort), 0);
    }
}

#[tokio::test]
async fn refused_confirmation_is_an_error_if_the_grant_promised_it() {
    for (mode, status) in [(PUT, 403), (Mode::Form, 404), (Mode::Multipart, 403), (Mode::Multipart, 405)] {
        let confirmations = vec![Confirmed::Refused(status, "upload-token-invalid")];
        let settings = Settings { mode, confirmations, promises: true, ..Settings::default() };
        let error = upload(&World::start(settings).await).await.unwrap_err();
        assert_eq!(error.code(), "upload-token-invalid", "{status}");
    }
}

#[tokio::test]
async fn confirmation_can_be_required_or_left_out() {
    let world = world(Mode::Put { with_token: false }, [YES]).await;
    assert_eq!(
        upload(&world).await.unwrap().confirmation,
        None,
        "without a token there is nothing to confirm with"
    );
    let mut required = options();
    required.confirm = Confirm::Required;
    assert_eq!(upload_with(&world, required).await.unwrap_err().code(), "confirm-not-offered");

    let world = self::world(Mode::Multipart, [YES]).await;
    let mut never = options();
    never.confirm = Confirm::Never;
    assert_eq!(upload_with(&world, never).await.unwrap().confirmation, None);
    assert_eq!(world.state().count(On::Confirm), 0);
}

#[tokio::test]
async fn states_that_are_not_confirmed_are_errors() {
    for (answer, code, text) in [
        (Confirmed::State("mismatch", "size", None), "confirm-mismatch", "its size differs"),
        (Confirmed::State("rejected", "type-mismatch", None), "confirm-rejected", "type-mismatch"),
        (Confirmed::State("missing", "", None), "confirm-missing", "does not find"),
        (Confirmed::State("pending", "promoting", Some(3600)), "confirm-pending", "is stored"),
        (Confirmed::Other, "api-answer", "100000 were sent"),
        (Confirmed::State("confirmed", "", None), "api-answer", "no receipt"),
        (Confirmed::State("unknown", "", None), "api-answer", "unknown variant"),
        (Confirmed::Refused(503, "inspection-unavailable"), "inspection-unavailable", "detail"),
    ] {
        for mode in [PUT, Mode::Multipart] {
            let world = world(mode, [answer.clone()]).await;
            let mut options = options();
            options.retries = 1;
            options.confirm_limit = Duration::from_secs(5);
            let error = upload_with(&world, options).await.unwrap_err();
            assert_eq!(error.code(), code, "{answer:?}");
            assert!(error.to_string().contains(text), "{error}");
            assert_eq!(world.state().count(On::Abort), 0, "a stored object is not aborted");
        }
    }
}

#[tokio::test]
async fn waiting_for_a_confirmation_is_limited() {
    let world = world(PUT, [Confirmed::State("pending", "inspecting", Some(1))]).await;
    let mut options = options();
    options.confirm_limit = Duration::from_millis(1_500);
    assert_eq!(upload_with(&world, options).await.unwrap_err().code(), "confirm-pending");
    assert_eq!(world.state().count(On::Confirm), 2);
}

#[tokio::test]
async fn lost_answers_are_asked_for_again() {
    for act in [Act::LoseAnswer, Act::Close, Act::Answer(503, "", Some(0)), Act::Answer(429, "", Some(0))] {
        let world = world(PUT, [YES]).await;
        world.add_fault(Fault::once(On::Confirm, 1, act));
        assert!(upload(&world).await.unwrap().confirmation.is_some(), "{act:?}");
        assert_eq!(world.state().count(On::Confirm), 2);
    }
}

#[tokio::test]
async fn interrupted_confirmation_continues_without_sending_again() {
    // The API moves the object while it confirms, so that the store no longer has the upload.
    for moves in [false, true] {
        let folder = Folder::with_file(300_000);
        let world = world(Mode::Multipart, [Confirmed::Yes { moves }]).await;
        world.add_fault(Fault { on: On::Confirm, first: 1, times: 9, act: Act::LoseAnswer });
        let error = folder.upload(&world).await.unwrap_err();
        assert_eq!(error.code(), "api-unreachable");
        assert_eq!(folder.store().list().unwrap().len(), 1, "the state remains");
        let received = world.state().received;
        let uploaded = folder.upload(&world).await.unwrap();
        assert!(uploaded.confirmation.is_some());
        assert_eq!(uploaded.size, 300_000);
        assert_eq!(world.state().received, received, "no byte is sent again");
        assert_eq!(folder.store().list().unwrap().len(), 0);
    }
}

#[tokio::test]
async fn verdict_ends_the_state_of_an_upload() {
    for word in ["mismatch", "rejected", "missing"] {
        let folder = Folder::with_file(300_000);
        let world = world(Mode::Multipart, [Confirmed::State(word, "type-mismatch", None)]).await;
        folder.upload(&world).await.unwrap_err();
        assert_eq!(folder.store().list().unwrap().len(), 0, "{word}");
    }
}

#[tokio::test]
async fn confirmed_object_is_read_and_deleted() {
    let world = world(PUT, [YES]).await;
    let client = world.client(FixedToken::new("first"), options());
    let receipt = Receipt::new("receipt-raw/1");
    let mut read = ReadOptions::default();
    read.expires_in = Some(Duration::from_secs(3600));
    read.attachment = true;
    let url = client.read_url(&receipt, &read).await.unwrap();
    assert_eq!(url.expires_in, Duration::from_secs(300), "the API shortens it");
    assert_eq!((url.version_id.as_deref(), url.content_type.as_deref()), (Some("v2"), Some("video/mp4")));
    assert!(!format!("{url:?} {receipt:?}").contains("signature"), "neither URL nor receipt is printed");
    assert!(!format!("{receipt:?}").contains("raw/1"));
    assert_eq!(client.delete(&receipt).await.unwrap(), "raw/1");
    let bodies: Vec<_> = world.state().calls.iter().map(|(on, body)| (*on, body.to_string())).collect();
    let expected = [
        (
            On::ReadUrl,
            r#"{"disposition":"attachment","expiresIn":3600,"receipt":"receipt-raw/1"}"#.to_owned(),
        ),
        (On::Delete, r#"{"receipt":"receipt-raw/1"}"#.to_owned()),
    ];
    assert_eq!(bodies, expected);
    let error = client.read_url(&Receipt::new("other"), &ReadOptions::default()).await.unwrap_err();
    assert_eq!((error.code(), error.call()), ("receipt-invalid", ApiCall::ReadUrl));
}

fn file(len: usize, route: &str) -> FileUpload {
    let request = UploadRequest::new("video/mp4").with_route(route);
    FileUpload::new(BytesSource::new("a", random_bytes(len)), request)
}

#[tokio::test]
async fn several_files_are_granted_in_one_request() {
    for (mode, put_checksum) in
        [(PUT, None), (PUT, Some("sha256")), (Mode::Multipart, None), (Mode::Multipart, None)]
    {
        let settings = Settings {
            mode: mode.clone(),
            put_checksum,
            confirmations: vec![YES],
            max_files: 3,
            ..Settings::default()
        };
        let world = World::start(settings).await;
        let client = world.client(FixedToken::new("first"), options());
        let events = Arc::new(Mutex::new(Vec::new()));
        let seen = events.clone();
        let files = vec![file(70_000, "r"), file(0, "r"), file(200_000, "r")];
        let results = client.upload_together(files, move |index, event: &Event<'_>| {
            if let Event::Done(uploaded) = event {
                seen.lock().unwrap().push((index, uploaded.size));
            }
        });
        let uploaded: Vec<_> = results.await.unwrap().into_iter().map(Result::unwrap).collect();
        let sizes: Vec<u64> = uploaded.iter().map(|it| it.size).collect();
        assert_eq!(sizes, [70_000, 0, 200_000], "{mode:?}");
        assert!(uploaded.iter().all(|it| it.confirmation.is_some()));
        let mut events = events.lock().unwrap().clone();
        events.sort_unstable();
        assert_eq!(events, [(0, 70_000), (1, 0), (2, 200_000)]);
        assert_eq!(world.state().objects.len(), if put_checksum.is_some() { 3 } else { uploaded.len() });
    }
}

#[tokio::test]
async fn files_of_one_request_are_sent_by_forms_and_in_parts() {
    let settings = Settings {
        mode: Mode::FormUpTo(70_000),
        confirmations: vec![YES],
        max_files: 3,
        ..Settings::default()
    };
    let world = World::start(settings).await;
    let client = world.client(FixedToken::new("first"), options());
    let files = vec![file(70_000, "r"), file(70_001, "r"), file(0, "r")];
    let results = client.upload_together(files, |_, _| {}).await.unwrap();
    let uploaded: Vec<_> = results.into_iter().map(Result::unwrap).collect();
    let sent: Vec<_> = uploaded.iter().map(|it| (it.size, it.parts)).collect();
    assert_eq!(sent, [(70_000, None), (70_001, Some(2)), (0, None)]);
    assert!(uploaded.iter().all(|it| it.confirmation.is_some()));
    let state = world.state();
    let lens: Vec<usize> = state.objects.values().map(|object| object.bytes.len()).collect();
    assert_eq!(lens.iter().sum::<usize>(), 140_001, "{lens:?}");
}

#[tokio::test]
async fn several_files_are_granted_together_or_not_at_all() {
    let world = World::start(Settings { max_files: 1, mode: PUT, ..Settings::default() }).await;
    let client = world.client(FixedToken::new("first"), options());
    let two = |a, b| vec![file(1, a), file(2, b)];
    let error = client.upload_together(two("r", "r"), |_, _| {}).await.unwrap_err();
    assert_eq!(error.code(), "files-count");
    assert_eq!(client.upload_together(two("r", "s"), |_, _| {}).await.unwrap_err().code(), "several-routes");
    assert!(client.upload_together(Vec::new(), |_, _| {}).await.unwrap().is_empty());
    let refusal = Act::Answer(413, r#"{"code":"too-large","detail":"","file":1}"#, None);
    world.add_fault(Fault::once(On::Begin, 2, refusal));
    let error = client.upload_together(two("r", "r"), |_, _| {}).await.unwrap_err();
    let UploadError::Api(error) = error else { panic!("{error}") };
    assert_eq!(error.problem().unwrap().file, Some(1));
    assert_eq!(world.state().count(On::Store), 0);
}

#[tokio::test]
async fn one_file_that_fails_does_not_stop_the_others() {
    let settings = Settings { max_files: 3, mode: PUT, ..Settings::default() };
    let refused =
        Fault::once(On::Store, 2, Act::Answer(403, "<Error><Code>AccessDenied</Code></Error>", None));
    let world = World::with_faults(settings, [refused]).await;
    let mut options = options();
    options.files_at_once = 1;
    let client = world.client(FixedToken::new("first"), options);
    let files = vec![file(1, "r"), file(2, "r"), file(3, "r")];
    let results = client.upload_together(files, |_, _| {}).await.unwrap();
    let ok: Vec<bool> = results.iter().map(Result::is_ok).collect();
    assert_eq!(ok, [true, false, true]);
}
