//! Key layout policy: what may be uploaded where, by whom, bound into the request that gets signed.
//!
//! A [`UploadPolicy`] is made once, of a [`KeyTemplate`], [`ContentRules`], a [`SizeLimit`] and what else it fixes. It
//! turns a caller's [`UploadRequest`] into a [`Permit`], which carries one decided [`PresignRequest`], or says
//! [`Denied`]. It knows no HTTP and no AWS, reads no clock and draws no randomness: those come in with [`Ids`].
//!
//! | decided by | module-level types |
//! | --- | --- |
//! | where it goes | [`KeyTemplate`], [`Placeholder`], [`IdName`], [`encode_claim`] |
//! | what it is | [`ContentRules`], [`ContentType`], [`SizeLimit`], [`Checksums`] |
//! | what is kept with it | [`FileName`], [`Disposition`], [`Metadata`], [`Tags`], [`Encryption`], [`StorageClass`] |
//!
//! [`PresignRequest`]: upsign_core::PresignRequest

mod checksum;
mod claim;
mod content_rules;
mod content_type;
mod denied;
mod disposition;
mod extensions;
mod file_name;
mod id_name;
mod ids;
mod metadata;
mod percent;
mod permit;
mod policy;
mod request;
mod size;
mod storage;
mod tags;
mod template;
mod text;

pub use checksum::{Checksum, ChecksumAlgorithm, Checksums, InvalidChecksum, InvalidChecksumAlgorithm};
pub use claim::{decode_claim, encode_claim};
pub use content_rules::{ContentRules, InvalidContentRules, TypeRange};
pub use content_type::{ContentType, InvalidContentType};
pub use denied::{Denied, DeniedKind};
pub use disposition::{Disposition, InvalidDisposition};
pub use file_name::{FileName, FileNames, InvalidFileName};
pub use id_name::{IdName, InvalidIdName};
pub use ids::{Ids, uuid_v4, uuid_v7};
pub use metadata::{InvalidMetadata, Metadata};
pub use permit::{Decided, Permit};
pub use policy::{
    Bodyless, ClientMetadata, InvalidPolicy, PolicyWarning, SharedContent, UploadMethod, UploadPolicy,
    UploadPolicyBuilder,
};
pub use request::UploadRequest;
pub use size::{InvalidSizeLimit, SizeLimit};
pub use storage::{
    CacheControl, CannedAcl, Encryption, InvalidCacheControl, InvalidCannedAcl, InvalidKmsKeyId,
    InvalidStorageClass, KmsKey, KmsKeyId, StorageClass,
};
pub use tags::{InvalidTag, Tags};
pub use template::{ForeignKey, InvalidTemplate, KeyParts, KeyTemplate, Placeholder};
