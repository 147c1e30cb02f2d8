//! The answer to a preflight.

use std::fmt;
use std::net::IpAddr;

use crate::evidence::Answer;
use crate::redacted::Redacted;

/// The answer of a server to a preflight.
#[derive(Clone, Default)]
pub struct PreflightAnswer {
    pub(super) status: u16,
    /// Names in lower case.
    pub(super) headers: Vec<(Box<str>, Box<str>)>,
    pub(super) body: Box<str>,
    pub(super) address: Option<IpAddr>,
}

impl PreflightAnswer {
    /// The largest body that is looked at, in bytes. Error documents are shorter.
    pub const MAX_BODY: usize = 64 * 1024;

    /// Creates an answer. The names of headers can have any case; of a long body the first [`MAX_BODY`](Self::MAX_BODY) bytes are kept.
    #[must_use]
    pub fn new<N: AsRef<str>, V: AsRef<str>>(
        status: u16,
        headers: impl IntoIterator<Item = (N, V)>,
        body: &str,
    ) -> Self {
        let headers = headers
            .into_iter()
            .map(|(name, value)| (name.as_ref().to_ascii_lowercase().into(), value.as_ref().trim().into()));
        let body = body.get(..body.floor_char_boundary(Self::MAX_BODY)).unwrap_or_default();
        Self { status, headers: headers.collect(), body: body.into(), address: None }
    }

    /// Sets the address of the server. Browsers ask the user before a page of the internet reaches one of a private network.
    #[must_use]
    pub fn with_address(self, address: IpAddr) -> Self {
        Self { address: Some(address), ..self }
    }

    /// Returns the status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Returns the headers that browsers look at, in the order of the answer. Values are redacted.
    pub fn cors_headers(&self) -> impl Iterator<Item = (&str, Redacted)> {
        let shown = self.headers.iter().filter(|(name, _)| {
            name.starts_with("access-control-") || matches!(&**name, "vary" | "location" | "server")
        });
        shown.map(|(name, value)| {
            // A redirect repeats the query with the signature.
            let value =
                if &**name == "location" { value.split('?').next().unwrap_or_default() } else { value };
            (&**name, Redacted::new(&visible(value)))
        })
    }

    pub(super) fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(super) fn header(&self, name: &str) -> Option<String> {
        self.to_answer().header(name)
    }

    pub(super) fn to_answer(&self) -> Answer {
        Answer {
            status: Some(self.status),
            headers: self.headers.clone(),
            body: self.body.clone(),
            ..Answer::default()
        }
    }
}

impl fmt::Debug for PreflightAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreflightAnswer").field("status", &self.status).finish_non_exhaustive()
    }
}

/// Replaces characters that control a terminal.
fn visible(text: &str) -> String {
    text.chars().take(300).map(|it| if it.is_control() { ' ' } else { it }).collect()
}
