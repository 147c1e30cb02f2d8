//! One request of an experiment, before it is signed, and what is expected of its answer.

use std::fmt;

/// The content of every object and part: the input of the check values of the CRC catalogue
/// (<https://reveng.sourceforge.io/crc-catalogue/all.htm>).
pub(crate) const BODY: &str = "123456789";

/// The body of PutObjectTagging.
const TAGS: &str = "<Tagging xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><TagSet><Tag><Key>probe</Key><Value>2</Value></Tag></TagSet></Tagging>";

/// The SHA-256 of [`TAGS`]: S3 requires a checksum of this body
/// (<https://docs.rs/crate/aws-sdk-s3/1.157.0/source/src/operation/put_object_tagging.rs>).
pub(crate) const SHA256_OF_TAGS: &str = "f27N82ife0bP4Cn/Es57kt44lok80+rBnEV/4Ty/lfM=";

/// A request. Values of headers and parameters may contain `{etag}`, `{version}` and `{source}`, which the run replaces.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) call: Call,
    /// The end of the key. The folder of the experiment precedes it.
    pub(crate) key: &'static str,
    /// Headers to sign, or the fields of a form.
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) body: &'static str,
    /// Seconds between the time of signing and now.
    pub(crate) clock: i64,
    pub(crate) alteration: Option<Alteration>,
    pub(crate) expected: Expected,
}

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Put,
    Get,
    Head,
    Delete,
    /// Copies the object at `{source}`.
    Copy,
    GetTags,
    PutTags,
    Create,
    /// Uploads the part with this number.
    Part(u64),
    /// Completes the upload with the parts that were uploaded.
    Complete,
    Abort,
    /// A form for files of at most this many bytes.
    Form(u64),
    /// Reads a setting of the bucket, which the parameter names. Signed in the `Authorization` header.
    Setting(&'static str),
}

/// A change after the request was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alteration {
    /// Removes `X-Amz-Signature`.
    WithoutSignature,
    /// Changes the last digit of the signature, in the query or in the `Authorization` header.
    OtherSignature,
    /// Replaces the value of `X-Amz-Algorithm`.
    OtherAlgorithm,
    /// Adds a header that is not signed.
    AddedHeader(&'static str, &'static str),
    /// Replaces the value of a signed header.
    OtherHeader(&'static str, &'static str),
}

