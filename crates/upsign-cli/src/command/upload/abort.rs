//! `upsign upload --abort`: aborts the interrupted uploads of files, which need not exist any more.

use std::path::Path;

use serde_json::json;
use upsign_client::{PendingUpload, UploadClient};

use super::args::UploadArgs;
use super::{endpoint, failure, request, state};
use crate::exit::{CommandError, Exit};
use crate::output;

/// Aborts the interrupted uploads of the files.
pub(super) async fn run(args: &UploadArgs, client: &UploadClient, json: bool) -> Result<Exit, CommandError> {
    let pending = state::pending()?;
    let chosen: Result<Vec<_>, _> =
        args.files.iter().map(|file| Ok((file, choose(&pending, args, client, file)?))).collect();
    let mut aborted = Vec::new();
    for (file, upload) in chosen? {
        let name = file.display().to_string();
        let result = client.abort_pending(upload).await;
        let failed = |error| failure::diagnostic(&name, &error, &args.request, true);
        if !result.map_err(|error| CommandError::new(Exit::Failure, failed(error)))? {
            return Err(no_upload(&name, "has no interrupted upload any more"));
        }
        aborted.push(name);
    }
    if json {
        output::result(&json!({"aborted": aborted}).to_string());
    } else {
        aborted.iter().for_each(|name| output::report().success(&format!("the upload of {name} is aborted")));
    }
    Ok(Exit::Success)
}

/// Returns the upload of a file to this API: that of the same request, or else the only one.
fn choose<'a>(
    pending: &'a [PendingUpload],
    args: &UploadArgs,
    client: &UploadClient,
    file: &Path,
) -> Result<&'a PendingUpload, CommandError> {
    let (name, api) = (file.display(), endpoint(args)?);
    let paths = state::paths_of(file);
    let states: Vec<_> =
        paths.iter().filter_map(|path| client.state_path(path, &request(&args.request, file))).collect();
    if let Some(unreadable) = state::unreadable()?.into_iter().find(|it| states.contains(&it.state)) {
        return Err(state::unreadable_error(&unreadable));
    }
    let of_file: Vec<_> = pending.iter().filter(|upload| paths.contains(&upload.file)).collect();
    let (here, elsewhere): (Vec<_>, Vec<_>) =
        of_file.into_iter().partition(|upload| upload.api == api.begin());
    match (here.iter().find(|upload| states.contains(&upload.state)), &here[..]) {
        (Some(same), _) => Ok(same),
        (None, [only]) if !args.request.is_set() => Ok(only),
        (None, []) => Err(match elsewhere.first() {
            Some(other) => {
                no_upload(&name, &format!("has an interrupted upload to {}, not to this API", other.api))
            }
            None => no_upload(&name, "has no interrupted upload"),
        }),
        (None, several) => {
            let keys: Vec<&str> = several.iter().map(|upload| upload.key.as_str()).collect();
            let message = format!("{name} has interrupted uploads by other requests: {}", keys.join(", "));
            let help = "repeat the options with which the upload began: --route, --type, --name, --id, --meta, --tag, --multipart; \
                        without these, --abort takes the only upload of the file";
            Err(CommandError::failure(message).with_code("upload-ambiguous").with_help(help))
        }
    }
}

fn no_upload(name: &impl std::fmt::Display, what: &str) -> CommandError {
    let error = CommandError::failure(format!("{name} {what}")).with_code("no-upload");
    error.with_help("upsign upload --list shows all interrupted uploads")
}
