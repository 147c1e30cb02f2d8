//! Resuming uploads of files from their states, and files that change.

use std::fs;
use std::time::Duration;

use upsign_client::{FileSource, FixedToken, UploadError};

use crate::fixture::{Act, Fault, Mode, On, Settings, World};
use crate::support::{Folder, Recorded, ignore, request};

const PART: usize = 64 << 10;

/// Uploads in which every answer takes a while, so that they can be stopped in the middle.
fn slow() -> Settings {
    Settings { delay: Duration::from_millis(2), ..Settings::default() }
}

#[tokio::test]
async fn stopped_upload_is_resumed_wherever_it_stopped() {
    for parts in 0..=8 {
        let (world, folder) = (World::start(slow()).await, Folder::with_file(8 * PART + 5));
        folder.stop_after(&world, parts).await;
        let stored = world.state().uploads["upload-raw/1"].parts.len();
        assert_eq!(stored, parts, "every part that was begun has arrived");
        let events = Recorded::default();
        let client = world.client(FixedToken::new("first"), folder.options());
        let uploaded = client.upload(folder.source().await, &request(), events.clone()).await.unwrap();
        assert!(world.object() == folder.bytes, "{parts}");
        assert_eq!(uploaded.key, "raw/1");
        assert_eq!(uploaded.ids["articleId"], "article-1");
        assert_eq!(world.state().received, folder.bytes.len() as u64, "no byte was sent twice");
        assert!(
            events.all().contains(&format!("parts: {parts}, bytes: {}", parts * PART)),
            "{}",
            events.all()
        );
        assert_eq!(folder.store().list().unwrap(), [], "the state is removed");
        assert_eq!(world.state().count(On::Begin), 1);
    }
}

#[tokio::test]
async fn upload_that_failed_is_resumed() {
    let fault = Fault { on: On::Store, first: 5, times: usize::MAX, act: Act::Answer(403, "", None) };
    let (world, folder) = (World::with_faults(slow(), [fault]).await, Folder::with_file(8 * PART));
    assert_eq!(folder.upload(&world).await.unwrap_err().code(), "store-refused-upload");
    assert!(!world.state().uploads["upload-raw/1"].is_aborted, "nothing that can be resumed is removed");
    world.state().faults.clear();
    folder.upload(&world).await.unwrap();
    assert!(world.object() == folder.bytes);
}

#[tokio::test]
async fn pages_of_a_status_are_read() {
    for page in [1, 3, 100] {
        let (world, folder) = (World::start(Settings { page, ..slow() }).await, Folder::with_file(8 * PART));
        folder.stop_after(&world, 7).await;
        folder.upload(&world).await.unwrap();
        assert_eq!(world.state().received, folder.bytes.len() as u64, "{page}");
    }
}

#[tokio::test]
async fn parts_that_differ_from_the_state_are_sent_again() {
    let (world, folder) = (World::start(slow()).await, Folder::with_file(8 * PART));
    folder.stop_after(&world, 6).await;
    {
        let mut state = world.state();
        let parts = &mut state.uploads.get_mut("upload-raw/1").unwrap().parts;
        parts.remove(&1);
        parts.get_mut(&2).unwrap().etag = "of another tab".to_owned();
        let part = parts.get_mut(&3).unwrap();
        part.bytes = part.bytes.slice(1..);
    }
    folder.upload(&world).await.unwrap();
    assert!(world.object() == folder.bytes);
    assert_eq!(world.state().received as usize, folder.bytes.len() + 3 * PART);
}

#[tokio::test]
async fn parts_that_the_state_does_not_know_are_sent_again() {
    let (world, folder) = (World::start(slow()).await, Folder::with_file(4 * PART));
    folder.stop_after(&world, 3).await;
    let state = folder.store().list().unwrap().remove(0).state;
    let text = fs::read_to_string(&state).unwrap();
    // The last line is torn, as after a loss of power.
    fs::write(&state, &text.as_bytes()[..text.len() - 9]).unwrap();
    folder.upload(&world).await.unwrap();
    assert!(world.object() == folder.bytes);
    assert_eq!(world.state().received as usize, folder.bytes.len() + PART);
}

#[tokio::test]
async fn damaged_states_are_replaced_and_reported() {
    for content in ["", "{}\n", "{\"v\":1}\n", "\u{0}\u{0}\n"] {
        let (world, folder) = (World::start(slow()).await, Folder::with_file(2 * PART));
        folder.stop_after(&world, 1).await;
        let state = folder.store().list().unwrap().remove(0).state;
        fs::write(&state, content).unwrap();
        let events = Recorded::default();
        let client = world.client(FixedToken::new("first"), folder.options());
        client.upload(folder.source().await, &request(), events.clone()).await.unwrap();
        assert!(world.object() == folder.bytes);
        let expected = format!("Unreadable {{ state: {state:?} }}");
        assert!(events.all().contains(&expected), "{}", events.all());
        assert_eq!(world.state().count(On::Begin), 2);
    }
}

