//! What other documents need of a template.

use super::{KeyTemplate, Piece};

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
        let slashes = self.segments.len().saturating_sub(1);
        let pieces = self.segments.iter().flat_map(|segment| segment.iter());
        slashes + pieces.map(|piece| piece.fixed_len().unwrap_or(1)).sum::<usize>()
    }
}
