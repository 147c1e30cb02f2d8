//! The suite for sources of credentials.

use std::pin::pin;

use futures_util::FutureExt;
use futures_util::future::join_all;
use upsign_core::{Credentials, CredentialsSource, Expiry, Timestamp, error_chain};

/// What the suite needs of a source under test: the source, and control over the place from which it loads credentials.
///
/// For a source that reads a file, the place is a temporary file; for one that calls a service, a fake of that service.
///
/// ```
/// use std::sync::{Arc, Mutex};
///
/// use upsign_core::{Credentials, CredentialsError, CredentialsSource, Renewing, Timestamp, async_trait};
/// use upsign_testing::conformance::{CredentialsFixture, check_credentials_source};
///
/// /// The fake of a vault. It is empty while it cannot be reached.
/// type FakeVault = Arc<Mutex<Option<Credentials>>>;
///
/// /// The source under test: it asks the vault on every call.
/// #[derive(Debug)]
/// struct VaultSource(FakeVault);
///
/// #[async_trait]
/// impl CredentialsSource for VaultSource {
///     async fn credentials(&self, _at: Timestamp) -> Result<Credentials, CredentialsError> {
///         let unreachable = || CredentialsError::load(std::io::Error::other("the vault is unreachable"));
///         self.0.lock().unwrap().clone().ok_or_else(unreachable)
///     }
/// }
///
/// struct Fixture {
///     vault: FakeVault,
///     renewing: bool,
/// }
///
/// impl CredentialsFixture for Fixture {
///     fn source(&self) -> Box<dyn CredentialsSource> {
///         let source = VaultSource(Arc::clone(&self.vault));
///         if self.renewing { Box::new(Renewing::new(source)) } else { Box::new(source) }
///     }
///
///     fn provide(&self, credentials: &Credentials) -> bool {
///         *self.vault.lock().unwrap() = Some(credentials.clone());
///         true
///     }
///
///     fn fail(&self) {
///         *self.vault.lock().unwrap() = None;
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// check_credentials_source(&Fixture { vault: FakeVault::default(), renewing: false }).await;
/// check_credentials_source(&Fixture { vault: FakeVault::default(), renewing: true }).await;
/// # }
/// ```
pub trait CredentialsFixture {
    /// Returns a new source that reads from the place and has loaded nothing yet. Earlier sources are no longer used.
    fn source(&self) -> Box<dyn CredentialsSource>;

    /// Puts these credentials into the place of the newest source, instead of the earlier ones.
    ///
    /// Returns `false` if the place cannot hold them, for example if it always states an expiry. The suite then skips them. It
    /// must accept temporary credentials that state their expiry, unless it only holds credentials without one.
    fn provide(&self, credentials: &Credentials) -> bool;

    /// Makes loading fail until the next [`provide`](Self::provide).
    fn fail(&self);
}

/// Runs the suite for sources of credentials.
///
/// It checks that
///
/// - access key id, secret, session token and expiry always come from one set, also while the set is replaced;
/// - an expiry is never extended or dropped, and a set is not returned after its end;
/// - a failure is a [`CredentialsError`](upsign_core::CredentialsError), whose text contains no secret, and the source recovers from it;
/// - `Debug` output shows no secret.
///
/// A source may keep credentials until they expire, and may serve them while loading fails. All its decisions must follow the
/// time that callers pass: the suite lets hours pass in no time.
///
/// # Panics
/// Panics at the first difference, and if the place can hold none of the credentials.
pub async fn check_credentials_source(fixture: &dyn CredentialsFixture) {
    credentials_are_returned_unchanged(fixture).await;
    sets_are_never_mixed(fixture).await;
    expired_credentials_are_replaced(fixture).await;
    failures_are_errors_and_end(fixture).await;
    valid_credentials_survive_failures_only_until_their_end(fixture).await;
    debug_output_has_no_secrets(fixture).await;
}

const HOUR: u64 = 3_600;

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix(1_767_225_600 + seconds).unwrap()
}

/// Returns credentials whose parts all contain the number.
fn numbered(number: u64, expiry: Expiry) -> Credentials {
    let (id, secret, token) =
        (format!("ASIANUMBER{number}"), format!("Se-Cret-{number}"), format!("To-Ken-{number}"));
    Credentials::temporary(&id, &secret, &token, expiry).unwrap()
}

/// Returns numbered credentials that expire at this second.
fn until(number: u64, seconds: u64) -> Credentials {
    numbered(number, Expiry::At(at(seconds)))
}

