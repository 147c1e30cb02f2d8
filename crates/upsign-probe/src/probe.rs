//! An experiment, which decides one capability.

use upsign_core::Capabilities;

use crate::step::Step;

/// An experiment: requests in order, whose answers decide whether a store has one capability.
#[derive(Clone, Debug)]
pub struct Probe {
    pub(crate) name: String,
    pub(crate) statement: String,
    pub(crate) steps: Vec<Step>,
    pub(crate) reference: Reference,
}

/// What a finding is compared with.
#[derive(Clone, Debug)]
pub(crate) enum Reference {
    /// Amazon S3, which does this.
    AmazonS3,
    /// A field of the store's profile.
    Profile(fn(&Capabilities) -> bool),
    /// A list of the profile, which contains the algorithm or class or not.
    Listed(fn(&Capabilities, &str) -> bool, &'static str),
    /// Nothing: it is a setting of the bucket, or is not documented.
    Nothing,
}

impl Probe {
    pub(crate) fn new(
        name: impl Into<String>,
        statement: impl Into<String>,
        reference: Reference,
        steps: Vec<Step>,
    ) -> Self {
        Self { name: name.into(), statement: statement.into(), steps, reference }
    }

    /// Returns the name of the capability, such as `if_none_match` or `checksums.put.sha256`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns what is true of a store that has the capability.
    #[must_use]
    pub fn statement(&self) -> &str {
        &self.statement
    }

    /// Returns the largest number of requests that the experiment sends.
    #[must_use]
    pub fn request_count(&self) -> usize {
        self.steps.len()
    }

    /// Returns whether a store with these capabilities is expected to have this one, or `None` if nothing is known.
    #[must_use]
    pub fn expected_of(&self, profile: &Capabilities) -> Option<bool> {
        match self.reference {
            Reference::AmazonS3 => Some(true),
            Reference::Profile(has) => Some(has(profile)),
            Reference::Listed(has, name) => Some(has(profile, name)),
            Reference::Nothing => None,
        }
    }
}
