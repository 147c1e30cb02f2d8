//! What is sent, without sending it.

use std::fmt;

use crate::catalog;
use crate::probe::Probe;

/// The start of every key that is written: `upsign-probe-` and random digits.
///
/// The digits keep two runs apart, and make it certain that nothing else is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbePrefix(String);

impl ProbePrefix {
    /// The constant start. IAM statements name it.
    pub const START: &'static str = "upsign-probe-";

    /// Creates the prefix from random bytes.
    ///
    /// ```
    /// let prefix = upsign_probe::ProbePrefix::new(&[0x0f; 8]);
    /// assert_eq!(prefix.as_str(), "upsign-probe-0f0f0f0f0f0f0f0f/");
    /// ```
    #[must_use]
    pub fn new(random: &[u8; 8]) -> Self {
        let digits: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        Self(format!("{}{digits}/", Self::START))
    }

    /// Returns the prefix, which ends with `/`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProbePrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which experiments a plan contains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlanOptions {
    /// The key of a KMS with which an object is encrypted. Default: none, and `kms` is not tried, because the first use of the
    /// default key of an account creates it.
    pub kms_key: Option<String>,
    /// Names of capabilities, or their beginnings, such as `checksums.put`. Default: empty, which means all.
    pub only: Vec<String>,
}

/// Experiments in order, and the prefix of their keys. Creating a plan sends nothing.
///
/// ```
/// use upsign_probe::{Plan, PlanOptions, ProbePrefix};
/// let plan = Plan::new(ProbePrefix::new(&[0; 8]), &PlanOptions::default());
/// assert!(plan.requests().count() > 100);
/// let first = plan.requests().next().unwrap();
/// assert_eq!(first.to_string(), "PutObject upsign-probe-0000000000000000/put/a → 2xx");
/// ```
#[derive(Clone, Debug)]
pub struct Plan {
    pub(crate) prefix: ProbePrefix,
    pub(crate) probes: Vec<Probe>,
    pub(crate) untried: Vec<(&'static str, &'static str)>,
}

/// A request of a plan. `Display` writes it with what is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlannedRequest {
    /// The name of the capability that it helps to decide.
    pub capability: String,
    /// The request in a few words.
    pub request: String,
    /// The expected answer in a few words.
    pub expected: String,
}

impl Plan {
    /// Creates the plan.
    #[must_use]
    pub fn new(prefix: ProbePrefix, options: &PlanOptions) -> Self {
        let is_chosen =
            |name: &str| options.only.is_empty() || options.only.iter().any(|only| is_below(name, only));
        let mut probes = catalog::all(options);
        // The first one shows that the others prove something.
        probes.retain(|probe| probe.name == catalog::FIRST || is_chosen(&probe.name));
        let untried = UNTRIED
            .into_iter()
            .filter(|(name, _)| is_chosen(name) && !probes.iter().any(|probe| probe.name == *name));
        let untried = untried.collect();
        Self { prefix, probes, untried }
    }

    /// Returns the prefix of the keys.
    #[must_use]
    pub const fn prefix(&self) -> &ProbePrefix {
        &self.prefix
    }

    /// Returns the experiments in order.
    #[must_use]
    pub fn probes(&self) -> &[Probe] {
        &self.probes
    }

    /// Returns the names of all capabilities: those with an experiment, and those that no experiment decides.
    pub fn capabilities(&self) -> impl Iterator<Item = &str> {
        let untried = self.untried.iter().map(|(name, _)| *name);
        self.probes.iter().map(|probe| probe.name.as_str()).chain(untried)
    }

    /// Returns `true` if a capability has this name or starts with it, as [`PlanOptions::only`] counts.
    #[must_use]
    pub fn contains(&self, start: &str) -> bool {
        self.capabilities().any(|name| is_below(name, start))
    }

    /// Returns every request of the experiments, in order. The requests that remove everything follow them: listings of the
    /// prefix, and a `DELETE` for each object, version and upload.
    pub fn requests(&self) -> impl Iterator<Item = PlannedRequest> {
        self.probes.iter().flat_map(|probe| {
            probe.steps.iter().map(|step| {
                let request = step.describe(&format!("{}{}/{}", self.prefix, probe.name, step.key));
                PlannedRequest {
                    capability: probe.name.clone(),
                    request,
                    expected: step.expected.to_string(),
                }
            })
        })
    }
}

/// Returns `true` if the name of a capability is `start`, or `start` and further parts after a point.
fn is_below(name: &str, start: &str) -> bool {
    name.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

impl fmt::Display for PlannedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} → {}", self.request, self.expected)
    }
}

/// Capabilities that no experiment decides, and why.
const UNTRIED: [(&str, &str); 3] = [
    ("kms", "not tried: pass a key of the KMS with --kms-key"),
    ("object_lock", "not tried: a locked object could not be removed"),
    ("cors_wildcard", "not tried: it would change the CORS configuration of the bucket"),
];
