//! Known differences between a server and S3.

use crate::files::Difference;
use crate::replacing::MISSING;
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

/// Files that a server stores otherwise than S3, and other answers to their uploads. As of [`KNOWN`], every run must find at
/// least one of each row.
pub(crate) struct FileDeviation {
    pub(crate) server: ServerName,
    applies_to: fn(&Difference) -> bool,
    /// What the server does instead.
    pub(crate) behavior: &'static str,
}

/// The known differences of files, for the same versions.
pub(crate) const OF_FILES: &[FileDeviation] = &[
    FileDeviation {
        server: ServerName::SeaweedFs,
        applies_to: |found| found.what == "content-type" && found.expected == "application/octet-stream",
        behavior: "treats application/octet-stream as a missing type and derives one from the key",
    },
    FileDeviation {
        server: ServerName::SeaweedFs,
        applies_to: |found| found.what == MISSING && found.found == "412",
        behavior: "answers If-Match for a key without an object with 412 instead of 404",
    },
];

/// Removes the differences that are known. Returns a line for each of the others, and for each row that no longer holds.
pub(crate) fn unknown(server: ServerName, differences: &[(String, Difference)]) -> Vec<String> {
    let rows: Vec<&FileDeviation> = OF_FILES.iter().filter(|row| row.server == server).collect();
    let is_new = |difference: &Difference| !rows.iter().any(|row| (row.applies_to)(difference));
    let new = differences.iter().filter(|(_, difference)| is_new(difference)).map(|(name, difference)| {
        let Difference { what, expected, found } = difference;
        format!("{server}: {name}: {what}: expected {expected:?}, found {found:?}")
    });
    let holds = |row: &FileDeviation| differences.iter().any(|(_, difference)| (row.applies_to)(difference));
    let repaired = rows.iter().filter(|row| !holds(row));
    let repaired =
        repaired.map(|row| format!("{server}: {}: answers like S3 now; remove the row", row.behavior));
    new.chain(repaired).collect()
}

/// Returns how often each row of [`OF_FILES`] was found.
pub(crate) fn summary(server: ServerName, differences: &[(String, Difference)]) -> String {
    let rows = OF_FILES.iter().filter(|row| row.server == server);
    let count = |row: &FileDeviation| differences.iter().filter(|(_, found)| (row.applies_to)(found)).count();
    let lines = rows.map(|row| format!("\n  {} times: {}", count(row), row.behavior));
    let lines: String = lines.collect();
    let but = if lines.is_empty() { "" } else { ", except for" };
    format!("every file is stored as it was signed{but}{lines}")
}
