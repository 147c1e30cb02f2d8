//! From the type that a client sends to the type that is signed.

use crate::content::alias::{meanings, meanings_of_some_files, other_names};
use crate::content::content_type::{ContentType, InvalidContentType};
use crate::content::extensions::{inert_types, is_extension, type_of};
use crate::content::rules::ContentRules;
use crate::content::type_range::TypeRange;

/// The reason why a request has no type that is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unresolved {
    Missing,
    /// The client sent an empty type, and the name of the file does not determine one.
    Empty,
    Invalid(InvalidContentType),
    NotAllowed(ContentType),
}

impl ContentRules {
    /// Returns the type that is signed for a file: the type that the client sent, if it is allowed, or the allowed type that
    /// it is another name of.
    ///
    /// | the client sends | signed |
    /// | --- | --- |
    /// | an allowed type | the same |
    /// | another name of an allowed type, such as `image/jpg` | the allowed type |
    /// | an empty type, and a file name whose extension belongs to one allowed type | that type |
    /// | anything else | nothing, or `application/octet-stream` if any file is allowed |
    ///
    /// Browsers leave the type of a file empty if the operating system does not know its extension:
    /// <https://github.com/react-dropzone/react-dropzone/issues/391>.
    ///
    /// `attached` tells whether the object can be signed with `Content-Disposition: attachment`.
    pub(crate) fn resolve(
        &self,
        sent: Option<&str>,
        file_name: Option<&str>,
        attached: bool,
    ) -> Result<ContentType, Unresolved> {
        let extension = file_name.and_then(extension_of);
        if self.is_any_file() {
            return Ok(self.inert_or_octet_stream(sent, file_name));
        }
        let text = match sent {
            None => return Err(Unresolved::Missing),
            Some("") => return self.type_by_name(file_name, attached).ok_or(Unresolved::Empty),
            Some(text) => text,
        };
        let sent: ContentType = text.parse().map_err(Unresolved::Invalid)?;
        let fits = |name: &ContentType| {
            extension.as_deref().is_none_or(|extension| self.accepts_extension(name, extension))
        };
        let is_listed = self.allows(&sent);
        if is_listed && fits(&sent) {
            return Ok(sent);
        }
        let parameters = sent.parameters();
        let means = meanings(sent.essence(), extension.as_deref())
            .filter_map(|means| format!("{means}{parameters}").parse().ok())
            .find(|means: &ContentType| self.allows(means) && (!is_listed || fits(means)));
        match means {
            Some(means) => Ok(means),
            // Its extension is refused with the extensions of the type.
            None if is_listed || attached && self.allows_as_attachment(&sent) => Ok(sent),
            None => Err(Unresolved::NotAllowed(sent)),
        }
    }

    /// Returns the type of a file if every file is allowed: the type that the client sent if browsers are known not to execute
    /// it and the name of the file fits, or else the type of arbitrary bytes.
    fn inert_or_octet_stream(&self, sent: Option<&str>, file_name: Option<&str>) -> ContentType {
        let extension = file_name.and_then(|name| name.rsplit_once('.')).map(|(_, extension)| extension);
        let is_known = |known: &ContentType| {
            self.allows(known) && extension.is_none_or(|extension| self.accepts_extension(known, extension))
        };
        let lower = extension.map(str::to_ascii_lowercase);
        let lower = lower.as_deref();
        let found = match sent {
            None | Some("") => lower.and_then(type_of).and_then(|usual| usual.parse().ok()).filter(is_known),
            Some(text) => text.parse().ok().and_then(|sent: ContentType| {
                let parameters = sent.parameters();
                let renamed = meanings(sent.essence(), lower)
                    .filter_map(|means| format!("{means}{parameters}").parse().ok())
                    .find(is_known);
                if is_known(&sent) { Some(sent) } else { renamed }
            }),
        };
        found.unwrap_or_else(ContentType::octet_stream)
    }

    /// Returns the allowed type that the extension of a file name determines.
    pub(crate) fn type_by_name(&self, file_name: Option<&str>, attached: bool) -> Option<ContentType> {
        self.only_type_with(&file_name.and_then(extension_of)?, attached)
    }

    /// Returns the allowed type that a client probably means with one that is not allowed: that of the file name if the client does
    /// not know the format, or the one that the name of the file would decide on if the client sent it.
    pub(crate) fn meant_by(
        &self,
        sent: &ContentType,
        file_name: Option<&str>,
        attached: bool,
    ) -> Option<ContentType> {
        if sent.describes_no_format() {
            return self.type_by_name(file_name, attached);
        }
        let unnamed = meanings_of_some_files(sent.essence()).filter(|_| file_name.is_none());
        unnamed.filter_map(|name| name.parse().ok()).find(|meaning| self.allows(meaning))
    }

