//! Warnings about settings that are valid but weaken a policy.

use upsign_core::ExpiresIn;

use crate::content::alias::meanings;
use crate::content::content_type::ContentType;
use crate::content::size::in_largest_unit;
use crate::content::type_range::TypeRange;
use crate::key::id_name::IdName;
use crate::key::placeholder::Placeholder;
use crate::multipart::resume_window::ResumeWindow;
use crate::object::object_field::ObjectField;
use crate::object::storage::{CannedAcl, StorageClass};
use crate::policy::UploadPolicy;
use crate::policy::options::key::SharedContent;
use crate::policy::options::lifetime::LifetimeOptions;
use crate::policy::options::method::{Bodyless, UploadMethod};
use crate::policy::options::multipart::MultipartMode;
use crate::policy::options::replace::Replace;
use crate::policy::options::size_bound::SizeBound;
use crate::policy::options::unbounded::Unbounded;

/// A setting that is valid but that an operator should have chosen deliberately.
///
/// Programs print the warnings at start. No request is denied because of one.
///
/// ```
/// use upsign_policy::{Bodyless, Target, UploadPolicy};
/// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// let policy = UploadPolicy::builder(target, "pages/{id}.{ext}".parse()?, Bodyless::Refuse)
///     .content_types(["text/html"])
///     .max_size(10 << 20)
///     .build()?;
/// assert_eq!(
///     policy.warnings()[0].to_string(),
///     "browsers execute `text/html`: set disposition to attachment, or serve the objects from a separate domain",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyWarning {
    /// A request without a body receives a grant that does not bind these constraints.
    BodylessAllowed {
        /// The constraints that are not bound, for example `size`.
        unbound: Vec<&'static str>,
    },
    /// A `PUT` binds no size if the client states none ([`Unbounded::Danger`]).
    Unbounded,
    /// A grant is valid for longer than 15 minutes.
    LongLifetime(ExpiresIn),
    /// A grant is valid for a shorter time than the minimum to which credentials that expire may shorten one. Every grant is
    /// valid for that time, and none is shortened further.
    ShortLifetime {
        /// The lifetime of a grant.
        expires_in: ExpiresIn,
        /// The configured minimum.
        minimum: ExpiresIn,
    },
    /// A whole range of types is allowed.
    WideTypes(TypeRange),
    /// A type that browsers execute is allowed, and some objects are not served as an attachment.
    ActiveType(ContentType),
    /// An allowed type is not a common one and resembles one. Clients whose files have the common type are denied.
    UncommonType {
        /// The allowed type, for example `image/jpg`.
        listed: ContentType,
        /// The type that browsers send for such files, for example `image/jpeg`.
        common: ContentType,
    },
    /// Objects of this storage class must be restored before anybody can read them. That takes minutes to hours, and up to 48
    /// hours from `DEEP_ARCHIVE`.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html>.
    ArchivedStorage(StorageClass),
    /// An upload can replace an existing object while its grant is valid.
    Overwritable,
    /// The key contains neither an id nor a value of the caller, so every caller writes the same objects.
    SharedObject,
    /// The key begins with a placeholder, so the IAM policy of the role that signs cannot be limited to a prefix of the
    /// bucket.
    WideResource {
        /// The placeholder that the key begins with.
        placeholder: Placeholder,
        /// The ARN pattern of the objects that the role must be permitted to write.
        resource: Box<str>,
    },
    /// The ACL gives access to people outside the account.
    PublicAcl(CannedAcl),
    /// Callers share content-addressed objects.
    SharedContent,
    /// No file is large enough to be uploaded in parts ([`MultipartMode::Auto`](crate::MultipartMode::Auto)), unless the client
    /// asks for it.
    PartsUnused {
        /// The maximum size of a file in bytes.
        max: u64,
        /// The size in bytes above which files are uploaded in parts.
        above: u64,
    },
    /// A multipart upload can be continued for a shorter time than the grant of one request is valid.
    ShortResumeWindow {
        /// How long the upload can be continued.
        window: ResumeWindow,
        /// The lifetime of the grant of one request.
        expires_in: ExpiresIn,
    },
    /// The store ignores `If-None-Match` when a multipart upload is completed, so it would replace an object that has the same
    /// key. Keys of such uploads contain `{id}`, so two have the same key only if their random numbers are equal.
    NoConditionalComplete,
    /// A declared id does not appear in the key.
    UnusedId(IdName),
    /// A segment of the key is a placeholder in the notation of another tool, for example `$sub`, `<sub>` or `:sub`. It is
    /// literal text, so the keys of all callers contain it.
    LiteralPlaceholder {
        /// The segment, for example `$sub`.
        segment: Box<str>,
        /// The placeholder that is probably meant.
        meant: Placeholder,
    },
}

