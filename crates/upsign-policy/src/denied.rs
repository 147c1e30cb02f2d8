//! Why a caller may not upload.

use upsign_core::{InvalidHeader, InvalidPost};

use crate::{
    ChecksumAlgorithm, ContentType, IdName, InvalidChecksum, InvalidContentType, InvalidDisposition,
    InvalidFileName, InvalidMetadata, InvalidTag,
};

/// Why the policy says no. No text shows what the caller sent, but for content types, which are plain ASCII once read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Denied {
    /// The request says nothing about the file, and the policy wants to know.
    #[error("describe the upload in a JSON body: at least contentType and contentLength")]
    BodyRequired,
    /// No size.
    #[error("state the exact size of the file as contentLength")]
    ContentLengthRequired,
    /// Larger than the policy allows.
    #[error("the file has {len} bytes, at most {max} are allowed")]
    TooLarge {
        /// Bytes stated.
        len: u64,
        /// Bytes allowed.
        max: u64,
    },
    /// Smaller than the policy allows.
    #[error("the file has {len} bytes, at least {min} are required")]
    TooSmall {
        /// Bytes stated.
        len: u64,
        /// Bytes required.
        min: u64,
    },
    /// No content type.
    #[error("state the type of the file as contentType")]
    ContentTypeRequired,
    /// A content type that is none.
    #[error("the content type is malformed")]
    ContentTypeInvalid(#[source] InvalidContentType),
    /// A content type that the policy does not allow.
    #[error("the content type {0} is not allowed")]
    ContentTypeNotAllowed(ContentType),
    /// The key needs an extension and none is known for this type.
    #[error("no file extension is known for the content type {0}")]
    ExtensionUnknown(ContentType),
    /// The file name's extension is not one of the type's.
    #[error("the extension of the file name does not belong to the content type {0}")]
    ExtensionMismatch(ContentType),
    /// The key holds the file name, and there is none.
    #[error("state the name of the file as fileName")]
    FileNameRequired,
    /// A file name that cannot be kept.
    #[error("the file name cannot be used")]
    FileNameInvalid(#[source] InvalidFileName),
    /// No checksum, or none of the right kind, where the policy requires one.
    #[error("state a checksum of the file: {}", list(.0))]
    ChecksumRequired(Box<[ChecksumAlgorithm]>),
    /// A checksum of an algorithm that the policy does not take.
    #[error("a checksum of this algorithm is not taken here")]
    ChecksumNotAllowed,
    /// A checksum that is none.
    #[error("the checksum is malformed")]
    ChecksumInvalid(#[source] InvalidChecksum),
    /// A content disposition where the policy fixes it.
    #[error("a content disposition cannot be chosen here")]
    DispositionNotAllowed,
    /// A content disposition that cannot be kept.
    #[error("the content disposition cannot be used")]
    DispositionInvalid(#[source] InvalidDisposition),
    /// Metadata under a name that the policy does not take.
    #[error("metadata of this name cannot be chosen here")]
    MetadataNotAllowed,
    /// Metadata that cannot be kept.
    #[error("the metadata cannot be used")]
    MetadataInvalid(#[source] InvalidMetadata),
    /// Tags where the policy takes none.
    #[error("tags cannot be chosen here")]
    TagsNotAllowed,
    /// Tags that cannot be kept.
    #[error("the tags cannot be used")]
    TagInvalid(#[source] InvalidTag),
    /// The caller's subject holds control characters.
    #[error("the identity's subject cannot be used in a key")]
    SubjectInvalid,
    /// The key holds the caller's group, and the caller is in none that counts.
    #[error("the caller is in no group that may upload here")]
    GroupRequired,
    /// The key holds the caller's group, and the caller is in several that count.
    #[error("the caller is in several groups that may upload here, and the key has room for one")]
    GroupAmbiguous,
    /// The key holds a claim that the caller does not have.
    #[error("the caller's token says nothing that this upload needs: {0}")]
    ClaimRequired(Box<str>),
    /// An id named by the client, where the policy draws it.
    #[error("this id cannot be chosen here")]
    IdNotAllowed,
    /// An id named by the client that is no UUID in its usual form.
    #[error("the id {} must be a UUID in lower case, with hyphens", .0.as_wire())]
    IdInvalid(IdName),
    /// The key is over 1,024 bytes.
    #[error("the key would be longer than 1024 bytes")]
    KeyTooLong,
    /// A value that a form would change: S3 puts the file's name in place of `${filename}`.
    #[error("the form's field {0} cannot hold the variable for the file's name")]
    FileNameVariable(Box<str>),
    /// The program gave no value for a declared id. Its mistake, not the caller's.
    #[error("no value was drawn for the declared id `{0}`")]
    IdMissing(IdName),
    /// The program made a header that cannot be signed. Its mistake, not the caller's.
    #[error("a header of the upload cannot be signed")]
    HeaderUnsignable(#[source] InvalidHeader),
    /// The program made a form that cannot be signed. Its mistake, not the caller's.
    #[error("a field of the upload form cannot be signed")]
    FieldUnsignable(#[source] InvalidPost),
}

/// What sort of refusal it is: for a wire, the status class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeniedKind {
    /// The request is malformed or incomplete (400).
    BadRequest,
    /// This caller may not (403).
    Forbidden,
    /// Too many bytes (413).
    TooLarge,
    /// Not this type (415).
    UnsupportedMediaType,
    /// The program itself is at fault (500).
    Fault,
}

impl Denied {
    /// A stable name for programs, kebab-case.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BodyRequired => "body-required",
            Self::ContentLengthRequired => "content-length-required",
            Self::TooLarge { .. } => "too-large",
            Self::TooSmall { .. } => "too-small",
            Self::ContentTypeRequired => "content-type-required",
            Self::ContentTypeInvalid(_) => "content-type-invalid",
            Self::ContentTypeNotAllowed(_) => "content-type-not-allowed",
            Self::ExtensionUnknown(_) => "extension-unknown",
            Self::ExtensionMismatch(_) => "extension-mismatch",
            Self::FileNameRequired => "file-name-required",
            Self::FileNameInvalid(_) => "file-name-invalid",
            Self::ChecksumRequired(_) => "checksum-required",
            Self::ChecksumNotAllowed => "checksum-not-allowed",
            Self::ChecksumInvalid(_) => "checksum-invalid",
            Self::DispositionNotAllowed => "content-disposition-not-allowed",
            Self::DispositionInvalid(_) => "content-disposition-invalid",
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
            Self::IdMissing(_) => "id-missing",
            Self::HeaderUnsignable(_) => "header-unsignable",
            Self::FieldUnsignable(_) => "field-unsignable",
        }
    }

    /// What sort of refusal it is.
    #[must_use]
    pub const fn kind(&self) -> DeniedKind {
        match self {
            Self::TooLarge { .. } => DeniedKind::TooLarge,
            Self::ContentTypeNotAllowed(_) | Self::ExtensionUnknown(_) => DeniedKind::UnsupportedMediaType,
            Self::SubjectInvalid | Self::GroupRequired | Self::GroupAmbiguous | Self::ClaimRequired(_) => {
                DeniedKind::Forbidden
            }
            Self::IdMissing(_) | Self::HeaderUnsignable(_) | Self::FieldUnsignable(_) => DeniedKind::Fault,
            Self::BodyRequired
            | Self::ContentLengthRequired
            | Self::TooSmall { .. }
            | Self::ContentTypeRequired
            | Self::ContentTypeInvalid(_)
            | Self::ExtensionMismatch(_)
            | Self::FileNameRequired
            | Self::FileNameInvalid(_)
            | Self::ChecksumRequired(_)
            | Self::ChecksumNotAllowed
            | Self::ChecksumInvalid(_)
            | Self::DispositionNotAllowed
            | Self::DispositionInvalid(_)
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

fn list(algorithms: &[ChecksumAlgorithm]) -> String {
    algorithms.iter().map(|it| it.as_str()).collect::<Vec<_>>().join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{InvalidFileName, InvalidIdName};

    fn every_one() -> Vec<(Denied, &'static str, DeniedKind)> {
        use DeniedKind::{BadRequest, Fault, Forbidden, TooLarge, UnsupportedMediaType};
        let png: ContentType = "image/png".parse().unwrap();
        let sha256 = ChecksumAlgorithm::Sha256;
        let id: Result<IdName, InvalidIdName> = "article_id".parse();
        vec![
            (Denied::BodyRequired, "body-required", BadRequest),
            (Denied::ContentLengthRequired, "content-length-required", BadRequest),
            (Denied::TooLarge { len: 2, max: 1 }, "too-large", TooLarge),
            (Denied::TooSmall { len: 0, min: 1 }, "too-small", BadRequest),
            (Denied::ContentTypeRequired, "content-type-required", BadRequest),
            (Denied::ContentTypeInvalid(InvalidContentType::Form), "content-type-invalid", BadRequest),
            (Denied::ContentTypeNotAllowed(png.clone()), "content-type-not-allowed", UnsupportedMediaType),
            (Denied::ExtensionUnknown(png.clone()), "extension-unknown", UnsupportedMediaType),
            (Denied::ExtensionMismatch(png), "extension-mismatch", BadRequest),
            (Denied::FileNameRequired, "file-name-required", BadRequest),
            (Denied::FileNameInvalid(InvalidFileName::Empty), "file-name-invalid", BadRequest),
            (Denied::ChecksumRequired([sha256].into()), "checksum-required", BadRequest),
            (Denied::ChecksumNotAllowed, "checksum-not-allowed", BadRequest),
            (Denied::ChecksumInvalid(InvalidChecksum(sha256)), "checksum-invalid", BadRequest),
            (Denied::DispositionNotAllowed, "content-disposition-not-allowed", BadRequest),
            (Denied::DispositionInvalid(InvalidDisposition::Kind), "content-disposition-invalid", BadRequest),
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
            (Denied::IdMissing(id.unwrap()), "id-missing", Fault),
            (Denied::HeaderUnsignable(InvalidHeader::Name), "header-unsignable", Fault),
            (Denied::FieldUnsignable(InvalidPost::Name), "field-unsignable", Fault),
        ]
    }

    #[test]
    fn codes_and_kinds() {
        for (denied, code, kind) in every_one() {
            assert_eq!((denied.code(), denied.kind()), (code, kind));
            let text = denied.to_string();
            assert!(!text.ends_with('.') && text.is_ascii(), "{text}");
            assert!(text.starts_with(|c: char| c.is_lowercase()), "{text}");
        }
    }

    #[test]
    fn codes_are_kebab_case_and_unique() {
        let mut codes: Vec<&str> = every_one().into_iter().map(|(_, code, _)| code).collect();
        assert!(codes.iter().all(|code| code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')));
        let all = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), all);
    }
}
