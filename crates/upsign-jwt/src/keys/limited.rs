//! A call of a fetcher that ends, whatever the fetcher does.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::config::issuer::TrustedIssuer;
use crate::keys::discovery::jwks_uri;
use crate::keys::fetch::{FetchError, FetchKeys, FetchedKeys};

/// Calls `fetcher`, and turns a call that does not end within its [time limit](FetchKeys::time_limit), or that panics, into an
/// error.
///
/// [`JwksCache`](crate::JwksCache) calls every fetcher so. This is for caches of other keys.
///
/// The timer needs a tokio runtime, which is looked up when this function is called. On another executor only the next caller
/// notices that a call does not end.
pub fn fetch_limited<F: FetchKeys>(
    fetcher: Arc<F>,
    uri: Arc<str>,
) -> impl Future<Output = Result<FetchedKeys, FetchError>> + Send {
    limited(fetcher.time_limit(), async move { fetcher.fetch(&uri).await })
}

/// Fetches the key set of an issuer, after its discovery document if that names the key set. Both together have the
/// [time limit](FetchKeys::time_limit) of one.
///
/// A [`Verifier`](crate::Verifier) does this itself. It is for a program that shows the keys.
pub fn fetch_key_set<F: FetchKeys>(
    fetcher: Arc<F>,
    issuer: Arc<TrustedIssuer>,
) -> impl Future<Output = Result<FetchedKeys, FetchError>> + Send {
    limited(fetcher.time_limit(), async move {
        if issuer.is_offline() && fetcher.needs_discovery() {
            return Err(FetchError::NoAddress);
        }
        if !issuer.is_discovered() || !fetcher.needs_discovery() {
            return fetcher.fetch(issuer.jwks_uri()).await;
        }
        let document = fetcher.fetch(issuer.jwks_uri()).await?;
        if document.status() != 200 {
            return Err(FetchError::Status(document.status()));
        }
        let uri = jwks_uri(document.body(), &issuer).map_err(FetchError::Discovery)?;
        let keys = fetcher.fetch(&uri).await.and_then(|keys| match keys.status() {
            200 => Ok(keys),
            status => Err(FetchError::Status(status)),
        });
        keys.map_err(|source| FetchError::Discovered { uri, source: source.into() })
    })
}

fn limited(
    limit: Duration,
    fetch: impl Future<Output = Result<FetchedKeys, FetchError>> + Send,
) -> impl Future<Output = Result<FetchedKeys, FetchError>> + Send {
    let runtime = Handle::try_current().ok();
    async move {
        // Callers share this future. A panic that left it would reach all of them, and nobody would report it.
        let call = AssertUnwindSafe(fetch).catch_unwind();
        let outcome = match &runtime {
            Some(runtime) => {
                let limited = {
                    // The first poll can come from a caller outside the runtime, where a timer cannot be created.
                    let _entered = runtime.enter();
                    timeout(limit, call)
                };
                limited.await.map_err(|_| FetchError::Timeout)?
            }
            None => call.await,
        };
        outcome.unwrap_or(Err(FetchError::Panicked))
    }
}