impl UploadPolicy {
    /// Returns the warnings about this policy, the most serious first.
    #[must_use]
    pub fn warnings(&self) -> Vec<PolicyWarning> {
        let mut warnings = Vec::new();
        if self.bodyless == Bodyless::Allow {
            warnings.push(PolicyWarning::BodylessAllowed { unbound: self.unbound_without_body() });
        }
        if self.unbounded == Unbounded::Danger {
            warnings.push(PolicyWarning::Unbounded);
        }
        let attached = self.disposition.can_attach();
        let bodyless_put = self.bodyless == Bodyless::Allow && self.method == UploadMethod::Put;
        for content_type in self.content.exact().filter(|content_type| content_type.is_active()) {
            // A bodyless PUT signs the first exact type only, so even a fixed disposition is not bound for it.
            if !attached || bodyless_put && self.content.first_exact() == Some(content_type) {
                warnings.push(PolicyWarning::ActiveType(content_type.clone()));
            }
        }
        let wide = self.key_templates().into_iter().find(|template| template.literal_prefix().is_empty());
        if let Some(template) = wide
            && let Some(first) = template.placeholders().next()
        {
            let resource = self.target.object_arn(&template.arn_pattern()).into();
            warnings.push(PolicyWarning::WideResource { placeholder: first.clone(), resource });
        }
        warnings.extend(self.storage.acl.filter(|acl| acl.is_public()).map(PolicyWarning::PublicAcl));
        if self.keys.shared_content == SharedContent::Danger && self.template.uses(&Placeholder::Sha256) {
            warnings.push(PolicyWarning::SharedContent);
        }
        // Any file is safe by its construction: nothing that a browser could execute is signed with its own type.
        let is_wide = |range: &&TypeRange| matches!(range, TypeRange::MainType(_) | TypeRange::Any);
        let ranges = self.content.ranges().iter().filter(is_wide);
        warnings.extend(ranges.cloned().map(PolicyWarning::WideTypes));
        warnings.extend(self.uncommon_types());
        let archive = self.storage.storage_class.filter(|class| class.is_archive());
        warnings.extend(archive.map(PolicyWarning::ArchivedStorage));
        let is_own = self.may_share_keys && self.template.contains_caller();
        if self.replace == Replace::Allow && !is_own {
            warnings.push(PolicyWarning::Overwritable);
        }
        if self.may_share_keys && !self.template.is_unique() && !self.template.contains_caller() {
            warnings.push(PolicyWarning::SharedObject);
        }
        if self.lifetime.expires_in.as_secs() > 900 {
            warnings.push(PolicyWarning::LongLifetime(self.lifetime.expires_in));
        }
        let LifetimeOptions { expires_in, min_expires_in: minimum, .. } = self.lifetime;
        if expires_in < minimum {
            warnings.push(PolicyWarning::ShortLifetime { expires_in, minimum });
        }
        warnings.extend(self.warnings_about_parts());
        let in_key = |name: &IdName| self.template.uses(&Placeholder::DeclaredId(name.clone()));
        let literal: Vec<(&str, Placeholder)> = self.template.literal_placeholders().collect();
        // Of an id in another notation, that is the one mistake.
        let is_literal =
            |name: &IdName| literal.iter().any(|(_, meant)| *meant == Placeholder::DeclaredId(name.clone()));
        let unused = self.id_names().iter().filter(|name| !in_key(name) && !is_literal(name));
        warnings.extend(unused.cloned().map(PolicyWarning::UnusedId));
        warnings.extend(
            literal
                .into_iter()
                .map(|(segment, meant)| PolicyWarning::LiteralPlaceholder { segment: segment.into(), meant }),
        );
        warnings
    }

