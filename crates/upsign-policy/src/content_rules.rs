//! Which types may be uploaded, and under which extensions.

use std::fmt;

use crate::extensions::{built_in, is_extension, knows_main_type};
use crate::{ContentType, InvalidContentType};

/// The content types a policy allows, each with the extensions its files may have.
///
/// A range (`image/*`) takes in every type under it except the *active* ones that a browser would run
/// ([`ContentType::is_active`]): those are named exactly or not allowed.
///
/// ```
/// use upsign_policy::ContentRules;
/// let rules = ContentRules::of(["image/jpeg", "image/png"])?;
/// assert_eq!(rules.extension(&"image/jpeg".parse()?), Some("jpg"));
/// let wide = ContentRules::of(["image/*"])?;
/// assert!(wide.allows(&"image/webp".parse()?));
/// assert!(!wide.allows(&"image/svg+xml".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentRules {
    ranges: Vec<TypeRange>,
    extensions: Vec<(ContentType, Box<[Box<str>]>)>,
}

/// One entry of [`ContentRules`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TypeRange {
    /// One type.
    Exact(ContentType),
    /// `image/*`: all types of this main type that are not active.
    Under(Box<str>),
    /// `*/*`: all types that are not active.
    Any,
}

/// Why texts do not make [`ContentRules`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidContentRules {
    /// No type at all.
    #[error("no content type is allowed: name at least one, as in image/jpeg")]
    Empty,
    /// A type that is none.
    #[error("the content type `{text}` is invalid")]
    ContentType {
        /// The text, with odd characters escaped.
        text: Box<str>,
        /// What is wrong.
        source: InvalidContentType,
    },
    /// More than [`ContentRules::MAX_TYPES`].
    #[error("at most 1000 content types can be named")]
    TooMany,
    /// A type that is there twice.
    #[error("the content type `{0}` is given twice")]
    Repeated(TypeRange),
    /// An extension that is none.
    #[error("`{text}` is no extension: 1 to 16 of a-z and 0-9, without a dot")]
    Extension {
        /// The text, with odd characters escaped.
        text: Box<str>,
    },
    /// A list of extensions with nothing in it.
    #[error("the extensions of `{0}` are an empty list")]
    NoExtensions(ContentType),
}

impl ContentRules {
    /// The most entries, and the most types with extensions of their own.
    pub const MAX_TYPES: usize = 1_000;

    /// Allows these types, in this order: the first is what a request without a body gets. `image/*` and `*/*` are
    /// ranges. Extensions come from a built-in table of common types.
    ///
    /// # Errors
    /// [`InvalidContentRules`].
    pub fn of<S: AsRef<str>>(types: impl IntoIterator<Item = S>) -> Result<Self, InvalidContentRules> {
        let mut ranges = Vec::new();
        for text in types {
            let range = TypeRange::read(text.as_ref())?;
            if ranges.len() >= Self::MAX_TYPES {
                return Err(InvalidContentRules::TooMany);
            }
            if ranges.contains(&range) {
                return Err(InvalidContentRules::Repeated(range));
            }
            ranges.push(range);
        }
        if ranges.is_empty() {
            Err(InvalidContentRules::Empty)
        } else {
            Ok(Self { ranges, extensions: Vec::new() })
        }
    }

    /// No types: what a builder starts from.
    pub(crate) const fn none() -> Self {
        Self { ranges: Vec::new(), extensions: Vec::new() }
    }

    /// The same rules with these extensions for one type, instead of the built-in ones; the first is what `{ext}`
    /// becomes.
    ///
    /// # Errors
    /// [`InvalidContentRules`].
    pub fn with_extensions<S: AsRef<str>>(
        mut self,
        content_type: &str,
        extensions: impl IntoIterator<Item = S>,
    ) -> Result<Self, InvalidContentRules> {
        let content_type = exact(content_type)?;
        let mut list: Vec<Box<str>> = Vec::new();
        for text in extensions {
            let text = text.as_ref();
            if !is_extension(text) {
                return Err(InvalidContentRules::Extension { text: shown(text) });
            }
            list.push(text.into());
        }
        if list.is_empty() {
            return Err(InvalidContentRules::NoExtensions(content_type));
        }
        if self.extensions.len() >= Self::MAX_TYPES {
            return Err(InvalidContentRules::TooMany);
        }
        self.extensions.retain(|(have, _)| *have != content_type);
        self.extensions.push((content_type, list.into()));
        Ok(self)
    }

