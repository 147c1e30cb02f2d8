//! `upsign upload`: uploads files through an API.

mod abort;
mod args;
mod caller;
mod diagnosis;
mod failure;
mod progress;
mod result;
mod state;

use std::path::Path;

use serde_json::{Value, json};
use upsign_client::{
    ApiEndpoint, Confirm, FileSource, FileUpload, ReaderSource, UploadClient, UploadError, UploadOptions,
    UploadRequest, Uploaded,
};
use upsign_policy::ContentType;

pub(crate) use self::args::UploadArgs;
use self::args::{ConfirmationArgs, RequestArgs};
use self::progress::{FileProgress, Progress, Style};
use self::result::{FileResult, Results};
use crate::exit::{CommandError, Exit};
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
    options.confirm = confirm(&args.confirmation);
    options.state = if args.pending.no_state { None } else { state::store() };
    UploadClient::new(api, token, options)
        .map_err(|error| CommandError::failure(error.to_string()).with_code(error.code().to_owned()))
}

fn confirm(args: &ConfirmationArgs) -> Confirm {
    match () {
        () if args.no_confirm => Confirm::Never,
        () if args.confirm || args.read_url => Confirm::Required,
        () => Confirm::IfOffered,
    }
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
    let results = Results { args, client, progress: &progress, json };
    let ended = if args.transfer.together {
        results.together(sources).await?
    } else {
        results.one_by_one(sources).await
    };
    progress.finish();
    if json {
        let uploads: Vec<Value> = ended.iter().map(FileResult::as_json).collect();
        output::result(&json!({"uploads": uploads}).to_string());
    }
    Ok(result::exit(&ended))
}

fn client_keeps_state(args: &UploadArgs) -> bool {
    !args.pending.no_state && state::store().is_some()
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

    fn into_file(self, request: UploadRequest) -> FileUpload {
        match self {
            Self::File(file) => FileUpload::new(file, request),
            Self::Stdin(reader) => FileUpload::new(reader, request),
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
