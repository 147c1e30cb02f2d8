//! The schema of a request, from the policy of its route.

use upsign_policy::{
    Bodyless, ChecksumAlgorithm, Checksums, ClientMetadata, ContentType, Disposition, FileName, FileNames,
    IdName, MultipartChecksum, MultipartMode, MultipartOptions, Placeholder, Replace, SizeBound, Tags,
    TypeRange, UploadMethod, UploadPolicy,
};

use crate::deployment::DeploymentRoute;
use crate::node::{Node, list, map, text};

/// Returns the schema of the request body for one route: the members that its policy accepts, and which of them it needs.
pub(super) fn request(route: &DeploymentRoute) -> Node {
    request_of(route.policy(), route.name())
}

/// Returns the schema of the description of one file, with the member `route` if the route has this name.
pub(super) fn request_of(policy: &UploadPolicy, name: Option<&str>) -> Node {
    let name = name.map(|name| ("route", constant(name, "Name of the route.")));
    let members = members(policy);
    let needed = needed(policy);
    let mut schema = vec![("type", text("object")), ("additionalProperties", false.into())];
    match (policy.bodyless(), &name) {
        // A body with the route alone describes no file, as if there were no body.
        (Bodyless::Allow, Some(_)) => {
            schema.push(("required", list(["route"])));
            let alone = map([("maxProperties", Node::Number(1))]);
            schema.push(("anyOf", Node::List(vec![map([("required", list(needed))]), alone])));
        }
        _ => schema.push(("required", list(name.iter().map(|(name, _)| *name).chain(needed)))),
    }
    let members = name.into_iter().map(|(name, node)| (name.to_owned(), node)).chain(members);
    schema.push(("properties", map(members)));
    map(schema)
}

/// Returns whether the API answers a request without a body.
pub(super) fn is_body_optional(routes: &[DeploymentRoute]) -> bool {
    let unnamed = routes.iter().find(|route| route.name().is_none());
    unnamed.is_some_and(|route| route.policy().bodyless() == Bodyless::Allow)
}

/// Returns the members without which the policy denies a request that describes the file.
fn needed(policy: &UploadPolicy) -> Vec<&'static str> {
    let mut needed = Vec::new();
    if !policy.content_rules().is_any_file() {
        needed.push("contentType");
    }
    if policy.method() == UploadMethod::Put && policy.size_bound() == SizeBound::Exact {
        needed.push("contentLength");
    }
    if policy.template().uses(&Placeholder::FileName) {
        needed.push("fileName");
    }
    // A large file in parts needs none yet.
    if policy.checksums().is_required() && policy.multipart().is_none() {
        needed.push("checksum");
    }
    needed
}

fn members(policy: &UploadPolicy) -> Vec<(String, Node)> {
    let mut members = vec![
        ("contentType", content_type(policy)),
        ("contentLength", content_length(policy)),
        ("fileName", file_name(policy)),
    ];
    if policy.disposition() == Disposition::FromClient {
        members.push(("contentDisposition", content_disposition()));
    }
    if policy.replace() == Replace::IfMatch {
        members.push(("ifMatch", if_match()));
    }
    if *policy.checksums() != Checksums::None {
        members.push(("checksum", checksum(policy)));
    }
    if let Some(options) = policy.multipart() {
        members.push(("multipart", multipart(options)));
        let algorithms = policy.multipart_checksums();
        if !algorithms.is_empty() {
            members.push(("checksumAlgorithm", checksum_algorithm(&algorithms)));
        }
    }
    if let Some(metadata) = metadata(policy.client_metadata()) {
        members.push(("metadata", metadata));
    }
    if policy.client_tags() {
        members.push(("tags", tags()));
    }
    let members = members.into_iter().map(|(name, node)| (name.to_owned(), node));
    members.chain(policy.client_may_supply().iter().map(id)).collect()
}

pub(super) fn constant(value: &str, description: &str) -> Node {
    map([("const", text(value)), ("type", text("string")), ("description", text(description))])
}

