//! Messages of a browser's console about requests that it blocked, or that were answered with an error.
//!
//! The texts are those of Chrome (`third_party/blink/renderer/platform/loader/cors/cors_error_string.cc`), of Firefox
//! (<https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CORS/Errors>) and of Safari (`CrossOriginAccessControl.cpp` of WebKit).

/// Why a browser blocked a request, in its own words.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Blocked {
    pub(crate) url: Option<Box<str>>,
    /// The origin of the page; `null` for a file or a sandboxed frame.
    pub(crate) origin: Option<Box<str>>,
    pub(crate) reason: Reason,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Reason {
    Origin,
    /// The origin of the rule that answered differs.
    OtherOrigin(Box<str>),
    /// The answer allows several origins.
    SeveralOrigins,
    /// The answer does not permit credentials.
    Credentials,
    Method(Box<str>),
    Header(Box<str>),
    Redirect,
    MixedContent,
    /// The page's own policy. Whether it only reports.
    Csp {
        is_report: bool,
    },
    /// The preflight was answered with an error.
    Refused,
    /// The request failed below HTTP, for example with `ERR_CONNECTION_RESET`.
    Network(Box<str>),
    /// The browser says no more than that the request failed.
    Unknown,
    /// It is not the browser that refused the request: only the status is known.
    Answered,
}

/// What a console shows of a request.
pub(super) struct Shown {
    pub(super) blocked: Blocked,
    /// The status of the answer, if the console shows one.
    pub(super) status: Option<u16>,
}

/// Reads messages of Chrome, Firefox or Safari. Of several lines, the one that says most counts.
pub(super) fn read(text: &str) -> Option<Shown> {
    // Firefox and Safari write typographic quotation marks.
    let text = text.replace(['‘', '’', '“', '”'], "'").replace('"', "'");
    let status = status(&text);
    let reason = reason(&text, &text.to_ascii_lowercase()).or(status.map(|_| Reason::Answered))?;
    // The status of a preflight is not that of the upload.
    let status = status.filter(|_| !text.to_ascii_lowercase().contains("preflight"));
    let origin =
        between(&text, "from origin '", "'").or_else(|| word_between(&text, "Origin ", " is not allowed by"));
    let blocked = Blocked { url: url(&text), origin, reason };
    Some(Shown { blocked, status })
}

/// Parts of messages in lower case that have one meaning.
const TEXTS: [(&str, Reason); 31] = [
    ("mixed content", Reason::MixedContent),
    ("blocked loading mixed active content", Reason::MixedContent),
    ("was not allowed to run insecure content", Reason::MixedContent),
    ("was not allowed to display insecure content", Reason::MixedContent),
    ("redirect is not allowed for a preflight", Reason::Redirect),
    ("cors request external redirect not allowed", Reason::Redirect),
    ("cross-origin redirection to", Reason::Redirect),
    ("header contains multiple values", Reason::SeveralOrigins),
    ("access-control-allow-origin cannot contain more than one origin", Reason::SeveralOrigins),
    ("multiple cors header 'access-control-allow-origin' not allowed", Reason::SeveralOrigins),
    ("the request's credentials mode is 'include'", Reason::Credentials),
    ("credential is not supported if the cors header", Reason::Credentials),
    ("expected 'true' in cors header 'access-control-allow-credentials'", Reason::Credentials),
    ("when credentials flag is true", Reason::Credentials),
    ("credentials flag is true, but", Reason::Credentials),
    ("credentials flag is 'true'", Reason::Credentials),
    ("does not have http ok status", Reason::Refused),
    ("cors preflight response did not succeed", Reason::Refused),
    ("cors preflight channel did not succeed", Reason::Refused),
    ("preflight response is not successful", Reason::Refused),
    ("no 'access-control-allow-origin' header", Reason::Origin),
    ("'access-control-allow-origin' missing", Reason::Origin),
    ("is not allowed by access-control-allow-origin", Reason::Origin),
    ("header contains the invalid value", Reason::Origin),
    ("failed to fetch", Reason::Unknown),
    ("networkerror when attempting", Reason::Unknown),
    ("load failed", Reason::Unknown),
    ("due to access control checks", Reason::Unknown),
    ("axioserror: network error", Reason::Unknown),
    ("blocked by cors policy", Reason::Unknown),
    ("cross-origin request blocked", Reason::Unknown),
];