#[tokio::test]
async fn changed_file_is_not_resumed() {
    type Change = fn(&Folder);
    let changes: [(Change, &str); 4] = [
        (|it| fs::write(&it.file, b"short").unwrap(), "it has 5 bytes, but had 262144"),
        (
            |it| fs::write(&it.file, [&it.bytes[..], b"!"].concat()).unwrap(),
            "it has 262145 bytes, but had 262144",
        ),
        (
            |it| {
                // The same bytes at the same place, written again.
                std::thread::sleep(Duration::from_millis(20));
                fs::write(&it.file, &it.bytes).unwrap();
            },
            "its modification time changed",
        ),
        (
            |it| {
                let other = it.folder.path().join("other");
                fs::write(&other, &it.bytes).unwrap();
                fs::rename(other, &it.file).unwrap();
            },
            "another file has its name now",
        ),
    ];
    for (change, what) in changes {
        let (world, folder) = (World::start(slow()).await, Folder::with_file(4 * PART));
        folder.stop_after(&world, 2).await;
        change(&folder);
        let error = folder.upload(&world).await.unwrap_err();
        assert_eq!(error.code(), "file-changed");
        assert_eq!(
            error.to_string(),
            format!("{} changed since its upload began: {what}", folder.file.display())
        );
        assert!(world.state().objects.is_empty());
        assert_eq!(folder.store().list().unwrap().len(), 1, "the state remains until it is aborted");

        // The user decides: begin again.
        let mut options = folder.options();
        options.restart = true;
        let client = world.client(FixedToken::new("first"), options);
        client.upload(folder.source().await, &request(), ignore).await.unwrap();
        assert!(world.object() == fs::read(&folder.file).unwrap());
        assert!(world.state().uploads["upload-raw/1"].is_aborted);
    }
}

#[tokio::test]
async fn file_that_changes_during_the_upload_fails() {
    for mode in [Mode::Multipart, Mode::Put { with_token: false }] {
        // The first request to the store fails, and the file changes before it is repeated.
        let fault = Fault::once(On::Store, 1, Act::Answer(503, "", Some(1)));
        let settings = Settings { mode: mode.clone(), parts_at_once: 1, ..Settings::default() };
        let (world, folder) = (World::with_faults(settings, [fault]).await, Folder::with_file(3 * PART));
        let upload = folder.upload(&world);
        let change = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            fs::write(&folder.file, b"other").unwrap();
        };
        let (result, ()) = tokio::join!(upload, change);
        let error = result.unwrap_err();
        assert_eq!(error.code(), "file-changed", "{mode:?} {error}");
        assert!(world.state().objects.is_empty());
    }
}

#[tokio::test]
async fn upload_that_the_store_removed_begins_again() {
    let (world, folder) = (World::start(slow()).await, Folder::with_file(3 * PART));
    folder.stop_after(&world, 2).await;
    world.state().uploads.get_mut("upload-raw/1").unwrap().is_aborted = true;
    let events = Recorded::default();
    let client = world.client(FixedToken::new("first"), folder.options());
    let uploaded = client.upload(folder.source().await, &request(), events.clone()).await.unwrap();
    assert!(uploaded.key != "raw/1" && events.has("Restarted"));
    assert!(world.object() == folder.bytes);
}

#[tokio::test]
async fn upload_that_was_completed_before_the_process_ended_is_found() {
    let (world, folder) = (
        World::with_faults(slow(), [Fault::always(On::Complete, Act::LoseAnswer)]).await,
        Folder::with_file(3 * PART),
    );
    let error = folder.upload(&world).await.unwrap_err();
    assert!(matches!(&error, UploadError::Api(error) if error.may_have_happened()), "{error}");
    let events = Recorded::default();
    let client = world.client(FixedToken::new("first"), folder.options());
    let uploaded = client.upload(folder.source().await, &request(), events.clone()).await.unwrap();
    assert_eq!((uploaded.size, uploaded.parts), (3 * PART as u64, Some(3)));
    assert!(events.has("Resolved"));
    assert!(world.object() == folder.bytes);
    assert_eq!(world.state().received, 3 * PART as u64);
}

