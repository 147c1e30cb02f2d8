//! Prefixes and patterns that cover the keys of a template, for IAM policies and lifecycle rules.

use super::{KeyTemplate, Piece};
use crate::key::placeholder::Placeholder;

impl KeyTemplate {
    /// Returns the literal text that every key starts with: the template up to its first placeholder. It can be empty.
    #[must_use]
    pub fn literal_prefix(&self) -> &str {
        self.text.split_once('{').map_or(&self.text, |(before, _)| before)
    }

    /// Returns the resource part of an IAM ARN that matches every key of the template. Each placeholder becomes `*`, so the
    /// pattern also matches other keys with the same literal text.
    #[must_use]
    pub fn arn_pattern(&self) -> String {
        self.pattern_with(|_| None)
    }

    /// Returns the resource part of an IAM ARN that matches the keys of one subject: `{sub}` becomes the subject in tilde encoding, and
    /// each other placeholder `*`. Returns `None` if the template does not contain `{sub}`.
    ///
    /// ```
    /// use upsign_policy::KeyTemplate;
    /// let template: KeyTemplate = "u/{sub}/{id}.{ext}".parse()?;
    /// assert_eq!(template.arn_pattern_of_subject("alice").as_deref(), Some("u/alice/*.*"));
    /// assert_eq!("u/{id}".parse::<KeyTemplate>()?.arn_pattern_of_subject("alice"), None);
    /// # Ok::<(), upsign_policy::InvalidKeyTemplate>(())
    /// ```
    #[must_use]
    pub fn arn_pattern_of_subject(&self, subject: &str) -> Option<String> {
        let encoded = crate::encode_claim(subject);
        let value = |placeholder: &Placeholder| (*placeholder == Placeholder::Subject).then_some(&*encoded);
        self.uses(&Placeholder::Subject).then(|| self.pattern_with(value))
    }

    /// Returns the pattern in which `value_of` states the values of placeholders that are known.
    fn pattern_with<'a>(&self, value_of: impl Fn(&Placeholder) -> Option<&'a str>) -> String {
        let mut out = String::with_capacity(self.text.len());
        for (index, segment) in self.segments.iter().enumerate() {
            if index > 0 {
                out.push('/');
            }
            for piece in segment {
                match piece {
                    Piece::Literal(text) => out.push_str(text),
                    Piece::Placeholder(placeholder) => match value_of(placeholder) {
                        Some(value) => out.push_str(value),
                        None if out.ends_with('*') => {}
                        None => out.push('*'),
                    },
                }
            }
        }
        out
    }

    /// Returns the prefix for a lifecycle rule: the literal prefix up to its last `/`. Returns `None` if there is no `/`, because
    /// a rule with an empty prefix applies to the whole bucket.
    #[must_use]
    pub fn lifecycle_prefix(&self) -> Option<&str> {
        let (folder, _) = self.literal_prefix().rsplit_once('/')?;
        self.text.get(..=folder.len())
    }

    /// Returns the segments that are a placeholder in the notation of another tool, such as `$sub`, `:sub` or `<sub>`, each
    /// with the placeholder that is probably meant.
    pub(crate) fn literal_placeholders(&self) -> impl Iterator<Item = (&str, Placeholder)> {
        let name_of = |segment: &'_ str| {
            let name = segment.strip_prefix(['$', ':']);
            let name = name.or_else(|| segment.strip_prefix('<')?.strip_suffix('>'));
            name.map(str::to_ascii_lowercase)
        };
        self.text.split('/').filter_map(move |segment| {
            Some((segment, super::parse::placeholder(&name_of(segment)?, &self.ids).ok()?))
        })
    }

    /// Returns the length of the shortest key of the template in bytes.
    pub(crate) fn min_len(&self) -> usize {
        self.min_len_with_extension(1)
    }

    /// Returns the length of the shortest key in bytes if the shortest file extension has `extension` bytes. The shortest file
    /// name then is one character, a dot and the extension.
    pub(crate) fn min_len_with_extension(&self, extension: usize) -> usize {
        let slashes = self.segments.len().saturating_sub(1);
        let min_len = |piece: &Piece| match piece {
            Piece::Placeholder(Placeholder::Extension) => extension,
            Piece::Placeholder(Placeholder::FileName) => extension + 2,
            _ => piece.fixed_len().unwrap_or(1),
        };
        slashes + self.segments.iter().flat_map(|segment| segment.iter()).map(min_len).sum::<usize>()
    }
}
