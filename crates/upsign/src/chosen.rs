//! Ids that the service chooses for one upload, in place of generated ones.

use upsign_policy::{IdName, Permit, UploadPolicy, UploadRequest};
use uuid::Uuid;

use crate::error::IssueError;

/// The declared ids for which the application chose a value.
///
/// The policy treats a chosen id like a generated one. A client may repeat it, but cannot change it.
#[derive(Debug, Default)]
pub(crate) struct ChosenIds(Vec<(IdName, Uuid)>);

impl ChosenIds {
    /// Finds the ids of `policy` by their wire names. If a name occurs twice, the last value is used.
    pub(crate) fn new(policy: &UploadPolicy, ids: &[(&str, Uuid)]) -> Result<Self, IssueError> {
        let declared = |&(wire_name, value): &(&str, Uuid)| {
            let name = policy.id_names().iter().find(|name| name.wire_name() == wire_name);
            let name = name.ok_or_else(|| IssueError::UndeclaredId {
                name: wire_name.into(),
                declared: policy.id_names().into(),
            })?;
            Ok((name.clone(), value))
        };
        ids.iter().map(declared).collect::<Result<_, _>>().map(Self)
    }

    /// Returns the chosen value of `name`.
    pub(crate) fn get(&self, name: &IdName) -> Option<Uuid> {
        self.0.iter().rev().find(|(chosen, _)| chosen == name).map(|(_, value)| *value)
    }

    /// Checks that the client did not replace a chosen id with one of its own.
    pub(crate) fn check(&self, permit: &Permit) -> Result<(), IssueError> {
        let differs = |name: &&IdName| permit.id(name.wire_name()) != self.get(name);
        match self.0.iter().map(|(name, _)| name).find(differs) {
            Some(name) => Err(IssueError::IdConflict(name.clone())),
            None => Ok(()),
        }
    }

    /// Returns whether the client supplied an id that the application did not choose.
    pub(crate) fn has_others_in(&self, upload: &UploadRequest) -> bool {
        upload.ids().any(|(wire_name, _)| !self.0.iter().any(|(name, _)| name.wire_name() == wire_name))
    }
}