    /// The bytes of the shortest extension that a file of these types can have; 1 where a range leaves that open.
    pub(crate) fn shortest_extension(&self) -> usize {
        let ranged = self.ranges.iter().any(|range| !matches!(range, TypeRange::Exact(_)));
        let shortest = self.exact().filter_map(|of| self.extensions_of(of).map(str::len).min()).min();
        if ranged { 1 } else { shortest.unwrap_or(1) }
    }

    /// The types that have extensions of their own here.
    pub fn declared(&self) -> impl Iterator<Item = &ContentType> {
        self.extensions.iter().map(|(content_type, _)| content_type)
    }

    /// The entries, in order.
    #[must_use]
    pub fn ranges(&self) -> &[TypeRange] {
        &self.ranges
    }

    /// The first entry that names one type.
    #[must_use]
    pub fn first_exact(&self) -> Option<&ContentType> {
        self.exact().next()
    }

    /// The entries that name one type, in order.
    pub fn exact(&self) -> impl Iterator<Item = &ContentType> {
        self.ranges.iter().filter_map(|range| match range {
            TypeRange::Exact(content_type) => Some(content_type),
            TypeRange::Under(_) | TypeRange::Any => None,
        })
    }

    /// Whether a type may be uploaded.
    ///
    /// Parameters count: an entry without any also allows `;charset=utf-8` on text and JSON, and nothing else.
    #[must_use]
    pub fn allows(&self, content_type: &ContentType) -> bool {
        self.ranges.iter().any(|range| range.covers(content_type))
    }

    /// The extensions of a type, the usual one first. Empty for a type of which none are known.
    pub fn extensions_of(&self, content_type: &ContentType) -> impl Iterator<Item = &str> + Clone {
        let own = self.own_extensions(content_type);
        let table = if own.is_some() { &[] } else { built_in(content_type) };
        own.unwrap_or_default().iter().map(AsRef::as_ref).chain(table.iter().copied())
    }

    /// The extension that `{ext}` becomes for a type.
    #[must_use]
    pub fn extension(&self, content_type: &ContentType) -> Option<&str> {
        self.extensions_of(content_type).next()
    }

    /// Whether `{ext}` has a value for at least one type of this entry.
    pub(crate) fn can_name(&self, range: &TypeRange) -> bool {
        let covered = |(content_type, _): &(ContentType, Box<[Box<str>]>)| range.covers(content_type);
        match range {
            TypeRange::Exact(content_type) => self.extension(content_type).is_some(),
            TypeRange::Under(main) => knows_main_type(main) || self.extensions.iter().any(covered),
            TypeRange::Any => true,
        }
    }

    fn own_extensions(&self, content_type: &ContentType) -> Option<&[Box<str>]> {
        let own = |want: &str| self.extensions.iter().find(|(have, _)| have.as_str() == want);
        let found = own(content_type.as_str()).or_else(|| own(content_type.essence()))?;
        Some(&found.1)
    }
}

impl TypeRange {
    fn read(text: &str) -> Result<Self, InvalidContentRules> {
        match text.split_once('/') {
            Some(("*", "*")) => Ok(Self::Any),
            Some((main, "*")) => {
                // Judged by the rules of a whole type.
                let stand_in = exact(&format!("{main}/x")).map_err(|error| renamed(error, text))?;
                Ok(Self::Under(stand_in.main_type().into()))
            }
            _ => exact(text).map(Self::Exact),
        }
    }

    /// Whether this entry allows a type.
    #[must_use]
    pub fn covers(&self, content_type: &ContentType) -> bool {
        match self {
            Self::Exact(own) if own == content_type => true,
            Self::Exact(own) => own.as_str() == content_type.essence() && is_plain_or_utf8(content_type),
            Self::Under(main) => {
                content_type.main_type() == &**main
                    && !content_type.is_active()
                    && is_plain_or_utf8(content_type)
            }
            Self::Any => !content_type.is_active() && is_plain_or_utf8(content_type),
        }
    }
}

impl fmt::Display for TypeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(content_type) => content_type.fmt(f),
            Self::Under(main) => write!(f, "{main}/*"),
            Self::Any => f.write_str("*/*"),
        }
    }
}

