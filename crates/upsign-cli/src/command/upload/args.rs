//! The options of `upsign upload`.

use std::path::PathBuf;

use clap::Args;

use crate::value_parser;

#[derive(Debug, Args)]
pub(crate) struct UploadArgs {
    /// Files to upload; `-` reads standard input.
    #[arg(value_name = "FILE", required_unless_present_any = ["list", "forget"])]
    pub(super) files: Vec<PathBuf>,
    /// Address of the API, as in `https://api.example.com`.
    ///
    /// An address without a path gets /upload-url. The later calls of a multipart upload are next to it, below /uploads.
    #[arg(long, value_name = "URL", env = "UPSIGN_API")]
    pub(super) api: Option<String>,
    #[command(flatten)]
    pub(super) request: RequestArgs,
    #[command(flatten)]
    pub(super) caller: CallerArgs,
    #[command(flatten)]
    pub(super) transfer: TransferArgs,
    #[command(flatten)]
    pub(super) confirmation: ConfirmationArgs,
    #[command(flatten)]
    pub(super) pending: PendingArgs,
}

/// The description of each file.
#[derive(Debug, Args)]
#[command(next_help_heading = "Upload")]
pub(super) struct RequestArgs {
    /// Route of the API; default: the unnamed one.
    #[arg(long, value_name = "ROUTE")]
    pub(super) route: Option<String>,
    /// Content type; default: by the extension of the file, or else application/octet-stream.
    #[arg(long = "type", value_name = "TYPE")]
    pub(super) content_type: Option<String>,
    /// File name for the API, of a single file or of standard input; default: that of the file.
    #[arg(long, value_name = "NAME")]
    pub(super) name: Option<String>,
    /// Id that the route lets clients supply, by its name in requests, as in articleId=UUID.
    #[arg(long = "id", value_name = "NAME=UUID", value_parser = value_parser::pair)]
    pub(super) ids: Vec<(String, String)>,
    /// Metadata of the object.
    #[arg(long = "meta", value_name = "NAME=VALUE", value_parser = value_parser::pair)]
    pub(super) metadata: Vec<(String, String)>,
    /// Tag of the object.
    #[arg(long = "tag", value_name = "NAME=VALUE", value_parser = value_parser::pair)]
    pub(super) tags: Vec<(String, String)>,
    /// Upload in parts, also if the route would take one request.
    #[arg(long)]
    pub(super) multipart: bool,
}

impl RequestArgs {
    /// Returns whether any option is set.
    pub(super) fn is_set(&self) -> bool {
        let Self { route, content_type, name, ids, metadata, tags, multipart } = self;
        let texts = [route, content_type, name].into_iter().any(Option::is_some);
        texts || *multipart || [ids, metadata, tags].into_iter().any(|pairs| !pairs.is_empty())
    }
}

/// Who uploads.
#[derive(Debug, Args)]
#[command(next_help_heading = "Caller")]
pub(super) struct CallerArgs {
    /// Token of the caller. Other users of the machine can see arguments; the variable is hidden from them.
    #[arg(long, value_name = "TOKEN", env = "UPSIGN_TOKEN", hide_env_values = true)]
    pub(super) token: Option<String>,
    /// Shell command that prints a token. It runs again when the token has expired.
    #[arg(long, value_name = "COMMAND")]
    pub(super) token_command: Option<String>,
    /// Sign in to a user pool as this user, with the password in UPSIGN_PASSWORD.
    #[arg(long, value_name = "NAME", requires_all = ["pool", "client_id"], conflicts_with = "token_command")]
    pub(super) user: Option<String>,
    /// Endpoint of the user pool, as in `https://cognito-idp.eu-central-1.amazonaws.com`.
    #[arg(long, value_name = "URL", requires = "user")]
    pub(super) pool: Option<String>,
    /// App client of the user pool.
    #[arg(long, value_name = "ID", requires = "user")]
    pub(super) client_id: Option<String>,
}

/// How the bytes are sent.
#[derive(Debug, Args)]
#[command(next_help_heading = "Transfer")]
pub(super) struct TransferArgs {
    /// Maximum number of parts at the same time; default: that of the API, which also is the upper limit.
    #[arg(short = 'j', long = "jobs", value_name = "COUNT", value_parser = clap::value_parser!(u8).range(1..=32))]
    pub(super) jobs: Option<u8>,
    /// Request all files at once: the API grants all of them or none.
    #[arg(long, conflicts_with = "abort")]
    pub(super) together: bool,
    /// Maximum number of repetitions of a request.
    #[arg(long, value_name = "COUNT", default_value_t = 8)]
    pub(super) retries: u32,
    /// Use the proxy that HTTPS_PROXY or ALL_PROXY name.
    #[arg(long)]
    pub(super) proxy: bool,
}

/// What happens after the bytes are stored.
#[derive(Debug, Args)]
#[command(next_help_heading = "Confirmation")]
pub(super) struct ConfirmationArgs {
    /// Fail if the API does not confirm uploads of this route; default: confirm if it offers that.
    #[arg(long, conflicts_with = "abort")]
    pub(super) confirm: bool,
    /// Do not confirm.
    #[arg(long, conflicts_with_all = ["confirm", "read_url", "abort"])]
    pub(super) no_confirm: bool,
    /// Print a URL with which the confirmed object can be read.
    #[arg(long, conflicts_with = "abort")]
    pub(super) read_url: bool,
}

/// Uploads that were interrupted.
#[derive(Debug, Args)]
#[command(next_help_heading = "Interrupted uploads")]
pub(super) struct PendingArgs {
    /// Neither resume an upload nor store its state.
    #[arg(long, conflicts_with_all = ["restart", "abort"])]
    pub(super) no_state: bool,
    /// Begin again in place of resuming; the earlier upload is aborted. If it cannot be, nothing is uploaded.
    #[arg(long, conflicts_with = "abort")]
    pub(super) restart: bool,
    /// Abort the interrupted uploads of the files, which need not exist any more: the store removes their parts.
    #[arg(long)]
    pub(super) abort: bool,
    /// List interrupted uploads.
    #[arg(long, conflicts_with_all = ["files", "abort", "restart", "no_state"])]
    pub(super) list: bool,
    /// Remove the states of the files, or of all interrupted uploads, without a call of the API.
    ///
    /// The store keeps their parts until a lifecycle rule of the bucket removes them. FILE may also be a state that --list names.
    #[arg(long, conflicts_with_all = ["abort", "restart", "no_state", "list"])]
    pub(super) forget: bool,
}
