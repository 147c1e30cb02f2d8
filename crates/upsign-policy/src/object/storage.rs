//! Storage settings of an object: encryption, storage class, ACL and cache control.

use std::fmt;
use std::str::FromStr;

/// Encryption at rest. If a policy sets none, the default of the bucket applies.
///
/// TOML key: `encryption`.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html>.
///
/// ```
/// use upsign_policy::{Encryption, KmsKey, StorageOptions};
/// let key = KmsKey::CustomerManaged("alias/uploads".parse()?);
/// let options = StorageOptions::new().encryption(Encryption::Kms(key));
/// assert_eq!(Encryption::S3.as_str(), "AES256");
/// # Ok::<(), upsign_policy::InvalidKmsKeyId>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encryption {
    /// `AES256`: keys that S3 manages (SSE-S3).
    S3,
    /// `aws:kms`: a KMS key (SSE-KMS).
    Kms(KmsKey),
    /// `aws:kms:dsse`: two layers of encryption with a KMS key (DSSE-KMS).
    KmsDsse(KmsKey),
}

/// The KMS key that encrypts an object.
///
/// ```
/// use upsign_policy::{Encryption, KmsKey};
/// assert!(Encryption::Kms(KmsKey::AwsManaged).customer_key().is_none());
/// let own = Encryption::Kms(KmsKey::CustomerManaged("alias/uploads".parse()?));
/// assert_eq!(own.customer_key().unwrap(), "alias/uploads");
/// # Ok::<(), upsign_policy::InvalidKmsKeyId>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KmsKey {
    /// `aws/s3`, the key that AWS manages.
    #[default]
    AwsManaged,
    /// A customer managed key.
    CustomerManaged(KmsKeyId),
}

/// The name of a KMS key: its id, `alias/…`, or the ARN of one of them; at Google Cloud,
/// `projects/PROJECT/locations/LOCATION/keyRings/RING/cryptoKeys/KEY`.
///
/// TOML key: `kms_key`.
///
/// ```
/// use upsign_policy::KmsKeyId;
/// for text in [
///     "1234abcd-12ab-34cd-56ef-1234567890ab",
///     "alias/uploads",
///     "arn:aws:kms:ap-southeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
/// ] {
///     assert!(text.parse::<KmsKeyId>().is_ok());
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KmsKeyId(Box<str>);

/// The text is not the name of a KMS key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a KMS key must be an id, `alias/…`, an ARN, or `projects/…/cryptoKeys/…`, with at most 2048 characters of A-Z, a-z, 0-9 and `:/_-`"
)]
#[non_exhaustive]
pub struct InvalidKmsKeyId;

/// A storage class of S3.
///
/// TOML key: `storage_class`.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>.
///
/// ```
/// use upsign_policy::StorageClass;
/// let class: StorageClass = "STANDARD_IA".parse()?;
/// assert!(!class.is_archive() && StorageClass::Glacier.is_archive());
/// # Ok::<(), upsign_policy::InvalidStorageClass>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StorageClass {
    /// `STANDARD`.
    Standard,
    /// `STANDARD_IA`.
    StandardIa,
    /// `ONEZONE_IA`.
    OnezoneIa,
    /// `INTELLIGENT_TIERING`.
    IntelligentTiering,
    /// `GLACIER_IR`.
    GlacierIr,
    /// `GLACIER`.
    Glacier,
    /// `DEEP_ARCHIVE`.
    DeepArchive,
    /// `REDUCED_REDUNDANCY`.
    ReducedRedundancy,
    /// `EXPRESS_ONEZONE`: the class of directory buckets in Availability Zones.
    ExpressOnezone,
}

/// The text is not the name of a storage class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a storage class must be one of {}", StorageClass::ALL.map(StorageClass::as_str).join(", "))]
#[non_exhaustive]
pub struct InvalidStorageClass;

