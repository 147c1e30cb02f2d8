//! Messages of a browser's console about requests that it blocked.

/// Why a browser blocked a request, in its own words.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Blocked {
    pub(crate) url: Option<Box<str>>,
    pub(crate) origin: Option<Box<str>>,
    pub(crate) reason: Reason,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Reason {
    Origin,
    /// The origin of the rule that answered differs.
    OtherOrigin(Box<str>),
    Method(Box<str>),
    Header(Box<str>),
    Redirect,
    MixedContent,
    /// The preflight was answered with an error.
    Refused,
    /// The browser says no more than that the request failed.
    Unknown,
}

/// Reads a message of Chrome, Firefox or Safari.
pub(super) fn read(text: &str) -> Option<Blocked> {
    let lower = text.to_ascii_lowercase();
    let has = |part: &str| lower.contains(part);
    let is_cors = has("blocked by cors policy")
        || has("cross-origin request blocked")
        || has("access-control-allow-")
        || has("preflight response is not successful");
    let reason = if has("mixed content") || has("blocked loading mixed active content") {
        Reason::MixedContent
    } else if has("redirect is not allowed for a preflight")
        || has("cors request external redirect not allowed")
    {
        Reason::Redirect
    } else if has("request header field ") {
        Reason::Header(word_after(text, "equest header field ")?)
    } else if let Some(name) = between(text, "eader ‘", "’ is not allowed according to") {
        Reason::Header(name)
    } else if has("is not allowed by access-control-allow-methods") {
        Reason::Method(word_after(text, "Method ")?)
    } else if has("did not find method in") {
        Reason::Method("".into())
    } else if let Some(other) = between(text, "header has a value '", "' that is not equal")
        .or_else(|| between(text, "does not match ‘", "’"))
    {
        Reason::OtherOrigin(other)
    } else if has("does not have http ok status")
        || has("cors preflight response did not succeed")
        || has("preflight response is not successful")
    {
        Reason::Refused
    } else if has("no 'access-control-allow-origin' header")
        || has("‘access-control-allow-origin’ missing")
        || has("is not allowed by access-control-allow-origin")
        || has("allow origin ‘")
    {
        Reason::Origin
    } else if is_cors
        || has("failed to fetch")
        || has("networkerror when attempting")
        || has("load failed")
        || has("due to access control checks")
        || has("axioserror: network error")
        || has("net::err_failed")
    {
        Reason::Unknown
    } else {
        return None;
    };
    let url = between(text, "at '", "'").or_else(|| between(text, "resource at ‘", "’"));
    let url = url.or_else(|| between(text, "resource at ", ". (")).filter(|url| url.starts_with("http"));
    Some(Blocked { url, origin: between(text, "from origin '", "'"), reason })
}

fn between(text: &str, start: &str, end: &str) -> Option<Box<str>> {
    let (_, rest) = text.split_once(start)?;
    let (found, _) = rest.split_once(end)?;
    (!found.is_empty() && found.len() < 32 * 1024).then(|| found.into())
}

/// Returns the word after a text, in lower case if it is a header.
fn word_after(text: &str, start: &str) -> Option<Box<str>> {
    let (_, rest) = text.split_once(start)?;
    let word = rest.split([' ', '\'', '’', '.', ',']).next()?;
    (!word.is_empty() && word.len() <= 128).then(|| word.into())
}
