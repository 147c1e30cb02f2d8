//! Upload tokens that expire: before the upload is resumed, and between two parts.

use std::fs;

use upsign_client::FixedToken;

use crate::fixture::{Act, Fault, On, Settings, World};
use crate::support::{Folder, Recorded, request};

const PART: usize = 64 << 10;
const INVALID: &str = r#"{"status":403,"code":"upload-token-invalid","detail":"d"}"#;

fn settings(expires_at: &'static str) -> Settings {
    Settings { delay: std::time::Duration::from_millis(2), expires_at, ..Settings::default() }
}

#[tokio::test]
async fn expired_state_is_removed_and_the_upload_begins_again() {
    let folder = Folder::with_file(3 * PART);
    let world = World::start(settings("2020-01-31T12:00:00Z")).await;
    folder.stop_after(&world, 2).await;
    // The API no longer accepts the token.
    world.state().uploads.remove("upload-raw/1").unwrap();
    let events = Recorded::default();
    let client = world.client(FixedToken::new("first"), folder.options());
    let uploaded = client.upload(folder.source().await, &request(), events.clone()).await.unwrap();
    assert_ne!(uploaded.key, "raw/1");
    assert!(events.all().contains("Expired { expires_at: \"2020-01-31T12:00:00Z\" }"), "{}", events.all());
    assert!(world.object() == folder.bytes);
    assert_eq!(folder.store().list().unwrap(), []);
}

/// As long as the API accepts the token, the upload continues, whatever time the state has.
#[tokio::test]
async fn api_decides_whether_a_token_has_expired() {
    let folder = Folder::with_file(3 * PART);
    let world = World::start(settings("2020-01-31T12:00:00Z")).await;
    folder.stop_after(&world, 2).await;
    assert_eq!(folder.upload(&world).await.unwrap().key, "raw/1");
    assert_eq!(world.state().received, folder.bytes.len() as u64);
}

#[tokio::test]
async fn token_that_expires_between_parts_leaves_the_parts() {
    let folder = Folder::with_file(8 * PART);
    let world = World::start(settings("2020-01-31T12:00:00Z")).await;
    folder.stop_after(&world, 2).await;
    world.add_fault(Fault {
        on: On::Parts,
        first: 2,
        times: usize::MAX,
        act: Act::Answer(403, INVALID, None),
    });
    let error = folder.upload(&world).await.unwrap_err();
    assert_eq!(error.code(), "upload-expired", "{error}");
    assert!(error.to_string().contains("2020-01-31T12:00:00Z"), "{error}");
    let state = world.state();
    let upload = &state.uploads["upload-raw/1"];
    assert!(!upload.is_aborted && upload.parts.len() >= 2, "the parts remain");
}

#[tokio::test]
async fn aborting_an_expired_upload_removes_its_state() {
    let folder = Folder::with_file(3 * PART);
    let world = World::start(settings("2020-01-31T12:00:00Z")).await;
    folder.stop_after(&world, 2).await;
    world.state().uploads.remove("upload-raw/1").unwrap();
    let client = world.client(FixedToken::new("first"), folder.options());
    assert!(client.abort(&folder.source().await, &request()).await.unwrap());
    assert_eq!(fs::read_dir(folder.store().folder()).unwrap().count(), 0);
}
