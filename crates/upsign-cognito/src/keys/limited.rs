//! A call of a fetcher that ends, whatever the fetcher does.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::keys::fetch::{FetchError, FetchKeys, FetchedKeys};

/// The time limit of a fetch. `HttpFetch` needs 3 s at most, so only a fetcher of the application reaches it.
const MAX_FETCH: Duration = Duration::from_secs(5);

/// Calls `fetcher`, and turns a call that does not end or that panics into an error.
///
/// The timer needs a tokio runtime, which is looked up when this function is called. On another executor only the next caller
/// notices that a call does not end.
pub(crate) fn fetch_limited<F: FetchKeys>(
    fetcher: Arc<F>,
    uri: Arc<str>,
) -> impl Future<Output = Result<FetchedKeys, FetchError>> + Send {
    let runtime = Handle::try_current().ok();
    async move {
        // Callers share this future. A panic that left it would reach all of them, and nobody would report it.
        let call = AssertUnwindSafe(async { fetcher.fetch(&uri).await }).catch_unwind();
        let outcome = match &runtime {
            Some(runtime) => {
                let limited = {
                    // The first poll can come from a caller outside the runtime, where a timer cannot be created.
                    let _entered = runtime.enter();
                    timeout(MAX_FETCH, call)
                };
                limited.await.map_err(|_| FetchError::Timeout)?
            }
            None => call.await,
        };
        outcome.unwrap_or(Err(FetchError::Panicked))
    }
}