#[tokio::test]
async fn refused_upload_token_keeps_the_state() {
    let (world, folder) = (World::start(slow()).await, Folder::with_file(3 * PART));
    folder.stop_after(&world, 2).await;
    let upload = world.state().uploads.remove("upload-raw/1").unwrap();
    let error = folder.upload(&world).await.unwrap_err();
    assert_eq!(error.code(), "upload-token-invalid");
    assert_eq!(folder.store().list().unwrap().len(), 1);
    // It was of another caller, who comes back.
    world.state().uploads.insert("upload-raw/1".to_owned(), upload);
    folder.upload(&world).await.unwrap();
    assert!(world.object() == folder.bytes);
}

#[tokio::test]
async fn second_process_is_refused() {
    let (world, folder) = (World::start(slow()).await, Folder::with_file(3 * PART));
    folder.stop_after(&world, 1).await;
    let state = folder.store().list().unwrap().remove(0).state;
    let locked = fs::File::open(&state).unwrap();
    locked.lock().unwrap();
    let error = folder.upload(&world).await.unwrap_err();
    assert_eq!(error.code(), "upload-busy");
    drop(locked);
    folder.upload(&world).await.unwrap();
}

#[tokio::test]
async fn two_uploads_of_a_file_at_once_store_it_once() {
    let (world, folder) = (World::start(slow()).await, Folder::with_file(6 * PART));
    let (first, second) = tokio::join!(folder.upload(&world), folder.upload(&world));
    let results = [first, second];
    let refused: Vec<&str> =
        results.iter().filter_map(|it| it.as_ref().err().map(UploadError::code)).collect();
    assert_eq!(refused, ["upload-busy"]);
    assert!(world.object() == folder.bytes);
    let aborted = world.state().uploads.values().filter(|upload| upload.is_aborted).count();
    assert_eq!(aborted, 1, "the upload that lost is not left behind");
}

#[tokio::test]
async fn aborting_removes_the_upload_and_its_state() {
    let (world, folder) = (World::start(slow()).await, Folder::with_file(3 * PART));
    folder.stop_after(&world, 2).await;
    let client = world.client(FixedToken::new("first"), folder.options());
    let source = folder.source().await;
    assert!(client.abort(&source, &request()).await.unwrap());
    assert!(world.state().uploads["upload-raw/1"].is_aborted);
    assert_eq!(folder.store().list().unwrap(), []);
    assert!(!client.abort(&source, &request()).await.unwrap(), "there is nothing left to abort");
}

#[tokio::test]
async fn other_requests_have_other_states() {
    let (world, folder) = (World::start(slow()).await, Folder::with_file(3 * PART));
    folder.stop_after(&world, 2).await;
    let client = world.client(FixedToken::new("first"), folder.options());
    let uploaded =
        client.upload(folder.source().await, &request().with_route("other"), ignore).await.unwrap();
    assert_ne!(uploaded.key, "raw/1");
    assert_eq!(folder.store().list().unwrap().len(), 1, "the other upload can still be resumed");
}

#[tokio::test]
async fn states_are_listed_with_what_is_stored() {
    let (world, folder) = (World::start(slow()).await, Folder::with_file(3 * PART));
    assert_eq!(folder.store().list().unwrap(), []);
    folder.stop_after(&world, 2).await;
    fs::write(folder.store().folder().join("broken.ndjson"), "x").unwrap();
    let pending = folder.store().list().unwrap();
    let [pending] = &pending[..] else { panic!("{pending:?}") };
    assert_eq!((pending.stored_parts, pending.part_count, pending.size), (2, 3, 3 * PART as u64));
    assert_eq!(pending.file, folder.file.canonicalize().unwrap());
    assert_eq!((pending.key.as_str(), pending.api.as_str()), ("raw/1", world.endpoint().begin()));
}

#[cfg(unix)]
#[tokio::test]
async fn states_are_readable_by_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let (world, folder) = (World::start(slow()).await, Folder::with_file(3 * PART));
    folder.stop_after(&world, 1).await;
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let state = folder.store().list().unwrap().remove(0).state;
    assert_eq!((mode(&state), mode(folder.store().folder())), (0o600, 0o700));
    let text = fs::read_to_string(&state).unwrap();
    assert!(
        text.contains("upload-raw/1") && !text.contains("first"),
        "the caller's token is not stored: {text}"
    );
}

#[tokio::test]
async fn only_regular_files_are_opened() {
    let folder = Folder::with_file(1);
    for path in [folder.folder.path().to_owned(), "/dev/null".into(), folder.folder.path().join("absent")] {
        assert!(FileSource::open(&path).await.is_err(), "{}", path.display());
    }
}
