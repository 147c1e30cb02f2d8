//! Nothing secret in `Debug` or in `tracing`.

use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing_subscriber::fmt::MakeWriter;
use upsign_local::{LocalPool, LocalUser, generate_credentials};

use crate::support::{Fixture, credentials, stopped_clock};

/// Collects what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// s3s reports requests, with their query strings, and the signatures it computes.
#[tokio::test]
async fn no_signature_reaches_a_log() {
    let log = Log::default();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    let guard = tracing::subscriber::set_default(subscriber);
    tracing::info!("the log works");
    let s3 = Fixture::start().await;
    let put = s3.presign("PUT", "k").header("content-type", "image/jpeg");
    let url = put.url();
    s3.send("PUT", &put, "x").await.expect(200);
    s3.send_to("PUT", &url, &[], "x").await.refused(403, "SignatureDoesNotMatch");
    s3.s3.shutdown().await;
    drop(guard);
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("the log works"));
    let (_, signature) = url.split_once("X-Amz-Signature=").unwrap();
    for secret in [signature, "X-Amz-Signature=", credentials().secret_access_key(), "signature mismatch"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[tokio::test]
async fn no_secret_in_debug() {
    let s3 = Fixture::start().await;
    let shown = format!("{:?} {:?}", s3.s3, crate::support::builder());
    assert!(shown.contains("LOCLEXAMPLE") && !shown.contains(credentials().secret_access_key()), "{shown}");
    let builder =
        LocalPool::builder(stopped_clock("2026-01-01T00:00:00Z")).user(LocalUser::new("ada", "pass-word"));
    let shown = format!("{builder:?}");
    assert!(!shown.contains("pass-word"), "{shown}");
    let pool = builder.start().await.unwrap();
    let tokens =
        pool.sign_in("ada", "pass-word", pool.client_id(), "2026-01-01T00:00:00Z".parse().unwrap()).unwrap();
    let shown = format!("{pool:?} {tokens:?}");
    assert!(!shown.contains("pass-word") && !shown.contains("eyJ"), "{shown}");
}

#[test]
fn credentials_are_made_of_the_bytes_given() {
    let from = |seed: u8| {
        let mut next = seed;
        generate_credentials(&mut |bytes| {
            bytes.fill_with(|| {
                next = next.wrapping_mul(5).wrapping_add(1);
                next
            });
        })
    };
    let made = from(1);
    assert_eq!(made, from(1));
    assert_ne!(made.access_key_id(), from(2).access_key_id());
    assert_ne!(made.secret_access_key(), from(2).secret_access_key());
    assert_eq!((made.access_key_id().len(), made.secret_access_key().len()), (20, 40));
    assert_eq!(made.session_token(), None);
}
