//! The folder with the states of interrupted uploads.

use std::path::{Path, PathBuf};

use serde_json::json;
use upsign_client::{PendingUpload, StateStore, UnreadableState};
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
pub(super) fn pending() -> Result<Vec<PendingUpload>, CommandError> {
    read(StateStore::list)
}

/// Returns the states that cannot be read.
pub(super) fn unreadable() -> Result<Vec<UnreadableState>, CommandError> {
    read(StateStore::unreadable)
}

fn read<T>(list: impl Fn(&StateStore) -> std::io::Result<Vec<T>>) -> Result<Vec<T>, CommandError> {
    let Some(store) = store() else { return Ok(Vec::new()) };
    let context = format!("cannot read {}", store.folder().display());
    list(&store).map_err(|error| CommandError::caused(&context, &error).with_code("state-unusable"))
}

/// Returns the absolute paths that a file may have in a state: without symbolic links, also if it is gone, or if its name now is
/// a symbolic link.
pub(super) fn paths_of(file: &Path) -> Vec<PathBuf> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let folder = folder.canonicalize().or_else(|_| std::path::absolute(folder)).ok();
    let named = folder.zip(file.file_name()).map(|(folder, name)| folder.join(name));
    file.canonicalize().ok().into_iter().chain(named).collect()
}

/// Returns the error for an upload whose state cannot be read.
pub(super) fn unreadable_error(state: &UnreadableState) -> CommandError {
    let path = state.state.display();
    CommandError::failure(format!(
        "the state {path} of the interrupted upload cannot be read: {}",
        state.reason
    ))
    .with_code("state-unreadable")
    .with_help(forget_help(&state.state))
}

/// Returns what can be done about a state that cannot be read.
pub(super) fn forget_help(state: &Path) -> String {
    let state = state.display();
    format!(
        "use the version of upsign that wrote it, or drop it: upsign upload --forget {state}; {PARTS_REMAIN}"
    )
}

pub(super) const PARTS_REMAIN: &str = "a lifecycle rule of the bucket then removes the stored parts";

/// Prints the uploads that can be resumed, and those that are running.
pub(super) fn list(json: bool) -> Result<Exit, CommandError> {
    let (pending, unreadable) = (pending()?, unreadable()?);
    if json {
        let uploads: Vec<_> = pending.iter().map(as_json).collect();
        let unreadable: Vec<_> = unreadable.iter().map(unreadable_as_json).collect();
        output::result(&json!({"pending": uploads, "unreadable": unreadable}).to_string());
        return Ok(Exit::Success);
    }
    if pending.is_empty() && unreadable.is_empty() {
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
    for state in &unreadable {
        output::report().line(&state.state.display().to_string());
        output::report().detail("state", &format!("cannot be read: {}", state.reason));
    }
    Ok(Exit::Success)
}

/// Removes the states of these files, or of all, except of uploads that are running. The store keeps their parts until a lifecycle
/// rule removes them.
pub(super) fn forget(files: &[PathBuf], json: bool) -> Result<Exit, CommandError> {
    let Some(store) = store() else {
        return Err(CommandError::failure("there is no folder of states: set HOME"));
    };
    let (pending, unreadable) = chosen(files)?;
    let (mut forgotten, mut running, mut dropped) = (Vec::new(), Vec::new(), Vec::new());
    for upload in pending {
        // The process that uploads has locked its state.
        let is_removed = store.forget(&upload).map_err(|error| not_removed(&upload.state, &error))?;
        if is_removed { forgotten.push(upload) } else { running.push(upload) }
    }
    for state in unreadable {
        if store.forget_unreadable(&state).map_err(|error| not_removed(&state.state, &error))? {
            dropped.push(state);
        } else {
            let message = format!("another process has locked {}", state.state.display());
            return Err(CommandError::failure(message).with_code("upload-busy"));
        }
    }
    if json {
        let array = |uploads: &[PendingUpload]| uploads.iter().map(as_json).collect::<Vec<_>>();
        let dropped: Vec<_> = dropped.iter().map(unreadable_as_json).collect();
        let result =
            json!({"forgotten": array(&forgotten), "running": array(&running), "unreadable": dropped});
        output::result(&result.to_string());
        return Ok(Exit::Success);
    }
    let count = |number: usize, noun: &str| format!("{number} {noun}{}", if number == 1 { "" } else { "s" });
    if !forgotten.is_empty() || dropped.is_empty() {
        output::report().line(&format!("forgot {}", count(forgotten.len(), "interrupted upload")));
    }
    if !dropped.is_empty() {
        let states = count(dropped.len(), "state");
        output::report().line(&format!("removed {states} that cannot be read"));
    }
    for upload in &running {
        output::report().line(&format!("{} is being uploaded now; its state is kept", upload.file.display()));
    }
    Ok(Exit::Success)
}

/// Returns the states of these files, or all. A file may also be a state itself.
fn chosen(files: &[PathBuf]) -> Result<(Vec<PendingUpload>, Vec<UnreadableState>), CommandError> {
    let (mut pending, mut unreadable) = (pending()?, unreadable()?);
    if files.is_empty() {
        return Ok((pending, unreadable));
    }
    let mut paths = Vec::new();
    for file in files {
        let of_file = paths_of(file);
        let is_known = pending.iter().any(|it| of_file.contains(&it.file) || of_file.contains(&it.state))
            || unreadable.iter().any(|it| of_file.contains(&it.state));
        if !is_known {
            let message = format!("{} has no interrupted upload", file.display());
            let help = "upsign upload --list shows all interrupted uploads";
            return Err(CommandError::failure(message).with_code("no-upload").with_help(help));
        }
        paths.extend(of_file);
    }
    pending.retain(|it| paths.contains(&it.file) || paths.contains(&it.state));
    unreadable.retain(|it| paths.contains(&it.state));
    Ok((pending, unreadable))
}

fn not_removed(state: &Path, error: &std::io::Error) -> CommandError {
    CommandError::caused(&format!("cannot remove {}", state.display()), error)
}

fn unreadable_as_json(state: &UnreadableState) -> serde_json::Value {
    json!({"state": state.state, "reason": state.reason})
}

fn as_json(upload: &PendingUpload) -> serde_json::Value {
    json!({
        "file": upload.file, "api": upload.api, "key": upload.key, "size": upload.size,
        "storedParts": upload.stored_parts, "partCount": upload.part_count, "expiresAt": upload.expires_at,
        "running": upload.is_running,
    })
}
