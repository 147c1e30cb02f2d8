//! The problem codes that a configuration can produce, by status.

use std::collections::{BTreeMap, BTreeSet};

use upsign_policy::{
    Bodyless, Checksums, ClientMetadata, Disposition, Placeholder, Replace, SizeBound, TypeRange,
    UploadMethod, UploadPolicy,
};

use super::OpenApi;
use crate::deployment::DeploymentRoute;

pub(super) type Codes = BTreeMap<u16, BTreeSet<Box<str>>>;

/// Codes of every service. `upsign-http` compares them with the problems that it creates.
const EVERY_SERVICE: [(u16, &str); 18] = [
    (400, "request-malformed"),
    (400, "body-length"),
    (400, "body-syntax"),
    (400, "body-not-object"),
    (400, "body-duplicate-member"),
    (400, "body-too-many-members"),
    (400, "body-unknown-member"),
    (400, "body-member-type"),
    (400, "content-length-invalid"),
    (400, "route-unknown"),
    (401, "unauthorized"),
    (403, "insufficient-scope"),
    (413, "body-too-large"),
    (415, "body-not-json"),
    (500, "internal"),
    (503, "keys-unavailable"),
    (503, "signing-unavailable"),
    (503, "credentials-too-short"),
];

impl OpenApi {
    /// Returns the codes with which a request for an upload can be refused.
    pub(super) fn codes(&self) -> Codes {
        let mut codes = Codes::new();
        let mut add = |status: u16, code: &str| {
            codes.entry(status).or_default().insert(code.into());
        };
        EVERY_SERVICE.into_iter().for_each(|(status, code)| add(status, code));
        self.problems.iter().for_each(|(status, code)| add(*status, code));
        if self.routes.iter().all(|route| route.name().is_some()) {
            add(400, "route-required");
        }
        self.file_codes().into_iter().for_each(|(status, code)| add(status, code));
        for policy in self.routes.iter().map(DeploymentRoute::policy) {
            // The reader of bodies knows the ids of all routes, so the policy denies those of the others.
            let is_foreign = |id| !policy.client_may_supply().contains(id);
            if self.routes.iter().flat_map(|route| route.policy().client_may_supply()).any(is_foreign) {
                add(400, "id-not-allowed");
            }
            denials(policy, &mut add);
        }
        codes
    }
}

/// Adds the codes of [`Denied`](upsign_policy::Denied) that a policy can return.
fn denials(policy: &UploadPolicy, add: &mut impl FnMut(u16, &str)) {
    let template = policy.template();
    let is_form = policy.method() == UploadMethod::Post;
    let uses = |placeholder: Placeholder| template.uses(&placeholder);
    let is_any_file = policy.content_rules().is_any_file();
    let in_parts = policy.multipart().is_some();
    let needs_length = match policy.size_bound() {
        // A client can ask for parts, and a form of unknown size has none.
        SizeBound::Exact => !is_form || in_parts,
        // A client can ask for one request.
        SizeBound::MaxInParts => policy.has_put(),
        _ => false,
    };
    let possible = [
        (400, "content-type-required", !is_any_file),
        (400, "content-type-invalid", !is_any_file),
        (415, "content-type-not-allowed", !is_any_file),
        (400, "body-required", policy.bodyless() == Bodyless::Refuse),
        (400, "content-length-required", needs_length),
        (400, "multipart-not-allowed", can_refuse_parts(policy)),
        (413, "too-large", true),
        (400, "too-small", policy.size().min() > 0),
        (415, "extension-unknown", lacks_extension(policy)),
        (400, "extension-mismatch", !is_any_file),
        (400, "file-name-required", uses(Placeholder::FileName)),
        (400, "file-name-invalid", true),
        (400, "checksum-required", policy.checksums().is_required()),
        (400, "checksum-not-allowed", !policy.checksums().is_required() || in_parts),
        (400, "checksum-invalid", *policy.checksums() != Checksums::None),
        (400, "content-disposition-not-allowed", policy.disposition() != Disposition::FromClient),
        (400, "content-disposition-invalid", policy.disposition() == Disposition::FromClient),
        (400, "if-match-not-allowed", policy.replace() != Replace::IfMatch),
        (400, "if-match-invalid", policy.replace() == Replace::IfMatch),
        (
            400,
            "metadata-not-allowed",
            *policy.client_metadata() != ClientMetadata::Any || policy.keeps_file_names(),
        ),
        (
            400,
            "metadata-invalid",
            *policy.client_metadata() != ClientMetadata::None || policy.keeps_file_names(),
        ),
        (400, "tags-not-allowed", !policy.client_tags()),
        (400, "tags-invalid", policy.client_tags()),
        (403, "subject-invalid", uses(Placeholder::Subject)),
        (403, "group-required", uses(Placeholder::Group)),
        (403, "group-ambiguous", uses(Placeholder::Group)),
        (403, "claim-required", policy.claims().next().is_some()),
        (400, "id-invalid", !policy.client_may_supply().is_empty()),
        (400, "key-too-long", can_be_too_long(policy)),
        (400, "field-invalid", is_form),
        (500, "store-refused", in_parts),
        (503, "store-unavailable", in_parts),
        (500, "issuer-name-missing", template.contains_issuer()),
        (500, "id-missing", !policy.id_names().is_empty()),
        (500, "header-unsignable", !is_form || in_parts),
        (500, "field-unsignable", is_form),
    ];
    for (status, code, is_possible) in possible {
        if is_possible {
            add(status, code);
        }
    }
}

/// Returns whether a client can ask for parts, or for one request, in vain.
fn can_refuse_parts(policy: &UploadPolicy) -> bool {
    let Some(options) = policy.multipart() else { return true };
    let store = options.store();
    !policy.sends_whole_files()
        || policy.max_size() > store.max_put_bytes
        || policy.size().min() < store.min_object_bytes
}

/// Returns whether the policy allows a type without a known extension although the key contains one.
fn lacks_extension(policy: &UploadPolicy) -> bool {
    let (rules, template) = (policy.content_rules(), policy.template());
    let has_range = rules.ranges().iter().any(|range| !matches!(range, TypeRange::Exact(_)));
    if rules.is_any_file() {
        return false;
    }
    let is_unknown = || rules.exact().any(|exact| rules.extension(exact).is_none());
    (template.uses(&Placeholder::Extension) && has_range)
        || (template.uses(&Placeholder::FileName) && (has_range || is_unknown()))
}

/// Returns whether a key can have more than the 1,024 bytes of S3: because the length of a value is not limited by the
/// policy, or because the template itself is nearly as long. An id has 36 bytes, and a hash, the longest other value, 64.
fn can_be_too_long(policy: &UploadPolicy) -> bool {
    let is_unlimited = |placeholder: &Placeholder| {
        matches!(
            placeholder,
            Placeholder::Subject | Placeholder::Group | Placeholder::Claim(_) | Placeholder::FileName
        )
    };
    let template = policy.template();
    let longest = template.as_str().len() + 64 * template.placeholders().count();
    template.placeholders().any(is_unlimited) || longest > 1_024
}
