//! Known differences between a server and S3.

use crate::report::EFFECT;
use crate::requests::{Case, Kind};
use crate::server::ServerName;

/// Requests that a server answers differently than S3.
///
/// Every run must find at least one of them. Otherwise the server was repaired, and the row has to be removed.
pub(crate) struct Deviation {
    pub(crate) server: ServerName,
    pub(crate) mutation: &'static str,
    /// Selects the requests that are answered differently.
    pub(crate) applies_to: fn(&Case) -> bool,
    /// What the server does instead.
    pub(crate) behavior: &'static str,
}

/// The known differences of the versions that `crates/xtask/tools/requirements.txt` pins.
pub(crate) const KNOWN: &[Deviation] = &[
    Deviation {
        server: ServerName::SeaweedFs,
        mutation: "date: an hour ahead",
        applies_to: |_| true,
        behavior: "checks when a URL expires, but not whether its date is in the future",
    },
    Deviation {
        server: ServerName::SeaweedFs,
        mutation: EFFECT,
        applies_to: |case| case.headers.get("content-type") == Some("application/octet-stream"),
        behavior: "treats application/octet-stream as a missing type and derives one from the key",
    },
    Deviation {
        server: ServerName::Ministack,
        mutation: "signature: removed",
        applies_to: |case| !case.temporary,
        behavior: "treats a URL without X-Amz-Signature as not presigned, and trusts its access key",
    },
    Deviation {
        server: ServerName::Ministack,
        mutation: "algorithm",
        applies_to: |case| !case.temporary,
        behavior: "verifies AWS4-HMAC-SHA256 only, and trusts the access key for every other algorithm",
    },
    Deviation {
        server: ServerName::Ministack,
        mutation: "header: an additional x-amz-meta-*",
        applies_to: |_| true,
        behavior: "does not require x-amz-* headers to be signed",
    },
    Deviation {
        server: ServerName::Ministack,
        mutation: "header: an additional x-amz-acl",
        applies_to: |case| !matches!(case.kind, Kind::Put | Kind::Create),
        behavior: "does not require x-amz-* headers to be signed; PUT and CreateMultipartUpload refuse the ACL itself",
    },
    Deviation {
        server: ServerName::Ministack,
        mutation: EFFECT,
        applies_to: |case| case.query.iter().any(|(_, value)| !value.is_ascii()),
        behavior: "sends the value of a response-* parameter in Latin-1 instead of UTF-8",
    },
];

/// Returns `true` if the server is known to differ from S3 for a mutation of this request.
pub(crate) fn is_known(server: ServerName, mutation: &str, case: &Case) -> bool {
    KNOWN.iter().any(|row| row.server == server && row.mutation == mutation && (row.applies_to)(case))
}
