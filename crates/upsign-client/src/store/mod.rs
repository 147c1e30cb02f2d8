//! Requests to the store, with presigned URLs.

mod answer;
mod body;
mod exchange;
pub(crate) mod form;

use std::collections::BTreeMap;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use reqwest::header::{CONTENT_LENGTH, HeaderMap};
use reqwest::{Body, Client, Method, Response};
use tokio::time::{Instant, sleep_until};
use zeroize::Zeroizing;

pub use self::answer::StoreRefusal;
pub(crate) use self::body::{Computed, Sent, of_buffer, of_source};
pub use self::exchange::RefusedExchange;
use self::exchange::SentRequest;
use crate::http::{describe, read_body, retry_after};

/// One request to the store.
pub(crate) struct StoreRequest<'a> {
    pub(crate) method: Method,
    pub(crate) url: &'a str,
    pub(crate) headers: &'a BTreeMap<String, String>,
    pub(crate) len: u64,
    pub(crate) body: Body,
}

/// The result of a request to the store.
pub(crate) enum Outcome {
    /// The store has the bytes.
    Stored(HeaderMap),
    /// The store refused the request.
    Refused(StoreRefusal),
    /// No answer arrived. `was_sent` is `false` if the store certainly did not receive the request.
    Lost { cause: String, was_sent: bool },
}

/// The longest error document of a store.
const MAX_ERROR: usize = 64 << 10;

/// Sends a request. It has no limit of time as long as bytes are sent: a connection without progress for `idle` is given up.
pub(crate) async fn send(http: &Client, request: StoreRequest<'_>, sent: &Sent, idle: Duration) -> Outcome {
    let record = SentRequest {
        method: request.method.to_string(),
        url: Zeroizing::new(request.url.to_owned()),
        headers: request.headers.clone(),
        len: request.len,
    };
    let mut builder = http.request(request.method, request.url).header(CONTENT_LENGTH, request.len);
    for (name, value) in request.headers {
        builder = builder.header(name, value);
    }
    let answered = pin!(async { read(builder.body(request.body).send().await, record).await });
    match select(answered, pin!(stalled(sent, idle))).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right(_) => {
            let cause = format!("the connection made no progress for {idle:?}");
            Outcome::Lost { cause, was_sent: true }
        }
    }
}

async fn read(response: reqwest::Result<Response>, request: SentRequest) -> Outcome {
    let response = match response {
        Ok(response) => response,
        Err(error) => {
            // An error of the builder is one of a header or of the URL, which did not leave this machine either.
            let was_sent = !error.is_connect() && !error.is_builder();
            return Outcome::Lost { cause: describe(error), was_sent };
        }
    };
    let (status, headers, demand) = (response.status(), response.headers().clone(), retry_after(&response));
    let body = read_body(response, MAX_ERROR).await;
    if !status.is_success() {
        let (status, body) = (status.as_u16(), body.unwrap_or_default());
        let refusal = StoreRefusal::read(status, demand, &headers, &body);
        return Outcome::Refused(refusal.with_exchange(request.refused(status, &headers, &body)));
    }
    match body {
        Ok(_) => Outcome::Stored(headers),
        Err(cause) => Outcome::Lost { cause, was_sent: true },
    }
}

/// Resolves when nothing has been sent for `idle`.
async fn stalled(sent: &Sent, idle: Duration) {
    let (mut last, mut since) = (sent.total(), Instant::now());
    loop {
        sleep_until(since + idle).await;
        let total = sent.total();
        if total == last {
            return;
        }
        // Checks again after another period, so a stall is noticed after twice the time at the latest.
        (last, since) = (total, Instant::now());
    }
}
