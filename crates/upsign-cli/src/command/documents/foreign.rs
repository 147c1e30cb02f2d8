//! Describes documents that do not come from an upsign.toml: what they hold, and what is risky in them.

use serde_json::json;
use upsign_documents::Survey;

use super::check::InUse;
use crate::exit::{CommandError, Exit};
use crate::output;

/// Prints what the files hold and the next command. There is nothing to compare them with, so this is a failure.
pub(super) fn describe(files: &[InUse], json: bool) -> Result<Exit, CommandError> {
    let surveys: Vec<(&InUse, Survey)> = files.iter().map(|file| (file, file.content.survey())).collect();
    if json {
        let each = surveys.iter().map(|(file, survey)| {
            let risks: Vec<_> =
                survey.risks().iter().map(|it| json!({"what": it.what(), "why": it.why()})).collect();
            json!({
                "file": file.place, "buckets": survey.buckets(), "origins": survey.origins(),
                "actions": survey.actions(), "risks": risks, "unjudged": survey.unjudged(),
            })
        });
        output::result(&json!({"files": each.collect::<Vec<_>>()}).to_string());
    } else {
        surveys.iter().for_each(|(file, survey)| print(&file.place, survey));
    }
    let error = CommandError::usage("there is no upsign.toml here to compare with");
    Err(error
        .with_code("no-config")
        .with_help("write one for this bucket, then compare again:\n  upsign init"))
}

fn print(place: &str, survey: &Survey) {
    let report = output::report();
    report.line(place);
    for (label, values) in
        [("buckets", survey.buckets()), ("origins", survey.origins()), ("permissions", survey.actions())]
    {
        let text = if values.is_empty() { "none found".to_owned() } else { values.join(", ") };
        report.detail(label, &text);
    }
    report.line("");
    for risk in survey.risks() {
        report.labelled(output::YELLOW, "risk", risk.what());
        report.line(&format!("    {}", risk.why()));
    }
    if survey.risks().is_empty() {
        report.line("no risk found in what was read");
    }
    if !survey.unjudged().is_empty() {
        report.line(&format!("not judged: {}", survey.unjudged().join(", ")));
    }
    report.line("");
}