/// Returns the schema of the content type: the exact types as an enumeration, ranges and recordings as patterns.
///
/// The policy also accepts upper case, white space before parameters, other names of a type, and parameters that are unusual
/// for it. Clients should send the form that is signed.
fn content_type(policy: &UploadPolicy) -> Node {
    let rules = policy.content_rules();
    if rules.is_any_file() {
        let description =
            "Media type of the object. Every file is accepted; the type to send with it is in the answer.";
        return map([("type", text("string")), ("description", text(description))]);
    }
    let exact: Vec<String> =
        rules.exact().filter(|listed| !is_recording(listed)).flat_map(spellings).collect();
    let recordings = rules.exact().filter(|listed| is_recording(listed));
    let recordings = recordings.map(|listed| format!("^{}{PARAMETERS}$", escaped(listed.as_str())));
    let ranges = rules.ranges().iter().filter_map(pattern);
    let patterns: Vec<String> = recordings.chain(ranges).collect();
    let has_range = rules.ranges().iter().any(|range| !matches!(range, TypeRange::Exact(_)));
    let description = match (has_range, can_attach(policy.disposition())) {
        (false, _) => "Media type of the object.",
        (true, true) => "Media type of the object. A pattern excludes types that browsers can execute.",
        (true, false) => {
            "Media type of the object. A pattern includes only types that browsers are known to display or save \
             without executing them."
        }
    };
    let mut forms: Vec<(&str, Node)> = Vec::new();
    if !exact.is_empty() {
        forms.push(("enum", list(exact)));
    }
    forms.extend(patterns.into_iter().map(|pattern| ("pattern", text(pattern))));
    let common = [("type", text("string")), ("description", text(description))];
    match forms.len() {
        1 => map(common.into_iter().chain(forms)),
        _ => {
            let forms = forms.into_iter().map(|form| map([form])).collect();
            map(common.into_iter().chain([("anyOf", Node::List(forms))]))
        }
    }
}

/// Returns whether files of an exact type without parameters usually have some: recordings of `MediaRecorder` name their codecs.
fn is_recording(listed: &ContentType) -> bool {
    matches!(listed.main_type(), "audio" | "video") && listed.parameters().is_empty()
}

/// Returns whether objects of unknown types are saved instead of displayed, so that a range includes them.
const fn can_attach(disposition: Disposition) -> bool {
    !matches!(disposition, Disposition::Unset | Disposition::InlineNamed)
}

/// Returns the forms in which clients send an exact type: as listed, and for text and JSON also in UTF-8.
fn spellings(listed: &ContentType) -> Vec<String> {
    let is_text = listed.main_type() == "text" || listed.essence() == "application/json";
    let utf8 = (is_text && listed.parameters().is_empty()).then(|| format!("{listed};charset=utf-8"));
    std::iter::once(listed.to_string()).chain(utf8).collect()
}

/// Optional parameters of a type.
const PARAMETERS: &str = "(;.+)?";

/// Returns the regular expression of a range, in the dialect of JSON Schema (ECMA 262).
fn pattern(range: &TypeRange) -> Option<String> {
    // RFC 6838 section 4.2, in lower case.
    const NAME: &str = "[a-z0-9][a-z0-9!#$&^_.+-]{0,126}";
    match range {
        TypeRange::MainType(main) => Some(format!("^{}/{NAME}{PARAMETERS}$", escaped(main))),
        TypeRange::Any => Some(format!("^{NAME}/{NAME}{PARAMETERS}$")),
        _ => None,
    }
}

fn escaped(name: &str) -> String {
    let is_special = |c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '/');
    name.chars().flat_map(|c| is_special(c).then_some('\\').into_iter().chain([c])).collect()
}

fn content_length(policy: &UploadPolicy) -> Node {
    let size = policy.size();
    // At most 48.8 TiB.
    let number = |bytes: u64| Node::Number(i64::try_from(bytes).unwrap_or(i64::MAX));
    let description = match policy.method() {
        UploadMethod::Post if policy.multipart().is_none() => {
            "Exact size of the object in bytes. Without it, the form accepts every size of the range."
        }
        _ if policy.size_bound() == SizeBound::MaxInParts => {
            "Exact size of the object in bytes. Without it, the object is uploaded in parts and may have any size up to the maximum."
        }
        UploadMethod::Post => {
            "Exact size of the object in bytes. Without it, a form accepts the sizes of files that are not uploaded in parts."
        }
        _ if policy.size_bound() != SizeBound::Exact => {
            "Exact size of the object in bytes. Without it, the upload may have any size up to the maximum."
        }
        _ => "Exact size of the object in bytes.",
    };
    map([
        ("type", text("integer")),
        ("format", text("int64")),
        ("minimum", number(size.min())),
        ("maximum", number(size.max())),
        ("description", text(description)),
    ])
}

/// Returns the schema of the file name. The limit counts bytes of UTF-8, of which a character has at least one.
fn file_name(policy: &UploadPolicy) -> Node {
    let in_key = policy.template().uses(&Placeholder::FileName);
    let is_stored = in_key || policy.keeps_file_names();
    let limit = match policy.file_names() {
        FileNames::Refuse if is_stored => policy.max_file_name(),
        // A longer name is shortened, and a name that is not stored needs no limit of its own.
        _ => FileName::MAX_BYTES,
    };
    let description = match (in_key, is_stored) {
        (true, _) => "Name of the file on the client's machine. It becomes part of the key.",
        (false, true) => "Name of the file on the client's machine. It is stored with the object.",
        (false, false) if policy.content_rules().is_any_file() => {
            "Name of the file on the client's machine. It is not stored."
        }
        (false, false) => {
            "Name of the file on the client's machine. It is not stored; its extension must belong to the content type."
        }
    };
    let limit = Node::Number(i64::try_from(limit).unwrap_or(i64::MAX));
    map([("type", text("string")), ("maxLength", limit), ("description", text(description))])
}

