//! What a run found.

pub(crate) mod can;
pub(crate) mod finding;
pub(crate) mod left_over;

use serde_json::{Value, json};
use upsign_core::Capabilities;

use crate::plan::ProbePrefix;
use crate::probe::Probe;
use crate::report::finding::{Finding, Holds};
use crate::report::left_over::LeftOver;

/// The findings of a run, and what it left.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// One finding for each experiment that ran, and for each capability that none decides.
    pub findings: Vec<Finding>,
    /// By how many seconds the clock of the store is ahead, by the header `Date` of its first answer.
    pub clock_skew: Option<i64>,
    /// Requests that were sent, with those that listed and removed.
    pub requests: usize,
    /// Objects, versions and delete markers that were removed.
    pub removed: usize,
    /// What was stored and could not be removed.
    pub left_over: LeftOver,
    /// Whether the run was ended early.
    pub is_interrupted: bool,
    /// The prefix of all keys.
    pub prefix: ProbePrefix,
    /// The name of the bucket.
    pub bucket: String,
    pub(crate) probes: Vec<Probe>,
}

/// A capability that a store has and should not have, or the reverse.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CapabilityDifference {
    /// The name of the capability.
    pub capability: String,
    /// What the profile of the store says, or Amazon S3 does.
    pub expected: bool,
    /// What was found.
    pub found: bool,
    /// The request and its answer.
    pub evidence: String,
}

impl Report {
    /// Returns the finding about a capability.
    #[must_use]
    pub fn finding(&self, capability: &str) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.capability == capability)
    }

    /// Returns what was decided about a capability, or `None` if nothing was.
    #[must_use]
    pub fn decided(&self, capability: &str) -> Option<bool> {
        self.finding(capability)?.holds.decided()
    }

    /// Returns the findings that contradict the profile of the store, or Amazon S3 where profiles say nothing.
    ///
    /// What is unknown contradicts nothing.
    #[must_use]
    pub fn differences(&self, profile: &Capabilities) -> Vec<CapabilityDifference> {
        let difference = |finding: &Finding| {
            let probe = self.probes.iter().find(|probe| probe.name == finding.capability)?;
            let (expected, found) = (probe.expected_of(profile)?, finding.holds.decided()?);
            (expected != found).then(|| CapabilityDifference {
                capability: finding.capability.clone(),
                expected,
                found,
                evidence: finding.evidence.clone(),
            })
        };
        self.findings.iter().filter_map(difference).collect()
    }

    /// Returns how many findings are yes, no and unknown.
    #[must_use]
    pub fn counts(&self) -> [usize; 3] {
        [Holds::Yes, Holds::No, Holds::Unknown]
            .map(|holds| self.findings.iter().filter(|finding| finding.holds == holds).count())
    }

    /// Returns the report as JSON, with the differences from `profile`.
    #[must_use]
    pub fn to_json(&self, profile: &Capabilities) -> Value {
        let findings: Vec<Value> = self
            .findings
            .iter()
            .map(|finding| {
                json!({
                    "capability": finding.capability,
                    "statement": finding.statement,
                    "holds": finding.holds.as_str(),
                    "evidence": finding.evidence,
                    "requests": finding.requests,
                })
            })
            .collect();
        let differences: Vec<Value> = self
            .differences(profile)
            .iter()
            .map(|difference| {
                json!({
                    "capability": difference.capability,
                    "expected": difference.expected,
                    "found": difference.found,
                    "evidence": difference.evidence,
                })
            })
            .collect();
        json!({
            "bucket": self.bucket,
            "prefix": self.prefix.as_str(),
            "findings": findings,
            "differences": differences,
            "can": self.can_table(profile),
            "clockSkewSeconds": self.clock_skew,
            "requests": self.requests,
            "removed": self.removed,
            "leftOver": self.left_over.keys,
            "emptyAfterwards": self.left_over.removal_command().is_none(),
            "removalCommand": self.left_over.removal_command(),
            "interrupted": self.is_interrupted,
        })
    }
}
