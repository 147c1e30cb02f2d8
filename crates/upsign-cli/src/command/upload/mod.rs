//! `upsign upload`: uploads files through an API.

mod abort;
mod args;
mod caller;
mod failure;
mod progress;
mod state;

use std::path::Path;

use serde_json::{Value, json};
use upsign_client::{
    ApiEndpoint, FileSource, ReaderSource, UploadClient, UploadError, UploadOptions, UploadRequest, Uploaded,
};
use upsign_config::units;
use upsign_policy::ContentType;

use self::args::RequestArgs;
pub(crate) use self::args::UploadArgs;
use self::progress::{FileProgress, Progress, Style, members};
use crate::exit::{CommandError, Diagnostic, Exit};
use crate::listen::ShutdownSignals;
use crate::output;

/// The name of standard input.
const STDIN: &str = "-";

pub(crate) async fn run(args: &UploadArgs, json: bool) -> Result<Exit, CommandError> {
    match (args.pending.list, args.pending.forget) {
        (true, _) => return state::list(json),
        (_, true) => return state::forget(&args.files, json),
        _ => {}
    }
    check(args)?;
    let client = client(args)?;
    if args.pending.abort {
        return abort::run(args, &client, json).await;
    }
    let signals = ShutdownSignals::install()?;
    tokio::select! {
        ended = upload_all(args, &client, json) => ended,
        () = signals.received(1) => {
            output::notes().line("interrupted; the same command resumes a multipart upload");
            Ok(Exit::Interrupted)
        }
    }
}

/// Refuses options that contradict each other before anything is sent.
fn check(args: &UploadArgs) -> Result<(), CommandError> {
    let stdin = args.files.iter().filter(|file| is_stdin(file)).count();
    if stdin > 1 {
        return Err(CommandError::usage("standard input (-) can be uploaded once"));
    }
    if args.request.name.is_some() && args.files.len() > 1 {
        return Err(CommandError::usage("--name is the name of one file, but there are several"));
    }
    if args.pending.abort && stdin > 0 {
        return Err(CommandError::usage("--abort needs a file: uploads of standard input cannot be resumed"));
    }
    let mut seen = std::collections::BTreeSet::new();
    match args.files.iter().find(|file| !seen.insert(*file)) {
        Some(file) => Err(CommandError::usage(format!("{} is named twice", file.display()))),
        None => Ok(()),
    }
}

fn endpoint(args: &UploadArgs) -> Result<ApiEndpoint, CommandError> {
    let Some(api) = &args.api else {
        let help = "pass --api URL, or set UPSIGN_API; `upsign dev` prints the address of an API to try";
        return Err(CommandError::usage("which API grants the upload?").with_help(help));
    };
    ApiEndpoint::new(api).map_err(|error| CommandError::usage(format!("--api: {error}")))
}

fn client(args: &UploadArgs) -> Result<UploadClient, CommandError> {
    let api = endpoint(args)?;
    let token = caller::token_source(&args.caller)?;
    let mut options = UploadOptions::default();
    options.parts_at_once = args.transfer.jobs;
    options.retries = args.transfer.retries;
    options.environment_proxy = args.transfer.proxy;
    options.restart = args.pending.restart;
    options.state = if args.pending.no_state { None } else { state::store() };
    UploadClient::new(api, token, options)
        .map_err(|error| CommandError::failure(error.to_string()).with_code(error.code().to_owned()))
}

fn is_stdin(file: &Path) -> bool {
    file == Path::new(STDIN)
}

/// Returns the request for a file.
fn request(args: &RequestArgs, file: &Path) -> UploadRequest {
    let own_name =
        file.file_name().filter(|_| !is_stdin(file)).map(|name| name.to_string_lossy().into_owned());
    let name = args.name.clone().or(own_name);
    let by_name = || ContentType::of_file_name(name.as_deref()?).map(|found| found.to_string());
    let content_type = args.content_type.clone().or_else(by_name);
    let mut request =
        UploadRequest::new(content_type.unwrap_or_else(|| ContentType::octet_stream().to_string()));
    request.file_name = name;
    request.route.clone_from(&args.route);
    request.ids.extend(args.ids.iter().cloned());
    request.metadata.extend(args.metadata.iter().cloned());
    request.tags.extend(args.tags.iter().cloned());
    request.multipart = args.multipart.then_some(true);
    request
}