/// A canned ACL.
///
/// Buckets created since April 2023 refuse every ACL header, unless ACLs are enabled for the bucket: the default of the
/// setting *object ownership* is `BucketOwnerEnforced`.
///
/// TOML key: `acl`.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl>.
///
/// ```
/// use upsign_policy::CannedAcl;
/// let acl: CannedAcl = "bucket-owner-full-control".parse()?;
/// assert!(!acl.is_public() && CannedAcl::PublicRead.is_public());
/// # Ok::<(), upsign_policy::InvalidCannedAcl>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CannedAcl {
    /// `private`.
    Private,
    /// `public-read`: anyone can read the object.
    PublicRead,
    /// `public-read-write`: anyone can read and write the object.
    PublicReadWrite,
    /// `authenticated-read`: anyone with an AWS account can read the object.
    AuthenticatedRead,
    /// `aws-exec-read`.
    AwsExecRead,
    /// `bucket-owner-read`.
    BucketOwnerRead,
    /// `bucket-owner-full-control`.
    BucketOwnerFullControl,
}

/// The text is not the name of a canned ACL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a canned ACL must be one of private, public-read, public-read-write, authenticated-read, aws-exec-read, bucket-owner-read and bucket-owner-full-control"
)]
#[non_exhaustive]
pub struct InvalidCannedAcl;

/// A value of `Cache-Control`: visible ASCII, at most 256 bytes.
///
/// TOML key: `cache_control`.
///
/// ```
/// use upsign_policy::{CacheControl, StorageOptions};
/// // The key of an upload never changes its content, so browsers may keep it.
/// let forever: CacheControl = "public, max-age=31536000, immutable".parse()?;
/// let options = StorageOptions::new().cache_control(forever);
/// # Ok::<(), upsign_policy::InvalidCacheControl>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CacheControl(Box<str>);

/// The text is not a value of `Cache-Control`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a cache-control value must be 1 to 256 characters of visible ASCII, for example `public, max-age=31536000`"
)]
#[non_exhaustive]
pub struct InvalidCacheControl;

impl Encryption {
    /// Returns the value of the header `x-amz-server-side-encryption`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::S3 => "AES256",
            Self::Kms(_) => "aws:kms",
            Self::KmsDsse(_) => "aws:kms:dsse",
        }
    }

    /// Returns the customer managed KMS key, if there is one. The signer then needs permission to use it.
    #[must_use]
    pub const fn customer_key(&self) -> Option<&KmsKeyId> {
        match self {
            Self::Kms(KmsKey::CustomerManaged(key)) | Self::KmsDsse(KmsKey::CustomerManaged(key)) => {
                Some(key)
            }
            Self::Kms(KmsKey::AwsManaged) | Self::KmsDsse(KmsKey::AwsManaged) | Self::S3 => None,
        }
    }
}

/// The start of the name of a key of Google Cloud.
const GOOGLE_KEY: &str = "projects/";

impl KmsKeyId {
    /// Returns whether this is a key of Google Cloud, which its store knows with its own signatures only.
    #[must_use]
    pub fn is_of_google_cloud(&self) -> bool {
        self.0.starts_with(GOOGLE_KEY)
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KmsKeyId {
    type Err = InvalidKmsKeyId;

    fn from_str(text: &str) -> Result<Self, InvalidKmsKeyId> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b":/_-".contains(&byte);
        let bare = !text.contains([':', '/']) || text.starts_with("alias/");
        let arn = text.starts_with("arn:") && (text.contains(":key/") || text.contains(":alias/"));
        let google = text.starts_with(GOOGLE_KEY) && text.contains("/cryptoKeys/");
        if (1..=2_048).contains(&text.len()) && text.bytes().all(allowed) && (bare || arn || google) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidKmsKeyId)
        }
    }
}

upsign_core::text_type!(KmsKeyId, CacheControl);

impl StorageClass {
    /// Every storage class.
    pub const ALL: [Self; 9] = [
        Self::Standard,
        Self::StandardIa,
        Self::OnezoneIa,
        Self::IntelligentTiering,
        Self::GlacierIr,
        Self::Glacier,
        Self::DeepArchive,
        Self::ReducedRedundancy,
        Self::ExpressOnezone,
    ];

