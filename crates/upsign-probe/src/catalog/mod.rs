//! The experiments.

mod bucket;
mod checksums;
mod conditions;
mod forms;
mod headers;
mod multipart;
mod signatures;

pub(crate) use checksums::{FULL_OBJECT, of_parts, of_puts};

use crate::plan::PlanOptions;
use crate::probe::Probe;

/// The first experiment, without which the others prove nothing.
pub(crate) const FIRST: &str = "put";

/// Returns all experiments, in the order in which they run.
pub(crate) fn all(options: &PlanOptions) -> Vec<Probe> {
    let mut all = signatures::all();
    all.extend(conditions::all());
    all.extend(checksums::all());
    all.extend(forms::all());
    all.extend(headers::all(options.kms_key.as_deref()));
    all.extend(multipart::all());
    all.extend(bucket::all());
    all
}
