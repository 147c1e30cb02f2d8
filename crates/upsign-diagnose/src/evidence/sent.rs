//! The request as a client sent it.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;
use upsign_core::Timestamp;

use crate::echo::{Request, decoded_pairs};
use crate::form::FormField;

/// The largest number of query parameters and of headers.
pub(crate) const MAX_PARTS: usize = 1_000;

/// A request as the client, or what recorded it, shows it.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) request: Request,
    pub(crate) is_https: bool,
    /// Host and port of the URL.
    pub(crate) host: Box<str>,
    /// The URL, as sent.
    pub(crate) url: Box<str>,
    /// Whether the record also lists headers that the client adds itself: `Content-Length`, `Host`, `Origin`.
    pub(crate) has_own_headers: bool,
    /// Whether the method or headers may have been sent that the record does not show, because a file or a variable has them.
    pub(crate) has_unknown_headers: bool,
    /// The length of the body in bytes, if it is known.
    pub(crate) body_len: Option<u64>,
    /// Whether that length is what was sent, and not that of a copy of the body as text.
    pub(crate) is_len_exact: bool,
    /// When it was sent, if that is known.
    pub(crate) at: Option<Timestamp>,
    /// The fields of a POST form in order, if the record has them. The value of the file is its name.
    pub(crate) form: Vec<FormField>,
}

/// An answer, as far as it was recorded.
#[derive(Clone, Default)]
pub(crate) struct Answer {
    /// 0 if the browser showed none.
    pub(crate) status: Option<u16>,
    /// Names in lower case.
    pub(crate) headers: Vec<(Box<str>, Box<str>)>,
    pub(crate) body: Box<str>,
    /// The name of the error below HTTP for which there is no answer, such as `ERR_CONNECTION_RESET`.
    pub(crate) network_error: Option<Box<str>>,
}

/// A request and its answer.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub(crate) sent: Sent,
    pub(crate) answer: Option<Answer>,
}

impl Sent {
    /// The longest URL of a request, in bytes. Stores refuse URLs of more than 8 to 16 KiB.
    pub(crate) const MAX_URL: usize = 32 * 1024;

    /// Returns whether URL or headers have more parts than any store accepts. Comparing them would take long.
    pub(crate) fn is_oversized(&self) -> bool {
        self.url.len() > Self::MAX_URL
            || self.request.query.len() > MAX_PARTS
            || self.request.headers.len() > MAX_PARTS
            || self.form.len() > MAX_PARTS
    }

    /// Creates a request from an absolute URL, or returns `None` for other text.
    pub(crate) fn new(method: &str, url: &str, headers: Vec<(Box<str>, Box<str>)>) -> Option<Self> {
        let url = url.trim();
        let (scheme, rest) = url.split_once("://")?;
        let is_https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (host, path) = rest.split_at_checked(rest.find('/').unwrap_or(rest.len()))?;
        let host = host.rsplit('@').next().unwrap_or_default();
        if host.is_empty() {
            return None;
        }
        Some(Self {
            request: Request {
                method: method.to_ascii_uppercase().into(),
                path: if path.is_empty() { "/" } else { path }.into(),
                query: decoded_pairs(query),
                headers: merged(headers),
            },
            is_https,
            host: host.into(),
            url: url.into(),
            has_own_headers: false,
            has_unknown_headers: false,
            body_len: None,
            is_len_exact: false,
            at: None,
            form: Vec::new(),
        })
    }

    /// Returns the signature in the URL.
    pub(crate) fn signature(&self) -> Option<String> {
        let query = self.url.split_once('?')?.1.split('#').next()?;
        let value = query.split('&').find_map(|pair| pair.strip_prefix("X-Amz-Signature="))?;
        Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
    }

    /// Returns whether the URL is signed, even if in part.
    pub(crate) fn is_signed(&self) -> bool {
        self.request.query.iter().any(|(name, _)| name.starts_with("X-Amz-")) || self.signature().is_some()
    }

    /// Returns whether it is a form with a policy, even if something of it is missing.
    pub(crate) fn is_signed_form(&self) -> bool {
        let of_policy = ["policy", "x-amz-signature", "x-amz-credential"];
        self.form.iter().any(|field| of_policy.iter().any(|name| field.name.eq_ignore_ascii_case(name)))
    }

    /// Returns the host that was sent, without the default port.
    pub(crate) fn sent_host(&self) -> String {
        let host = self.request.header("host").unwrap_or(&self.host).to_ascii_lowercase();
        let default = if self.is_https { ":443" } else { ":80" };
        host.strip_suffix(default).map_or_else(|| host.clone(), str::to_owned)
    }

