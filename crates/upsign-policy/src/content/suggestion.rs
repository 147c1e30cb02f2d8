//! Suggestions for content types that are misspelled, not registered, or not allowed.

use std::fmt;

use crate::content::content_type::ContentType;
use crate::content::extensions::{built_in, type_of, types_under};
use crate::content::rules::ContentRules;
use crate::content::type_range::TypeRange;
use crate::spelling::edit_distance;

impl ContentType {
    /// Returns the common type that a text probably means, or `None` if no type is similar.
    ///
    /// It recognizes file extensions (`jpeg`, `.JPG`, `image/jpg`, `audio/mp3`), obsolete names (`image/x-png`,
    /// `image/pjpeg`) and misspellings (`image/jepg`). The result is only a suggestion for a message: it is not known that
    /// the file has this type.
    ///
    /// ```
    /// use upsign_policy::ContentType;
    /// for text in ["jpeg", ".JPG", "image/jpg", "image/jepg"] {
    ///     assert_eq!(ContentType::suggestion(text), Some("image/jpeg".parse()?), "{text}");
    /// }
    /// assert_eq!(ContentType::suggestion("application/x-foo"), None);
    /// # Ok::<(), upsign_policy::InvalidContentType>(())
    /// ```
    #[must_use]
    pub fn suggestion(text: &str) -> Option<Self> {
        Self::another_name(text).or_else(|| {
            let (main, subtype) = essence(text).split_once('/')?;
            similar(&subtype.to_ascii_lowercase(), types_under(&main.to_ascii_lowercase()))?.parse().ok()
        })
    }

    /// Returns the common type that a text is another name of: a type itself, a file extension, or an obsolete name.
    pub(crate) fn another_name(text: &str) -> Option<Self> {
        if text.len() > Self::MAX_BYTES {
            return None;
        }
        let name = essence(text).to_ascii_lowercase();
        let Some((main, subtype)) = name.split_once('/') else {
            return type_of(name.trim_start_matches(['*', '.'])).and_then(|name| name.parse().ok());
        };
        let known = |name: &String| types_under(main).any(|known| known == name);
        let plain = subtype.strip_prefix("x-").unwrap_or(subtype);
        let by_name = [name.clone(), format!("{main}/{plain}")].into_iter().find(known);
        by_name.or_else(|| type_of(plain).map(Into::into))?.parse().ok()
    }
}

impl ContentRules {
    /// Returns the allowed type that a client probably means with `text`, which is not allowed.
    pub(crate) fn suggestion(&self, text: &str) -> Option<ContentType> {
        let without_parameters: Option<ContentType> = essence(text).parse().ok();
        let common = ContentType::suggestion(text);
        let same_extension = |other: &&ContentType| {
            let extension = |of: &ContentType| built_in(of).first().copied();
            common.as_ref().and_then(extension).is_some_and(|wanted| extension(other) == Some(wanted))
        };
        let allowed = |candidate: &ContentType| self.allows(candidate);
        without_parameters
            .filter(allowed)
            .or_else(|| common.clone().filter(allowed))
            .or_else(|| self.exact().find(same_extension).cloned())
            // A type of the table is spelled as it should be: it means no other one.
            .or_else(|| if common.is_some() { None } else { self.similarly_spelled(essence(text)) })
    }

    fn similarly_spelled(&self, essence: &str) -> Option<ContentType> {
        let (main, subtype) = essence.split_once('/')?;
        let listed = self.exact().filter(|exact| exact.main_type() == main).map(ContentType::as_str);
        similar(subtype, listed)?.parse().ok()
    }
}

/// The end of a message about a content type.
pub(crate) struct DidYouMean<'a>(pub(crate) &'a Option<ContentType>);

impl fmt::Display for DidYouMean<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(suggestion) => write!(f, " (did you mean {suggestion}?)"),
            None => Ok(()),
        }
    }
}

