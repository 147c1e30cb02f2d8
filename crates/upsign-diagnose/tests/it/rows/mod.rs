//! One row for each case: the evidence as users have it, and the cause, field, owner and certainty of its first diagnosis.

mod commands;
mod console;
mod denied;
mod gateway;
mod requests;
mod store;
mod token;

use upsign_diagnose::{Diagnosis, Evidence, diagnose};

use crate::evidence::{check, expected};

/// A row: the evidence, then cause, field, owner, and whether it is certain.
type Row<'a> = (&'a str, &'static str, &'static str, &'static str, bool);

fn read(text: &str) -> Vec<Diagnosis> {
    diagnose(&Evidence::read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}")))
}

#[track_caller]
fn check_row(
    text: &str,
    found: &[Diagnosis],
    (code, field, owner, certain): (&'static str, &'static str, &'static str, bool),
) {
    assert_eq!(found[0].cause.code, code, "{text}: {found:#?}");
    check(found, &expected(code, field, owner, certain));
}

#[track_caller]
fn check_rows(rows: &[Row<'_>]) {
    for (text, code, field, owner, certain) in rows {
        check_row(text, &read(text), (code, field, owner, *certain));
    }
}
