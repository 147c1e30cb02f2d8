//! The result of a comparison: what was compared, what differs, and what was not compared.

use super::{Difference, Severity};

/// The result of a comparison of deployed documents with a deployment.
///
/// [`DeployedFile::compare`](super::DeployedFile::compare) has an example.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    parts: Vec<ComparedPart>,
}

/// One part of a deployment, such as the bucket policy or the authorizer, with the result of its comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedPart {
    name: &'static str,
    differences: Vec<Difference>,
    uncompared: Vec<Uncompared>,
}

/// Something that the deployed file holds, and that was not compared. It may be intended, or it may be an open door: the
/// comparison does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncompared {
    name: String,
    reason: String,
    is_allowed: bool,
    is_addition: bool,
    /// The part of a single document in which it is, if that is known.
    part: Option<&'static str>,
}

/// The result for one part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// Everything was compared and does the same.
    Equal,
    /// The deployed part denies more, but nothing that the uploads need.
    Narrower,
    /// Something was not compared.
    Uncompared,
    /// The deployed part does something else.
    Different,
}

impl Comparison {
    /// Returns the parts that were compared, in a fixed order.
    #[must_use]
    pub fn parts(&self) -> &[ComparedPart] {
        &self.parts
    }

    /// Returns whether everything was compared and is equal or narrower, but for what was [accepted](Self::accept).
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.parts.iter().all(|part| part.verdict() <= Verdict::Uncompared)
            && self.uncompared().all(Uncompared::is_allowed)
    }

    /// Returns every difference.
    pub fn differences(&self) -> impl Iterator<Item = &Difference> {
        self.parts.iter().flat_map(ComparedPart::differences)
    }

    /// Returns everything that was not compared.
    pub fn uncompared(&self) -> impl Iterator<Item = &Uncompared> {
        self.parts.iter().flat_map(ComparedPart::uncompared)
    }

    /// Accepts what was not compared under exactly these names, such as `UploadsBucket.Tags` or `AlertTopic`. It stays in the
    /// report, and [`agrees`](Self::agrees) ignores it. Returns the names that accepted nothing.
    pub fn accept<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
        let mut unused = Vec::new();
        for name in names {
            let all = self.parts.iter_mut().flat_map(|part| &mut part.uncompared);
            let mut is_used = false;
            for uncompared in all.filter(|it| it.name == name) {
                uncompared.is_allowed = true;
                is_used = true;
            }
            if !is_used {
                unused.push(name);
            }
        }
        unused
    }

    /// Adds a part, or returns the one that has this name.
    pub(super) fn part(&mut self, name: &'static str) -> &mut ComparedPart {
        let index = self.parts.iter().position(|part| part.name == name).unwrap_or_else(|| {
            self.parts.push(ComparedPart { name, differences: Vec::new(), uncompared: Vec::new() });
            self.parts.len() - 1
        });
        // The index is valid in both cases.
        #[expect(clippy::indexing_slicing, reason = "the position of an element, or that of the last one")]
        &mut self.parts[index]
    }

    pub(super) fn sort(&mut self, order: &[&str]) {
        let position =
            |part: &ComparedPart| order.iter().position(|name| *name == part.name).unwrap_or(order.len());
        self.parts.sort_by_key(position);
    }
}

impl ComparedPart {
    /// Returns the name, as in `bucket policy`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns what differs.
    #[must_use]
    pub fn differences(&self) -> &[Difference] {
        &self.differences
    }

    /// Returns what was not compared.
    #[must_use]
    pub fn uncompared(&self) -> &[Uncompared] {
        &self.uncompared
    }

    /// Returns the result: the worst of its differences and of what was not compared.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let of = |difference: &Difference| match difference.severity() {
            Severity::Narrower => Verdict::Narrower,
            _ => Verdict::Different,
        };
        let worst = self.differences.iter().map(of).max().unwrap_or(Verdict::Equal);
        if self.uncompared.is_empty() { worst } else { worst.max(Verdict::Uncompared) }
    }

    pub(super) fn differ(&mut self, differences: impl IntoIterator<Item = Difference>) {
        for difference in differences {
            if !self.differences.contains(&difference) {
                self.differences.push(difference);
            }
        }
    }

    pub(super) fn leave(&mut self, uncompared: Uncompared) {
        if !self.uncompared.contains(&uncompared) {
            self.uncompared.push(uncompared);
        }
    }
}

impl Uncompared {
    pub(super) fn new(name: &str, reason: impl Into<String>) -> Self {
        let (name, reason) = (name.to_owned(), reason.into());
        Self { name, reason, is_allowed: false, is_addition: false, part: None }
    }

    /// Sets the part in which it is, whose result is then not ✓.
    pub(super) fn of(self, part: &'static str) -> Self {
        Self { part: Some(part), ..self }
    }

    pub(super) const fn part(&self) -> Option<&'static str> {
        self.part
    }

    /// Something of which the generated document has no counterpart.
    pub(super) fn addition(name: &str, reason: impl Into<String>) -> Self {
        Self { is_addition: true, ..Self::new(name, reason) }
    }

    /// Returns the name: a resource, as in `AlertTopic`, or a property, as in `UploadsBucket.Tags`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns whether the file has it in addition, such as a resource of somebody else: replacing the file with the generated
    /// document loses it.
    #[must_use]
    pub const fn is_addition(&self) -> bool {
        self.is_addition
    }

    /// Returns whether it was accepted with [`Comparison::accept`].
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        self.is_allowed
    }

    /// Returns why it was not compared.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}
