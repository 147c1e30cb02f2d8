//! The command line of `upsign documents`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use upsign_documents::{Account, Guard};

use super::choices::{
    ApiArg, Format, MultipartArg, NotificationFormat, NotifyArg, PolicyFormat, ReadsArg, TemplateFormat,
    guard, pair, pending,
};
use crate::args::ConfigFile;

/// Each document is a command.
#[derive(Debug, Subcommand)]
pub(crate) enum Document {
    /// The bucket's CORS rules: which pages may send which method with which headers.
    ///
    /// Put it with `aws s3api put-bucket-cors --bucket NAME --cors-configuration file://cors.json`; the console's editor
    /// takes `--format console`.
    Cors(Cors),
    /// The least the issuing role needs; of each feature you switch on, what it calls.
    Iam(Iam),
    /// What the bucket refuses, whoever asks.
    BucketPolicy(BucketPolicy),
    /// What ends by itself: incomplete multipart uploads always, pending prefixes if you name them.
    Lifecycle(Lifecycle),
    /// Who learns of new objects.
    Notification(Notification),
    /// How uploads are read: nothing, presigned, or a distribution with the policies that let it alone in.
    Reads(Plain),
    /// Alarms and a dashboard, as CloudFormation resources.
    Cloudwatch(Stack),
    /// The whole system as a template for `sam deploy`.
    Sam(Sam),
    /// The whole system as a Terraform module.
    Terraform(Stack),
    /// Compare what would be generated with documents you have, and say what each difference does.
    ///
    /// Exits with 0 when they agree and with 1 when they do not, naming each difference and what follows from it.
    Check(Comparison),
}

/// What the system is made of, beside upsign.toml.
#[derive(Debug, Args)]
#[command(next_help_heading = "The system")]
pub(crate) struct SystemArgs {
    #[command(flatten)]
    pub(crate) config: ConfigFile,
    /// The bucket, where upsign.toml has several.
    #[arg(long, value_name = "NAME")]
    pub(crate) bucket: Option<String>,
    /// The AWS account, twelve digits: for documents that name it.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) account: Option<Account>,
    /// Who runs multipart uploads.
    #[arg(long, value_enum, default_value_t = MultipartArg::No)]
    pub(crate) multipart: MultipartArg,
    /// The service looks at each upload when it is done (HEAD).
    #[arg(long)]
    pub(crate) confirm: bool,
    /// How uploads are read.
    #[arg(long, value_enum, default_value_t = ReadsArg::None)]
    pub(crate) reads: ReadsArg,
    /// Who learns of new objects.
    #[arg(long, value_enum, default_value_t = NotifyArg::Queue)]
    pub(crate) notify: NotifyArg,
    /// The buckets keep no versions.
    #[arg(long)]
    pub(crate) unversioned: bool,
    /// Objects under a prefix end after so many days, with all versions; may be given again.
    #[arg(long, value_name = "PREFIX=DAYS", value_parser = pending)]
    pub(crate) pending: Vec<(String, u32)>,
    /// Uploads move to STANDARD_IA after so many days, 30 or more.
    #[arg(long, value_name = "DAYS")]
    pub(crate) infrequent_after: Option<u32>,
    /// A DynamoDB table of the service's own.
    #[arg(long, value_name = "NAME")]
    pub(crate) table: Option<String>,
    /// A role that the service assumes to sign; its own then touches no object.
    #[arg(long, value_name = "ARN")]
    pub(crate) signing_role: Option<String>,
}

/// A document with nothing more to choose.
#[derive(Debug, Args)]
pub(crate) struct Plain {
    #[command(flatten)]
    pub(crate) system: SystemArgs,
}

