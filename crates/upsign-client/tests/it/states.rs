//! The files and the folder of states: two processes that begin the same upload, listing and forgetting, and permissions.

use std::fs;

use upsign_client::{FixedToken, UploadError};

use crate::fixture::{Act, Fault, On, Settings, World};
use crate::support::{Folder, Recorded, ignore, request};

const PART: usize = 64 << 10;

fn slow() -> Settings {
    Settings { delay: std::time::Duration::from_millis(2), ..Settings::default() }
}

/// A state has its name only when it is locked and has its first line. Before, another process could take it for a torn one, and
/// remove it.
#[tokio::test]
async fn state_that_another_process_is_creating_is_left_alone() {
    let (world, folder) = (World::start(slow()).await, Folder::with_file(3 * PART));
    folder.stop_after(&world, 1).await;
    let state = folder.store().list().unwrap().remove(0).state;
    let created = state.with_extension("new");
    fs::rename(&state, &created).unwrap();
    let locked = fs::File::open(&created).unwrap();
    locked.lock().unwrap();
    assert_eq!(folder.upload(&world).await.unwrap_err().code(), "upload-busy");
    assert!(created.exists() && !state.exists());
    let aborted: Vec<bool> = world.state().uploads.values().map(|upload| upload.is_aborted).collect();
    assert_eq!(aborted, [false, true], "only the upload that lost is aborted");
    // The other process finishes the creation.
    fs::rename(&created, &state).unwrap();
    drop(locked);
    assert_eq!(folder.upload(&world).await.unwrap().key, "raw/1");
}

/// A process that was killed between two steps leaves the file under its first name.
#[tokio::test]
async fn state_that_was_being_created_is_replaced() {
    let (world, folder) = (World::start(slow()).await, Folder::with_file(3 * PART));
    folder.stop_after(&world, 1).await;
    let state = folder.store().list().unwrap().remove(0).state;
    fs::rename(&state, state.with_extension("new")).unwrap();
    folder.upload(&world).await.unwrap();
    assert!(world.object() == folder.bytes);
    assert_eq!(fs::read_dir(folder.store().folder()).unwrap().count(), 0);
}

#[tokio::test]
async fn running_upload_is_listed_and_not_forgotten() {
    let (world, folder) = (World::start(slow()).await, Folder::with_file(3 * PART));
    folder.stop_after(&world, 1).await;
    let upload = folder.store().list().unwrap().remove(0);
    assert!(!upload.is_running);
    let locked = fs::File::open(&upload.state).unwrap();
    locked.lock().unwrap();
    assert!(folder.store().list().unwrap().remove(0).is_running);
    assert!(!folder.store().forget(&upload).unwrap(), "another process uploads it");
    assert!(upload.state.exists());
    drop(locked);
    assert!(folder.store().forget(&upload).unwrap());
    assert!(folder.store().forget(&upload).unwrap(), "it is forgotten already");
    assert_eq!(folder.store().list().unwrap(), []);
}

#[cfg(unix)]
#[tokio::test]
async fn folder_in_which_others_can_write_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let (world, folder) = (World::start(slow()).await, Folder::with_file(3 * PART));
    let states = folder.store().folder().to_owned();
    fs::create_dir_all(&states).unwrap();
    fs::set_permissions(&states, fs::Permissions::from_mode(0o777)).unwrap();
    let error = folder.upload(&world).await.unwrap_err();
    assert_eq!(error.code(), "state-unusable");
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(cause, "other users can write to this folder: its mode is 777, expected 700");
    assert!(world.state().uploads["upload-raw/1"].is_aborted);
    fs::set_permissions(&states, fs::Permissions::from_mode(0o755)).unwrap();
    folder.upload(&world).await.unwrap();
}

#[tokio::test]
async fn without_a_store_no_file_is_written_and_nothing_is_resumed() {
    let (world, folder) = (World::start(slow()).await, Folder::with_file(3 * PART));
    folder.stop_after(&world, 2).await;
    let mut options = folder.options();
    options.state = None;
    let client = world.client(FixedToken::new("first"), options);
    let uploaded = client.upload(folder.source().await, &request(), ignore).await.unwrap();
    assert_ne!(uploaded.key, "raw/1", "the interrupted upload is not continued");
    assert_eq!(folder.store().list().unwrap().len(), 1, "and its state remains");
}

