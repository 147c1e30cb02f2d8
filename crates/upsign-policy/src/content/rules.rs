//! The allowed content types and their file extensions.

use crate::content::content_type::{ContentType, InvalidContentType};
use crate::content::extensions::{built_in, contains_main_type, inert_types, is_extension};
use crate::content::mime_db;
use crate::content::type_range::TypeRange;

/// The content types that a policy allows, each with the extensions that its files may have.
///
/// A range such as `image/*` includes the *inert* types of that kind, which browsers are known to display or save without
/// executing them ([`ContentType::is_inert`]). Any other type must be listed exactly, with one exception: if the policy's
/// [`Disposition`](crate::Disposition) can be `attachment`, a range also includes unknown types, whose objects are then
/// always saved and never displayed. *Active* types, which a browser can execute ([`ContentType::is_active`]), must always
/// be listed exactly.
///
/// ```
/// use upsign_policy::ContentRules;
/// let rules = ContentRules::new(["image/jpeg", "image/png"])?;
/// assert_eq!(rules.extension(&"image/jpeg".parse()?), Some("jpg"));
/// let images = ContentRules::new(["image/*"])?;
/// assert!(images.allows(&"image/webp".parse()?));
/// assert!(!images.allows(&"image/svg+xml".parse()?));
/// assert!(!images.allows(&"image/x-new".parse()?) && images.allows_as_attachment(&"image/x-new".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentRules {
    ranges: Vec<TypeRange>,
    extensions: Vec<(ContentType, Box<[Box<str>]>)>,
}

/// The reason why a list of types or extensions does not form [`ContentRules`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidContentRules {
    /// The list of types is empty.
    #[error("no content type is allowed: name at least one, for example image/jpeg")]
    Empty,
    /// A type is malformed.
    #[error("the content type `{text}` is invalid")]
    ContentType {
        /// The first 80 characters of the text, escaped.
        text: Box<str>,
        /// The reason.
        source: InvalidContentType,
    },
    /// There are more than [`ContentRules::MAX_TYPES`] types.
    #[error("at most 1000 content types can be listed")]
    TooMany,
    /// A type is listed twice.
    #[error("the content type `{0}` is listed twice")]
    Repeated(TypeRange),
    /// An extension is malformed.
    #[error("`{text}` is not a file extension: it must be 1 to 16 characters of a-z and 0-9, without a dot")]
    Extension {
        /// The first 80 characters of the text, escaped.
        text: Box<str>,
    },
    /// The list of extensions of a type is empty.
    #[error("the list of extensions of `{0}` is empty")]
    NoExtensions(ContentType),
}

impl ContentRules {
    /// Maximum number of entries, and maximum number of types with custom extensions.
    pub const MAX_TYPES: usize = 1_000;