    fn warnings_about_parts(&self) -> Vec<PolicyWarning> {
        let Some(options) = &self.multipart else { return Vec::new() };
        let (max, above) = (self.size.max(), options.above);
        let (window, expires_in) = (options.resume_window, self.lifetime.expires_in);
        let is_unused = options.mode == MultipartMode::Auto && max <= above;
        let warnings = [
            (is_unused && self.size_bound == SizeBound::Exact)
                .then_some(PolicyWarning::PartsUnused { max, above }),
            (window.as_secs() < expires_in.as_secs().into())
                .then_some(PolicyWarning::ShortResumeWindow { window, expires_in }),
            (self.replace == Replace::Never && !options.store.complete_if_none_match)
                .then_some(PolicyWarning::NoConditionalComplete),
        ];
        warnings.into_iter().flatten().collect()
    }

    /// Returns a warning for each listed type that resembles a common type which is not allowed.
    fn uncommon_types(&self) -> impl Iterator<Item = PolicyWarning> {
        self.content.ranges().iter().filter_map(|range| {
            let TypeRange::Exact(listed) = range else { return None };
            let other_name = |common: &ContentType| common.essence() != listed.essence();
            let common = ContentType::another_name(listed.as_str()).filter(other_name)?;
            let is_signed_as_listed = meanings(common.essence(), None).any(|means| means == listed.essence());
            if self.content.allows(&common) || is_signed_as_listed {
                return None;
            }
            Some(PolicyWarning::UncommonType { listed: listed.clone(), common })
        })
    }

    /// Returns the constraints that the grant of a bodyless request does not bind.
    fn unbound_without_body(&self) -> Vec<&'static str> {
        if self.method == UploadMethod::Post {
            return if self.checksums.is_required() { vec!["checksum"] } else { Vec::new() };
        }
        // The maximum size is bound by the query, which a request without a body has too.
        let mut unbound = if self.size_bound.is_exact_if_stated() { vec!["size"] } else { Vec::new() };
        if self.replace != Replace::Allow {
            unbound.push("overwriting");
        }
        if self.checksums.is_required() {
            unbound.push("checksum");
        }
        let fixed = ObjectField::ALL.into_iter();
        let fixed = fixed.filter(|field| self.fixed_headers.get(field.header()).is_some());
        unbound.extend(fixed.filter_map(ObjectField::constraint));
        if !self.headers.others.is_empty() {
            unbound.push("headers");
        }
        if !self.metadata.fixed.is_empty() {
            unbound.push("metadata");
        }
        if !self.tags.fixed.is_empty() {
            unbound.push("tags");
        }
        unbound
    }
}

