//! What other documents need of a template.

use super::{KeyTemplate, Piece, Placeholder};

impl KeyTemplate {
    /// The literal text every key starts with: all of the template before its first placeholder. May be empty.
    #[must_use]
    pub fn literal_prefix(&self) -> &str {
        self.text.split_once('{').map_or(&self.text, |(before, _)| before)
    }

    /// The resource part of an IAM ARN that covers every key of the template, and little else: placeholders become `*`.
    #[must_use]
    pub fn arn_pattern(&self) -> String {
        let mut out = String::with_capacity(self.text.len());
        for (index, segment) in self.segments.iter().enumerate() {
            if index > 0 {
                out.push('/');
            }
            for piece in segment {
                match piece {
                    Piece::Literal(text) => out.push_str(text),
                    Piece::Slot(_) if out.ends_with('*') => {}
                    Piece::Slot(_) => out.push('*'),
                }
            }
        }
        out
    }

    /// The prefix for a lifecycle rule: the literal prefix up to its last `/`. `None` when there is none, since a rule
    /// with an empty prefix takes in the whole bucket.
    #[must_use]
    pub fn lifecycle_prefix(&self) -> Option<&str> {
        let (folder, _) = self.literal_prefix().rsplit_once('/')?;
        self.text.get(..=folder.len())
    }

    /// The bytes of the shortest key the template can make.
    pub(crate) fn shortest(&self) -> usize {
        self.shortest_with(1)
    }

    /// The same, where the shortest extension has so many bytes: a file's name has those, a dot and one more.
    pub(crate) fn shortest_with(&self, extension: usize) -> usize {
        let slashes = self.segments.len().saturating_sub(1);
        let least = |piece: &Piece| match piece {
            Piece::Slot(Placeholder::Extension) => extension,
            Piece::Slot(Placeholder::FileName) => extension + 2,
            _ => piece.fixed_len().unwrap_or(1),
        };
        slashes + self.segments.iter().flat_map(|segment| segment.iter()).map(least).sum::<usize>()
    }
}