fn content_disposition() -> Node {
    map([
        ("type", text("string")),
        ("pattern", text("^ *([Ii][Nn][Ll][Ii][Nn][Ee]|[Aa][Tt][Tt][Aa][Cc][Hh][Mm][Ee][Nn][Tt]) *(;.*)?$")),
        (
            "description",
            text(
                "Content-Disposition to store with the object: inline or attachment, with an optional file name.",
            ),
        ),
    ])
}

fn if_match() -> Node {
    map([
        ("type", text("string")),
        ("maxLength", Node::Number(130)),
        (
            "description",
            text(
                "ETag of the object that the upload replaces, as the store returned it. Without it, the upload creates the \
                 object and fails if there is one.",
            ),
        ),
    ])
}

fn checksum(policy: &UploadPolicy) -> Node {
    let description = match policy.multipart() {
        None => {
            "One checksum of the object, under the name of its algorithm. S3 compares it with the upload."
        }
        Some(_) => {
            "One checksum of the object, under the name of its algorithm. S3 compares it with the upload. If the object is uploaded \
             in parts, only the algorithm counts: state the checksums with the parts and when the upload is completed."
        }
    };
    checksums_of(policy.checksums().algorithms(), description)
}

/// Returns the schema of one checksum under the name of its algorithm.
pub(super) fn checksums_of(algorithms: &[ChecksumAlgorithm], description: &str) -> Node {
    let member = |algorithm: &ChecksumAlgorithm| (algorithm.as_str(), base64(algorithm.len()));
    map([
        ("type", text("object")),
        ("description", text(description)),
        ("minProperties", Node::Number(1)),
        ("maxProperties", Node::Number(1)),
        ("additionalProperties", false.into()),
        ("properties", map(algorithms.iter().map(member))),
    ])
}

/// Returns the schema of `bytes` bytes in base64 with padding. The last character before the padding has unused bits, which
/// must be zero.
fn base64(bytes: usize) -> Node {
    let pattern = match bytes % 3 {
        0 => format!("^[A-Za-z0-9+/]{{{}}}$", bytes / 3 * 4),
        1 => format!("^[A-Za-z0-9+/]{{{}}}[AQgw]==$", bytes / 3 * 4 + 1),
        _ => format!("^[A-Za-z0-9+/]{{{}}}[AEIMQUYcgkosw048]=$", bytes / 3 * 4 + 2),
    };
    map([("type", text("string")), ("contentEncoding", text("base64")), ("pattern", text(pattern))])
}

fn multipart(options: &MultipartOptions) -> Node {
    let description = match options.mode() {
        MultipartMode::Always => "Every object is uploaded in parts.".to_owned(),
        _ => format!(
            "Whether to upload the object in parts. Without it, objects of more than {} bytes are.",
            options.above()
        ),
    };
    let only = (options.mode() == MultipartMode::Always).then(|| ("enum", Node::List(vec![true.into()])));
    let boolean = [("type", text("boolean")), ("description", text(description))];
    map(boolean.into_iter().chain(only))
}

fn checksum_algorithm(checksums: &[MultipartChecksum]) -> Node {
    map([
        ("type", text("string")),
        ("enum", list(checksums.iter().map(|checksum| checksum.algorithm.as_str()))),
        (
            "description",
            text("Algorithm of the checksums that the client will send if the object is uploaded in parts."),
        ),
    ])
}

fn metadata(client: &ClientMetadata) -> Option<Node> {
    let string = || map([("type", text("string"))]);
    let description = ("description", text("User-defined metadata of the object."));
    match client {
        ClientMetadata::Named(names) => Some(map([
            ("type", text("object")),
            description,
            ("additionalProperties", false.into()),
            ("properties", map(names.iter().map(|name| (&**name, string())))),
        ])),
        ClientMetadata::Any => {
            Some(map([("type", text("object")), description, ("additionalProperties", string())]))
        }
        _ => None,
    }
}

fn tags() -> Node {
    let value = map([("type", text("string")), ("maxLength", Node::Number(256))]);
    map([
        ("type", text("object")),
        ("description", text("Tags of the object.")),
        ("maxProperties", Node::Number(i64::try_from(Tags::MAX).unwrap_or(i64::MAX))),
        ("additionalProperties", value),
    ])
}

fn id(name: &IdName) -> (String, Node) {
    let node = map([
        ("type", text("string")),
        ("format", text("uuid")),
        ("pattern", text("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")),
        (
            "description",
            text(
                "Id that the client supplies, for example of an existing resource. Without it, a new one is generated.",
            ),
        ),
    ]);
    (name.wire_name().to_owned(), node)
}