impl TypeRange {
    /// Returns the common type that was probably meant, if this is one type and not a common one.
    pub(crate) fn suggestion(&self) -> Option<ContentType> {
        match self {
            Self::Exact(exact) => ContentType::suggestion(exact.as_str()).filter(|common| common != exact),
            Self::MainType(_) | Self::Any | Self::AnyFile => None,
        }
    }
}

/// Returns a content type without its parameters and surrounding space.
fn essence(text: &str) -> &str {
    text.split(';').next().unwrap_or_default().trim()
}

/// Returns the type whose subtype differs least from `subtype`: by at most two characters, or by one if it has fewer than
/// four.
fn similar<'a>(subtype: &str, types: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const MAX_LEN: usize = 64;
    if subtype.len() > MAX_LEN {
        return None;
    }
    let max_distance = if subtype.len() < 4 { 1 } else { 2 };
    // Letters in the wrong order are one mistake, although each takes two edits.
    let letters = |text: &str| {
        let mut bytes = text.as_bytes().to_vec();
        bytes.sort_unstable();
        bytes
    };
    let wanted = letters(subtype);
    let distance = |to: &str| if letters(to) == wanted { 1 } else { edit_distance(subtype, to) };
    types
        .filter_map(|name| Some((distance(name.split_once('/')?.1), name)))
        .filter(|(distance, _)| *distance <= max_distance)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_types_are_suggested() {
        for (text, expected) in [
            ("jpeg", Some("image/jpeg")),
            ("JPG", Some("image/jpeg")),
            (".jpg", Some("image/jpeg")),
            ("*.png", Some("image/png")),
            ("image/jpg", Some("image/jpeg")),
            ("image/jpe", Some("image/jpeg")),
            ("image/pjpeg", Some("image/jpeg")),
            ("image/jepg", Some("image/jpeg")),
            ("image/x-png", Some("image/png")),
            ("image/svg", Some("image/svg+xml")),
            ("application/x-pdf", Some("application/pdf")),
            ("application/jpg", Some("image/jpeg")),
            ("text/md", Some("text/markdown")),
            ("video/mov", Some("video/quicktime")),
            ("video/mp4; codecs=avc1", Some("video/mp4")),
            ("image/jpeg", Some("image/jpeg")),
            ("image", None),
            ("", None),
            ("/", None),
            ("image/*", None),
            ("image/foo", None),
            ("image/gfi", Some("image/gif")),
            ("image/pmg", Some("image/png")),
            ("image/pmx", None),
            ("application/x-foo", None),
        ] {
            let suggestion = ContentType::suggestion(text);
            assert_eq!(suggestion.as_ref().map(ContentType::as_str), expected, "{text}");
        }
        assert_eq!(ContentType::suggestion(&"a/".repeat(1 << 20)), None);
    }

    #[test]
    fn only_allowed_types_are_suggested() {
        let rules = |types: &[&str]| ContentRules::new(types).unwrap();
        for (allowed, text, expected) in [
            (&["image/jpeg", "image/png"][..], "image/jpg", Some("image/jpeg")),
            (&["image/png"], "image/jpg", None),
            (&["image/*"], "image/jpg", Some("image/jpeg")),
            (&["image/png"], "image/png;charset=utf-8", Some("image/png")),
            (&["audio/mpeg"], "audio/mp3", Some("audio/mpeg")),
            (&["application/zip"], "application/x-zip-compressed", Some("application/zip")),
            (&["image/heic"], "image/heif", None),
            (&["chemical/x-pdb"], "chemical/x-pbd", Some("chemical/x-pdb")),
            (&["chemical/x-pdb"], "model/x-pbd", None),
            (&["image/*"], "image/svg+xml", None),
            (&["image/jpeg"], "text/html", None),
        ] {
            let suggestion = rules(allowed).suggestion(text);
            assert_eq!(suggestion.as_ref().map(ContentType::as_str), expected, "{allowed:?} {text}");
        }
    }
}