/// What the answer must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// Success. Without it, nothing can be said about the feature.
    Prepared,
    /// Success. A refusal shows that the feature is missing.
    Accepted,
    /// One of these statuses. Success shows that the feature is missing.
    Refused(&'static [u16]),
    /// Any refusal, which proves nothing. Success shows that the feature is missing.
    Inconclusive,
    /// Exactly this status. Another one of success or refusal shows that the feature is missing.
    Status(u16),
    /// Success with this header.
    Header(&'static str, &'static str),
    /// Success with this text in the body.
    Text(&'static str),
    /// Success with this text in the body. Without it, nothing can be said about the feature.
    Shown(&'static str),
}

/// The statuses with which stores refuse requests with a wrong signature.
pub(crate) const UNAUTHENTIC: &[u16] = &[400, 401, 403];

impl Step {
    pub(crate) fn new(call: Call, key: &'static str, expected: Expected) -> Self {
        let body = match call {
            Call::Put | Call::Part(_) | Call::Form(_) => BODY,
            Call::PutTags => TAGS,
            _ => "",
        };
        let headers = Vec::new();
        Self { call, key, headers, query: Vec::new(), body, clock: 0, alteration: None, expected }
    }

    /// Uploads an object that other steps need.
    pub(crate) fn put(key: &'static str) -> Self {
        Self::new(Call::Put, key, Expected::Prepared)
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn parameter(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    pub(crate) fn altered(self, alteration: Alteration) -> Self {
        Self { alteration: Some(alteration), ..self }
    }

    pub(crate) fn signed_at(self, clock: i64) -> Self {
        Self { clock, ..self }
    }

    pub(crate) fn with_body(self, body: &'static str) -> Self {
        Self { body, ..self }
    }
}

impl Call {
    pub(crate) const fn method(self) -> &'static str {
        match self {
            Self::Put | Self::Copy | Self::PutTags | Self::Part(_) => "PUT",
            Self::Get | Self::GetTags | Self::Setting(_) => "GET",
            Self::Head => "HEAD",
            Self::Delete | Self::Abort => "DELETE",
            Self::Create | Self::Complete | Self::Form(_) => "POST",
        }
    }

    /// Returns whether the request can store something.
    pub(crate) const fn stores(self) -> bool {
        matches!(self, Self::Put | Self::Copy | Self::Complete | Self::Form(_) | Self::Create)
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Put => f.write_str("PutObject"),
            Self::Get => f.write_str("GetObject"),
            Self::Head => f.write_str("HeadObject"),
            Self::Delete => f.write_str("DeleteObject"),
            Self::Copy => f.write_str("CopyObject"),
            Self::GetTags => f.write_str("GetObjectTagging"),
            Self::PutTags => f.write_str("PutObjectTagging"),
            Self::Create => f.write_str("CreateMultipartUpload"),
            Self::Part(number) => write!(f, "UploadPart {number}"),
            Self::Complete => f.write_str("CompleteMultipartUpload"),
            Self::Abort => f.write_str("AbortMultipartUpload"),
            Self::Form(_) => f.write_str("PostObject"),
            Self::Setting(name) => write!(f, "bucket?{name}"),
        }
    }
}

impl fmt::Display for Alteration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WithoutSignature => f.write_str("without its signature"),
            Self::OtherSignature => f.write_str("with another signature"),
            Self::OtherAlgorithm => f.write_str("with another algorithm"),
            Self::AddedHeader(name, _) => write!(f, "with an unsigned {name}"),
            Self::OtherHeader(name, _) => write!(f, "with another {name} than signed"),
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prepared | Self::Accepted => f.write_str("2xx"),
            Self::Refused(statuses) => {
                let texts: Vec<String> = statuses.iter().map(ToString::to_string).collect();
                f.write_str(&texts.join(" or "))
            }
            Self::Inconclusive => f.write_str("a refusal"),
            Self::Status(status) => write!(f, "{status}"),
            Self::Header(name, value) => write!(f, "2xx with {name}: {value}"),
            Self::Text(text) | Self::Shown(text) => write!(f, "2xx with {text} in the body"),
        }
    }
}

impl Step {
    /// Writes the request in a few words, as in `PutObject KEY (if-none-match: *)`.
    pub(crate) fn describe(&self, key: &str) -> String {
        let name = self.call.to_string();
        let name = if matches!(self.call, Call::Setting(_)) { name } else { format!("{name} {key}") };
        let pairs = self.headers.iter().map(|(name, value)| format!("{name}: {}", short(value)));
        let pairs = pairs.chain(self.query.iter().map(|(name, value)| format!("?{name}={}", short(value))));
        let mut pairs: Vec<String> = pairs.collect();
        if let Call::Form(max) = self.call {
            pairs.push(format!("at most {max} bytes"));
        }
        if self.clock != 0 {
            let side = if self.clock < 0 { "ago" } else { "ahead" };
            pairs.push(format!("signed for {} s {side}", self.clock.abs()));
        }
        pairs.extend(self.alteration.map(|alteration| alteration.to_string()));
        if pairs.is_empty() { name } else { format!("{name} ({})", pairs.join(", ")) }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe(self.key))
    }
}

/// Shortens long checksums.
fn short(value: &str) -> String {
    match value.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) if !value.contains(' ') => format!("{}…", value.get(..end).unwrap_or_default()),
        _ => value.to_owned(),
    }
}

const MAX_SHOWN: usize = 34;