async fn credentials_are_returned_unchanged(fixture: &dyn CredentialsFixture) {
    let long_term = Credentials::long_term("AKIANUMBER1", "Se-Cret-1").unwrap();
    let (mut accepted, kinds) = (0, [until(1, HOUR), numbered(2, Expiry::Unknown), long_term]);
    for provided in kinds {
        let source = fixture.source();
        if !fixture.provide(&provided) {
            continue;
        }
        accepted += 1;
        let loaded = source.credentials(at(0)).await.unwrap_or_else(|error| panic!("{provided:?}: {error}"));
        assert!(loaded.same_keys(&provided), "{loaded:?} is not {provided:?}");
        let is_honest = match (provided.expiry(), loaded.expiry()) {
            (Expiry::At(provided), Expiry::At(loaded)) => loaded <= provided,
            (Expiry::Unknown, loaded) => loaded != Expiry::Never,
            (Expiry::Never, _) => true,
            (provided, loaded) => provided == loaded,
        };
        assert!(is_honest, "the expiry {:?} is not {:?}", loaded.expiry(), provided.expiry());
    }
    assert!(accepted > 0, "the fixture provides no kind of credentials");
}

/// Replaces the set while several callers wait for it.
async fn sets_are_never_mixed(fixture: &dyn CredentialsFixture) {
    let source = fixture.source();
    if !fixture.provide(&until(0, HOUR)) {
        return;
    }
    for round in 0..20 {
        let now = round * HOUR;
        let calls = (0..8).map(|_| source.credentials(at(now)));
        let mut calls = pin!(join_all(calls));
        // Each poll can stop the source at another place, between two reads of a source that reads twice.
        let mut results = None;
        for step in 0..4 {
            results = calls.as_mut().now_or_never();
            if results.is_some() {
                break;
            }
            fixture.provide(&until(10 * round + step + 1, now + HOUR));
        }
        let results = match results {
            Some(results) => results,
            None => calls.await,
        };
        for credentials in results.into_iter().flatten() {
            let number = credentials.access_key_id().trim_start_matches("ASIANUMBER").parse().unwrap();
            let whole = numbered(number, credentials.expiry());
            assert!(credentials.same_keys(&whole), "a mixture of two sets: {credentials:?}");
        }
        fixture.provide(&until(10 * round + 9, now + 2 * HOUR));
    }
}

async fn expired_credentials_are_replaced(fixture: &dyn CredentialsFixture) {
    let source = fixture.source();
    if !fixture.provide(&until(1, HOUR)) {
        return;
    }
    source.credentials(at(0)).await.unwrap();
    fixture.provide(&until(2, 3 * HOUR));
    for seconds in [HOUR, HOUR + 1, 2 * HOUR] {
        let loaded = source.credentials(at(seconds)).await.unwrap();
        assert!(loaded.same_keys(&until(2, 0)), "expired credentials are returned: {loaded:?}");
    }
}

async fn failures_are_errors_and_end(fixture: &dyn CredentialsFixture) {
    let source = fixture.source();
    fixture.fail();
    let Err(error) = source.credentials(at(0)).await else {
        panic!("loading fails, and the source returns credentials");
    };
    assert_shows_no_secret(&error_chain(&error).to_string());
    assert_shows_no_secret(&format!("{error:?}"));
    if fixture.provide(&until(3, 2 * HOUR)) {
        // An hour later, any back-off has ended.
        let loaded = source.credentials(at(HOUR)).await;
        let loaded =
            loaded.unwrap_or_else(|error| panic!("the source has not recovered after an hour: {error}"));
        assert!(loaded.same_keys(&until(3, 0)));
    }
}

async fn valid_credentials_survive_failures_only_until_their_end(fixture: &dyn CredentialsFixture) {
    let source = fixture.source();
    if !fixture.provide(&until(4, HOUR)) {
        return;
    }
    source.credentials(at(0)).await.unwrap();
    fixture.fail();
    // Until their end, both answers are right: a source need not keep anything.
    for seconds in [10, HOUR / 2] {
        if let Ok(loaded) = source.credentials(at(seconds)).await {
            assert!(loaded.same_keys(&until(4, 0)), "unknown credentials: {loaded:?}");
        }
    }
    for seconds in [HOUR, 2 * HOUR] {
        let expired = source.credentials(at(seconds)).await;
        assert!(expired.is_err(), "credentials are returned after their end: {expired:?}");
    }
}

async fn debug_output_has_no_secrets(fixture: &dyn CredentialsFixture) {
    let source = fixture.source();
    if fixture.provide(&until(5, HOUR)) {
        let loaded = source.credentials(at(0)).await.unwrap();
        for text in [format!("{source:?}"), format!("{source:#?}"), format!("{loaded:?}")] {
            assert_shows_no_secret(&text);
        }
    }
}

fn assert_shows_no_secret(text: &str) {
    assert!(!text.contains("Se-Cret") && !text.contains("To-Ken"), "a secret is shown: {text}");
}
