//! Collects the results of all cases, prints them as a table, and fails for unexpected ones.

use std::collections::BTreeMap;
use std::fmt;

use crate::cases::ALL;
use crate::deviations::KNOWN;
use crate::store::{Caller, StoreName};

#[derive(Default)]
pub(crate) struct Report(BTreeMap<(&'static str, StoreName, Caller), Result<(), String>>);

impl Report {
    pub(crate) fn add(
        &mut self,
        store: StoreName,
        caller: Caller,
        case: &'static str,
        result: Result<(), String>,
    ) {
        self.0.insert((case, store, caller), result);
    }

    /// Fails for every case that does not pass and is not a known deviation, and for every known deviation that passes.
    pub(crate) fn check(&self) {
        let mut failures = Vec::new();
        for ((case, store, caller), result) in &self.0 {
            let known = KNOWN
                .iter()
                .find(|row| row.store == *store && row.callers.contains(caller) && row.case == *case);
            match (known, result) {
                (None, Err(found)) => failures.push(format!("{store}, {caller}: {case}: {found}")),
                (Some(row), Ok(())) => {
                    failures
                        .push(format!("{store}, {caller}: {case}: as on S3 now; remove {:?}", row.behavior));
                }
                (Some(row), Err(found)) if !found.starts_with(row.found) => {
                    failures.push(format!("{store}, {caller}: {case}: {found}, and not {:?}", row.found));
                }
                _ => {}
            }
        }
        for row in KNOWN {
            assert!(ALL.iter().any(|case| case.name == row.case), "there is no case {:?}", row.case);
        }
        assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ((case, store, caller), result) in &self.0 {
            let result = result.as_ref().map_or_else(String::as_str, |()| "as on S3");
            writeln!(f, "{case:<52} {store:<12} {caller:<9} {result}")?;
        }
        for row in KNOWN {
            writeln!(f, "known deviation: {:<12} {:<44} {}", row.store, row.case, row.behavior)?;
        }
        Ok(())
    }
}