    /// Returns the allowed type whose files have this extension: the only one, or else the usual one.
    fn only_type_with(&self, extension: &str, attached: bool) -> Option<ContentType> {
        let usual = type_of(extension).and_then(|name| name.parse().ok());
        let has_range = self.ranges().iter().any(|range| !matches!(range, TypeRange::Exact(_)));
        let inert = inert_types().filter(|_| has_range).filter_map(|name| name.parse().ok());
        let is_allowed =
            |known: &ContentType| self.allows(known) || attached && self.allows_as_attachment(known);
        let has_extension = |known: &ContentType| self.extensions_of(known).any(|known| known == extension);
        let known = self.exact().chain(self.types_with_custom_extensions()).cloned().chain(inert);
        let mut found: Vec<ContentType> = known.filter(is_allowed).filter(has_extension).collect();
        found.sort_unstable();
        found.dedup();
        match found.as_slice() {
            [only] => Some(only.clone()),
            several => usual.filter(|usual| several.contains(usual)),
        }
    }

    /// Returns whether a file with this extension can have this type. Every extension fits `application/octet-stream`, which
    /// means arbitrary bytes, and every type of which no extension is known. Letter case does not matter.
    ///
    /// ```
    /// use upsign_policy::{ContentRules, ContentType};
    /// let rules = ContentRules::new(["image/jpeg", "application/octet-stream"])?;
    /// assert!(rules.accepts_extension(&"image/jpeg".parse()?, "JPG"));
    /// assert!(!rules.accepts_extension(&"image/jpeg".parse()?, "png"));
    /// assert!(rules.accepts_extension(&ContentType::octet_stream(), "dwg"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn accepts_extension(&self, content_type: &ContentType, extension: &str) -> bool {
        let mut known = self.extensions_of(content_type).peekable();
        self.accepts_any_extension(content_type)
            || known.peek().is_none()
            || known.any(|known| known.eq_ignore_ascii_case(extension))
    }

    /// Returns whether a file of this type can have any name: the type is `application/octet-stream`, which does not
    /// describe the file, and has no extensions of its own ([`with_extensions`](Self::with_extensions)).
    #[must_use]
    pub fn accepts_any_extension(&self, content_type: &ContentType) -> bool {
        let is_custom = |custom: &ContentType| custom.essence() == content_type.essence();
        content_type.essence() == ContentType::octet_stream().essence()
            && !self.types_with_custom_extensions().any(is_custom)
    }

    /// Returns the value of `{ext}` for a file: the preferred extension of its type, or that of its name if the type
    /// does not describe the file.
    pub(crate) fn extension_for(
        &self,
        content_type: &ContentType,
        file_name: Option<&str>,
    ) -> Option<Box<str>> {
        let own = file_name.filter(|_| self.accepts_any_extension(content_type)).and_then(extension_of);
        own.or_else(|| self.extension(content_type).map(Into::into))
    }

    /// Returns the other names under which clients may send a type, each with the extensions of the files that it is limited
    /// to, which are none if it is not. The type itself is signed in any case.
    ///
    /// ```
    /// use upsign_policy::ContentRules;
    /// let names: Vec<&str> = ContentRules::other_names(&"image/jpeg".parse()?).map(|(name, _)| name).collect();
    /// assert_eq!(names, ["image/jpg", "image/pjpeg"]);
    /// # Ok::<(), upsign_policy::InvalidContentType>(())
    /// ```
    pub fn other_names(
        content_type: &ContentType,
    ) -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
        other_names(content_type.essence())
    }
}

/// Returns the extension of a file name in lower case, if it can be the extension of a key.
fn extension_of(file_name: &str) -> Option<Box<str>> {
    let (_, extension) = file_name.rsplit_once('.')?;
    let extension = extension.to_ascii_lowercase();
    is_extension(&extension).then(|| extension.into())
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
    fn listed_type_is_kept_if_no_other_name_fits_the_file_better() {
        let rules = rules(&["video/x-matroska", "video/matroska"]);
        let kept = rules.resolve(Some("video/x-matroska"), Some("a.xyz"), false);
        assert_eq!(kept, Ok(content_type("video/x-matroska")));
    }

    #[test]
    fn unlisted_types_without_a_meaning_need_an_attachment() {
        let rules = rules(&["*/*"]).with_extensions("chemical/x-pdb", ["pdb"]).unwrap();
        let molecule = content_type("chemical/x-pdb");
        for sent in ["chemical/x-pdb", ""] {
            assert_eq!(rules.resolve(Some(sent), Some("a.pdb"), true), Ok(molecule.clone()), "{sent}");
        }
        let denied = Err(Unresolved::NotAllowed(molecule));
        assert_eq!(rules.resolve(Some("chemical/x-pdb"), Some("a.pdb"), false), denied);
        assert_eq!(rules.resolve(Some(""), Some("a.pdb"), false), Err(Unresolved::Empty));
    }

    #[test]
    fn spaces_around_a_type_are_no_part_of_it() {
        let denied = Err(Unresolved::Invalid(InvalidContentType::Form));
        assert_eq!(rules(&["image/png"]).resolve(Some(" image/png"), None, false), denied);
    }
}
