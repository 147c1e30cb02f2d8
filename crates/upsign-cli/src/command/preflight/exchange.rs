//! Sends preflights, or evaluates rules in place of a server.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response, retry};
use serde_json::{Map, Value, json};
use tokio::time::timeout;
use upsign_core::error_chain;
use upsign_diagnose::{
    CorsDocument, Narrowing, PageRequest, Preflight, PreflightAnswer, PreflightReason, PreflightReport,
};

use crate::environment;
use crate::exit::CommandError;

/// How long a connection may take to be established.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// How long status and headers of an answer may take. Browsers wait longer; stores answer preflights within milliseconds.
const ANSWER_LIMIT: Duration = Duration::from_secs(20);
/// How long the body of an answer may take. It says more, and decides nothing.
const BODY_LIMIT: Duration = Duration::from_secs(2);
/// How long all preflights after the first may take together. Without their answers, the report has candidates.
const NARROWING_LIMIT: Duration = Duration::from_secs(10);

/// The variables that name a proxy for requests over `https` and `http`.
const PROXY_VARIABLES: [&str; 5] = ["HTTPS_PROXY", "https_proxy", "http_proxy", "ALL_PROXY", "all_proxy"];

/// The preflights that were sent, their answers, and the report on them.
pub(in crate::command) struct Exchange {
    pub(in crate::command) report: PreflightReport,
    /// The answer to the preflight of the request, if a server sent one.
    pub(in crate::command) answer: Option<PreflightAnswer>,
    /// How many more preflights found the part that is refused.
    pub(in crate::command) narrowed: usize,
}

impl Exchange {
    /// Evaluates rules. Nothing is sent.
    pub(super) fn of_rules(request: &PageRequest, rules: &CorsDocument) -> Self {
        Self { report: PreflightReport::of_rules(request, rules), answer: None, narrowed: 0 }
    }

    /// Sends the preflight, and more of them if the server refuses it without a reason.
    ///
    /// A server that does not answer is a finding, and no error.
    pub(in crate::command) async fn with_server(request: &PageRequest) -> Result<Self, CommandError> {
        if let Some(report) = PreflightReport::of_unsent(request) {
            return Ok(Self { report, answer: None, narrowed: 0 });
        }
        let client =
            client(request).map_err(|error| CommandError::caused("cannot create an HTTP client", &error))?;
        let answer = match ask(&client, request, &request.preflight()).await {
            Ok(answer) => answer,
            Err(reason) => {
                let report = PreflightReport::of_failure(request, &reason);
                return Ok(Self { report, answer: None, narrowed: 0 });
            }
        };
        let report = PreflightReport::of_answer(request, &answer);
        let (report, narrowed) = narrow(&client, request, report).await;
        Ok(Self { report, answer: Some(answer), narrowed })
    }

    /// Returns the preflight and its answer.
    pub(in crate::command) fn to_json(&self, request: &PageRequest) -> Value {
        let preflight = request.preflight();
        let answer = self.answer.as_ref().map(|answer| {
            let headers = answer.cors_headers().map(|(name, value)| (name.to_owned(), value.as_str().into()));
            json!({"status": answer.status(), "headers": headers.collect::<Map<_, _>>()})
        });
        json!({
            "url": request.shown_url().as_str(),
            "origin": request.origin().as_str(),
            "method": request.method(),
            "methodAssumed": !request.is_method_known(),
            "headers": preflight.headers().collect::<Vec<_>>(),
            "requiredBy": request.preflight_reason().map(reason),
            "answer": answer,
            "narrowedBy": self.narrowed,
            "unchecked": self.report.unchecked(),
        })
    }
}

const fn reason(reason: PreflightReason) -> &'static str {
    match reason {
        PreflightReason::Method => "method",
        PreflightReason::Headers => "headers",
        _ => "upload-listener",
    }
}

async fn narrow(client: &Client, request: &PageRequest, report: PreflightReport) -> (PreflightReport, usize) {
    let Some(mut narrowing) = Narrowing::new(request, &report) else { return (report, 0) };
    let mut count = 0;
    let search = async {
        // Without an answer the search does not end, and the report stays as it is.
        while let Some(preflight) = narrowing.preflight()
            && let Ok(answer) = ask(client, request, &preflight).await
        {
            narrowing.record(&answer);
            count += 1;
        }
    };
    // What is known when the time is over counts.
    timeout(NARROWING_LIMIT, search).await.ok();
    (narrowing.finish(report), count)
}

/// Returns a client that follows no redirects and repeats nothing. Proxies of the environment are used, but not for this machine.
fn client(request: &PageRequest) -> reqwest::Result<Client> {
    let builder = Client::builder()
        .redirect(Policy::none())
        .retry(retry::never())
        .referer(false)
        .connect_timeout(CONNECT_LIMIT)
        .timeout(ANSWER_LIMIT)
        .user_agent(concat!("upsign/", env!("CARGO_PKG_VERSION")));
    let builder = if request.is_loopback() { builder.no_proxy() } else { builder };
    if request.is_https() { builder.https_only(true) } else { builder }.build()
}

/// Sends a preflight. Returns in words why there is no answer, without the URL.
async fn ask(
    client: &Client,
    request: &PageRequest,
    preflight: &Preflight,
) -> Result<PreflightAnswer, String> {
    let mut sent = client.request(Method::OPTIONS, request.url());
    for (name, value) in preflight.header_fields() {
        sent = sent.header(name, value);
    }
    let response = sent.send().await.map_err(describe)?;
    // The address of a proxy is not that of the store.
    let uses_proxy = !request.is_loopback()
        && PROXY_VARIABLES.into_iter().any(|name| environment::variable(name).is_some());
    let address = response.remote_addr().filter(|_| !uses_proxy).map(|address| address.ip());
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let headers =
        headers.iter().map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes())));
    let body = body(response).await;
    let answer = PreflightAnswer::new(status, headers, &body);
    Ok(match address {
        Some(address) => answer.with_address(address),
        None => answer,
    })
}

/// Reads the start of a body. One that breaks off or is late says less, and is no failure: status and headers decide.
async fn body(mut response: Response) -> String {
    let mut bytes = Vec::new();
    let read = async {
        while bytes.len() < PreflightAnswer::MAX_BODY
            && let Ok(Some(chunk)) = response.chunk().await
        {
            bytes.extend_from_slice(&chunk);
        }
    };
    timeout(BODY_LIMIT, read).await.ok();
    bytes.truncate(PreflightAnswer::MAX_BODY);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Describes a failure. The URL is left out, because it is presigned.
fn describe(error: reqwest::Error) -> String {
    if error.is_timeout() {
        let seconds = if error.is_connect() { CONNECT_LIMIT } else { ANSWER_LIMIT }.as_secs();
        return format!("it did not answer within {seconds} s");
    }
    error_chain(&error.without_url()).to_string()
}
