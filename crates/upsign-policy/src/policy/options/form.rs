//! Options for the answer of S3 to a form.

use std::fmt;
use std::str::FromStr;

/// Options for the answer of S3 to an upload by a form ([`UploadMethod::Post`](crate::UploadMethod::Post)).
///
/// TOML keys: `success_action_status`, `success_action_redirect`.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html>.
///
/// ```
/// use upsign_policy::{FormOptions, SuccessStatus};
/// let form = FormOptions::new().success_status(SuccessStatus::Created);
/// let page = FormOptions::new().success_redirect("https://app.example.com/done".parse()?);
/// # Ok::<(), upsign_policy::InvalidSuccessRedirect>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormOptions {
    pub(in crate::policy) success_status: Option<SuccessStatus>,
    pub(in crate::policy) success_redirect: Option<SuccessRedirect>,
}

/// The status with which S3 answers a successful upload.
///
/// ```
/// use upsign_policy::SuccessStatus;
/// assert_eq!(SuccessStatus::from_code(201), Some(SuccessStatus::Created));
/// assert_eq!(SuccessStatus::from_code(303), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SuccessStatus {
    /// 200 without a body.
    Ok,
    /// 201 with an XML document that names the object.
    Created,
    /// 204 without a body, as without this option.
    NoContent,
}

/// The URL of the page to which S3 sends a browser after a successful upload, with the bucket, key and ETag in its query.
///
/// It is for HTML forms that a browser submits itself. `fetch` follows the redirect too, and needs the permission of the page's
/// origin to read the answer.
///
/// ```
/// use upsign_policy::SuccessRedirect;
/// assert!("https://app.example.com/done?from=upload".parse::<SuccessRedirect>().is_ok());
/// assert!("/done".parse::<SuccessRedirect>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SuccessRedirect(Box<str>);

/// The text is not the URL of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a redirect after an upload must be a URL with http:// or https:// and a host, of at most 2048 characters of ASCII without spaces"
)]
#[non_exhaustive]
pub struct InvalidSuccessRedirect;

impl FormOptions {
    /// Returns the defaults: S3 answers 204 without a body.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the status of the answer. Default: not sent; S3 answers 204. Not together with a
    /// [redirect](Self::success_redirect).
    #[must_use]
    pub const fn success_status(mut self, status: SuccessStatus) -> Self {
        self.success_status = Some(status);
        self
    }

    /// Sets the page to which S3 sends the browser, with the status 303. Default: none.
    #[must_use]
    pub fn success_redirect(mut self, url: SuccessRedirect) -> Self {
        self.success_redirect = Some(url);
        self
    }

    /// Returns the fields of the form.
    pub(in crate::policy) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        let status = self.success_status.map(|status| ("success_action_status", status.as_str()));
        let redirect = self.success_redirect.as_ref().map(|url| ("success_action_redirect", url.as_str()));
        status.into_iter().chain(redirect)
    }
}

impl SuccessStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Ok, Self::Created, Self::NoContent];

    /// Returns the value of the field `success_action_status`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "200",
            Self::Created => "201",
            Self::NoContent => "204",
        }
    }

    /// Returns the option with this status code, or `None` if S3 does not support it.
    #[must_use]
    pub const fn from_code(code: u16) -> Option<Self> {
        match code {
            200 => Some(Self::Ok),
            201 => Some(Self::Created),
            204 => Some(Self::NoContent),
            _ => None,
        }
    }
}

impl fmt::Display for SuccessStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

upsign_core::text_type!(SuccessRedirect);

impl SuccessRedirect {
    /// Returns the URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SuccessRedirect {
    type Err = InvalidSuccessRedirect;

    fn from_str(text: &str) -> Result<Self, InvalidSuccessRedirect> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let has_host = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#']));
        // S3 replaces `${filename}` in every field.
        let is_fixed = !text.contains("${");
        if has_host && is_fixed && text.len() <= 2_048 && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidSuccessRedirect)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_are_absolute_urls() {
        for text in ["https://a.example", "http://localhost:5173/done?x=1#y"] {
            assert_eq!(text.parse::<SuccessRedirect>().unwrap(), text);
        }
        let longest = format!("https://a/{}", "b".repeat(2_048 - 10));
        assert_eq!(longest.parse::<SuccessRedirect>().unwrap(), *longest);
        let long = format!("{longest}b");
        for text in [
            "",
            "/done",
            "https://",
            "https:///a",
            "javascript:alert(1)",
            "https://a/${filename}",
            "https://a/ b",
            &long,
        ] {
            assert_eq!(text.parse::<SuccessRedirect>(), Err(InvalidSuccessRedirect), "{text}");
        }
    }

    #[test]
    fn statuses_are_those_of_s3() {
        for status in SuccessStatus::ALL {
            assert_eq!(SuccessStatus::from_code(status.as_str().parse().unwrap()), Some(status));
        }
        assert_eq!(SuccessStatus::from_code(202), None);
    }
}
