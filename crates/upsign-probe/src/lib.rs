//! Finds out by experiments which features of S3 a store supports.
//!
//! A [`Plan`] lists every request before any is sent. [`probe()`] sends them, removes what it stored, and returns a [`Report`]: for each
//! capability whether the store has it, and the request and the answer that show it.
//!
//! ```
//! use upsign_core::{Credentials, Target};
//! use upsign_probe::{Plan, PlanOptions, ProbePrefix, ProbedStore, Stop, probe};
//!
//! # #[cfg(feature = "http")]
//! # async fn example(random: [u8; 8], now: fn() -> upsign_core::Timestamp) -> Result<(), Box<dyn std::error::Error>> {
//! let target = Target::aws("uploads-bucket".parse()?, "eu-central-1".parse()?);
//! let credentials = Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
//! let plan = Plan::new(ProbePrefix::new(&random), &PlanOptions::default());
//! for request in plan.requests() {
//!     println!("{request}");
//! }
//! let transport = upsign_probe::HttpTransport::new(&target, false)?;
//! let store = ProbedStore::new(target, &credentials)?;
//! let report = probe(&store, &plan, &transport, &now, &Stop::new()).await?;
//! println!("{}", report.can_table(&upsign_core::Provider::Aws.capabilities()));
//! # Ok(())
//! # }
//! ```
//!
//! # What a run does to the bucket
//!
//! - It writes only keys under one prefix, [`ProbePrefix`], which is new in each run.
//! - It removes everything under the prefix afterwards: objects, versions, delete markers and multipart uploads, also if a request
//!   failed or the run was [stopped](Stop). Keys outside of the prefix are never removed, whatever a listing says. What is left is
//!   named, with the command that removes it ([`LeftOver`] of the report and of errors).
//! - It reads settings of the bucket and changes none. It makes no object readable for others, encrypts with no key that the caller
//!   did not name, and locks nothing.
//!
//! # What a finding means
//!
//! [`Holds::Yes`] and [`Holds::No`] need an answer that decides: a right and a wrong checksum, or two uploads of which one must be
//! refused. After an error of the server, a redirect or a refusal that can be a missing permission, the finding is
//! [`Holds::Unknown`], and [`Report::can_table`] contains it as a comment.
//!
//! | feature | adds | default |
//! | --- | --- | --- |
//! | `http` | `HttpTransport`, with the HTTP client reqwest | no |
//!
//! # What this crate is not
//!
//! It measures no limits such as sizes of objects, no speed and no durability. It reads no clock and no random numbers: callers pass both.
//!
//! Neighboring crates: `upsign-core` has the profiles of stores, `upsign-config` reads `[bucket.can]`, and the command `upsign probe`
//! calls this crate.

mod catalog;
mod error;
#[cfg(feature = "http")]
mod http;
mod iam;
mod plan;
mod probe;
mod report;
mod run;
mod step;
mod store;
mod transport;

pub use error::{ProbeError, UnsupportedStore};
#[cfg(feature = "http")]
pub use http::HttpTransport;
pub use iam::iam_policy;
pub use plan::{Plan, PlanOptions, PlannedRequest, ProbePrefix};
pub use probe::Probe;
pub use report::finding::{Finding, Holds};
pub use report::left_over::LeftOver;
pub use report::{CapabilityDifference, Report};
pub use run::{Stop, probe};
pub use store::ProbedStore;
pub use transport::{HttpAnswer, HttpRequest, MAX_ANSWER, NoAnswer, Transport};
#[doc(no_inline)]
pub use upsign_core::{Capabilities, Credentials, Target, Timestamp, async_trait};