    /// Allows these types. `image/*` and `*/*` are ranges. The first exact type is the one that a request without a body is
    /// signed for. Extensions come from a built-in table of common types.
    ///
    /// # Errors
    /// Returns [`InvalidContentRules`] if the list is empty or has more than [`MAX_TYPES`](Self::MAX_TYPES) entries, or if
    /// a type is malformed or listed twice.
    pub fn new<S: AsRef<str>>(types: impl IntoIterator<Item = S>) -> Result<Self, InvalidContentRules> {
        let mut ranges = Vec::new();
        for text in types {
            let range = TypeRange::parse(text.as_ref())?;
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

    /// Allows every file, to be stored and downloaded again but never displayed.
    ///
    /// [Inert](ContentType::is_inert) types are signed as the client sends them. Files of every other type, also of an active,
    /// unknown or missing one, and files whose name does not fit their type, are signed as `application/octet-stream`, so that
    /// no browser executes them. The policy signs every upload with `Content-Disposition: attachment`.
    ///
    /// ```
    /// use upsign_policy::{Bodyless, ContentRules, UploadPolicy, UploadRequest};
    /// # use upsign_policy::{Identity, Ids, Target, Timestamp, uuid_v4};
    /// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
    /// # let caller = Identity::from_verified("https://issuer.example", "alice")?;
    /// # let ids = Ids::new(Timestamp::UNIX_EPOCH, uuid_v4([7; 16]));
    /// let policy = UploadPolicy::builder(target, "files/{id}".parse()?, Bodyless::Refuse)
    ///     .content(ContentRules::any_file())
    ///     .max_size(10 << 20)
    ///     .build()?;
    /// let page = UploadRequest::described().with_content_type("text/html").with_content_length(48_213);
    /// let permit = policy.authorize(&caller, &page, &ids)?;
    /// let headers = permit.headers().unwrap();
    /// assert_eq!(headers.get("content-type"), Some("application/octet-stream"));
    /// assert_eq!(headers.get("content-disposition"), Some("attachment"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn any_file() -> Self {
        Self { ranges: vec![TypeRange::AnyFile], extensions: Vec::new() }
    }

    /// Returns whether every file is allowed ([`any_file`](Self::any_file)).
    #[must_use]
    pub fn is_any_file(&self) -> bool {
        self.ranges.contains(&TypeRange::AnyFile)
    }

    /// Replaces the built-in extensions of one type. The first extension is the value of `{ext}`.
    ///
    /// # Errors
    /// Returns [`InvalidContentRules`] if the type or an extension is malformed, if the list is empty, or if more than
    /// [`MAX_TYPES`](Self::MAX_TYPES) types have custom extensions.
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
                return Err(InvalidContentRules::Extension { text: escaped(text) });
            }
            list.push(text.into());
        }
        if list.is_empty() {
            return Err(InvalidContentRules::NoExtensions(content_type));
        }
        if self.extensions.len() >= Self::MAX_TYPES {
            return Err(InvalidContentRules::TooMany);
        }
        self.extensions.retain(|(known, _)| *known != content_type);
        self.extensions.push((content_type, list.into()));
        Ok(self)
    }

    /// Returns the length of the shortest extension that a file of these types can have, in bytes. It is 1 if a range or
    /// arbitrary bytes are allowed, because the extension is then not known in advance.
    pub(crate) fn shortest_extension(&self) -> usize {
        let has_range = self.ranges.iter().any(|range| !matches!(range, TypeRange::Exact(_)));
        let is_open = has_range || self.exact().any(|exact| self.accepts_any_extension(exact));
        let shortest = self.exact().filter_map(|exact| self.extensions_of(exact).map(str::len).min()).min();
        if is_open { 1 } else { shortest.unwrap_or(1) }
    }

    /// Returns the types whose extensions were set with [`with_extensions`](Self::with_extensions).
    pub fn types_with_custom_extensions(&self) -> impl Iterator<Item = &ContentType> {
        self.extensions.iter().map(|(content_type, _)| content_type)
    }

    /// Returns every type that ranges can include, sorted: the types that browsers are known to display or save without
    /// executing them, whatever the bytes are ([`ContentType::is_inert`]).
    pub fn inert_types() -> impl Iterator<Item = &'static str> {
        inert_types()
    }

    /// Returns the entries in order.
    #[must_use]
    pub fn ranges(&self) -> &[TypeRange] {
        &self.ranges
    }

    /// Returns the first entry that is an exact type.
    #[must_use]
    pub fn first_exact(&self) -> Option<&ContentType> {
        self.exact().next()
    }

    /// Returns the type that a request without a body is signed for: the first exact type, or that of arbitrary bytes if any
    /// file is allowed.
    pub(crate) fn bodyless_type(&self) -> Option<ContentType> {
        let arbitrary = || self.is_any_file().then(ContentType::octet_stream);
        self.first_exact().cloned().or_else(arbitrary)
    }

    /// Returns the entries that are exact types, in order.
    pub fn exact(&self) -> impl Iterator<Item = &ContentType> {
        self.ranges.iter().filter_map(|range| match range {
            TypeRange::Exact(content_type) => Some(content_type),
            TypeRange::MainType(_) | TypeRange::Any | TypeRange::AnyFile => None,
        })
    }

    /// Returns whether a type is allowed, even if browsers may display the object.
    ///
    /// An entry without parameters also allows the type with parameters, for example `video/webm` a recording of
    /// `video/webm;codecs=vp9`. The exception is a `charset` other than UTF-8 and US-ASCII, which changes the meaning of the
    /// bytes. An entry with parameters allows exactly this type.
    #[must_use]
    pub fn allows(&self, content_type: &ContentType) -> bool {
        self.ranges.iter().any(|range| range.covers(content_type))
    }

    /// Returns whether a type is allowed if `Content-Disposition: attachment` makes browsers save the object. Ranges then
    /// also include types that are neither inert nor active.
    #[must_use]
    pub fn allows_as_attachment(&self, content_type: &ContentType) -> bool {
        self.ranges.iter().any(|range| range.covers_as_attachment(content_type))
    }

    /// Returns the first range that includes no inert type, and therefore allows nothing but attachments.
    pub(crate) fn range_without_inert_type(&self) -> Option<&TypeRange> {
        self.ranges.iter().find(|range| match range {
            TypeRange::MainType(main) => !contains_main_type(main),
            TypeRange::Exact(_) | TypeRange::Any | TypeRange::AnyFile => false,
        })
    }

    /// Returns the allowed types as text for people. The text is shorter than 200 bytes: a long list ends with the number of the
    /// others. If a range includes `denied` by its name, the text says which types the range is without.
    pub(crate) fn summary(&self, denied: Option<&ContentType>) -> Box<str> {
        const MAX_BYTES: usize = 110;
        let mut text = String::new();
        let mut listed = 0;
        for range in &self.ranges {
            let name = range.to_string();
            if text.len() + name.len() > MAX_BYTES {
                break;
            }
            if listed > 0 {
                text.push_str(", ");
            }
            text.push_str(&name);
            listed += 1;
        }
        match (self.ranges.len() - listed, listed) {
            (0, _) => {}
            (more, 0) => text = format!("types with long names ({more})"),
            (more, _) => text.push_str(&format!(" and {more} more")),
        }
        let in_range = |denied: &&ContentType| self.ranges.iter().any(|range| range.is_wildcard_for(denied));
        if let Some(denied) = denied.filter(in_range) {
            let reason = if denied.is_active() { "browsers can execute" } else { "browsers may not know" };
            text.push_str(&format!(", without types that {reason}"));
        }
        text.into()
    }

    /// Returns the extensions of a type, the preferred one first. The result is empty if none are known.
    ///
    /// They are those of [`with_extensions`](Self::with_extensions), or else those of a table of common types and of
    /// [mime-db](https://github.com/jshttp/mime-db).
    pub fn extensions_of(&self, content_type: &ContentType) -> impl Iterator<Item = &str> + Clone {
        let custom = self.custom_extensions(content_type);
        let essence = if custom.is_some() { "" } else { content_type.essence() };
        let table = if custom.is_some() { &[] } else { built_in(content_type) };
        // The preferred extension is read for every upload: the larger collection is searched only for further ones.
        let more = std::iter::once(essence).flat_map(mime_db::extensions);
        let more = more.filter(move |extension| !table.contains(extension));
        custom.unwrap_or_default().iter().map(AsRef::as_ref).chain(table.iter().copied()).chain(more)
    }

    /// Returns the value of `{ext}` for a type, or `None` if no extension is known.
    #[must_use]
    pub fn extension(&self, content_type: &ContentType) -> Option<&str> {
        self.extensions_of(content_type).next()
    }

    /// Returns whether `{ext}` has a value for at least one type of this entry.
    pub(crate) fn has_extension_for(&self, range: &TypeRange) -> bool {
        let covered = |(content_type, _): &(ContentType, _)| range.covers_as_attachment(content_type);
        match range {
            TypeRange::Exact(content_type) => self.extension(content_type).is_some(),
            TypeRange::MainType(main) => contains_main_type(main) || self.extensions.iter().any(covered),
            TypeRange::Any | TypeRange::AnyFile => true,
        }
    }

    /// Returns the custom extensions of a type, or else those of the type without its parameters.
    fn custom_extensions(&self, content_type: &ContentType) -> Option<&[Box<str>]> {
        let find = |wanted: &str| self.extensions.iter().find(|(known, _)| known.as_str() == wanted);
        let (_, extensions) = find(content_type.as_str()).or_else(|| find(content_type.essence()))?;
        Some(extensions)
    }
}

