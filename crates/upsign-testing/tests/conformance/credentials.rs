//! Sources of credentials with one fault each.

use std::sync::{Arc, Mutex};

use upsign::async_trait;
use upsign_core::{Credentials, CredentialsError, CredentialsSource, Expiry, Renewing, Timestamp};
use upsign_testing::conformance::{CredentialsFixture, check_credentials_source};

use crate::failure_of;

/// What a source does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Loads on each call.
    Direct,
    /// Is a [`Renewing`] around the direct source.
    Renewing,
    /// Reads the access key id, waits, and reads the rest.
    Mixing,
    /// Loads once and never again.
    Forever,
    /// States no end.
    HidesExpiry,
    /// Panics if loading fails.
    Panics,
    /// Keeps the last set while loading fails, however old it is.
    ServesExpired,
    /// Never loads again after a failure.
    GivesUp,
    /// Shows the secret in its error.
    LeaksInError,
    /// Shows the secret in `Debug`.
    LeaksInDebug,
}

type Place = Arc<Mutex<Option<Credentials>>>;

struct Source {
    kind: Kind,
    place: Place,
    kept: Mutex<Option<Credentials>>,
    failed: Mutex<bool>,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kept = self.kept.lock().unwrap();
        match (self.kind, &*kept) {
            (Kind::LeaksInDebug, Some(kept)) => f.write_str(kept.secret_access_key()),
            _ => f.write_str("Source"),
        }
    }
}

impl Source {
    fn load(&self) -> Result<Credentials, CredentialsError> {
        let found = self.place.lock().unwrap().clone();
        match (self.kind, found) {
            (Kind::GivesUp, _) if *self.failed.lock().unwrap() => Err(CredentialsError::load("given up")),
            (_, Some(found)) => Ok(found),
            (Kind::Panics, None) => panic!("loading failed"),
            (Kind::LeaksInError, None) => Err(CredentialsError::load("cannot decrypt Se-Cret-1")),
            (_, None) => {
                *self.failed.lock().unwrap() = true;
                Err(CredentialsError::load("the place is empty"))
            }
        }
    }
}

#[async_trait]
impl CredentialsSource for Source {
    async fn credentials(&self, _at: Timestamp) -> Result<Credentials, CredentialsError> {
        let kept = self.kept.lock().unwrap().clone();
        let loaded = match (self.kind, kept) {
            (Kind::Forever, Some(kept)) => return Ok(kept),
            (Kind::ServesExpired, Some(kept)) => self.load().unwrap_or(kept),
            (Kind::HidesExpiry, _) => self.load()?.with_expiry(Expiry::Never),
            (Kind::Mixing, _) => {
                let first = self.load()?;
                tokio::task::yield_now().await;
                let (id, rest) = (first.access_key_id(), self.load()?);
                let token = rest.session_token().unwrap_or("none");
                Credentials::temporary(id, rest.secret_access_key(), token, rest.expiry()).unwrap()
            }
            _ => self.load()?,
        };
        *self.kept.lock().unwrap() = Some(loaded.clone());
        Ok(loaded)
    }
}

struct Fixture {
    kind: Kind,
    place: Place,
}

impl CredentialsFixture for Fixture {
    fn source(&self) -> Box<dyn CredentialsSource> {
        let (kind, place) = (self.kind, Arc::clone(&self.place));
        let source = Source { kind, place, kept: Mutex::default(), failed: Mutex::default() };
        if kind == Kind::Renewing { Box::new(Renewing::new(source)) } else { Box::new(source) }
    }

    fn provide(&self, credentials: &Credentials) -> bool {
        // The mixing source reads a session token.
        if self.kind == Kind::Mixing && credentials.session_token().is_none() {
            return false;
        }
        *self.place.lock().unwrap() = Some(credentials.clone());
        true
    }

    fn fail(&self) {
        *self.place.lock().unwrap() = None;
    }
}

async fn check(kind: Kind) -> Option<String> {
    let fixture = Fixture { kind, place: Place::default() };
    failure_of(check_credentials_source(&fixture)).await
}

#[tokio::test]
async fn sources_with_and_without_a_cache_pass() {
    assert_eq!(check(Kind::Direct).await, None);
    assert_eq!(check(Kind::Renewing).await, None);
}

#[tokio::test]
async fn each_fault_is_found() {
    for (kind, message) in [
        (Kind::Mixing, "a mixture of two sets"),
        (Kind::Forever, "expired credentials are returned"),
        (Kind::HidesExpiry, "the expiry Never is not"),
        (Kind::Panics, "loading failed"),
        (Kind::ServesExpired, "credentials are returned after their end"),
        (Kind::GivesUp, "has not recovered"),
        (Kind::LeaksInError, "a secret is shown"),
        (Kind::LeaksInDebug, "a secret is shown"),
    ] {
        let failure = check(kind).await.unwrap_or_else(|| panic!("{kind:?} passes"));
        assert!(failure.contains(message), "{kind:?}: {failure}");
    }
}

/// A fixture that accepts nothing would make the suite pass without a check.
#[tokio::test]
async fn fixture_without_credentials_fails() {
    struct Empty;
    impl CredentialsFixture for Empty {
        fn source(&self) -> Box<dyn CredentialsSource> {
            Box::new(Credentials::long_term("AKIDEXAMPLE", "secret").unwrap())
        }
        fn provide(&self, _credentials: &Credentials) -> bool {
            false
        }
        fn fail(&self) {}
    }
    let failure = failure_of(check_credentials_source(&Empty)).await.unwrap();
    assert_eq!(failure, "the fixture provides no kind of credentials");
}
