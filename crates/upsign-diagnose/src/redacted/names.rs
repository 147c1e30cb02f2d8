//! Names whose values are secrets.

/// What to do with the value of a name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Treatment {
    /// Keep the first characters.
    Shorten,
    /// Keep nothing, up to the end of the line or of the quoted text.
    Remove,
    /// Keep nothing, up to the end of the element.
    RemoveElement,
}

pub(super) const REMOVED: &str = "[removed]";

/// Names in lower case, of query parameters, form fields, headers, and members of JSON and XML.
pub(super) const NAMES: [(&str, Treatment); 33] = [
    ("x-amz-signature", Treatment::Shorten),
    ("x-amz-security-token", Treatment::Shorten),
    ("x-amz-s3session-token", Treatment::Shorten),
    ("x-amz-server-side-encryption-customer-key", Treatment::Shorten),
    ("x-amz-copy-source-server-side-encryption-customer-key", Treatment::Shorten),
    ("x-amz-cf-signature", Treatment::Shorten),
    ("x-goog-signature", Treatment::Shorten),
    ("x-goog-encryption-key", Treatment::Shorten),
    ("x-ms-encryption-key", Treatment::Shorten),
    ("signature", Treatment::Shorten),
    ("signatureprovided", Treatment::Shorten),
    ("sig", Treatment::Shorten),
    ("cloudfront-signature", Treatment::Shorten),
    ("x-api-key", Treatment::Shorten),
    ("bearer", Treatment::Shorten),
    ("token", Treatment::Shorten),
    ("access_token", Treatment::Shorten),
    ("id_token", Treatment::Shorten),
    ("refresh_token", Treatment::Shorten),
    ("session_token", Treatment::Shorten),
    ("sessiontoken", Treatment::Shorten),
    ("aws_session_token", Treatment::Shorten),
    ("aws_secret_access_key", Treatment::Shorten),
    ("secret_access_key", Treatment::Shorten),
    ("secretaccesskey", Treatment::Shorten),
    ("uploadtoken", Treatment::Shorten),
    ("password", Treatment::Shorten),
    ("authorization", Treatment::Remove),
    ("proxy-authorization", Treatment::Remove),
    ("cookie", Treatment::Remove),
    ("set-cookie", Treatment::Remove),
    ("stringtosignbytes", Treatment::RemoveElement),
    ("canonicalrequestbytes", Treatment::RemoveElement),
];

impl Treatment {
    pub(super) fn apply(self, secret: &str) -> String {
        match self {
            Self::Shorten => shorten(secret),
            Self::Remove => REMOVED.to_owned(),
            Self::RemoveElement => format!("[{} bytes removed]", secret.split_ascii_whitespace().count()),
        }
    }
}

/// Returns the first four characters of a long secret, or none of a short one.
pub(super) fn shorten(secret: &str) -> String {
    let shown = if secret.len() >= 16 { 4 } else { 0 };
    let mut text: String = secret.chars().take(shown).collect();
    // The beginning of a percent-encoded byte cannot be read.
    if let Some(at) = text.find('%') {
        text.truncate(at);
    }
    if !secret.is_empty() {
        text.push('…');
    }
    text
}