    /// Returns the value of the header `x-amz-storage-class`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "STANDARD",
            Self::StandardIa => "STANDARD_IA",
            Self::OnezoneIa => "ONEZONE_IA",
            Self::IntelligentTiering => "INTELLIGENT_TIERING",
            Self::GlacierIr => "GLACIER_IR",
            Self::Glacier => "GLACIER",
            Self::DeepArchive => "DEEP_ARCHIVE",
            Self::ReducedRedundancy => "REDUCED_REDUNDANCY",
            Self::ExpressOnezone => "EXPRESS_ONEZONE",
        }
    }

    /// Returns whether objects must be restored before they can be read, which takes minutes to days: `GLACIER` and
    /// `DEEP_ARCHIVE`.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html>.
    #[must_use]
    pub const fn is_archive(self) -> bool {
        matches!(self, Self::Glacier | Self::DeepArchive)
    }
}

impl FromStr for StorageClass {
    type Err = InvalidStorageClass;

    fn from_str(text: &str) -> Result<Self, InvalidStorageClass> {
        Self::ALL.into_iter().find(|class| class.as_str() == text).ok_or(InvalidStorageClass)
    }
}

impl fmt::Display for StorageClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl CannedAcl {
    /// Every canned ACL that applies to objects.
    pub const ALL: [Self; 7] = [
        Self::Private,
        Self::PublicRead,
        Self::PublicReadWrite,
        Self::AuthenticatedRead,
        Self::AwsExecRead,
        Self::BucketOwnerRead,
        Self::BucketOwnerFullControl,
    ];

    /// Returns the value of the header `x-amz-acl`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::PublicRead => "public-read",
            Self::PublicReadWrite => "public-read-write",
            Self::AuthenticatedRead => "authenticated-read",
            Self::AwsExecRead => "aws-exec-read",
            Self::BucketOwnerRead => "bucket-owner-read",
            Self::BucketOwnerFullControl => "bucket-owner-full-control",
        }
    }

    /// Returns whether the ACL gives access to people outside the account.
    #[must_use]
    pub const fn is_public(self) -> bool {
        matches!(self, Self::PublicRead | Self::PublicReadWrite | Self::AuthenticatedRead)
    }
}

impl FromStr for CannedAcl {
    type Err = InvalidCannedAcl;

    fn from_str(text: &str) -> Result<Self, InvalidCannedAcl> {
        Self::ALL.into_iter().find(|acl| acl.as_str() == text).ok_or(InvalidCannedAcl)
    }
}

impl fmt::Display for CannedAcl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl CacheControl {
    /// Returns the value.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CacheControl {
    type Err = InvalidCacheControl;

    fn from_str(text: &str) -> Result<Self, InvalidCacheControl> {
        let visible = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        let valid_length = text.len() <= 256 && !text.trim().is_empty();
        if visible && valid_length { Ok(Self(text.trim().into())) } else { Err(InvalidCacheControl) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kms_key_names() {
        for text in [
            "1234abcd-12ab-34cd-56ef-1234567890ab",
            "mrk-1234abcd12ab34cd56ef1234567890ab",
            "alias/uploads",
            "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "arn:aws:kms:us-east-1:111122223333:alias/uploads",
            "projects/p/locations/europe-west1/keyRings/uploads/cryptoKeys/images",
        ] {
            assert_eq!(text.parse::<KmsKeyId>().unwrap().as_str(), text);
        }
        for text in [
            "",
            "a b",
            "key/1",
            "projects/p/keyRings/r",
            "arn:aws:s3:::bucket",
            "a\nb",
            "é",
            "arn:aws:kms:*:1:key/*",
        ] {
            assert_eq!(text.parse::<KmsKeyId>(), Err(InvalidKmsKeyId), "{text}");
        }
    }

    #[test]
    fn names_parse_back() {
        for class in StorageClass::ALL {
            assert_eq!(class.to_string().parse(), Ok(class));
        }
        for acl in CannedAcl::ALL {
            assert_eq!(acl.to_string().parse(), Ok(acl));
        }
        assert_eq!("standard".parse::<StorageClass>(), Err(InvalidStorageClass));
        assert_eq!("log-delivery-write".parse::<CannedAcl>(), Err(InvalidCannedAcl));
        assert_eq!("no-store ".parse::<CacheControl>().unwrap().as_str(), "no-store");
        for text in ["", " ", "a\r\nb", "é", &"a".repeat(257)] {
            assert_eq!(text.parse::<CacheControl>(), Err(InvalidCacheControl), "{text}");
        }
    }
}
