//! Why the store or the API refused a request of `upsign upload`.

use serde_json::json;
use upsign::{Clock as _, SystemClock};
use upsign_client::{ApiError, ProblemHint, StoreRefusal, UploadError};
use upsign_diagnose::{Diagnosis, Evidence, diagnose};

use crate::command::diagnose::object;
use crate::exit::Finding;

/// The largest number of candidates that are shown.
const MAX_CANDIDATES: usize = 3;

/// What is known of the cause of an error.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) found: Vec<Finding>,
    /// Whether the same request would be refused again, so that a fix is what helps.
    pub(super) needs_fix: bool,
}

/// Returns why a request was refused. Empty for errors that are no refusals.
pub(super) fn findings(error: &UploadError) -> Findings {
    match error {
        UploadError::Store { refusal, .. } => of_store(refusal),
        UploadError::Api(error) => of_api(error),
        _ => Findings::default(),
    }
}

/// Diagnoses the request as it was sent and the answer of the store, as `upsign diagnose` does.
fn of_store(refusal: &StoreRefusal) -> Findings {
    let Some(exchange) = refusal.exchange() else { return Findings::default() };
    // A URL of another service than S3 is not diagnosed.
    let Ok(evidence) = Evidence::read(exchange.report().as_bytes()) else { return Findings::default() };
    let diagnoses = diagnose(&evidence.with_time(SystemClock.now()));
    let is_certain = diagnoses.first().is_some_and(|first| first.certain);
    let shown = diagnoses.iter().take_while(|it| it.certain == is_certain).take(MAX_CANDIDATES);
    let may_pass = matches!(refusal.status, 408 | 409 | 429 | 500..);
    Findings { found: shown.map(of_diagnosis).collect(), needs_fix: is_certain || !may_pass }
}

fn of_diagnosis(diagnosis: &Diagnosis) -> Finding {
    let Diagnosis { cause, certain, sentence, fix, owner, .. } = diagnosis;
    let label = if *certain { "cause" } else { "maybe" };
    let lines = vec![
        (label, format!("{sentence} ({})", cause.code)),
        ("fix", format!("{fix} (to be fixed in: {})", owner.description())),
    ];
    Finding { members: object(diagnosis), lines }
}

/// Returns the hint of the API. The error says what was refused, so people read the id only.
fn of_api(error: &ApiError) -> Findings {
    let hint = error.problem().and_then(|problem| problem.diagnose.as_ref());
    let found = hint.map(|hint| {
        let ProblemHint { cause, owner, fix, request_id, .. } = hint;
        let lines = request_id.iter().map(|id| ("request", format!("{id} (in the log of the API)")));
        let mut members = json!({"cause": cause, "owner": owner, "fix": fix});
        if let (Some(members), Some(id)) = (members.as_object_mut(), request_id) {
            members.insert("requestId".to_owned(), id.as_str().into());
        }
        Finding { members, lines: lines.collect() }
    });
    Findings { found: found.into_iter().collect(), needs_fix: false }
}
