//! What a shared access signature of Azure Storage permits.
//!
//! Source: <https://learn.microsoft.com/rest/api/storageservices/create-service-sas>.

use crate::redacted::Redacted;
use crate::url::SignedUrl;

/// Letters of `sp`, and what each permits.
const PERMISSIONS: [(char, &str); 15] = [
    ('r', "read"),
    ('a', "add"),
    ('c', "create"),
    ('w', "write"),
    ('d', "delete"),
    ('x', "delete versions"),
    ('y', "delete permanently"),
    ('l', "list"),
    ('t', "tag"),
    ('f', "find by tags"),
    ('m', "move"),
    ('e', "execute"),
    ('o', "set the owner"),
    ('p', "set permissions"),
    ('i', "set immutability"),
];

/// Values of `sr`, the kind of resource.
const RESOURCES: [(&str, &str); 5] = [
    ("b", "one blob"),
    ("bv", "one version of a blob"),
    ("bs", "one snapshot of a blob"),
    ("c", "every blob of the container"),
    ("d", "every blob of the directory"),
];

/// Returns whether an upload is permitted: the permissions include creating or writing.
pub(super) fn may_upload(url: &SignedUrl) -> bool {
    url.parameter("sp").is_some_and(|permissions| permissions.contains(['w', 'c']))
}

/// Returns whether uploads are permitted only for names without a blob: creating, and not writing.
pub(super) fn creates_only(url: &SignedUrl) -> bool {
    url.parameter("sp").is_some_and(|permissions| permissions.contains('c') && !permissions.contains('w'))
}

/// Returns the parameters that limit the signature, with what they mean.
pub(super) fn limits(url: &SignedUrl) -> Vec<(Redacted, Redacted)> {
    let with = |name: &str, meaning: &dyn Fn(&str) -> Option<String>| {
        let value = url.parameter(name)?;
        let meaning = meaning(value).map(|it| format!(" ({it})")).unwrap_or_default();
        Some((Redacted::new(name), Redacted::new(&format!("{value}{meaning}"))))
    };
    let permissions = |value: &str| {
        let known = PERMISSIONS.iter().filter(|(letter, _)| value.contains(*letter));
        let names: Vec<&str> = known.map(|(_, name)| *name).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let resource = |value: &str| {
        RESOURCES.iter().find(|(known, _)| *known == value).map(|(_, meaning)| (*meaning).to_owned())
    };
    let found = [
        with("sp", &permissions),
        with("sr", &resource),
        with("sip", &|_| Some("addresses of clients".to_owned())),
        with("spr", &|_| Some("protocols".to_owned())),
    ];
    found.into_iter().flatten().collect()
}