    /// Returns the origin of the page.
    pub(crate) fn origin(&self) -> Option<&str> {
        self.request.header("origin").filter(|origin| !origin.is_empty() && *origin != "null")
    }
}

impl Answer {
    /// Returns a header, joined with commas if it is repeated.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let values = self.headers.iter().filter(|(known, _)| &**known == name).map(|(_, value)| &**value);
        let joined = values.collect::<Vec<_>>().join(", ");
        (!joined.is_empty()).then_some(joined)
    }

    /// Returns whether a header that lists names contains one, or `*`.
    pub(crate) fn lists(&self, header: &str, name: &str) -> bool {
        let list = self.header(header).unwrap_or_default();
        list.split(',').map(str::trim).any(|listed| listed == "*" || listed.eq_ignore_ascii_case(name))
    }

    /// Returns the values of a header that lists methods or header names. Fails with the first value that is not a token: browsers
    /// then refuse the whole answer.
    ///
    /// Source: <https://fetch.spec.whatwg.org/#extract-header-list-values>.
    pub(crate) fn tokens(&self, header: &str) -> Result<Vec<String>, String> {
        let list = self.header(header).unwrap_or_default();
        let values = list.split(',').map(str::trim).filter(|value| !value.is_empty());
        values
            .map(|value| if is_token(value) { Ok(value.to_owned()) } else { Err(value.to_owned()) })
            .collect()
    }

    /// Returns whether `Access-Control-Allow-Methods` allows a method. Browsers compare methods with their case.
    ///
    /// Source: step 7 of <https://fetch.spec.whatwg.org/#cors-preflight-fetch>.
    pub(crate) fn lists_method(&self, method: &str) -> bool {
        let methods = self.tokens("access-control-allow-methods").unwrap_or_default();
        methods.iter().any(|listed| listed == "*" || listed == method)
    }

    /// Returns whether the body is an HTML page.
    pub(crate) fn is_page(&self) -> bool {
        let body = self.body.trim_start();
        body.get(..body.floor_char_boundary(15)).is_some_and(|start| {
            let start = start.to_ascii_lowercase();
            start.starts_with("<html") || start.starts_with("<!doctype html")
        })
    }

    /// Returns whether headers show that a store sent the answer. Proxies pass them on.
    pub(crate) fn is_of_store(&self) -> bool {
        const IDS: [&str; 4] = ["x-amz-request-id", "x-amz-id-2", "x-goog-hash", "x-guploader-uploadid"];
        const STORES: [&str; 5] = ["amazons3", "seaweedfs", "minio", "rustfs", "garage"];
        let server = self.header("server").unwrap_or_default().to_ascii_lowercase();
        IDS.iter().any(|name| self.header(name).is_some()) || STORES.iter().any(|name| server.contains(name))
    }

    /// Returns whether the answer is an error, also one with the status 200.
    pub(crate) fn is_failure(&self) -> bool {
        self.status.is_some_and(|status| status == 0 || status >= 300) || self.is_error_document()
    }

    /// Returns whether the body is the error of a store. CompleteMultipartUpload has one after the status 200
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>).
    pub(crate) fn is_error_document(&self) -> bool {
        let body = self.body.trim_start();
        let body = match body.starts_with("<?xml") {
            true => body.split_once("?>").map_or("", |(_, rest)| rest.trim_start()),
            false => body,
        };
        body.starts_with("<Error>") || body.starts_with("<Error ")
    }
}

/// Source: <https://www.rfc-editor.org/rfc/rfc9110#name-tokens>.
pub(crate) fn is_token(text: &str) -> bool {
    let is_of_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_of_token)
}

/// Joins the values of a repeated header with commas, as a signature covers them.
fn merged(headers: Vec<(Box<str>, Box<str>)>) -> Vec<(Box<str>, Box<str>)> {
    let mut places: HashMap<Box<str>, usize> = HashMap::with_capacity(headers.len());
    let mut merged: Vec<(Box<str>, String)> = Vec::with_capacity(headers.len());
    for (name, value) in headers {
        let place = *places.entry(name.clone()).or_insert(merged.len());
        match merged.get_mut(place) {
            Some((_, values)) => {
                values.push(',');
                values.push_str(&value);
            }
            None => merged.push((name, value.into())),
        }
    }
    merged.into_iter().map(|(name, values)| (name, values.into())).collect()
}

/// Reads the line of a header: `Name: value`.
pub(crate) fn header_line(line: &str) -> Option<(Box<str>, Box<str>)> {
    let (name, value) = line.split_once(':')?;
    let name = name.trim();
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
    is_name.then(|| (name.to_ascii_lowercase().into(), value.trim().into()))
}
