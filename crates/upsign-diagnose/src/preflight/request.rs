//! A request that a page makes, and the preflight that a browser sends before it.

use std::fmt;

use upsign_core::{Origin, SignedHeaders};

use super::error::InvalidPageRequest;
use super::safelist::unsafe_names;
use crate::form::SignedForm;
use crate::redacted::Redacted;
use crate::subject::{SignedRequest, Subject, SubjectError};
use crate::url::{NotASignedUrl, SignedUrl, SplitUrl};

/// A request that a page makes to another origin, as far as CORS looks at it.
///
/// ```
/// use upsign_diagnose::PageRequest;
///
/// let answer = r#"{"uploadUrl":"https://a.s3.us-east-1.amazonaws.com/k?AWSAccessKeyId=AK&Expires=1&Signature=x%3D",
///     "method":"PUT","headers":{"Content-Type":"image/png","x-amz-meta-owner":"alice"}}"#;
/// let request = PageRequest::read(answer.as_bytes(), "https://app.example.com".parse()?)?;
/// assert_eq!(
///     request.preflight().header_fields(),
///     [
///         ("origin", "https://app.example.com".to_owned()),
///         ("access-control-request-method", "PUT".to_owned()),
///         ("access-control-request-headers", "content-type,x-amz-meta-owner".to_owned()),
///     ],
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct PageRequest {
    url: Box<str>,
    pub(super) split: SplitUrl,
    pub(super) signed: Option<SignedUrl>,
    origin: Origin,
    method: Option<Box<str>>,
    /// Whether the input or the caller states the method.
    is_method_known: bool,
    /// Names in lower case.
    headers: Vec<(Box<str>, Option<Box<str>>)>,
    is_form: bool,
    has_upload_listener: bool,
}

/// Why a browser sends a preflight.
///
/// Source: <https://fetch.spec.whatwg.org/#main-fetch>, the branches of the response tainting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PreflightReason {
    /// The method is not GET, HEAD or POST.
    Method,
    /// A header needs permission.
    Headers,
    /// The page listens to the progress of the upload (`XMLHttpRequest.upload`).
    UploadListener,
}

/// An `OPTIONS` request that asks whether a page may send another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preflight {
    pub(super) origin: Origin,
    pub(super) method: Box<str>,
    /// Names in lower case, sorted.
    pub(super) headers: Vec<Box<str>>,
}

/// Methods that a page can use. Browsers refuse CONNECT, TRACE and TRACK.
///
/// Source: <https://fetch.spec.whatwg.org/#forbidden-method>.
const METHODS: [&str; 7] = ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"];

/// The longest part of an unusable name that an error repeats.
const MAX_QUOTED: usize = 40;

