//! Uploads of readers that can be read only once, such as standard input, with and without a known size, and
//! sources that end early.

use upsign_client::{FixedToken, ReaderSource, Source as _, UploadError, Uploaded};

use crate::fixture::{Act, Fault, Mode, On, Settings, World};
use crate::support::{ignore, options, random_bytes, request};

const PART: usize = 64 << 10;

fn unknown_size() -> Settings {
    Settings { mode: Mode::MultipartUpTo(5), ..Settings::default() }
}

async fn upload(world: &World, source: ReaderSource) -> Result<Uploaded, UploadError> {
    world.client(FixedToken::new("first"), options()).upload(source, &request(), ignore).await
}

fn reader(bytes: &[u8]) -> ReaderSource {
    ReaderSource::new("standard input", std::io::Cursor::new(bytes.to_vec()))
}

#[tokio::test]
async fn reader_of_unknown_size_arrives() {
    for len in [0, 1, PART - 1, PART, PART + 1, 2 * PART, 4 * PART + 9, 5 * PART] {
        let world = World::start(unknown_size()).await;
        let bytes = random_bytes(len);
        let uploaded = upload(&world, reader(&bytes)).await.unwrap();
        assert!(world.object() == bytes, "{len}");
        assert_eq!(uploaded.size, len as u64);
        assert_eq!(uploaded.parts, u32::try_from(len.div_ceil(PART).max(1)).ok());
        assert_eq!(world.state().calls[0].1["multipart"], true);
    }
}

#[tokio::test]
async fn reader_above_the_maximum_is_refused() {
    let world = World::start(unknown_size()).await;
    let error = upload(&world, reader(&random_bytes(5 * PART + 1))).await.unwrap_err();
    assert_eq!(error.code(), "too-large");
    assert_eq!(
        error.to_string(),
        "standard input has more than 327680 bytes, the most that the route allows"
    );
    let state = world.state();
    assert!(state.objects.is_empty() && state.uploads.values().all(|upload| upload.is_aborted));
}

#[tokio::test]
async fn route_that_needs_the_size_is_named() {
    for mode in [Mode::Multipart, Mode::Put { with_token: false }, Mode::Form] {
        let world = World::start(Settings { mode, ..Settings::default() }).await;
        let error = upload(&world, reader(b"abc")).await.unwrap_err();
        assert_eq!(error.code(), "unknown-size");
    }
}

#[tokio::test]
async fn failed_parts_of_a_reader_are_sent_from_memory() {
    for act in [Act::Close, Act::LoseAnswer, Act::FlipBit, Act::Answer(503, "", None), Act::Expire] {
        let world = World::with_faults(unknown_size(), [Fault::once(On::Store, 2, act)]).await;
        let bytes = random_bytes(4 * PART + 9);
        upload(&world, reader(&bytes)).await.unwrap();
        assert!(world.object() == bytes, "{act:?}");
    }
}

#[tokio::test]
async fn stated_size_of_a_reader_must_be_right() {
    for mode in [Mode::Multipart, Mode::Put { with_token: true }] {
        for (len, stated, is_right) in
            [(3 * PART, 3 * PART, true), (3 * PART, 3 * PART + 1, false), (100, 100, true), (100, 101, false)]
        {
            let world = World::start(Settings { mode: mode.clone(), ..Settings::default() }).await;
            let source = reader(&random_bytes(len)).with_size(stated as u64);
            let result = upload(&world, source).await;
            match result {
                Ok(_) => assert!(is_right, "{mode:?} {len} {stated}"),
                Err(error) => {
                    assert!(!is_right && error.code() == "file-changed", "{mode:?} {len} {stated} {error}");
                }
            }
        }
    }
    for len in [3 * PART + 1, 4 * PART, 5 * PART] {
        let world = World::start(Settings::default()).await;
        let error = upload(&world, reader(&random_bytes(len)).with_size(3 * PART as u64)).await.unwrap_err();
        let text = "standard input changed during the upload: it has more than the 196608 bytes that it had";
        assert_eq!(error.to_string(), text, "{len}");
    }
}

#[tokio::test]
async fn reader_is_read_once() {
    let source = reader(b"0123456789");
    assert_eq!(source.read_at(0, 4, bytes::BytesMut::new()).await.unwrap(), "0123");
    assert_eq!(source.read_at(4, 2, bytes::BytesMut::from("x")).await.unwrap(), "x45");
    let error = source.read_at(0, 4, bytes::BytesMut::new()).await.unwrap_err();
    assert_eq!(error.to_string(), "the reader is at byte 6, so byte 0 cannot be read");
    assert_eq!(source.read_at(6, 9, bytes::BytesMut::new()).await.unwrap(), "6789");
}

#[tokio::test]
async fn parts_that_exceed_the_buffer_are_refused_before_they_are_read() {
    let mut options = options();
    options.max_buffer = PART as u64 - 1;
    for source in [reader(&random_bytes(9)), reader(&random_bytes(2 * PART)).with_size(2 * PART as u64)] {
        let mode = if source.size().is_some() { Mode::Multipart } else { Mode::MultipartUpTo(5) };
        let world = World::start(Settings { mode, ..Settings::default() }).await;
        let client = world.client(FixedToken::new("first"), options.clone());
        let error = client.upload(source, &request(), ignore).await.unwrap_err();
        assert_eq!(error.code(), "part-exceeds-buffer");
        let text =
            "the parts of standard input have 65536 bytes, but its buffers may have at most 65535 bytes";
        assert_eq!(error.to_string(), text);
        let state = world.state();
        assert_eq!(state.received, 0);
        assert!(state.uploads.values().all(|upload| upload.is_aborted));
    }
    // A source that is shorter than a part needs no larger buffer, and a file needs none.
    let world = World::start(Settings::default()).await;
    let client = world.client(FixedToken::new("first"), options.clone());
    client.upload(reader(b"abc").with_size(3), &request(), ignore).await.unwrap();
    let source = upsign_client::BytesSource::new("film.mp4", random_bytes(2 * PART));
    client.upload(source, &request(), ignore).await.unwrap();
}

#[tokio::test]
async fn source_that_ends_early_fails() {
    #[derive(Debug)]
    struct Short(usize);
    #[async_trait::async_trait]
    impl upsign_client::Source for Short {
        fn name(&self) -> &str {
            "short"
        }
        fn size(&self) -> Option<u64> {
            Some(self.0 as u64 + 1)
        }
        async fn read_at(
            &self,
            offset: u64,
            len: usize,
            mut buffer: bytes::BytesMut,
        ) -> std::io::Result<bytes::BytesMut> {
            let left = self.0.saturating_sub(offset as usize);
            buffer.resize(buffer.len() + len.min(left), 1);
            Ok(buffer)
        }
    }
    for (mode, len) in [
        (Mode::Multipart, 3 * PART),
        (Mode::Put { with_token: true }, 3 * PART),
        (Mode::Put { with_token: true }, 17 << 20),
    ] {
        let world = World::start(Settings { mode: mode.clone(), ..Settings::default() }).await;
        let client = world.client(FixedToken::new("first"), options());
        let error = client.upload(Short(len), &request(), ignore).await.unwrap_err();
        assert_eq!(error.code(), "file-changed", "{mode:?} {error}");
        assert!(
            error.to_string().starts_with("short changed during the upload: it ends before the"),
            "{error}"
        );
        assert!(world.state().objects.is_empty());
    }
}