/// The result of a file.
type FileResult = Result<Uploaded, Diagnostic>;

async fn upload_all(args: &UploadArgs, client: &UploadClient, json: bool) -> Result<Exit, CommandError> {
    let (mut sources, mut refused) = (Vec::new(), Vec::new());
    for file in &args.files {
        match open(file).await {
            Ok(source) => sources.push(source),
            Err(error) => refused.extend(error.diagnostics().cloned()),
        }
    }
    if let Some(error) = CommandError::all(refused) {
        return Err(error);
    }
    let sizes = sources.iter().map(OpenSource::size).sum();
    let progress = Progress::new(Style::new(json), sources.len(), sizes).with_jobs(args.transfer.jobs);
    let mut ended: Vec<(String, FileResult)> = Vec::new();
    for (file, source) in args.files.iter().zip(sources) {
        let name = file.display().to_string();
        let shown = progress.file(&name, source.size());
        let result = source.upload(client, &request(&args.request, file), &shown).await;
        shown.finish();
        let is_resumable = shown.has_parts() && client_keeps_state(args);
        let result = result.map_err(|error| failure::diagnostic(&name, &error, &args.request, is_resumable));
        progress.print(|| print(&name, &result, json));
        ended.push((name, result));
    }
    progress.finish();
    if json {
        let uploads: Vec<Value> = ended.iter().map(|(name, result)| as_json(name, result)).collect();
        output::result(&json!({"uploads": uploads}).to_string());
    }
    let failed = ended.iter().filter(|(_, result)| result.is_err()).count();
    Ok(match failed {
        0 => Exit::Success,
        failed if failed < ended.len() => Exit::BadLine,
        _ => Exit::Failure,
    })
}

fn client_keeps_state(args: &UploadArgs) -> bool {
    !args.pending.no_state && state::store().is_some()
}

fn print(name: &str, result: &FileResult, json: bool) {
    match result {
        Ok(uploaded) if !json => {
            let text = format!("{name} is stored as {}, {}", uploaded.key, units::format_size(uploaded.size));
            output::report().success(&text);
        }
        Ok(_) => {}
        Err(error) => {
            output::error(error);
            if json {
                output::result(&json!({"event": "failed", "file": name, "error": error}).to_string());
            }
        }
    }
}

fn as_json(name: &str, result: &FileResult) -> Value {
    let mut members = match result {
        Ok(uploaded) => members(uploaded),
        Err(error) => json!({"error": error}),
    };
    if let Value::Object(members) = &mut members {
        members.insert("file".to_owned(), name.into());
    }
    members
}

/// A source that is open.
enum OpenSource {
    File(FileSource),
    Stdin(ReaderSource),
}

async fn open(file: &Path) -> Result<OpenSource, CommandError> {
    if is_stdin(file) {
        return Ok(OpenSource::Stdin(ReaderSource::new("standard input", tokio::io::stdin())));
    }
    let opened = FileSource::open(file).await;
    opened.map(OpenSource::File).map_err(|error| CommandError::unreadable(file, &error))
}

impl OpenSource {
    fn size(&self) -> Option<u64> {
        use upsign_client::Source as _;
        match self {
            Self::File(file) => file.size(),
            Self::Stdin(reader) => reader.size(),
        }
    }

    async fn upload(
        self,
        client: &UploadClient,
        request: &UploadRequest,
        shown: &FileProgress,
    ) -> Result<Uploaded, UploadError> {
        match self {
            Self::File(file) => client.upload(file, request, shown.clone()).await,
            Self::Stdin(reader) => client.upload(reader, request, shown.clone()).await,
        }
    }
}
