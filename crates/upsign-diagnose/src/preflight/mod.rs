//! The preflight of a page: what a browser sends before an upload, and what the answer to it means.
//!
//! [`PageRequest`] describes a request that a page makes, [`Preflight`] is what a browser sends first, and [`PreflightReport`] what
//! follows from the [`PreflightAnswer`], in the words and codes of [`diagnose`](crate::diagnose). Stores refuse without a reason;
//! [`Narrowing`] finds the part that they refuse with a few more preflights. [`PreflightReport::of_rules`] does the same with a CORS
//! configuration in place of the store.
//!
//! A preflight carries no credentials, and nobody verifies the signature of its URL. So it shows whether browsers may send an upload,
//! and not whether the store accepts it.

mod answer;
mod error;
mod judge;
mod local;
mod narrowing;
mod report;
mod request;
mod rules;
mod safelist;

pub use answer::PreflightAnswer;
pub use error::InvalidPageRequest;
pub use narrowing::Narrowing;
pub use report::PreflightReport;
pub use request::{PageRequest, Preflight, PreflightReason};

pub(crate) use judge::of_status;
pub(crate) use local::{is_local, is_loopback};
pub(crate) use safelist::is_safelisted;
