//! The headers and form fields that a route fixes, sent to S3 servers: they store the object and return what it was stored
//! with, as far as their profiles say so.

use upsign::Upload;
use upsign::policy::{
    ChecksumAlgorithm, Checksums, Encryption, EncryptionContext, FormOptions, HeaderOptions, KmsKey,
    LockMode, LockOptions, OtherHeaders, Retention, StorageOptions, SuccessStatus, UploadMethod,
    UploadPolicyBuilder,
};
use upsign_core::{Capabilities, Provider};

use crate::files::{Difference, builder, described, grant, head, send};
use crate::server::{Server, ServerName};

/// The SHA-256 of the content of every file.
const SHA256: &str = "9mnY7EnWb7w/rF7BdfAazum2dnOrQzk7xkS44Xu+qII=";

/// One setting, or several that belong together.
struct Case {
    name: &'static str,
    apply: fn(UploadPolicyBuilder) -> UploadPolicyBuilder,
    /// Whether a form has a field for the setting.
    in_forms: bool,
    /// Whether the profile of a store says that it has the feature.
    has: fn(&Capabilities) -> bool,
    /// Headers that HEAD returns, with their values.
    shown: &'static [(&'static str, &'static str)],
}

const CASES: [Case; 9] = [
    Case {
        name: "content_encoding",
        apply: |policy| policy.headers(HeaderOptions::new().content_encoding("br".parse().unwrap())),
        in_forms: true,
        has: |_| true,
        shown: &[("content-encoding", "br")],
    },
    Case {
        name: "content_language",
        apply: |policy| policy.headers(HeaderOptions::new().content_language("de, en-GB".parse().unwrap())),
        in_forms: false,
        has: |_| true,
        shown: &[("content-language", "de, en-GB")],
    },
    Case {
        name: "expires",
        apply: |policy| policy.headers(HeaderOptions::new().expires("2037-01-01T00:00:00Z".parse().unwrap())),
        in_forms: true,
        has: |_| true,
        shown: &[("expires", "Thu, 01 Jan 2037 00:00:00 GMT")],
    },
    Case {
        name: "website_redirect",
        apply: |policy| policy.headers(HeaderOptions::new().website_redirect("/moved.html".parse().unwrap())),
        in_forms: true,
        has: |can| can.website_redirect,
        shown: &[("x-amz-website-redirect-location", "/moved.html")],
    },
    Case {
        name: "kms_context and bucket_key",
        apply: |policy| {
            let mut context = EncryptionContext::new();
            context.insert("tenant", "acme").unwrap();
            let encryption = Encryption::Kms(KmsKey::CustomerManaged("alias/uploads".parse().unwrap()));
            let kms = StorageOptions::new().encryption(encryption).kms_context(context).bucket_key(true);
            policy.storage(kms)
        },
        in_forms: true,
        has: |can| can.kms,
        shown: &[
            ("x-amz-server-side-encryption", "aws:kms"),
            ("x-amz-server-side-encryption-bucket-key-enabled", "true"),
        ],
    },
    Case {
        name: "object_lock",
        apply: |policy| {
            let retention = Retention::new(LockMode::Governance, 1).unwrap();
            policy.lock(LockOptions::new().retention(retention))
        },
        in_forms: false,
        has: |can| can.object_lock,
        shown: &[("x-amz-object-lock-mode", "GOVERNANCE")],
    },
    Case {
        name: "legal_hold",
        apply: |policy| policy.lock(LockOptions::new().legal_hold(true)),
        in_forms: false,
        has: |can| can.object_lock,
        shown: &[("x-amz-object-lock-legal-hold", "ON")],
    },
    Case {
        name: "headers",
        apply: |policy| {
            let mut others = OtherHeaders::new();
            others.insert("x-amz-request-payer", "requester").unwrap();
            policy.headers(HeaderOptions::new().others(others))
        },
        in_forms: false,
        has: |_| true,
        shown: &[],
    },
    Case {
        name: "expected_bucket_owner",
        apply: |policy| {
            // No server has this account.
            policy.headers(HeaderOptions::new().expected_bucket_owner("999999999999".parse().unwrap()))
        },
        in_forms: false,
        has: |can| can.expected_bucket_owner,
        shown: &[],
    },
];

/// Uploads a file with each setting that the server has. Returns what is not as S3 does it.
pub(crate) async fn run(server: &Server) -> Vec<(String, Difference)> {
    let can = capabilities(server.name);
    let mut differences = Vec::new();
    for case in CASES.iter().filter(|case| (case.has)(&can)) {
        for method in [UploadMethod::Put, UploadMethod::Post] {
            if method == UploadMethod::Put || case.in_forms {
                let found = upload(server, case, method).await;
                let name = format!("{} by {method:?}", case.name);
                differences.extend(found.into_iter().map(|difference| (name.clone(), difference)));
            }
        }
    }
    differences.extend(answers(server).await);
    differences
}

/// Returns what the configuration would assume about the server. Ministack emulates AWS.
const fn capabilities(name: ServerName) -> Capabilities {
    match name {
        ServerName::SeaweedFs => Provider::SeaweedFs.capabilities(),
        ServerName::RustFs => Provider::RustFs.capabilities(),
        ServerName::Ministack => Provider::Aws.capabilities(),
        // It belongs to no account.
        ServerName::Local => {
            let mut can = Provider::Aws.capabilities();
            can.expected_bucket_owner = false;
            can
        }
    }
}

