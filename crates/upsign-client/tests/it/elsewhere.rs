//! Uploads that another process, or a request whose answer was lost, has completed. The object is compared with the bytes of the
//! source, not only by its size.

use serde_json::json;
use upsign_client::FixedToken;

use crate::fixture::{Act, Fault, Mode, Object, On, Settings, World, checksum, etag, etag_of_parts};
use crate::support::{Folder, Recorded, options, random_bytes, request};

const PART: usize = 64 << 10;

fn slow(checksum: Option<(&'static str, &'static str)>) -> Settings {
    Settings { delay: std::time::Duration::from_millis(2), checksum, ..Settings::default() }
}

/// Marks the upload as completed with these bytes.
fn complete_with(world: &World, bytes: &[u8], checksum: Option<(&str, String)>) {
    let parts: Vec<&[u8]> = bytes.chunks(PART).collect();
    let mut answer =
        json!({"state": "completed", "key": "raw/1", "size": bytes.len(), "etag": etag_of_parts(&parts)});
    if let Some((algorithm, value)) = checksum {
        answer["checksum"] = json!({ algorithm: value });
    }
    world.state().uploads.get_mut("upload-raw/1").unwrap().completed = Some(answer);
}

#[tokio::test]
async fn completed_upload_is_compared_by_its_checksum() {
    // The state knows all parts, or only some: then the file is read for the comparison.
    for known in [0, 2, 3] {
        for is_same in [true, false] {
            let folder = Folder::with_file(3 * PART);
            let world = World::start(slow(Some(("crc64nvme", "FULL_OBJECT")))).await;
            folder.stop_after(&world, known).await;
            let mut bytes = folder.bytes.clone();
            bytes[PART + 1] ^= u8::from(!is_same);
            complete_with(&world, &bytes, Some(("crc64nvme", checksum("crc64nvme", &bytes))));
            match folder.upload(&world).await {
                Ok(uploaded) => {
                    assert!(is_same, "{known}: other bytes of the same size were accepted");
                    assert_eq!(uploaded.checksum.unwrap().base64(), checksum("crc64nvme", &bytes));
                }
                Err(error) => assert!(!is_same && error.code() == "object-exists", "{known} {error}"),
            }
        }
    }
}

#[tokio::test]
async fn completed_upload_without_a_checksum_is_compared_by_its_etag() {
    for known in [0, 3] {
        for is_same in [true, false] {
            let (folder, world) = (Folder::with_file(3 * PART), World::start(slow(None)).await);
            folder.stop_after(&world, known).await;
            let mut bytes = folder.bytes.clone();
            bytes[PART + 1] ^= u8::from(!is_same);
            complete_with(&world, &bytes, None);
            match folder.upload(&world).await {
                Ok(_) => assert!(is_same, "{known}: other bytes of the same size were accepted"),
                Err(error) => assert!(!is_same && error.code() == "upload-unconfirmed", "{known} {error}"),
            }
        }
    }
}

#[tokio::test]
async fn put_whose_answer_was_lost_is_not_taken_for_another_object_of_equal_size() {
    let bytes = random_bytes(PART + 9);
    for (is_same, with_checksum) in [(true, false), (false, false), (true, true), (false, true)] {
        // The first request is lost before it arrives, and another process stores an object.
        let put_checksum = with_checksum.then_some("crc32");
        let settings = Settings { mode: Mode::Put { with_token: true }, put_checksum, ..Settings::default() };
        let world = World::with_faults(settings, [Fault::once(On::Store, 1, Act::Close)]).await;
        let mut other = bytes.clone();
        other[7] ^= u8::from(!is_same);
        // A grant with a checksum takes several calls, and each has another key.
        for number in 1..10 {
            let object = Object { etag: etag(&other), bytes: other.clone().into() };
            world.state().objects.insert(format!("raw/{number}"), object);
        }
        let client = world.client(FixedToken::new("first"), options());
        let source = upsign_client::BytesSource::new("film.mp4", bytes.clone());
        let events = Recorded::default();
        match client.upload(source, &request(), events.clone()).await {
            Ok(_) => assert!(is_same && events.has("Resolved"), "other bytes of the same size were accepted"),
            Err(error) => {
                let code = if with_checksum { "object-exists" } else { "upload-unconfirmed" };
                assert!(!is_same && error.code() == code, "{error}");
            }
        }
    }
}
