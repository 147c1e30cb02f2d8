//! The issuer in a template: whether keys distinguish the callers of several issuers.

use upsign_core::IssuerName;

use super::{KeyTemplate, Piece};
use crate::key::placeholder::Placeholder;

impl KeyTemplate {
    /// Returns whether the template contains `{issuer}`, so that callers of differently named issuers never share a key.
    #[must_use]
    pub fn contains_issuer(&self) -> bool {
        self.uses(&Placeholder::Issuer)
    }

    /// Returns whether the template contains a part of the caller's identity: `{sub}`, `{group}` or `{claim:NAME}`.
    ///
    /// Each of them is unique only within its issuer. A service that accepts callers of several issuers therefore needs
    /// `{issuer}` in such a template: otherwise callers of different issuers share a folder.
    ///
    /// ```
    /// use upsign_policy::KeyTemplate;
    /// let one: KeyTemplate = "u/{sub}/{id}".parse()?;
    /// assert!(one.names_caller() && !one.contains_issuer());
    /// let several: KeyTemplate = "{issuer}/{sub}/{id}".parse()?;
    /// assert!(several.names_caller() && several.contains_issuer());
    /// # Ok::<(), upsign_policy::InvalidKeyTemplate>(())
    /// ```
    #[must_use]
    pub fn names_caller(&self) -> bool {
        self.placeholders().any(Placeholder::names_caller)
    }

    /// Returns the template of the callers of one issuer: its name takes the place of `{issuer}`.
    ///
    /// The keys of all issuers need permissions for one pattern per issuer, which are narrower than one pattern with a wildcard
    /// for the issuer.
    ///
    /// ```
    /// use upsign_policy::KeyTemplate;
    /// let template: KeyTemplate = "{issuer}/{sub}/{id}".parse()?;
    /// let staff = template.for_issuer(&"staff".parse()?);
    /// assert_eq!(staff, "staff/{sub}/{id}");
    /// assert_eq!(staff.arn_pattern(), "staff/*/*");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn for_issuer(&self, name: &IssuerName) -> Self {
        let of_issuer = |piece: &Piece| match piece {
            Piece::Placeholder(Placeholder::Issuer) => Piece::Literal(name.as_str().into()),
            other => other.clone(),
        };
        let segments = self.segments.iter();
        Self {
            // Braces occur only around placeholders, so this replaces no other text.
            text: self.text.replace("{issuer}", name.as_str()).into(),
            segments: segments.map(|segment| joined(segment.iter().map(of_issuer))).collect(),
            ids: self.ids.clone(),
        }
    }
}

/// Joins adjacent literal texts, as parsing the new text would.
fn joined(pieces: impl Iterator<Item = Piece>) -> Box<[Piece]> {
    let mut joined: Vec<Piece> = Vec::new();
    for piece in pieces {
        match (joined.last_mut(), piece) {
            (Some(Piece::Literal(text)), Piece::Literal(more)) => *text = format!("{text}{more}").into(),
            (_, piece) => joined.push(piece),
        }
    }
    joined.into_boxed_slice()
}
