//! One entry of a list of content types.

use std::fmt;

use crate::content::content_type::ContentType;
use crate::content::rules::{InvalidContentRules, exact, with_text};

/// One entry of [`ContentRules`](crate::ContentRules).
///
/// ```
/// use upsign_policy::{ContentRules, TypeRange};
/// let rules = ContentRules::new(["image/jpeg", "video/*"])?;
/// assert!(matches!(&rules.ranges()[0], TypeRange::Exact(jpeg) if jpeg == "image/jpeg"));
/// assert_eq!(rules.ranges()[1].to_string(), "video/*");
/// # Ok::<(), upsign_policy::InvalidContentRules>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TypeRange {
    /// One type.
    Exact(ContentType),
    /// A main type, for example `image/*`: all of its inert types, and as attachments all that are not active.
    MainType(Box<str>),
    /// `*/*`: all inert types, and as attachments all types that are not active.
    Any,
    /// Any file, whatever its type: an inert type is signed as it is, and every other file as `application/octet-stream`. It
    /// is the only entry of [`ContentRules::any_file`](crate::ContentRules::any_file).
    AnyFile,
}

impl TypeRange {
    pub(super) fn parse(text: &str) -> Result<Self, InvalidContentRules> {
        match text.split_once('/') {
            Some(("*", "*")) => Ok(Self::Any),
            Some((main, "*")) => {
                // Parsing a complete type checks the main type by the same rules.
                let example = exact(&format!("{main}/x")).map_err(|error| with_text(error, text))?;
                Ok(Self::MainType(example.main_type().into()))
            }
            _ => exact(text).map(Self::Exact),
        }
    }

    /// Returns whether this entry is a range that this type, without its parameters, belongs to by its name.
    pub(super) fn is_wildcard_for(&self, content_type: &ContentType) -> bool {
        match self {
            Self::Exact(_) => false,
            Self::MainType(main) => content_type.main_type() == &**main,
            Self::Any | Self::AnyFile => true,
        }
    }

    /// Returns whether this entry allows a type, even if browsers may display the object.
    #[must_use]
    pub fn covers(&self, content_type: &ContentType) -> bool {
        self.covers_as_attachment(content_type) && (matches!(self, Self::Exact(_)) || content_type.is_inert())
    }

    /// Returns whether this entry allows a type if browsers save the object instead of displaying it. See
    /// [`ContentRules::allows_as_attachment`](crate::ContentRules::allows_as_attachment).
    #[must_use]
    pub fn covers_as_attachment(&self, content_type: &ContentType) -> bool {
        match self {
            Self::Exact(exact) if exact == content_type => true,
            Self::Exact(exact) => {
                exact.as_str() == content_type.essence() && has_harmless_parameters(content_type)
            }
            Self::MainType(main) => {
                content_type.main_type() == &**main
                    && !content_type.is_active()
                    && has_harmless_parameters(content_type)
            }
            Self::Any => !content_type.is_active() && has_harmless_parameters(content_type),
            Self::AnyFile => content_type.is_inert() && has_harmless_parameters(content_type),
        }
    }
}

impl fmt::Display for TypeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(content_type) => content_type.fmt(f),
            Self::MainType(main) => write!(f, "{main}/*"),
            Self::Any => f.write_str("*/*"),
            Self::AnyFile => f.write_str("any"),
        }
    }
}

/// Returns whether the parameters leave the meaning of the type as it is. A character set other than UTF-8 and its subset
/// changes it: bytes that are harmless in one can be markup in another.
fn has_harmless_parameters(content_type: &ContentType) -> bool {
    matches!(content_type.parameter("charset"), None | Some("utf-8" | "us-ascii"))
}