impl PageRequest {
    /// Reads a presigned URL, a form, or the answer of a service with either, as [`Subject::read`] does, or a URL without a signature.
    ///
    /// # Errors
    /// Fails if the input is something else, or a form without its address.
    pub fn read(input: &[u8], origin: Origin) -> Result<Self, InvalidPageRequest> {
        match Subject::read(input) {
            Ok(subject) => Self::of(&subject, origin),
            Err(SubjectError::Url(NotASignedUrl::Unsigned)) => {
                Self::of_url(&String::from_utf8_lossy(input), origin)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Describes the request for a presigned URL or a form.
    ///
    /// # Errors
    /// Fails for a form without its address.
    pub fn of(subject: &Subject, origin: Origin) -> Result<Self, InvalidPageRequest> {
        match subject {
            Subject::Url(request) => Self::of_signed(request, origin),
            Subject::Form(form) => Self::of_form(form, origin),
        }
    }

    /// Describes a request to any URL, for which [`with_method`](Self::with_method) states the method.
    ///
    /// # Errors
    /// Fails if the text is no URL with `https://` or `http://`.
    pub fn of_url(url: &str, origin: Origin) -> Result<Self, InvalidPageRequest> {
        let split = SplitUrl::parse(url)?;
        Ok(Self {
            url: written(&split).into(),
            signed: None,
            split,
            origin,
            method: None,
            is_method_known: false,
            headers: Vec::new(),
            is_form: false,
            has_upload_listener: false,
        })
    }

    fn of_signed(request: &SignedRequest, origin: Origin) -> Result<Self, InvalidPageRequest> {
        let SignedRequest { url, method, headers } = request;
        let text = format!(
            "{}://{}{}?{}",
            if url.is_https() { "https" } else { "http" },
            url.host(),
            url.raw_path(),
            url.raw_query()
        );
        let mut page = Self::of_url(&text, origin)?;
        let stated = method.as_deref().or_else(|| url.method_hint());
        page.is_method_known = stated.is_some();
        // Most URLs for browsers are for uploads.
        page.method = Some(stated.unwrap_or("PUT").to_ascii_uppercase().into());
        for name in url.signed_headers() {
            page.set_header(name, request.header(name));
        }
        for (name, value) in headers {
            page.set_header(name, Some(value));
        }
        // A browser adds the type of a file, unless the page sets another. Parts of a file have no type.
        let is_whole_file = page.method.as_deref() == Some("PUT") && url.parameter("partNumber").is_none();
        if is_whole_file && !page.headers.iter().any(|(name, _)| &**name == "content-type") {
            page.set_header("content-type", None);
        }
        page.signed = Some(url.clone());
        Ok(page)
    }

    fn of_form(form: &SignedForm, origin: Origin) -> Result<Self, InvalidPageRequest> {
        let url = form.url().map(written).ok_or(InvalidPageRequest::NoAddress)?;
        let page = Self::of_url(&url, origin)?;
        Ok(Self { method: Some("POST".into()), is_method_known: true, is_form: true, ..page })
    }

    /// Sets the method, in any case.
    ///
    /// # Errors
    /// Fails if pages cannot use the method.
    pub fn with_method(mut self, method: &str) -> Result<Self, InvalidPageRequest> {
        let upper = method.to_ascii_uppercase();
        if !METHODS.contains(&upper.as_str()) {
            return Err(InvalidPageRequest::Method(printable(&upper)));
        }
        // The type was added for the file of a PUT.
        if upper != "PUT" && self.signed.as_ref().is_some_and(|url| !signs(url, "content-type")) {
            self.headers.retain(|(name, value)| &**name != "content-type" || value.is_some());
        }
        self.method = Some(upper.into());
        self.is_method_known = true;
        Ok(self)
    }

    /// Sets a header, whose value is `None` if it is not known. An empty value removes the header.
    ///
    /// # Errors
    /// Fails if the name is not a valid header name.
    pub fn with_header(mut self, name: &str, value: Option<&str>) -> Result<Self, InvalidPageRequest> {
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err(InvalidPageRequest::HeaderName(printable(name)));
        }
        self.set_header(name, value);
        Ok(self)
    }

    fn set_header(&mut self, name: &str, value: Option<&str>) {
        let name: Box<str> = name.to_ascii_lowercase().into();
        let value = value.map(str::trim);
        self.headers.retain(|(known, _)| *known != name);
        if value != Some("") {
            self.headers.push((name, value.map(Into::into)));
        }
    }

    /// States that the page listens to the progress of the upload, for which browsers always send a preflight.
    #[must_use]
    pub fn with_upload_listener(self) -> Self {
        Self { has_upload_listener: true, ..self }
    }

    /// Returns the URL as it is sent. It contains the signature: [`shown_url`](Self::shown_url) does not.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the URL without its query.
    #[must_use]
    pub fn shown_url(&self) -> Redacted {
        let SplitUrl { is_https, host, raw_path, raw_query, .. } = &self.split;
        let scheme = if *is_https { "https" } else { "http" };
        let query = if raw_query.is_some() { "?[redacted]" } else { "" };
        Redacted::new(&format!("{scheme}://{host}{raw_path}{query}"))
    }

    /// Returns host and port of the URL, as written.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.split.host
    }

    /// Returns `true` if the URL begins with `https://`.
    #[must_use]
    pub const fn is_https(&self) -> bool {
        self.split.is_https
    }

    /// Returns `true` if the host is this machine, by its name or address.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        super::local::is_loopback(&self.split.host)
    }

    /// Returns the origin of the page.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns the method, which is `PUT` if nothing states it.
    #[must_use]
    pub fn method(&self) -> &str {
        self.method.as_deref().unwrap_or("PUT")
    }

