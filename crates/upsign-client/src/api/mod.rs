//! The calls of the API.

mod problem;
pub(crate) mod wire;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, DATE};
use reqwest::{Client, Method, Response, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};
use zeroize::Zeroizing;

pub use self::problem::{ApiCall, ApiError, ApiFailure, Problem, ProblemHint};
use crate::events::{Emitter, Event, RetryOf};
use crate::expiry::http_date_seconds;
use crate::http::{describe, read_body, retry_after};
use crate::retry::Retries;
use crate::token::TokenSource;

/// The addresses of an API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiEndpoint {
    begin: Url,
    /// Ends with a slash.
    uploads: Url,
}

/// An address that cannot be that of an API.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{address:?} is not the address of an API: {reason}")]
pub struct InvalidEndpoint {
    address: String,
    reason: &'static str,
}

impl ApiEndpoint {
    /// Reads the address of the API. An address without a path gets the default path: `https://api.example.com` is
    /// `https://api.example.com/upload-url`. The later calls of multipart uploads are next to it, below `uploads`.
    ///
    /// ```
    /// use upsign_client::ApiEndpoint;
    ///
    /// let api = ApiEndpoint::new("https://api.example.com/v1/upload-url")?;
    /// assert_eq!(api.uploads(), "https://api.example.com/v1/uploads/");
    /// assert_eq!(ApiEndpoint::new("https://api.example.com")?.begin(), "https://api.example.com/upload-url");
    /// # Ok::<(), upsign_client::InvalidEndpoint>(())
    /// ```
    ///
    /// # Errors
    /// The text is not an absolute `http` or `https` URL, or it has a query, a fragment, or a user name.
    pub fn new(address: &str) -> Result<Self, InvalidEndpoint> {
        let invalid = |reason| InvalidEndpoint { address: address.to_owned(), reason };
        let mut begin =
            Url::parse(address).map_err(|_| invalid("expected a URL such as https://api.example.com"))?;
        if !matches!(begin.scheme(), "http" | "https") || begin.host_str().is_none() {
            return Err(invalid("expected https:// or http://"));
        }
        if begin.query().is_some() || begin.fragment().is_some() {
            return Err(invalid("expected no query and no fragment"));
        }
        if !begin.username().is_empty() || begin.password().is_some() {
            return Err(InvalidEndpoint {
                address: "…@…".to_owned(),
                reason: "expected no user name and no password",
            });
        }
        if begin.path() == "/" {
            begin.set_path("/upload-url");
        }
        let uploads = begin.join("uploads/").map_err(|_| invalid("expected a path"))?;
        Ok(Self { begin, uploads })
    }

    /// Sets the path of the later calls of multipart uploads, for an API that has another one. Default: `uploads` next to the path
    /// of the API.
    #[must_use]
    pub fn with_uploads_path(mut self, path: &str) -> Self {
        self.uploads.set_path(&format!("{}/", path.trim_end_matches('/')));
        self
    }

    /// Returns the address of the call that begins an upload.
    #[must_use]
    pub fn begin(&self) -> &str {
        self.begin.as_str()
    }

    /// Returns the address below which the later calls are.
    #[must_use]
    pub fn uploads(&self) -> &str {
        self.uploads.as_str()
    }

    pub(crate) fn url(&self) -> &Url {
        &self.begin
    }

    fn of(&self, call: ApiCall) -> Url {
        match call {
            ApiCall::Begin => self.begin.clone(),
            ApiCall::Delete => {
                let mut uploads = self.uploads.clone();
                uploads.set_path(self.uploads.path().trim_end_matches('/'));
                uploads
            }
            // A segment is a valid relative URL.
            later => self.uploads.join(later.segment()).unwrap_or_else(|_| self.uploads.clone()),
        }
    }
}

/// Calls the API with the caller's token.
pub(crate) struct Api {
    endpoint: ApiEndpoint,
    http: Client,
    source: Arc<dyn TokenSource>,
    token: Mutex<Option<Arc<Zeroizing<String>>>>,
    retries: Retries,
    limit: Duration,
}

/// The longest answer: a page of a status with 900,000 bytes, and some reserve.
const MAX_ANSWER: usize = 4 << 20;

impl Api {
    pub(crate) fn new(
        endpoint: ApiEndpoint,
        http: Client,
        source: Arc<dyn TokenSource>,
        retries: Retries,
        limit: Duration,
    ) -> Self {
        Self { endpoint, http, source, token: Mutex::new(None), retries, limit }
    }

