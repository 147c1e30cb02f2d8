//! `GET /dev/state.json`: which run of the dev server this is, and which version of the configuration it serves.
//!
//! The page asks every second. It loads its configuration again after the server was started again, or after the file was saved,
//! and shows what is wrong with a file that is not valid.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use upsign::fill_random;

use super::DevState;
use crate::exit::{CommandError, Diagnostic};

/// Which configuration is served: by which run, and how many versions were served before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RunState {
    /// Random. The keys, ports and buckets of another run are others.
    pub(super) run: Arc<str>,
    pub(super) revision: u64,
}

impl RunState {
    pub(super) fn new() -> Result<Self, CommandError> {
        let mut bytes = [0; 8];
        fill_random(&mut bytes).map_err(|error| CommandError::caused("cannot name this run", &error))?;
        let run: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { run: run.into(), revision: 0 })
    }

    /// Returns the state with another configuration.
    pub(super) fn next(&self) -> Self {
        Self { run: Arc::clone(&self.run), revision: self.revision.saturating_add(1) }
    }
}

/// What is wrong with the file that was saved last, or nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct SavedProblem(Arc<Mutex<Option<Value>>>);

impl SavedProblem {
    pub(super) fn set(&self, problem: Option<Value>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = problem;
    }

    fn get(&self) -> Option<Value> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Describes an error for the page: each with its place in the file.
pub(super) fn problem(file: &str, error: &CommandError) -> Value {
    let errors: Vec<Value> = error.diagnostics().map(|one| described(file, one)).collect();
    json!({ "file": file, "errors": errors })
}

fn described(file: &str, diagnostic: &Diagnostic) -> Value {
    let Diagnostic { message, line, column, key, help, .. } = diagnostic;
    let place = match (line, column) {
        (Some(line), Some(column)) => Some(format!("{file}:{line}:{column}")),
        (Some(line), None) => Some(format!("{file}:{line}")),
        _ => None,
    };
    json!({ "place": place, "message": message, "key": key, "help": help })
}

pub(super) async fn state(State(dev): State<DevState>) -> Json<Value> {
    let RunState { run, revision } = &dev.run;
    // A new run of the same process is one that a saved file began.
    let process = std::process::id();
    Json(json!({ "run": &**run, "revision": revision, "process": process, "error": dev.problem.get() }))
}