fn reason(text: &str, lower: &str) -> Option<Reason> {
    if lower.contains("content security policy") || lower.contains("content-security-policy") {
        return Some(Reason::Csp {
            is_report: lower.contains("report only") || lower.contains("report-only"),
        });
    }
    let header = word_after(text, "equest header field ")
        .or_else(|| between(text, "eader '", "' is not allowed according to"))
        .or_else(|| between(text, "issing token '", "' in CORS header 'Access-Control-Allow-Headers'"))
        .or_else(|| between(text, "nvalid token '", "' in CORS header 'Access-Control-Allow-Headers'"));
    if let Some(name) = header {
        return Some(Reason::Header(name));
    }
    if lower.contains("is not allowed by access-control-allow-methods") {
        return Some(Reason::Method(word_after(text, "Method ")?));
    }
    if lower.contains("did not find method in")
        || lower.contains("in cors header 'access-control-allow-methods'")
    {
        return Some(Reason::Method("".into()));
    }
    let other = between(text, "header has a value '", "' that is not equal")
        .or_else(|| between(text, "'Access-Control-Allow-Origin' does not match '", "'"));
    if let Some(other) = other {
        return Some(Reason::OtherOrigin(other));
    }
    let known = TEXTS.iter().find(|(part, reason)| *reason != Reason::Unknown && lower.contains(part));
    if let Some((_, reason)) = known {
        return Some(reason.clone());
    }
    // `ERR_FAILED` says no more than that a browser blocked the request; the lines above it say why.
    let name = text.split_once("net::").and_then(|(_, rest)| rest.split([' ', '\n', ')', '\'']).next());
    if let Some(name) = name.map(str::trim).filter(|name| name.starts_with("ERR_") && *name != "ERR_FAILED") {
        return Some(Reason::Network(name.get(..64).unwrap_or(name).into()));
    }
    let is_unknown = name == Some("ERR_FAILED") || TEXTS.iter().any(|(part, _)| lower.contains(part));
    is_unknown.then_some(Reason::Unknown)
}

/// Reads the status of `PUT https://… 403 (Forbidden)`, of `net::ERR_FAILED 403 (Forbidden)`, and of what libraries print.
fn status(text: &str) -> Option<u16> {
    let after = |start: &str| text.split_once(start).map(|(_, rest)| rest);
    let of_libraries = ["responded with a status of ", "failed with status code ", "Status code: "]
        .into_iter()
        .find_map(after);
    let of_line = || {
        let line =
            text.lines().find(|line| method_and_url(line).is_some() && line.trim_end().ends_with(')'))?;
        line.rsplit_once(" (").and_then(|(rest, _)| rest.rsplit(' ').next())
    };
    let digits = of_libraries.and_then(|rest| rest.get(..3)).or_else(of_line)?;
    digits.parse().ok().filter(|status| (100..600).contains(status))
}

/// Returns the URL of the request.
fn url(text: &str) -> Option<Box<str>> {
    let of_line = || text.lines().find_map(method_and_url).map(|(_, url)| url.into());
    let quoted = [
        "at '",
        "onnect to '",
        "onnecting to '",
        "form data to '",
        "insecure resource '",
        "insecure content from ",
    ];
    let found =
        quoted.into_iter().find_map(|start| between(text, start, "'").filter(|url| url.starts_with("http")));
    let word = |start: &str| text.split_once(start).and_then(|(_, rest)| rest.split([' ', '\n', ')']).next());
    let words = ["resource at ", "(connect-src) at ", "cannot load ", "onnect to ", "insecure content from "];
    let words = || words.into_iter().find_map(word).map(|url| url.trim_end_matches(['.', ',']).into());
    let found = found.or_else(of_line).or_else(words)?;
    (found.starts_with("http") && found.len() < 32 * 1024).then_some(found)
}

/// Reads the beginning of a line such as `PUT https://host/key 403 (Forbidden)`.
fn method_and_url(line: &str) -> Option<(&str, &str)> {
    let mut words = line
        .split_ascii_whitespace()
        .skip_while(|word| !["PUT", "POST", "GET", "HEAD", "DELETE", "OPTIONS"].contains(word));
    let (method, url) = (words.next()?, words.next()?);
    url.starts_with("http").then_some((method, url))
}

fn between(text: &str, start: &str, end: &str) -> Option<Box<str>> {
    let (_, rest) = text.split_once(start)?;
    let (found, _) = rest.split_once(end)?;
    (!found.is_empty() && found.len() < 32 * 1024).then(|| found.into())
}

/// Returns a single word between two texts, without quotation marks.
fn word_between(text: &str, start: &str, end: &str) -> Option<Box<str>> {
    let word = between(text, start, end)?;
    let word = word.trim_matches('\'');
    (!word.is_empty() && !word.contains(' ')).then(|| word.into())
}

/// Returns the word after a text.
fn word_after(text: &str, start: &str) -> Option<Box<str>> {
    let (_, rest) = text.split_once(start)?;
    let word = rest.trim_start_matches('\'').split([' ', '\'', '.', ',']).next()?;
    (!word.is_empty() && word.len() <= 128).then(|| word.into())
}