    /// Calls the API until it answers, refuses, or the attempts are used up.
    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        call: ApiCall,
        body: &Value,
        events: &Emitter,
    ) -> Result<T, ApiError> {
        let body = Zeroizing::new(body.to_string());
        let (mut attempts, mut is_uncertain, mut renewed) = (0, false, false);
        loop {
            attempts += 1;
            let token = self.token().await.map_err(|failure| ApiError::new(call, failure))?;
            let failed = match timeout(self.limit, self.attempt(call, &body, &token)).await {
                Ok(Ok(answer)) => {
                    return serde_json::from_slice(&answer)
                        .map_err(|e| ApiError::answer(call, e.to_string()));
                }
                Ok(Err(failed)) => failed,
                Err(_) => Failed::uncertain(ApiFailure::Timeout(self.limit)),
            };
            is_uncertain |= failed.is_uncertain;
            let error = ApiError::new(call, failed.failure)
                .with_uncertainty(is_uncertain)
                .with_answer_time(failed.answered_at);
            if failed.is_unauthorized && !renewed {
                // The token may have expired since it was read.
                renewed = true;
                self.forget(&token).await;
                continue;
            }
            let pause = if failed.may_help { self.retries.pause(attempts, failed.retry_after) } else { None };
            let Some(pause) = pause else { return Err(error) };
            let cause = error.failure().to_string();
            events.emit(&Event::Retry {
                what: RetryOf::Call(call),
                attempt: attempts,
                after: pause,
                cause: &cause,
            });
            sleep(pause).await;
        }
    }

    async fn attempt(&self, call: ApiCall, body: &str, token: &str) -> Result<Vec<u8>, Failed> {
        let method = if call == ApiCall::Delete { Method::DELETE } else { Method::POST };
        let request = self.http.request(method, self.endpoint.of(call)).bearer_auth(token);
        let request = request.header(CONTENT_TYPE, "application/json").body(body.to_owned());
        let response = request.send().await.map_err(|error| {
            let is_uncertain = !error.is_connect();
            Failed { is_uncertain, ..Failed::uncertain(ApiFailure::Connection(describe(error))) }
        })?;
        if response.status() == StatusCode::OK {
            return read_body(response, MAX_ANSWER)
                .await
                .map_err(|reason| Failed::uncertain(ApiFailure::Connection(reason)));
        }
        Err(refused(response).await)
    }

    async fn token(&self) -> Result<Arc<Zeroizing<String>>, ApiFailure> {
        let mut token = self.token.lock().await;
        if let Some(token) = &*token {
            return Ok(Arc::clone(token));
        }
        let new = Arc::new(self.source.token().await.map_err(ApiFailure::Token)?);
        *token = Some(Arc::clone(&new));
        Ok(new)
    }

    /// Forgets a token that the API has rejected, unless another call has renewed it in the meantime.
    async fn forget(&self, rejected: &Arc<Zeroizing<String>>) {
        let mut token = self.token.lock().await;
        if token.as_ref().is_some_and(|token| Arc::ptr_eq(token, rejected)) {
            *token = None;
        }
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api")
            .field("endpoint", &self.endpoint)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

/// A failed attempt.
struct Failed {
    failure: ApiFailure,
    /// Whether the call may have had its effect.
    is_uncertain: bool,
    may_help: bool,
    is_unauthorized: bool,
    retry_after: Option<Duration>,
    answered_at: Option<u64>,
}

impl Failed {
    fn uncertain(failure: ApiFailure) -> Self {
        Self {
            failure,
            is_uncertain: true,
            may_help: true,
            is_unauthorized: false,
            retry_after: None,
            answered_at: None,
        }
    }
}

/// Reads an answer that is not 200.
async fn refused(response: Response) -> Failed {
    let status = response.status();
    let demand = retry_after(&response);
    let date = response.headers().get(DATE).and_then(|date| date.to_str().ok());
    let answered_at = date.and_then(http_date_seconds);
    let body = read_body(response, MAX_ANSWER).await.unwrap_or_default();
    let failure = match serde_json::from_slice(&body) {
        Ok(problem) => ApiFailure::Problem(Problem { status: status.as_u16(), ..problem }),
        Err(_) => ApiFailure::Status { status: status.as_u16(), message: gateway_message(&body) },
    };
    Failed {
        is_uncertain: status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE,
        may_help: may_help(status, &failure),
        is_unauthorized: status == StatusCode::UNAUTHORIZED,
        retry_after: demand,
        answered_at,
        failure,
    }
}

/// Returns whether a repeated call may succeed. 500 with a problem document is a decision of the service, such as an invalid
/// configuration; without one, it is a failure on the way.
fn may_help(status: StatusCode, failure: &ApiFailure) -> bool {
    match status.as_u16() {
        429 | 502 | 503 | 504 => true,
        500 => matches!(failure, ApiFailure::Status { .. }),
        _ => false,
    }
}

/// Returns the member `message` of an answer of a gateway, shortened.
fn gateway_message(body: &[u8]) -> String {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let message =
        value.get("message").or_else(|| value.get("Message")).and_then(Value::as_str).unwrap_or_default();
    message.chars().filter(|c| !c.is_control()).take(200).collect()
}
