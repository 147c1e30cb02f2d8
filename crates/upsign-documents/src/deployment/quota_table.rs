//! The table in which uploads per day are counted.

use upsign_core::Region;

use super::Deployment;

/// A table of DynamoDB, which `upsign-dynamodb` describes.
#[derive(Clone, Debug)]
pub(crate) struct QuotaTable {
    pub(crate) name: String,
    /// The region, if it is not that of the deployment.
    pub(crate) region: Option<Region>,
}

impl Deployment {
    /// Lets the service count uploads per day in the DynamoDB table `name`. A template or module creates the table; its fixed name is
    /// that of the configuration, which the function reads.
    ///
    /// A table in another region than that of the [deployment](Self::region) is only permitted and not created, because a stack is
    /// in one region.
    #[must_use]
    pub fn with_quota_table(self, name: &str, region: Option<&Region>) -> Self {
        Self { quota_table: Some(QuotaTable { name: name.into(), region: region.cloned() }), ..self }
    }

    /// Returns the name of the table that a stack of this deployment contains.
    pub(crate) fn own_quota_table(&self) -> Option<&str> {
        let table = self.quota_table.as_ref()?;
        let is_here = table.region.is_none() || table.region.as_ref() == self.region();
        is_here.then_some(&*table.name)
    }
}
