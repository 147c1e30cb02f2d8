//! The folder with the states of interrupted uploads.

use std::path::PathBuf;

use serde_json::json;
use upsign_client::{PendingUpload, StateStore};
use upsign_config::units;

use crate::exit::{CommandError, Exit};
use crate::{environment, output};

/// Returns the folder: `$XDG_STATE_HOME/upsign/uploads`, or `~/.local/state/upsign/uploads`. As the specification demands, a
/// relative path in the variable is ignored.
///
/// Source: <https://specifications.freedesktop.org/basedir-spec/latest/>.
pub(super) fn store() -> Option<StateStore> {
    let folder = |name| environment::variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || folder("HOME").or_else(|| folder("USERPROFILE")).map(|home| home.join(".local/state"));
    let state = folder("XDG_STATE_HOME").or_else(home)?;
    Some(StateStore::new(state.join("upsign/uploads")))
}

/// Returns the uploads of which a state is stored.
fn pending() -> Result<Vec<PendingUpload>, CommandError> {
    let Some(store) = store() else { return Ok(Vec::new()) };
    let context = format!("cannot read {}", store.folder().display());
    store.list().map_err(|error| CommandError::caused(&context, &error).with_code("state-unusable"))
}

/// Prints the uploads that can be resumed, and those that are running.
pub(super) fn list(json: bool) -> Result<Exit, CommandError> {
    let pending = pending()?;
    if json {
        let uploads: Vec<_> = pending.iter().map(as_json).collect();
        output::result(&json!({"pending": uploads}).to_string());
        return Ok(Exit::Success);
    }
    if pending.is_empty() {
        output::report().line("no upload is interrupted");
    }
    for upload in &pending {
        let (stored, count) = (upload.stored_parts, upload.part_count);
        output::report().line(&upload.file.display().to_string());
        output::report().detail("api", &upload.api);
        output::report().detail("key", &upload.key);
        output::report().detail(
            "stored",
            &format!("{stored} of {count} parts, {} in all", units::format_size(upload.size)),
        );
        output::report().detail("expires", &format!("at {}", upload.expires_at));
        if upload.is_running {
            output::report().detail("now", "another process is uploading it");
        }
    }
    Ok(Exit::Success)
}

/// Removes the states of all uploads that are not running. The store keeps their parts until a lifecycle rule removes them.
pub(super) fn forget(json: bool) -> Result<Exit, CommandError> {
    let pending = pending()?;
    let store = store();
    let (mut forgotten, mut running) = (Vec::new(), Vec::new());
    for upload in pending {
        let context = format!("cannot remove {}", upload.state.display());
        // The process that uploads has locked its state.
        let removed = store.as_ref().map_or(Ok(false), |store| store.forget(&upload));
        let is_removed = removed.map_err(|error| CommandError::caused(&context, &error))?;
        if is_removed { forgotten.push(upload) } else { running.push(upload) }
    }
    if json {
        let array = |uploads: &[PendingUpload]| uploads.iter().map(as_json).collect::<Vec<_>>();
        output::result(&json!({"forgotten": array(&forgotten), "running": array(&running)}).to_string());
    } else {
        let plural = if forgotten.len() == 1 { "" } else { "s" };
        output::report().line(&format!("forgot {} interrupted upload{plural}", forgotten.len()));
        for upload in &running {
            output::report()
                .line(&format!("{} is being uploaded now; its state is kept", upload.file.display()));
        }
    }
    Ok(Exit::Success)
}

fn as_json(upload: &PendingUpload) -> serde_json::Value {
    json!({
        "file": upload.file, "api": upload.api, "key": upload.key, "size": upload.size,
        "storedParts": upload.stored_parts, "partCount": upload.part_count, "expiresAt": upload.expires_at,
        "running": upload.is_running,
    })
}