fn policy(server: &Server, method: UploadMethod) -> UploadPolicyBuilder {
    builder(server.long_term.target.clone(), "headers/{id}.txt")
        .content_types(["text/plain"])
        .checksums(Checksums::Required([ChecksumAlgorithm::Sha256].into()))
        .method(method)
}

async fn upload(server: &Server, case: &Case, method: UploadMethod) -> Vec<Difference> {
    let policy = (case.apply)(policy(server, method)).build().unwrap();
    let request = described().with_content_type("text/plain").with_checksum("sha256", SHA256);
    let grant = grant(server, policy, &request).await;
    let answer = send(server, &grant).await;
    let expected = match (case.name, method) {
        ("expected_bucket_owner", _) => 403,
        (_, UploadMethod::Put) => 200,
        _ => 204,
    };
    if answer.status != expected {
        return vec![difference("status", &expected.to_string(), &answer.summary())];
    }
    if expected == 403 {
        return Vec::new();
    }
    let stored = head(server, &grant.key).await;
    let mut shown = case.shown.to_vec();
    let until = match &grant.upload {
        Upload::Put(put) => put.headers.get("x-amz-object-lock-retain-until-date").map(str::to_owned),
        _ => None,
    };
    // Servers write fractions of seconds too.
    let found = stored.header("x-amz-object-lock-retain-until-date").replace(".000", "");
    let mut differences = Vec::new();
    if let Some(until) = until.filter(|until| *until != found) {
        differences.push(difference("x-amz-object-lock-retain-until-date", &until, &found));
    }
    shown.retain(|(name, value)| stored.header(name) != *value);
    differences.extend(shown.into_iter().map(|(name, value)| difference(name, value, stored.header(name))));
    differences
}

/// Compares the answers to forms that choose them.
async fn answers(server: &Server) -> Vec<(String, Difference)> {
    let redirect = "https://app.example.com/done";
    let mut differences = Vec::new();
    for (form, status) in [
        (FormOptions::new().success_status(SuccessStatus::Ok), 200),
        (FormOptions::new().success_status(SuccessStatus::Created), 201),
        (FormOptions::new().success_status(SuccessStatus::NoContent), 204),
        (FormOptions::new().success_redirect(redirect.parse().unwrap()), 303),
    ] {
        let policy = policy(server, UploadMethod::Post).form(form).build().unwrap();
        let request = described().with_content_type("text/plain").with_checksum("sha256", SHA256);
        let grant = grant(server, policy, &request).await;
        let answer = send(server, &grant).await;
        let name = format!("answer {status}");
        if answer.status != status {
            differences.push((name.clone(), difference("status", &status.to_string(), &answer.summary())));
        }
        let key = crate::wire::element(&answer.text(), "Key");
        if status == 201 && key != grant.key.as_str() {
            differences.push((name.clone(), difference("Key", grant.key.as_str(), &key)));
        }
        let location = answer.header("location");
        if status == 303 && !location.starts_with(&format!("{redirect}?")) {
            differences.push((name, difference("location", redirect, location)));
        }
    }
    differences
}

fn difference(what: &str, expected: &str, found: &str) -> Difference {
    Difference { what: what.to_owned(), expected: expected.to_owned(), found: found.to_owned() }
}

/// A setting that a server treats otherwise than S3. Every run must find each row.
pub(crate) struct Deviation {
    pub(crate) server: ServerName,
    /// The beginning of the name of the case.
    case: &'static str,
    what: &'static str,
    pub(crate) behavior: &'static str,
}

/// The known differences of the versions that `crates/xtask/tools/requirements.txt` pins.
pub(crate) const KNOWN: &[Deviation] = &[
    Deviation {
        server: ServerName::Ministack,
        case: "website_redirect by Post",
        what: "x-amz-website-redirect-location",
        behavior: "ignores the field of forms",
    },
    Deviation {
        server: ServerName::Ministack,
        case: "kms_context and bucket_key",
        what: "x-amz-server-side-encryption-bucket-key-enabled",
        behavior: "does not say whether an object has a bucket key",
    },
    Deviation {
        server: ServerName::Ministack,
        case: "expected_bucket_owner",
        what: "status",
        behavior: "does not compare the owner of the bucket",
    },
];

impl Deviation {
    fn is(&self, (name, found): &(String, Difference)) -> bool {
        name.starts_with(self.case) && found.what == self.what
    }
}

/// Returns a line for each difference that is not known, and for each known one that no longer exists.
pub(crate) fn unknown(server: ServerName, differences: &[(String, Difference)]) -> Vec<String> {
    let rows: Vec<&Deviation> = KNOWN.iter().filter(|row| row.server == server).collect();
    let new = differences.iter().filter(|found| !rows.iter().any(|row| row.is(found)));
    let new = new.map(|(name, Difference { what, expected, found })| {
        format!("{server}: {name}: {what}: expected {expected:?}, found {found:?}")
    });
    let repaired = rows.iter().filter(|row| !differences.iter().any(|found| row.is(found)));
    let repaired =
        repaired.map(|row| format!("{server}: {}: answers like S3 now; remove the row", row.behavior));
    new.chain(repaired).collect()
}

/// Returns what the server treats otherwise.
pub(crate) fn summary(server: ServerName, differences: &[(String, Difference)]) -> String {
    let rows = KNOWN.iter().filter(|row| row.server == server);
    let found = rows.filter(|row| differences.iter().any(|found| row.is(found)));
    let lines: String = found.map(|row| format!("\n  {}: {}", row.case, row.behavior)).collect();
    let but = if lines.is_empty() { "" } else { ", except for" };
    format!("the headers of a route are stored and obeyed{but}{lines}")
}