    /// Returns `true` if the input or the caller states the method, or the URL implies it. Otherwise it is assumed.
    #[must_use]
    pub const fn is_method_known(&self) -> bool {
        self.is_method_known
    }

    /// Fails if nothing says what the URL is for.
    ///
    /// # Errors
    /// The URL has no signature, and [`with_method`](Self::with_method) was not called.
    pub const fn check_method(&self) -> Result<(), InvalidPageRequest> {
        if self.method.is_some() { Ok(()) } else { Err(InvalidPageRequest::NoMethod) }
    }

    /// Returns `true` if the page sends a form.
    #[must_use]
    pub const fn is_form(&self) -> bool {
        self.is_form
    }

    /// Returns whether the request sends a part of a multipart upload.
    pub(super) fn is_part(&self) -> bool {
        let has = |name| self.signed.as_ref().is_some_and(|url| url.parameter(name).is_some());
        let query = self.split.raw_query.as_deref().unwrap_or_default();
        let is_named = |name: &str| query.split('&').any(|pair| pair.split('=').next() == Some(name));
        (has("partNumber") || is_named("partNumber")) && (has("uploadId") || is_named("uploadId"))
    }

    /// Returns the names of the headers that browsers do not let a page set, and that the request needs.
    pub(super) fn unsettable(&self) -> impl Iterator<Item = &str> {
        let names = self.headers.iter().map(|(name, _)| &**name);
        // Browsers send these two by themselves.
        names.filter(|name| !SignedHeaders::is_settable(name) && !matches!(*name, "host" | "content-length"))
    }

    /// Returns why a browser sends a preflight first, or `None` for a simple request.
    #[must_use]
    pub fn preflight_reason(&self) -> Option<PreflightReason> {
        if !matches!(self.method(), "GET" | "HEAD" | "POST") {
            Some(PreflightReason::Method)
        } else if !self.asked_headers().is_empty() {
            Some(PreflightReason::Headers)
        } else {
            self.has_upload_listener.then_some(PreflightReason::UploadListener)
        }
    }

    /// Returns the preflight of the request. For a simple request it is the one of a page that listens to the progress of the upload.
    #[must_use]
    pub fn preflight(&self) -> Preflight {
        Preflight { origin: self.origin.clone(), method: self.method().into(), headers: self.asked_headers() }
    }

    fn asked_headers(&self) -> Vec<Box<str>> {
        // Headers that a page cannot set do not occur in its request.
        let settable = self.headers.iter().filter(|(name, _)| SignedHeaders::is_settable(name));
        unsafe_names(settable.map(|(name, value)| (&**name, value.as_deref()))).into_iter().collect()
    }
}

impl fmt::Debug for PageRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageRequest")
            .field("url", &self.shown_url())
            .field("preflight", &self.preflight())
            .finish_non_exhaustive()
    }
}

impl Preflight {
    /// Returns the method that the page wants to use.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns the names of the headers that need permission: in lower case, sorted.
    #[must_use]
    pub fn headers(&self) -> impl ExactSizeIterator<Item = &str> {
        self.headers.iter().map(|name| &**name)
    }

    /// Returns the headers that a browser sends with the preflight, names in lower case.
    ///
    /// Source: <https://fetch.spec.whatwg.org/#cors-preflight-fetch>.
    #[must_use]
    pub fn header_fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = vec![
            ("origin", self.origin.to_string()),
            ("access-control-request-method", self.method.to_string()),
        ];
        if !self.headers.is_empty() {
            // Browsers write no space behind the commas.
            fields.push(("access-control-request-headers", self.headers.join(",")));
        }
        fields
    }
}

fn written(split: &SplitUrl) -> String {
    let SplitUrl { is_https, host, raw_path, raw_query, .. } = split;
    let scheme = if *is_https { "https" } else { "http" };
    let query = raw_query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{scheme}://{host}{raw_path}{query}")
}

fn signs(url: &SignedUrl, header: &str) -> bool {
    url.signed_headers().iter().any(|name| name.eq_ignore_ascii_case(header))
}

fn printable(text: &str) -> Box<str> {
    text.chars().take(MAX_QUOTED).map(|it| if it.is_ascii_graphic() { it } else { '_' }).collect()
}
