//! Secrets and signatures do not appear in `Debug` output or in logs.

use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing_subscriber::fmt::MakeWriter;
use upsign_local::{LocalPool, LocalUser, generate_credentials};
use upsign_testing::FixedClock;

use crate::support::{Fixture, credentials};

/// Collects log output.
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

/// `s3s` logs requests with their query strings, and the signatures that it computes.
#[tokio::test]
async fn signatures_are_not_logged() {
    let log = Log::default();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    let guard = tracing::subscriber::set_default(subscriber);
    tracing::info!("the log works");
    let s3 = Fixture::start().await;
    let put = s3.presign("PUT", "k").header("content-type", "image/jpeg");
    let url = put.url();
    s3.send("PUT", &put, "x").await.expect_status(200);
    s3.send_to("PUT", &url, &[], "x").await.expect_error(403, "SignatureDoesNotMatch");
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
async fn debug_redacts_secrets() {
    let s3 = Fixture::start().await;
    let output = format!("{:?} {:?}", s3.s3, crate::support::builder());
    assert!(
        output.contains("LOCLEXAMPLE") && !output.contains(credentials().secret_access_key()),
        "{output}"
    );
    let builder = LocalPool::builder()
        .clock(FixedClock::new("2026-01-01T00:00:00Z"))
        .user(LocalUser::new("ada", "pass-word"));
    let output = format!("{builder:?}");
    assert!(!output.contains("pass-word"), "{output}");
    let pool = builder.start().await.unwrap();
    let tokens =
        pool.sign_in("ada", "pass-word", pool.client_id(), "2026-01-01T00:00:00Z".parse().unwrap()).unwrap();
    let output = format!("{pool:?} {tokens:?}");
    assert!(!output.contains("pass-word") && !output.contains("eyJ"), "{output}");
}

#[test]
fn generated_credentials_depend_on_the_random_bytes() {
    let generate = |seed: u8| {
        let mut next = seed;
        generate_credentials(&mut |bytes| {
            bytes.fill_with(|| {
                next = next.wrapping_mul(5).wrapping_add(1);
                next
            });
        })
    };
    let credentials = generate(1);
    assert_eq!(credentials, generate(1));
    assert_ne!(credentials.access_key_id(), generate(2).access_key_id());
    assert_ne!(credentials.secret_access_key(), generate(2).secret_access_key());
    assert_eq!((credentials.access_key_id().len(), credentials.secret_access_key().len()), (20, 40));
    assert_eq!(credentials.session_token(), None);
}
