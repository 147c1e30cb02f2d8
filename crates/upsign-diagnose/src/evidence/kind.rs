//! The kinds of evidence.

/// The kind of a text, as it was detected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EvidenceKind {
    /// The XML of a store's error.
    StoreError,
    /// A problem document of the API, or JSON of a gateway.
    ApiError,
    /// An HTML page.
    Page,
    /// An answer with its headers, as `curl -i` prints it.
    HttpAnswer,
    /// A HAR file.
    Har,
    /// The output of `curl -v`.
    CurlVerbose,
    /// A command of curl.
    CurlCommand,
    /// A call of `Invoke-WebRequest` in PowerShell.
    PowerShell,
    /// A call of `fetch`.
    FetchCall,
    /// A message of a browser's console.
    Console,
    /// What `upsign upload` printed, or a program's report of its own request.
    ClientReport,
    /// Nothing but a status or a URL.
    Nothing,
}

impl EvidenceKind {
    /// Returns the kind in words.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::StoreError => "the error of a store",
            Self::ApiError => "the error of an API",
            Self::Page => "an HTML page",
            Self::HttpAnswer => "an HTTP answer",
            Self::Har => "a HAR file",
            Self::CurlVerbose => "the output of curl -v",
            Self::CurlCommand => "a curl command",
            Self::PowerShell => "a command of PowerShell",
            Self::FetchCall => "a call of fetch",
            Self::Console => "a message of a browser's console",
            Self::ClientReport => "the report of a client",
            Self::Nothing => "no record of the request",
        }
    }
}
