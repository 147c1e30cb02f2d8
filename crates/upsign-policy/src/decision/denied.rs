//! The reasons for denying an upload.

use upsign_core::{InvalidHeader, InvalidMultipartPlan, InvalidPostPolicy};

use crate::content::content_type::{ContentType, InvalidContentType};
use crate::content::suggestion::DidYouMean;
use crate::decision::denied_text::{ForExample, NotAccepted, Size, UseExtension, list};
use crate::key::id_name::IdName;
use crate::object::checksum::{ChecksumAlgorithm, InvalidChecksum};
use crate::object::disposition::InvalidDisposition;
use crate::object::file_name::InvalidFileName;
use crate::object::metadata::InvalidMetadata;
use crate::object::tags::InvalidTag;

/// The reason why a policy denies an upload.
///
/// The messages are written for the client and never repeat the client's input, except content types, which are visible
/// ASCII once parsed. They name what the policy accepts instead. [`code`](Self::code) is stable; the messages can change.
///
/// ```
/// use upsign_policy::{Bodyless, DeniedKind, Identity, Ids, Target, Timestamp, UploadPolicy, UploadRequest, uuid_v4};
/// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// let policy = UploadPolicy::builder(target, "articles/{id}.{ext}".parse()?, Bodyless::Refuse)
///     .content_types(["image/jpeg", "image/png"])
///     .max_size(10 << 20)
///     .build()?;
/// # let caller = Identity::from_verified("https://issuer.example", "alice")?;
/// # let ids = Ids::new(Timestamp::UNIX_EPOCH, uuid_v4([7; 16]));
/// let request = UploadRequest::described().with_content_type("image/jepg").with_content_length(48_213);
/// let denied = policy.authorize(&caller, &request, &ids).unwrap_err();
/// assert_eq!(
///     denied.to_string(),
///     "the content type image/jepg is not allowed; allowed here: image/jpeg, image/png (did you mean image/jpeg?)",
/// );
/// assert_eq!((denied.code(), denied.kind()), ("content-type-not-allowed", DeniedKind::UnsupportedMediaType));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Denied {
    /// The request has no body, and the policy denies such requests ([`Bodyless::Refuse`](crate::Bodyless::Refuse)).
    #[error(
        r#"describe the upload in a JSON body, for example {{"contentType": "image/jpeg", "contentLength": 48213}}"#
    )]
    BodyRequired,
    /// The request does not contain the size.
    #[error("send the exact size of the file in bytes as contentLength")]
    ContentLengthRequired,
    /// The file is larger than the policy allows.
    #[error("the file has {}, but at most {} are allowed", Size(*.len), Size(*.max))]
    TooLarge {
        /// The stated size in bytes.
        len: u64,
        /// The maximum size in bytes.
        max: u64,
    },
    /// The file is smaller than the policy allows.
    #[error("the file has {len} bytes, but at least {min} are required")]
    TooSmall {
        /// The stated size in bytes.
        len: u64,
        /// The minimum size in bytes.
        min: u64,
    },
    /// The request does not contain the content type.
    #[error("send the type of the file as contentType{}", ForExample(.example))]
    ContentTypeRequired {
        /// An allowed type, or `None` if the policy allows only ranges that are not known to contain one.
        example: Option<ContentType>,
    },
    /// The content type is malformed.
    #[error("the content type is malformed{}", DidYouMean(.suggestion))]
    ContentTypeInvalid {
        /// The reason.
        source: InvalidContentType,
        /// The allowed type that the client probably means, for example `image/jpeg` for `jpeg`.
        suggestion: Option<ContentType>,
    },
    /// The content type is empty, as browsers send it for files that the operating system does not know, and the name of the
    /// file is missing or does not determine one allowed type.
    #[error(
        "the content type is empty, and the name of the file does not determine it: send fileName with its extension, or contentType{}",
        ForExample(.example)
    )]
    ContentTypeEmpty {
        /// An allowed type, or `None` if the policy allows only ranges that are not known to contain one.
        example: Option<ContentType>,
    },
    /// The policy does not allow the content type.
    #[error("the content type {content_type} is not allowed; allowed here: {allowed}{}", DidYouMean(.suggestion))]
    ContentTypeNotAllowed {
        /// The content type of the request.
        content_type: ContentType,
        /// The allowed types as text for people. A long list ends with the number of the others.
        allowed: Box<str>,
        /// The allowed type that the client probably means, for example `image/jpeg` for `image/jpg`.
        suggestion: Option<ContentType>,
    },
    /// The key contains an extension, but none is known for this type.
    #[error("no file extension is known for the content type {0}")]
    ExtensionUnknown(ContentType),
    /// The extension of the file name is not one of the extensions of the content type.
    #[error("the extension of the file name does not belong to the content type {content_type}{}", UseExtension(.extensions))]
    ExtensionMismatch {
        /// The content type of the request.
        content_type: ContentType,
        /// The extensions of the content type, without dots. Empty if none are known.
        extensions: Box<[Box<str>]>,
    },
    /// The key contains the file name, but the request does not.
    #[error("send the name of the file as fileName")]
    FileNameRequired,
    /// The file name is not allowed.
    #[error("the file name is not allowed")]
    FileNameInvalid(#[source] InvalidFileName),
    /// The policy requires a checksum, but the request contains none with an accepted algorithm.
    #[error("send a checksum of the file: {}", list(.0))]
    ChecksumRequired(Box<[ChecksumAlgorithm]>),
    /// The policy does not accept checksums of this algorithm. Holds the algorithms that it accepts, which can be none.
    #[error("{}", NotAccepted(.0))]
    ChecksumNotAllowed(Box<[ChecksumAlgorithm]>),
    /// The checksum is malformed.
    #[error("the checksum is malformed")]
    ChecksumInvalid(#[source] InvalidChecksum),
    /// The request states whether the file is uploaded in parts, and that is not possible here.
    #[error("{0}")]
    MultipartNotAllowed(MultipartConflict),
    /// The policy does not let clients choose the content disposition.
    #[error("clients cannot set the content disposition")]
    DispositionNotAllowed,
    /// The content disposition is not allowed.
    #[error("the content disposition is not allowed")]
    DispositionInvalid(#[source] InvalidDisposition),
    /// The policy does not let clients name the object that they replace ([`Replace::IfMatch`](crate::Replace::IfMatch)).
    #[error("clients cannot choose which object they replace")]
    IfMatchNotAllowed,
    /// The text is not one strong ETag.
    #[error(
        "ifMatch must be the ETag of the object to replace, as the store returned it, for example \"9b2cf535f27731c974343645a3985328\""
    )]
    IfMatchInvalid,
    /// The policy does not let clients set metadata with this name.
    #[error("clients cannot set metadata with this name")]
    MetadataNotAllowed,
    /// The metadata is invalid.
    #[error("the metadata is invalid")]
    MetadataInvalid(#[source] InvalidMetadata),
    /// The policy does not let clients set tags.
    #[error("clients cannot set tags")]
    TagsNotAllowed,
    /// The tags are invalid.
    #[error("the tags are invalid")]
    TagInvalid(#[source] InvalidTag),
    /// The subject of the caller contains control characters.
    #[error("the subject of the token cannot be part of a key")]
    SubjectInvalid,
    /// The key contains the group of the caller, but the caller is in no eligible group.
    #[error("the caller is not in a group that can upload here")]
    GroupRequired,
    /// The key contains the group of the caller, but the caller is in more than one eligible group.
    #[error("the caller is in more than one group that can upload here, but the key contains exactly one")]
    GroupAmbiguous,
    /// The key contains a claim that the token of the caller does not have.
    #[error("the token does not have the claim that this upload requires: {0}")]
    ClaimRequired(Box<str>),
    /// The policy does not let clients supply this id.
    #[error("clients cannot supply this id")]
    IdNotAllowed,
    /// An id that the client supplies is not a UUID in canonical form, or is repeated.
    #[error("the id {} must be one UUID in lower case with hyphens", .0.wire_name())]
    IdInvalid(IdName),
    /// The key would be longer than the 1024 bytes that S3 allows.
    #[error("the key would be longer than 1024 bytes")]
    KeyTooLong,
    /// A value contains `${filename}`. S3 would replace it with the name of the uploaded file.
    #[error("the form field {0} must not contain the file name variable")]
    FileNameVariable(Box<str>),
    /// The key contains `{issuer}`, but the [`Identity`](upsign_core::Identity) of the caller has no issuer name, or one that
    /// [`KeyOptions::issuers`](crate::KeyOptions::issuers) does not list. The client cannot correct this: give every issuer of
    /// the deployment a name.
    #[error(
        "the key contains `{{issuer}}`, but the issuer of the caller has no name, or one that is not listed"
    )]
    IssuerNameMissing,
    /// The program passed no value for a declared id to [`authorize`](crate::UploadPolicy::authorize). The client cannot
    /// correct this.
    #[error("no value was generated for the declared id `{0}`")]
    IdMissing(IdName),
    /// The key contains `{id:sealed}`, and the program passed no keys to [`authorize_with`](crate::UploadPolicy::authorize_with).
    /// The client cannot correct this.
    #[error("the key contains `{{id:sealed}}`, but there is no secret to seal it with")]
    SealMissing,
    /// A header of the upload cannot be signed. The client cannot correct this.
    #[error("a header of the upload cannot be signed")]
    HeaderUnsignable(#[source] InvalidHeader),
    /// A field of the form cannot be signed. The client cannot correct this.
    #[error("a field of the upload form cannot be signed")]
    FieldUnsignable(#[source] InvalidPostPolicy),
}

/// The category of a denial, from which an HTTP adapter derives the status.
///
/// [`Denied`] has an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeniedKind {
    /// The request is malformed or incomplete (400). The client can correct it.
    BadRequest,
    /// The caller lacks a permission, for example a group or a claim (403).
    Forbidden,
    /// The file is too large (413).
    TooLarge,
    /// The content type is not allowed (415).
    UnsupportedMediaType,
    /// The program that calls the policy made an error (500).
    Fault,
}

impl Denied {
    /// Returns a stable code in kebab case, for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BodyRequired => "body-required",
            Self::ContentLengthRequired => "content-length-required",
            Self::TooLarge { .. } => "too-large",
            Self::TooSmall { .. } => "too-small",
            Self::ContentTypeRequired { .. } => "content-type-required",
            Self::ContentTypeInvalid { .. } | Self::ContentTypeEmpty { .. } => "content-type-invalid",
            Self::ContentTypeNotAllowed { .. } => "content-type-not-allowed",
            Self::ExtensionUnknown(_) => "extension-unknown",
            Self::ExtensionMismatch { .. } => "extension-mismatch",
            Self::FileNameRequired => "file-name-required",
            Self::FileNameInvalid(_) => "file-name-invalid",
            Self::ChecksumRequired(_) => "checksum-required",
            Self::ChecksumNotAllowed(_) => "checksum-not-allowed",
            Self::ChecksumInvalid(_) => "checksum-invalid",
            Self::MultipartNotAllowed(_) => "multipart-not-allowed",
            Self::DispositionNotAllowed => "content-disposition-not-allowed",
            Self::DispositionInvalid(_) => "content-disposition-invalid",
            Self::IfMatchNotAllowed => "if-match-not-allowed",
            Self::IfMatchInvalid => "if-match-invalid",
            Self::MetadataNotAllowed => "metadata-not-allowed",
            Self::MetadataInvalid(_) => "metadata-invalid",
            Self::TagsNotAllowed => "tags-not-allowed",
            Self::TagInvalid(_) => "tags-invalid",
            Self::SubjectInvalid => "subject-invalid",
            Self::GroupRequired => "group-required",
            Self::GroupAmbiguous => "group-ambiguous",
            Self::ClaimRequired(_) => "claim-required",
            Self::IdNotAllowed => "id-not-allowed",
            Self::IdInvalid(_) => "id-invalid",
            Self::KeyTooLong => "key-too-long",
            Self::FileNameVariable(_) => "field-invalid",
            Self::IssuerNameMissing => "issuer-name-missing",
            Self::IdMissing(_) => "id-missing",
            Self::SealMissing => "seal-missing",
            Self::HeaderUnsignable(_) => "header-unsignable",
            Self::FieldUnsignable(_) => "field-unsignable",
        }
    }

    /// Returns what an operator can change in `upsign.toml` so that such a file is accepted, for logs. `None` if nothing there
    /// would be a remedy.
    ///
    /// The client does not need it: the message says what the client can send instead.
    ///
    /// ```
    /// use upsign_policy::Denied;
    /// let denied = Denied::ExtensionMismatch { content_type: "model/stl".parse()?, extensions: ["stl".into()].into() };
    /// assert_eq!(
    ///     denied.operator_hint().as_deref(),
    ///     Some("upload.extensions sets which extensions a type has: extensions = { \"model/stl\" = [\"stl\", \"EXT\"] }"),
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn operator_hint(&self) -> Option<String> {
        let extensions = |content_type: &ContentType, known: &[Box<str>]| {
            let known: String = known.iter().map(|known| format!("\"{known}\", ")).collect();
            let name = content_type.essence();
            format!(
                "upload.extensions sets which extensions a type has: extensions = {{ \"{name}\" = [{known}\"EXT\"] }}"
            )
        };
        match self {
            Self::ExtensionMismatch { content_type, extensions: known } => {
                Some(extensions(content_type, known))
            }
            Self::ExtensionUnknown(content_type) => Some(extensions(content_type, &[])),
            Self::ContentTypeNotAllowed { content_type, suggestion: None, .. } => {
                let name = content_type.essence();
                Some(format!(
                    "to accept such files, add \"{name}\" to upload.types, or write types = \"any\""
                ))
            }
            _ => None,
        }
    }

    /// Returns the category of the denial.
    #[must_use]
    pub const fn kind(&self) -> DeniedKind {
        match self {
            Self::TooLarge { .. } => DeniedKind::TooLarge,
            Self::ContentTypeNotAllowed { .. } | Self::ExtensionUnknown(_) => {
                DeniedKind::UnsupportedMediaType
            }
            Self::SubjectInvalid | Self::GroupRequired | Self::GroupAmbiguous | Self::ClaimRequired(_) => {
                DeniedKind::Forbidden
            }
            Self::IssuerNameMissing
            | Self::IdMissing(_)
            | Self::SealMissing
            | Self::HeaderUnsignable(_)
            | Self::FieldUnsignable(_) => DeniedKind::Fault,
            Self::BodyRequired
            | Self::ContentLengthRequired
            | Self::TooSmall { .. }
            | Self::ContentTypeRequired { .. }
            | Self::ContentTypeInvalid { .. }
            | Self::ContentTypeEmpty { .. }
            | Self::ExtensionMismatch { .. }
            | Self::FileNameRequired
            | Self::FileNameInvalid(_)
            | Self::ChecksumRequired(_)
            | Self::ChecksumNotAllowed(_)
            | Self::ChecksumInvalid(_)
            | Self::MultipartNotAllowed(_)
            | Self::DispositionNotAllowed
            | Self::DispositionInvalid(_)
            | Self::IfMatchNotAllowed
            | Self::IfMatchInvalid
            | Self::MetadataNotAllowed
            | Self::MetadataInvalid(_)
            | Self::TagsNotAllowed
            | Self::TagInvalid(_)
            | Self::IdNotAllowed
            | Self::IdInvalid(_)
            | Self::FileNameVariable(_)
            | Self::KeyTooLong => DeniedKind::BadRequest,
        }
    }
}

