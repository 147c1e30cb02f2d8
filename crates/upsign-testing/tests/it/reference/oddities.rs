//! Writes the manual's table of what `upsign explain` finds odd, from the table of `upsign-diagnose`.
//!
//! `cargo xtask reference` updates it.

use std::fmt::Write as _;
use std::fs;

use upsign_diagnose::{ODDITIES, Severity};

use crate::workspace::root;

/// The committed table.
const FILE: &str = "crates/upsign/src/manual/howto/oddities.md";

fn page() -> String {
    let mut page = String::new();
    for (severity, title) in [
        (Severity::Fails, "The request fails"),
        (Severity::Risk, "The request may fail, or do something else than was meant"),
        (Severity::Note, "Worth knowing"),
    ] {
        let name = severity.name();
        write!(page, "## {title} (`{name}`)\n\n| code | what is odd | what to do | in whose hands |\n| --- | --- | --- | --- |\n").unwrap();
        for kind in ODDITIES.iter().filter(|kind| kind.severity == severity) {
            let (code, source) = (kind.code, kind.source);
            let cells = [kind.title, kind.fix]
                .map(|text| text.replace('|', "\\|").replace("${", "`${").replace("filename}", "filename}`"));
            let [title, fix] = cells;
            writeln!(page, "| [`{code}`]({source}) | {title} | {fix} | {} |", kind.owner).unwrap();
        }
        page.push('\n');
    }
    page.truncate(page.trim_end().len() + 1);
    page
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the variable of `cargo xtask reference`")]
fn the_table_of_oddities_is_current() {
    let path = root().join(FILE);
    if std::env::var("XTASK_REFERENCE").as_deref() == Ok("update") {
        fs::write(&path, page()).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap_or_default() == page(),
        "{FILE} is not current: run `cargo xtask reference`"
    );
}