#[derive(Debug, Args)]
pub(crate) struct Cors {
    /// How it is written.
    #[arg(long, value_enum, default_value_t = Format::Json)]
    pub(crate) format: Format,
    /// Another document than the one derived.
    #[arg(long, value_enum)]
    pub(crate) preset: Option<Preset>,
    #[command(flatten)]
    pub(crate) system: SystemArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Preset {
    /// The article's: every site in the world, every method, every header.
    Article,
}

#[derive(Debug, Args)]
pub(crate) struct Iam {
    /// Whose policy.
    #[arg(long, value_enum, default_value_t = Role::Signer)]
    pub(crate) role: Role,
    /// The queue of a worker, by ARN.
    #[arg(long, value_name = "ARN", required_if_eq("role", "worker"))]
    pub(crate) queue_arn: Option<String>,
    /// How it is written.
    #[arg(long, value_enum, default_value_t = PolicyFormat::Json)]
    pub(crate) format: PolicyFormat,
    #[command(flatten)]
    pub(crate) system: SystemArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Role {
    /// Whose credentials sign.
    Signer,
    /// Whom the service runs as: the signer, unless it assumes one.
    Runtime,
    /// Who takes new objects from the queue.
    Worker,
}

#[derive(Debug, Args)]
pub(crate) struct BucketPolicy {
    /// How it is written.
    #[arg(long, value_enum, default_value_t = PolicyFormat::Json)]
    pub(crate) format: PolicyFormat,
    #[command(flatten)]
    pub(crate) guards: Guards,
    /// The distribution that reads, by ARN; with --reads cloudfront.
    #[arg(long, value_name = "ARN")]
    pub(crate) distribution_arn: Option<String>,
    #[command(flatten)]
    pub(crate) system: SystemArgs,
}

#[derive(Debug, Args)]
pub(crate) struct Guards {
    /// What the bucket refuses; may be given again: tls, tls12, sigv4, signature-age, auth-type, no-overwrite, encryption,
    /// acl, storage-class, scanned, account. The first three unless given; `none` for nothing. Each other one is told with
    /// whom it also stops.
    #[arg(long = "guard", value_name = "GUARD", value_parser = guard, help_heading = "The system")]
    pub(crate) guards: Vec<GuardArg>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum GuardArg {
    None,
    One(Guard),
}

#[derive(Debug, Args)]
pub(crate) struct Lifecycle {
    /// How it is written.
    #[arg(long, value_enum, default_value_t = Format::Json)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) system: SystemArgs,
}

#[derive(Debug, Args)]
pub(crate) struct Notification {
    /// How it is written. `queue-policy` is the policy that the queue needs first.
    #[arg(long, value_enum, default_value_t = NotificationFormat::Json)]
    pub(crate) format: NotificationFormat,
    /// The queue, by ARN.
    #[arg(long, value_name = "ARN")]
    pub(crate) queue_arn: Option<String>,
    #[command(flatten)]
    pub(crate) system: SystemArgs,
}

#[derive(Debug, Args)]
pub(crate) struct Sam {
    /// How it is written.
    #[arg(long, value_enum, default_value_t = TemplateFormat::Yaml)]
    pub(crate) format: TemplateFormat,
    #[command(flatten)]
    pub(crate) stack: Stack,
}

#[derive(Debug, Args)]
pub(crate) struct Stack {
    /// Which kind of API stands before the function.
    #[arg(long, value_enum, default_value_t = ApiArg::Rest, help_heading = "The system")]
    pub(crate) api: ApiArg,
    /// The function's zip or its folder, or s3://BUCKET/KEY.
    #[arg(long, value_name = "PLACE", help_heading = "The system")]
    pub(crate) code: Option<String>,
    /// A variable of the function's environment; may be given again. upsign.toml goes into the zip.
    #[arg(long = "variable", value_name = "NAME=VALUE", value_parser = pair, help_heading = "The system")]
    pub(crate) variables: Vec<(String, String)>,
    /// A scope that callers need one of; may be given again. With token_use = "access" a REST API needs one:
    /// aws.cognito.signin.user.admin unless given.
    #[arg(long = "scope", value_name = "SCOPE", help_heading = "The system")]
    pub(crate) scopes: Vec<String>,
    /// No alarms and no dashboard: for emulators, or where you watch in another way.
    #[arg(long, help_heading = "The system")]
    pub(crate) unwatched: bool,
    #[command(flatten)]
    pub(crate) guards: Guards,
    #[command(flatten)]
    pub(crate) system: SystemArgs,
}

/// With what the derived documents are compared.
#[derive(Debug, Args)]
#[command(next_help_heading = "Documents in use")]
pub(crate) struct Comparison {
    /// A document that is in use: CORS, IAM, bucket policy, lifecycle or notification, in any of their forms; or a whole
    /// template. What it is, is found out. `-` is standard input.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) against: Vec<PathBuf>,
    /// The bucket's own documents, read with the credentials of AWS's provider chain. Needs a build with
    /// `--features live`.
    #[arg(long)]
    pub(crate) live: bool,
    /// The queue that notifications name, by ARN.
    #[arg(long, value_name = "ARN")]
    pub(crate) queue_arn: Option<String>,
    /// The distribution that reads, by ARN.
    #[arg(long, value_name = "ARN")]
    pub(crate) distribution_arn: Option<String>,
    #[command(flatten)]
    pub(crate) guards: Guards,
    #[command(flatten)]
    pub(crate) system: SystemArgs,
}

impl Comparison {
    /// Whether there is anything to compare with.
    pub(crate) const fn is_asked_for(&self) -> bool {
        self.live || !self.against.is_empty()
    }
}

/// What stands under the list of `upsign documents --help`.
pub(crate) const AFTER_HELP: &str = "\
Everything comes from upsign.toml, the same file that grants are issued by: a document says neither
less nor more than clients are told to send. Documents go to standard output, warnings to standard error.

  upsign documents cors > cors.json
  aws s3api put-bucket-cors --bucket my-bucket --cors-configuration file://cors.json

  upsign documents iam --confirm                   the role's policy, with leave to look at uploads
  upsign documents bucket-policy --guard signature-age --guard acl
  upsign documents lifecycle --pending pending/=1  what nobody confirms ends after a day
  upsign documents sam > template.yaml             bucket, queue, function, API, alarms
  upsign check --against cors.json                 in CI: exit code 1, and why, when they drift

Several routes into one bucket make one document: S3 keeps one of each kind, and putting one
replaces the last.";
