//! Where a server is known to differ from S3.

use crate::report::KEPT;
use crate::requests::{Case, Kind};
use crate::server::Name;

/// Requests that a server answers in another way than S3, at least one of them in each run: a row that no longer
/// holds has to leave the table.
pub(crate) struct Deviation {
    pub(crate) server: Name,
    pub(crate) mutation: &'static str,
    pub(crate) of: fn(&Case) -> bool,
    pub(crate) why: &'static str,
}

/// All that are known, of the versions that `crates/xtask/tools/requirements.txt` pins.
pub(crate) const KNOWN: &[Deviation] = &[
    Deviation {
        server: Name::SeaweedFs,
        mutation: "date: an hour ahead",
        of: |_| true,
        why: "checks the end of a URL's life, not its beginning",
    },
    Deviation {
        server: Name::SeaweedFs,
        mutation: KEPT,
        of: |case| case.headers.get("content-type") == Some("application/octet-stream"),
        why: "takes application/octet-stream for no type at all and guesses one from the key",
    },
    Deviation {
        server: Name::Ministack,
        mutation: "signature: left out",
        of: |case| !case.temporary,
        why: "takes a URL without X-Amz-Signature for one that is not presigned, and believes its access key",
    },
    Deviation {
        server: Name::Ministack,
        mutation: "algorithm",
        of: |case| !case.temporary,
        why: "checks AWS4-HMAC-SHA256 alone and believes the access key of any other",
    },
    Deviation {
        server: Name::Ministack,
        mutation: "header: a further x-amz-meta-*",
        of: |_| true,
        why: "does not ask for x-amz-* headers to be signed",
    },
    Deviation {
        server: Name::Ministack,
        mutation: "header: a further x-amz-acl",
        of: |case| !matches!(case.kind, Kind::Put | Kind::Create),
        why: "does not ask for x-amz-* headers to be signed; where an ACL matters it is refused for itself",
    },
    Deviation {
        server: Name::Ministack,
        mutation: KEPT,
        of: |case| case.query.iter().any(|(_, value)| !value.is_ascii()),
        why: "answers what is not ASCII in a response-* parameter in Latin-1",
    },
];

/// Returns `true` if the server is known to differ from S3 for a mutation of this request.
pub(crate) fn excused(server: Name, mutation: &str, case: &Case) -> bool {
    KNOWN.iter().any(|row| row.server == server && row.mutation == mutation && (row.of)(case))
}
