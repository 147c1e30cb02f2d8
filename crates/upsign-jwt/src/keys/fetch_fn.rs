//! A fetcher made of a closure.

use std::fmt::{self, Debug};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::keys::fetch::{FetchError, FetchKeys, FetchedKeys, Refresh};

/// Returns a fetcher that calls `fetch` with the URL of the key set, for an application that has its own HTTP client.
///
/// The closure must keep the promises of [`FetchKeys::fetch`]: a response within 5 s, or within
/// [another limit](FetchKeysFn::with_time_limit), no redirects to another host, and at most
/// [`KeySet::MAX_BYTES`](crate::KeySet::MAX_BYTES) of body.
///
/// Without [`with_spawn`](FetchKeysFn::with_spawn) there is no background refresh: about once per hour, one caller waits until
/// the stale key set is fetched again.
///
/// ```
/// # #[derive(Clone)] struct Client;
/// # struct Response { status: u16, body: Vec<u8> }
/// # impl Client {
/// #     async fn get(&self, _uri: &str) -> Result<Response, std::io::Error> { Ok(Response { status: 404, body: vec![] }) }
/// # }
/// # let client = Client;
/// use upsign_jwt::{FetchError, FetchedKeys, fetch_keys_fn};
///
/// let fetcher = fetch_keys_fn(move |uri| {
///     let client = client.clone();
///     async move {
///         let response = client.get(&uri).await.map_err(FetchError::transport)?;
///         Ok(FetchedKeys::new(response.status, response.body))
///     }
/// });
/// # let _: &dyn upsign_jwt::FetchKeys = &fetcher;
/// ```
pub const fn fetch_keys_fn<F, Fut>(fetch: F) -> FetchKeysFn<F>
where
    F: Fn(String) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<FetchedKeys, FetchError>> + Send + 'static,
{
    FetchKeysFn { fetch, spawn: None, time_limit: Duration::from_secs(5) }
}

/// A fetcher made of a closure by [`fetch_keys_fn`].
#[derive(Clone)]
pub struct FetchKeysFn<F> {
    fetch: F,
    spawn: Option<Arc<dyn Fn(Refresh) + Send + Sync>>,
    time_limit: Duration,
}

impl<F> FetchKeysFn<F> {
    /// Refreshes stale key sets in the background, in tasks that `spawn` starts.
    ///
    /// ```
    /// # use upsign_jwt::{FetchError, fetch_keys_fn};
    /// let fetcher = fetch_keys_fn(|_uri| async { Err(FetchError::Timeout) }).with_spawn(|refresh| {
    ///     tokio::spawn(refresh);
    /// });
    /// # let _: &dyn upsign_jwt::FetchKeys = &fetcher;
    /// ```
    #[must_use]
    pub fn with_spawn(mut self, spawn: impl Fn(Refresh) + Send + Sync + 'static) -> Self {
        self.spawn = Some(Arc::new(spawn));
        self
    }

    /// Sets how long callers wait for the closure. Default: 5 s. See [`FetchKeys::time_limit`].
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use upsign_jwt::{FetchError, FetchKeys, fetch_keys_fn};
    /// let fetcher = fetch_keys_fn(|_uri| async { Err(FetchError::Timeout) }).with_time_limit(Duration::from_secs(20));
    /// assert_eq!(fetcher.time_limit(), Duration::from_secs(20));
    /// ```
    #[must_use]
    pub fn with_time_limit(self, limit: Duration) -> Self {
        Self { time_limit: limit, ..self }
    }
}

#[async_trait]
impl<F, Fut> FetchKeys for FetchKeysFn<F>
where
    F: Fn(String) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<FetchedKeys, FetchError>> + Send + 'static,
{
    async fn fetch(&self, uri: &str) -> Result<FetchedKeys, FetchError> {
        (self.fetch)(uri.to_owned()).await
    }

    fn time_limit(&self) -> Duration {
        self.time_limit
    }

    fn spawn(&self, refresh: Refresh) -> Result<(), Refresh> {
        match &self.spawn {
            Some(spawn) => {
                spawn(refresh);
                Ok(())
            }
            None => Err(refresh),
        }
    }
}

impl<F> Debug for FetchKeysFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchKeysFn").finish_non_exhaustive()
    }
}