pub(super) fn exact(text: &str) -> Result<ContentType, InvalidContentRules> {
    text.parse().map_err(|source| InvalidContentRules::ContentType { text: escaped(text), source })
}

/// Replaces the text of a content type error.
pub(super) fn with_text(error: InvalidContentRules, text: &str) -> InvalidContentRules {
    match error {
        InvalidContentRules::ContentType { source, .. } => {
            InvalidContentRules::ContentType { text: escaped(text), source }
        }
        other => other,
    }
}

fn escaped(text: &str) -> Box<str> {
    text.chars().take(80).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(types: &[&str]) -> ContentRules {
        ContentRules::new(types).unwrap()
    }

    fn content_type(text: &str) -> ContentType {
        text.parse().unwrap()
    }

    #[test]
    fn exact_types_and_their_parameters() {
        let rules = rules(&["image/JPEG", "text/plain", "video/webm;codecs=vp8"]);
        for (text, allowed) in [
            ("image/jpeg", true),
            ("image/png", false),
            ("image/jpeg;charset=utf-8", true),
            ("image/jpeg;charset=utf-7", false),
            ("text/plain;charset=utf-8", true),
            ("text/plain;charset=us-ascii", true),
            ("text/plain;charset=utf-7", false),
            ("text/plain;format=flowed;charset=utf-7", false),
            ("text/plain;format=flowed;charset=\"iso-2022-jp\"", false),
            ("text/plain;format=flowed", true),
            ("video/webm;codecs=vp8", true),
            ("video/webm", false),
            ("video/webm;codecs=vp9", false),
        ] {
            assert_eq!(rules.allows(&content_type(text)), allowed, "{text}");
        }
        assert_eq!(rules.first_exact(), Some(&content_type("image/jpeg")));
    }

    #[test]
    fn ranges_exclude_active_types() {
        let active =
            ["image/svg+xml", "text/html", "application/xhtml+xml", "application/xml", "text/javascript"];
        let any = rules(&["*/*"]);
        let under = rules(&["image/*", "text/*", "application/*"]);
        for text in active.into_iter().chain(["application/pdf", "multipart/mixed"]) {
            assert!(!any.allows(&content_type(text)) && !under.allows(&content_type(text)), "{text}");
            assert!(!any.allows_as_attachment(&content_type(text)), "{text}");
            assert!(rules(&[text]).allows(&content_type(text)), "{text}");
        }
        assert!(
            any.allows(&content_type("video/mp4")) && under.allows(&content_type("text/plain;charset=utf-8"))
        );
        assert!(!under.allows(&content_type("video/mp4")));
        let unknown = [(&any, "chemical/x-pdb"), (&under, "image/x-new")];
        for (rules, text) in unknown.map(|(rules, text)| (rules, content_type(text))) {
            assert!(!rules.allows(&text) && rules.allows_as_attachment(&text), "{text}");
        }
        assert!(!under.allows_as_attachment(&content_type("chemical/x-pdb")));
    }

    #[test]
    fn custom_extensions_replace_others_and_hold_for_all_parameters() {
        let mut rules = rules(&["image/png", "application/octet-stream"]);
        for extension in ["a", "b"] {
            rules = rules.with_extensions("image/png", [extension]).unwrap();
        }
        for text in ["image/png", "image/png;x=1"] {
            assert_eq!(rules.extensions_of(&content_type(text)).collect::<Vec<_>>(), ["b"], "{text}");
        }
        let (unknown, rules) = (ContentType::octet_stream(), rules);
        assert!(rules.accepts_any_extension(&unknown) && rules.accepts_extension(&unknown, "exe"));
        assert_eq!(ContentRules::new(["application/octet-stream"]).unwrap().shortest_extension(), 1);
        let rules = rules.with_extensions("application/octet-stream", ["dat"]).unwrap();
        assert!(!rules.accepts_any_extension(&unknown) && !rules.accepts_extension(&unknown, "exe"));
    }

    #[test]
    fn number_of_types_with_custom_extensions_is_limited() {
        let named = |rules: ContentRules, place| rules.with_extensions(&format!("a/x{place}"), ["x"]);
        let full = (0..ContentRules::MAX_TYPES).try_fold(rules(&["image/png"]), named).unwrap();
        assert_eq!(named(full, ContentRules::MAX_TYPES), Err(InvalidContentRules::TooMany));
    }

    #[test]
    fn custom_and_built_in_extensions() {
        let custom = rules(&["image/jpeg"]).with_extensions("image/jpeg", ["jpeg", "jpg"]).unwrap();
        assert_eq!(custom.extension(&content_type("image/jpeg")), Some("jpeg"));
        let images = rules(&["image/*"]);
        assert_eq!(images.extensions_of(&content_type("image/tiff")).collect::<Vec<_>>(), ["tiff", "tif"]);
        assert_eq!(images.extension(&content_type("image/x-new")), None);
        assert_eq!(images.extension(&content_type("image/vnd.dwg")), Some("dwg"));
        let of_jpeg = images.extensions_of(&content_type("image/jpeg")).collect::<Vec<_>>();
        assert_eq!(of_jpeg, ["jpg", "jpeg", "jpe", "jfif"]);
        let chemical = rules(&["chemical/*"]).with_extensions("chemical/x-pdb", ["pdb"]).unwrap();
        assert!(chemical.has_extension_for(&TypeRange::MainType("chemical".into())));
        assert!(!rules(&["chemical/*"]).has_extension_for(&TypeRange::MainType("chemical".into())));
    }

    #[test]
    fn invalid_rules_are_rejected() {
        let none: [&str; 0] = [];
        assert_eq!(ContentRules::new(none), Err(InvalidContentRules::Empty));
        for text in ["", "image", "*/png", "image/*/x", "ima ge/*", "*", "image/**", "image/jp*"] {
            assert!(
                matches!(ContentRules::new([text]), Err(InvalidContentRules::ContentType { .. })),
                "{text}"
            );
        }
        assert!(matches!(
            ContentRules::new(["image/png", "IMAGE/PNG"]),
            Err(InvalidContentRules::Repeated(TypeRange::Exact(_)))
        ));
        for text in ["", ".png", "PNG", "p/g", "tar.gz", "abcdefghijklmnopq"] {
            let result = rules(&["image/png"]).with_extensions("image/png", [text]);
            assert_eq!(result, Err(InvalidContentRules::Extension { text: text.into() }));
        }
        assert!(rules(&["image/png"]).with_extensions("image/png", none).is_err());
    }
}