impl std::fmt::Display for PolicyWarning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::BodylessAllowed { unbound } => {
                f.write_str("a request without a body receives a grant")?;
                for (place, constraint) in unbound.iter().enumerate() {
                    let last = place + 1 == unbound.len();
                    f.write_str(if place == 0 {
                        " without "
                    } else if last {
                        " and without "
                    } else {
                        ", without "
                    })?;
                    match *constraint {
                        "size" => f.write_str("a limit on the size")?,
                        "overwriting" => f.write_str("protection against overwriting")?,
                        "checksum" => f.write_str("a checksum")?,
                        fixed => write!(f, "the configured {fixed}")?,
                    }
                }
                Ok(())
            }
            Self::Unbounded => f.write_str(
                "a client of a dialect that states no size receives a URL that accepts any size: only a confirmation compares it with max_size",
            ),
            Self::LongLifetime(expires_in) => write!(
                f,
                "a grant is valid for {}: anyone who obtains it can use it until then",
                Readable(expires_in.as_secs().into())
            ),
            Self::ShortLifetime { expires_in, .. } => write!(
                f,
                "a grant is valid for only {} seconds: most clients start their upload later than that",
                expires_in.as_secs()
            ),
            Self::WideTypes(range) => write!(
                f,
                "`{range}` allows every matching type that browsers are known not to execute, and any other if it is signed as an attachment"
            ),
            Self::ActiveType(content_type) => write!(
                f,
                "browsers execute `{content_type}`: set disposition to attachment, or serve the objects from a separate domain"
            ),
            Self::WideResource { placeholder, resource } => write!(
                f,
                "the key begins with the placeholder `{placeholder}`, so the signing role must be permitted to write `{resource}`"
            ),
            Self::UncommonType { listed, common } => write!(
                f,
                "browsers send `{common}`, not `{listed}`, so their uploads are denied: allow `{common}`"
            ),
            Self::ArchivedStorage(class) => {
                let time = match class {
                    StorageClass::DeepArchive => "up to 12 hours, and up to 48 in bulk",
                    _ => "minutes to hours",
                };
                write!(
                    f,
                    "objects of the storage class {class} cannot be read until they are restored, which takes {time}"
                )
            }
            Self::Overwritable => f.write_str("an upload can be overwritten while its grant is valid"),
            Self::SharedObject => f.write_str(
                "every caller can replace the objects of every other one: the key contains neither an id nor `{sub}`",
            ),
            Self::PublicAcl(acl) => write!(f, "the ACL `{acl}` gives access to people outside the account"),
            Self::SharedContent => f.write_str(
                "callers share content-addressed objects: the first upload decides the type and headers for all callers",
            ),
            Self::LiteralPlaceholder { segment, meant } => {
                write!(f, "`{segment}` is literal text, the same in every key: write `{meant}`")
            }
            Self::PartsUnused { max, above } => write!(
                f,
                "files have at most {}, so none exceeds the {} above which a multipart upload is used: only clients that ask for it get one",
                Size(*max),
                Size(*above)
            ),
            Self::ShortResumeWindow { window, expires_in } => write!(
                f,
                "a multipart upload can be resumed for {}, less than the {} for which one URL is valid",
                Readable(window.as_secs()),
                Readable(expires_in.as_secs().into())
            ),
            Self::NoConditionalComplete => f.write_str(
                "the store does not refuse to complete a multipart upload under the key of an existing object: only `{id}`, which is new for every upload, protects it",
            ),
            Self::UnusedId(name) => write!(f, "the declared id `{name}` does not appear in the key"),
        }
    }
}

/// A size in the largest unit that gives it exactly: `100 MiB`, `1000001 bytes`.
struct Size(u64);

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self(bytes) = *self;
        match in_largest_unit(bytes) {
            Some((number, unit)) => write!(f, "{number} {unit}"),
            None if bytes == 1 => f.write_str("1 byte"),
            None => write!(f, "{bytes} bytes"),
        }
    }
}

/// A number of seconds in the largest units that give it exactly: `1 h`, `15 min`, `901 s`.
struct Readable(u64);

impl std::fmt::Display for Readable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.0;
        match (seconds / 86_400, seconds / 3_600, seconds / 60) {
            (1, ..) if seconds == 86_400 => f.write_str("1 day"),
            (days, ..) if seconds == days * 86_400 => write!(f, "{days} days"),
            (_, hours, _) if seconds == hours * 3_600 => write!(f, "{hours} h"),
            (.., minutes) if seconds == minutes * 60 => write!(f, "{minutes} min"),
            _ => write!(f, "{seconds} s"),
        }
    }
}
