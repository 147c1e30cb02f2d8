//! A signed request in parts that can be changed one by one, and the answer to it.

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, Response};
use upsign_core::{Credentials, PresignRequest, Sign as _, Timestamp};
use upsign_sigv4::SigV4;

/// A request that is ready to be sent.
#[derive(Clone)]
pub(crate) struct Outgoing {
    pub(crate) method: String,
    pub(crate) origin: String,
    /// The `Host` header, if it differs from the origin.
    pub(crate) host: Option<String>,
    /// The path, percent-encoded.
    pub(crate) path: String,
    /// Names and values, percent-encoded.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// A complete response.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Outgoing {
    /// Presigns a request and returns what a client sends to use the URL.
    pub(crate) fn signed(
        request: &PresignRequest,
        credentials: &Credentials,
        at: Timestamp,
        body: &[u8],
    ) -> Self {
        let presigned = SigV4::new().sign(request, credentials, at).unwrap();
        let url = presigned.url.expose();
        let (base, query) = url.split_once('?').unwrap();
        let (origin, path) = base.split_at("http://".len() + request.target().host().len());
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        };
        let header = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self {
            method: presigned.method.as_str().to_owned(),
            origin: origin.to_owned(),
            host: None,
            path: path.to_owned(),
            query: query.split('&').map(pair).collect(),
            headers: presigned.headers.settable().map(header).collect(),
            body: body.to_vec(),
        }
    }

    /// Returns the value of a query parameter, percent-encoded.
    pub(crate) fn parameter(&mut self, name: &str) -> Option<&mut String> {
        self.query.iter_mut().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    pub(crate) fn url(&self) -> String {
        let pairs: Vec<String> = self.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mark = if pairs.is_empty() { "" } else { "?" };
        format!("{}{}{mark}{}", self.origin, self.path, pairs.join("&"))
    }

    pub(crate) async fn send(&self, http: &Client) -> Answer {
        let method: Method = self.method.parse().unwrap();
        let mut request = http.request(method, self.url());
        if self.body.is_empty() && ["PUT", "POST"].contains(&self.method.as_str()) {
            request = request.header("content-length", 0);
        }
        if !self.body.is_empty() {
            request = request.body(self.body.clone());
        }
        if let Some(host) = &self.host {
            request = request.header("host", host);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        Answer::read(request.send().await.unwrap_or_else(|error| panic!("{} {error:?}", self.method))).await
    }
}

impl Answer {
    pub(crate) async fn read(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, body: response.bytes().await.unwrap().to_vec() }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// Returns the status and S3's error code.
    pub(crate) fn summary(&self) -> String {
        format!("{} {}", self.status, element(&self.text(), "Code")).trim_end().to_owned()
    }

    /// Returns `true` if the server rejected the request itself: its signature, date, scope, digest or method. Another error,
    /// such as an absent object or a failed precondition, shows that the server accepted the signature.
    pub(crate) fn is_rejection(&self) -> bool {
        matches!(self.status, 400 | 401 | 403 | 405)
    }
}

/// Returns the text of the first XML element with this name, or an empty string.
pub(crate) fn element(text: &str, name: &str) -> String {
    let start = text.split_once(&format!("<{name}>")).map(|(_, rest)| rest);
    let found = start.and_then(|rest| rest.split_once(&format!("</{name}>")));
    found.map(|(text, _)| text.to_owned()).unwrap_or_default()
}