/// A charset is meant for text; elsewhere a parameter changes what the type means, so it must be named.
fn is_plain_or_utf8(content_type: &ContentType) -> bool {
    let textual = content_type.main_type() == "text" || content_type.essence() == "application/json";
    content_type.parameters().is_empty() || textual && content_type.parameters() == ";charset=utf-8"
}

fn exact(text: &str) -> Result<ContentType, InvalidContentRules> {
    text.parse().map_err(|source| InvalidContentRules::ContentType { text: shown(text), source })
}

fn renamed(error: InvalidContentRules, text: &str) -> InvalidContentRules {
    match error {
        InvalidContentRules::ContentType { source, .. } => {
            InvalidContentRules::ContentType { text: shown(text), source }
        }
        other => other,
    }
}

fn shown(text: &str) -> Box<str> {
    text.chars().take(80).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(types: &[&str]) -> ContentRules {
        ContentRules::of(types).unwrap()
    }

    fn of(text: &str) -> ContentType {
        text.parse().unwrap()
    }

    #[test]
    fn exact_types() {
        let rules = rules(&["image/JPEG", "text/plain", "video/webm;codecs=vp8"]);
        for (text, allowed) in [
            ("image/jpeg", true),
            ("image/png", false),
            ("image/jpeg;charset=utf-8", false),
            ("text/plain;charset=utf-8", true),
            ("text/plain;charset=utf-7", false),
            ("text/plain;format=flowed", false),
            ("video/webm;codecs=vp8", true),
            ("video/webm", false),
            ("video/webm;codecs=vp9", false),
        ] {
            assert_eq!(rules.allows(&of(text)), allowed, "{text}");
        }
        assert_eq!(rules.first_exact(), Some(&of("image/jpeg")));
    }

    #[test]
    fn no_range_covers_what_a_browser_runs() {
        let active =
            ["image/svg+xml", "text/html", "application/xhtml+xml", "application/xml", "text/javascript"];
        let any = rules(&["*/*"]);
        let under = rules(&["image/*", "text/*", "application/*"]);
        for text in active.into_iter().chain(["application/pdf", "multipart/mixed"]) {
            assert!(!any.allows(&of(text)) && !under.allows(&of(text)), "{text}");
            assert!(rules(&[text]).allows(&of(text)), "{text}");
        }
        assert!(any.allows(&of("chemical/x-pdb")) && under.allows(&of("image/x-new")));
        assert!(!under.allows(&of("video/mp4")));
    }

    #[test]
    fn extensions() {
        let own = rules(&["image/jpeg"]).with_extensions("image/jpeg", ["jpeg", "jpg"]).unwrap();
        assert_eq!(own.extension(&of("image/jpeg")), Some("jpeg"));
        let table = rules(&["image/*"]);
        assert_eq!(table.extensions_of(&of("image/tiff")).collect::<Vec<_>>(), ["tiff", "tif"]);
        assert_eq!(table.extension(&of("image/x-new")), None);
        let named = rules(&["chemical/*"]).with_extensions("chemical/x-pdb", ["pdb"]).unwrap();
        assert!(named.can_name(&TypeRange::Under("chemical".into())));
        assert!(!rules(&["chemical/*"]).can_name(&TypeRange::Under("chemical".into())));
    }

    #[test]
    fn what_is_no_rule() {
        let none: [&str; 0] = [];
        assert_eq!(ContentRules::of(none), Err(InvalidContentRules::Empty));
        for text in ["", "image", "*/png", "image/*/x", "ima ge/*", "*", "image/**", "image/jp*"] {
            assert!(
                matches!(ContentRules::of([text]), Err(InvalidContentRules::ContentType { .. })),
                "{text}"
            );
        }
        assert!(matches!(
            ContentRules::of(["image/png", "IMAGE/PNG"]),
            Err(InvalidContentRules::Repeated(TypeRange::Exact(_)))
        ));
        for text in ["", ".png", "PNG", "p/g", "tar.gz", "abcdefghijklmnopq"] {
            let refused = rules(&["image/png"]).with_extensions("image/png", [text]);
            assert_eq!(refused, Err(InvalidContentRules::Extension { text: text.into() }));
        }
        assert!(rules(&["image/png"]).with_extensions("image/png", none).is_err());
    }
}