/// The reason why a file cannot be uploaded in the way that the client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MultipartConflict {
    /// The client asks for parts, and the policy stores each file with one request.
    #[error("files are not uploaded in parts here: leave out multipart, or send false")]
    NotOffered,
    /// The client asks for one request, and the policy stores every file in parts.
    #[error("every file is uploaded in parts here: leave out multipart, or send true")]
    Required,
    /// The client asks for one request, which cannot store a file of this size.
    #[error(
        "a file of {len} bytes must be uploaded in parts, because one request can store at most {max} bytes"
    )]
    AboveMaxPut {
        /// The stated size in bytes.
        len: u64,
        /// The maximum size of one `PUT` at the store in bytes.
        max: u64,
    },
    /// The client asks for parts, and the store cannot have a file of this size in parts.
    #[error("the file cannot be uploaded in parts: {0}")]
    Impossible(InvalidMultipartPlan),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::id_name::InvalidIdName;
    use crate::object::file_name::InvalidFileName;

    fn every_denial() -> Vec<(Denied, &'static str, DeniedKind)> {
        use DeniedKind::{BadRequest, Fault, Forbidden, TooLarge, UnsupportedMediaType};
        let png: ContentType = "image/png".parse().unwrap();
        let sha256 = ChecksumAlgorithm::Sha256;
        let id: Result<IdName, InvalidIdName> = "article_id".parse();
        vec![
            (Denied::BodyRequired, "body-required", BadRequest),
            (Denied::ContentLengthRequired, "content-length-required", BadRequest),
            (Denied::TooLarge { len: 2, max: 1 }, "too-large", TooLarge),
            (Denied::TooSmall { len: 0, min: 1 }, "too-small", BadRequest),
            (Denied::ContentTypeRequired { example: None }, "content-type-required", BadRequest),
            (
                Denied::ContentTypeInvalid {
                    source: InvalidContentType::Form,
                    suggestion: Some(png.clone()),
                },
                "content-type-invalid",
                BadRequest,
            ),
            (
                Denied::ContentTypeNotAllowed {
                    content_type: png.clone(),
                    allowed: "image/jpeg".into(),
                    suggestion: None,
                },
                "content-type-not-allowed",
                UnsupportedMediaType,
            ),
            (Denied::ExtensionUnknown(png.clone()), "extension-unknown", UnsupportedMediaType),
            (
                Denied::ExtensionMismatch { content_type: png, extensions: ["png".into()].into() },
                "extension-mismatch",
                BadRequest,
            ),
            (Denied::FileNameRequired, "file-name-required", BadRequest),
            (Denied::FileNameInvalid(InvalidFileName::Empty), "file-name-invalid", BadRequest),
            (Denied::ChecksumRequired([sha256].into()), "checksum-required", BadRequest),
            (Denied::ChecksumNotAllowed([sha256].into()), "checksum-not-allowed", BadRequest),
            (Denied::ChecksumInvalid(InvalidChecksum(sha256)), "checksum-invalid", BadRequest),
            (Denied::MultipartNotAllowed(MultipartConflict::Required), "multipart-not-allowed", BadRequest),
            (Denied::DispositionNotAllowed, "content-disposition-not-allowed", BadRequest),
            (Denied::DispositionInvalid(InvalidDisposition::Kind), "content-disposition-invalid", BadRequest),
            (Denied::IfMatchNotAllowed, "if-match-not-allowed", BadRequest),
            (Denied::IfMatchInvalid, "if-match-invalid", BadRequest),
            (Denied::MetadataNotAllowed, "metadata-not-allowed", BadRequest),
            (Denied::MetadataInvalid(InvalidMetadata::Name), "metadata-invalid", BadRequest),
            (Denied::TagsNotAllowed, "tags-not-allowed", BadRequest),
            (Denied::TagInvalid(InvalidTag::Key), "tags-invalid", BadRequest),
            (Denied::SubjectInvalid, "subject-invalid", Forbidden),
            (Denied::GroupRequired, "group-required", Forbidden),
            (Denied::GroupAmbiguous, "group-ambiguous", Forbidden),
            (Denied::ClaimRequired("custom:tenant".into()), "claim-required", Forbidden),
            (Denied::IdNotAllowed, "id-not-allowed", BadRequest),
            (Denied::IdInvalid(id.clone().unwrap()), "id-invalid", BadRequest),
            (Denied::KeyTooLong, "key-too-long", BadRequest),
            (Denied::FileNameVariable("tagging".into()), "field-invalid", BadRequest),
            (Denied::IssuerNameMissing, "issuer-name-missing", Fault),
            (Denied::IdMissing(id.unwrap()), "id-missing", Fault),
            (Denied::SealMissing, "seal-missing", Fault),
            (Denied::HeaderUnsignable(InvalidHeader::Name), "header-unsignable", Fault),
            (Denied::FieldUnsignable(InvalidPostPolicy::Name), "field-unsignable", Fault),
        ]
    }

    #[test]
    fn codes_kinds_and_messages() {
        for (denied, code, kind) in every_denial() {
            assert_eq!((denied.code(), denied.kind()), (code, kind));
            let text = denied.to_string();
            assert!(!text.ends_with('.') && text.is_ascii(), "{text}");
            assert!(text.starts_with(|c: char| c.is_lowercase()), "{text}");
        }
    }

    #[test]
    fn codes_are_kebab_case_and_unique() {
        let mut codes: Vec<&str> = every_denial().into_iter().map(|(_, code, _)| code).collect();
        assert!(codes.iter().all(|code| code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')));
        let all = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), all);
    }
}