/// A process that is killed after the event of a part keeps that part.
#[tokio::test]
async fn part_is_in_the_state_before_its_event() {
    let (world, folder) = (World::start(slow()).await, Folder::with_file(5 * PART));
    let store = folder.store();
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let counts = seen.clone();
    let events = move |event: &upsign_client::Event<'_>| {
        if matches!(event, upsign_client::Event::PartDone { .. }) {
            let stored = store.list().unwrap().remove(0).stored_parts as usize;
            let mut counts = counts.lock().unwrap();
            let done = counts.len() + 1;
            counts.push((done, stored));
        }
    };
    let client = world.client(FixedToken::new("first"), folder.options());
    client.upload(folder.source().await, &request(), events).await.unwrap();
    let counts = seen.lock().unwrap();
    assert_eq!(counts.len(), 5);
    assert!(counts.iter().all(|(done, stored)| stored >= done), "{counts:?}");
}

#[tokio::test]
async fn state_of_a_newer_version_is_kept() {
    let newer = "{\"v\":2,\"token\":\"t\"}";
    for (restart, content) in [(false, format!("{newer}\n")), (true, newer.to_owned())] {
        let (world, folder) = (World::start(slow()).await, Folder::with_file(2 * PART));
        folder.stop_after(&world, 1).await;
        let pending = folder.store().list().unwrap().remove(0);
        fs::write(&pending.state, &content).unwrap();
        let mut options = folder.options();
        options.restart = restart;
        let client = world.client(FixedToken::new("first"), options);
        let error = client.upload(folder.source().await, &request(), ignore).await.unwrap_err();
        assert_eq!(error.code(), "state-unreadable");
        assert!(error.to_string().ends_with("so a newer upsign wrote it"), "{error}");
        let aborted = client.abort_pending(&pending).await.unwrap_err();
        assert_eq!(aborted.code(), "state-unreadable");
        assert_eq!(fs::read_to_string(&pending.state).unwrap(), content);
        assert_eq!(folder.store().list().unwrap(), []);
        let unreadable = folder.store().unreadable().unwrap().remove(0);
        assert_eq!(unreadable.state, pending.state);
        assert_eq!(unreadable.reason, "it has version 2 of the format, so a newer upsign wrote it");
        assert!(folder.store().forget_unreadable(&unreadable).unwrap());
        assert_eq!(folder.store().unreadable().unwrap(), []);
    }
}

/// Without the state, the parts could neither be resumed nor removed.
#[tokio::test]
async fn restart_keeps_the_state_if_the_upload_cannot_be_aborted() {
    let (world, folder) = (World::start(slow()).await, Folder::with_file(3 * PART));
    folder.stop_after(&world, 2).await;
    let mut options = folder.options();
    options.restart = true;
    let client = world.client(FixedToken::new("first"), options);
    // It is of another caller.
    let upload = world.state().uploads.remove("upload-raw/1").unwrap();
    let error = client.upload(folder.source().await, &request(), ignore).await.unwrap_err();
    assert!(matches!(&error, UploadError::NotAborted { key, .. } if key == "raw/1"), "{error:?}");
    assert_eq!(error.code(), "upload-token-invalid");
    assert_eq!(folder.store().list().unwrap().len(), 1);
    assert!(world.state().uploads.is_empty(), "no second upload was begun");
    // The caller who began it comes back.
    world.state().uploads.insert("upload-raw/1".to_owned(), upload);
    let events = Recorded::default();
    client.upload(folder.source().await, &request(), events.clone()).await.unwrap();
    assert!(events.all().contains("Restarted { reason: Requested }"), "{}", events.all());
    assert!(world.state().uploads["upload-raw/1"].is_aborted);
    assert_eq!(folder.store().list().unwrap(), []);
}

#[tokio::test]
async fn restart_keeps_the_state_if_the_api_is_down() {
    let (world, folder) = (World::start(slow()).await, Folder::with_file(3 * PART));
    folder.stop_after(&world, 2).await;
    world.add_fault(Fault::always(On::Abort, Act::Answer(400, "", None)));
    let mut options = folder.options();
    options.restart = true;
    let client = world.client(FixedToken::new("first"), options);
    let error = client.upload(folder.source().await, &request(), ignore).await.unwrap_err();
    assert_eq!(error.code(), "api-status");
    assert_eq!(folder.store().list().unwrap().len(), 1);
    world.state().faults.clear();
    assert_eq!(folder.upload(&world).await.unwrap().key, "raw/1", "it can still be resumed");
}

#[tokio::test]
async fn upload_of_a_file_that_is_gone_is_aborted() {
    let (world, folder) = (World::start(slow()).await, Folder::with_file(3 * PART));
    folder.stop_after(&world, 2).await;
    fs::remove_file(&folder.file).unwrap();
    let pending = folder.store().list().unwrap().remove(0);
    let client = world.client(FixedToken::new("first"), folder.options());
    assert_eq!(client.state_path(&pending.file, &request()).as_ref(), Some(&pending.state));
    assert!(client.abort_pending(&pending).await.unwrap());
    assert!(world.state().uploads["upload-raw/1"].is_aborted);
    assert!(!client.abort_pending(&pending).await.unwrap(), "nothing is left to abort");
}
