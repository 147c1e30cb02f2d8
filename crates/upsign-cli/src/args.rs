//! The command line.

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, Args, ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::batch;
use crate::command::{
    check, demo, dev, diagnose, documents, explain, identity, init, jwks, key, post, preflight, presign,
    probe, revoke, serve, upload, verify,
};
use crate::help;

/// Presigned S3 uploads for verified callers: each URL allows one upload, of exactly one object.
#[derive(Debug, Parser)]
#[command(name = "upsign", version, long_version = help::long_version(), propagate_version = true)]
#[command(after_help = help::ROOT, after_long_help = help::root())]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArgs {
    /// Print results and errors as JSON on standard output.
    #[arg(long, global = true, display_order = 1000)]
    pub(crate) json: bool,
    /// Use colors: auto (on a terminal, unless NO_COLOR is set), always or never.
    #[arg(long, global = true, display_order = 1001, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    #[arg(hide_default_value = true, hide_possible_values = true)]
    pub(crate) color: ColorChoice,
    /// Log more: -v at level info, -vv at level debug. RUST_LOG takes precedence.
    #[arg(short, long, global = true, display_order = 1002, action = ArgAction::Count, conflicts_with = "quiet")]
    pub(crate) verbose: u8,
    /// Print results, warnings and errors only.
    #[arg(short, long, global = true, display_order = 1003)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run one upload from sign-in to read-back, with all services in this process.
    #[command(after_help = help::DEMO)]
    Demo(demo::DemoArgs),
    /// Run a user pool, the API and an S3 server on this machine, with a web page to try them.
    #[command(after_help = help::DEV)]
    Dev(dev::DevArgs),
    /// Run the upload API (POST /upload-url) from upsign.toml.
    ///
    /// Signs with the credentials in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN. With
    /// `--credentials chain`, which needs a build with `--features chain`, it takes those of a profile, web identity, container
    /// or instance.
    #[command(after_help = help::SERVE)]
    Serve(Box<serve::ServeArgs>),
    /// Upload files through an API, in one request or in parts.
    ///
    /// Checksums are computed while the bytes are sent. Failed requests are repeated, and a multipart upload that was interrupted
    /// continues where it stopped.
    #[command(after_help = help::UPLOAD, after_long_help = help::upload())]
    Upload(Box<upload::UploadArgs>),
    /// Presign one request.
    ///
    /// Signs with the credentials in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN. With --batch, each line
    /// carries its own credentials. upsign.toml is not read; bucket and region are options.
    #[command(after_help = help::PRESIGN, after_long_help = help::with_batch(help::PRESIGN, &batch::presign::help()))]
    Presign(Box<presign::PresignArgs>),
    /// Sign a form for one upload by POST.
    ///
    /// Signs with the credentials in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN. With --batch, each line
    /// carries its own credentials. upsign.toml is not read; bucket and region are options.
    #[command(after_help = help::POST, after_long_help = help::with_batch(help::POST, &batch::post::help()))]
    Post(Box<post::PostArgs>),
    /// Explain a presigned URL or a form: who signed what, until when, what the client must send, what is not bound, what is odd.
    ///
    /// Reads URLs of SigV4, SigV4a and SigV2, of Google Cloud Storage, CloudFront and Azure Storage, and POST forms. Nothing is sent,
    /// and signatures and tokens are not printed. Exit code 1 if the store would refuse the request, for example after the URL
    /// has expired.
    #[command(after_help = help::EXPLAIN)]
    Explain(explain::ExplainArgs),
    /// Find out why an upload was refused.
    ///
    /// Names the part of the request that differs from what was signed, and in whose hands the fix is. If AWS_SECRET_ACCESS_KEY is
    /// set, and AWS_ACCESS_KEY_ID is that of the URL, mistakes of the signer are tried until the signature matches. Nothing is sent.
    ///
    /// With --json, one object of the most likely cause; the member `others` lists the other candidates in their order.
    #[command(after_help = help::DIAGNOSE)]
    Diagnose(Box<diagnose::DiagnoseArgs>),
    /// Ask a store what a browser asks before an upload (the preflight of CORS), and explain the answer.
    ///
    /// Sends OPTIONS with the origin, the method and the headers that a browser computes for the URL. If the store refuses without a
    /// reason, a few more preflights find the part that it refuses. The upload itself is never sent, and redirects are not followed.
    /// A preflight does not use the signature, so it proves neither the URL's time nor its credentials. Exit code 1 if a browser would
    /// not send the upload, or a page could not read what it needs of the answer.
    #[command(after_help = help::PREFLIGHT)]
    Preflight(Box<preflight::PreflightArgs>),
    /// Find out by experiments what a store supports, and print the table `[bucket.can]`.
    ///
    /// Lists the requests, and with --yes sends them: small objects below a new prefix, each with one feature of S3, and afterwards
    /// they are removed; what cannot be is named, with the command that removes it. Prints the table to standard output, and to standard
    /// error each finding and the differences from the profile of the store. No setting of the bucket is changed. Signs with the
    /// credentials in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN. Exit code 1 if something could not be removed.
    #[command(after_help = help::PROBE)]
    Probe(Box<probe::ProbeArgs>),
    /// Print the bucket policy that stops URLs that were already issued.
    ///
    /// Stops one URL that leaked, the uploads of one caller, what one identity signed, or everything signed with older sessions, by the
    /// smallest statement. Prints the policy to standard output, and to standard error what else it stops, what it leaves, and when it
    /// can be removed. Nothing is sent: the policy is applied by you. Exit code 1 if there is nothing to revoke any more.
    #[command(after_help = help::REVOKE)]
    Revoke(Box<revoke::RevokeArgs>),
    /// Verify a token and print its claims, or the reason why it is rejected.
    #[command(after_help = help::VERIFY, after_long_help = help::with_batch(help::VERIFY, &batch::verify::help()))]
    Verify(verify::VerifyArgs),
    /// List the usable keys of a key set: of a file, a user pool, or the issuer in upsign.toml.
    #[command(after_help = help::JWKS, after_long_help = help::with_batch(help::JWKS, &batch::jwks::help()))]
    Jwks(jwks::JwksArgs),
    /// Read who the caller is out of API Gateway, ALB and AppSync events.
    ///
    /// Lists where the event carries an identity, and prints the caller according to the configured source, or the reason for
    /// a rejection.
    #[command(after_help = help::IDENTITY, after_long_help = help::with_batch(help::IDENTITY, &batch::identity::help()))]
    Identity(identity::IdentityArgs),
    /// Explain upsign.toml: show what each route grants, and warn about likely mistakes.
    #[command(after_help = help::CHECK)]
    Check(Box<check::CheckArgs>),
    /// Write a first upsign.toml with comments.
    #[command(after_help = help::INIT)]
    Init(init::InitArgs),
    /// Print the JSON Schema of upsign.toml, for editors.
    #[command(after_help = help::SCHEMA)]
    Schema,
    /// Show the object key of an upload and what the client must send with it.
    ///
    /// Applies the policy in upsign.toml to a caller and an upload. Nothing is signed.
    #[command(after_help = help::KEY, after_long_help = help::with_batch(help::KEY, &batch::key::help()))]
    Key(Box<key::KeyArgs>),
    /// Generate CORS, IAM, bucket policy, SAM and Terraform from upsign.toml.
    Documents(Box<documents::DocumentsArgs>),
    /// Print shell completions.
    #[command(after_help = help::COMPLETIONS)]
    Completions {
        /// Shell to print completions for.
        shell: clap_complete::Shell,
    },
}

impl Cli {
    /// Parses the command line of the process.
    ///
    /// # Errors
    /// The command line is invalid, or it asks for help or the version.
    pub(crate) fn parse_from_env(command: &mut clap::Command) -> Result<Self, clap::Error> {
        let matches = command.try_get_matches_from_mut(std::env::args_os())?;
        refuse_unused_batch_options(command, &matches)?;
        documents::refuse_unused(command, &matches)?;
        Self::from_arg_matches(&matches).map_err(|error| error.format(command))
    }

    /// Returns the definition of the command line, with the commands in groups.
    pub(crate) fn definition() -> clap::Command {
        documents::hide_unused(help::with_styled_titles(help::with_groups(Self::command())))
    }
}

/// Options that have an effect in a batch.
const BATCH_OPTIONS: [&str; 6] = ["batch", "signature_only", "json", "color", "verbose", "quiet"];

/// Refuses options that have no effect with `--batch`, where each line states its values.
///
/// clap's own conflicts also apply to values from the environment, and `AWS_REGION`, for example, may be set at all times.
/// So only options that are written on the command line are refused here.
fn refuse_unused_batch_options(command: &mut clap::Command, matches: &ArgMatches) -> Result<(), clap::Error> {
    let Some((name, matches)) = matches.subcommand() else { return Ok(()) };
    if !matches!(matches.try_get_one::<bool>("batch"), Ok(Some(true))) {
        return Ok(());
    }
    let Some(command) = command.find_subcommand_mut(name) else { return Ok(()) };
    let is_unused = |argument: &&clap::Arg| {
        let id = argument.get_id().as_str();
        let source = matches.try_contains_id(id).ok().and_then(|_| matches.value_source(id));
        !BATCH_OPTIONS.contains(&id) && source == Some(ValueSource::CommandLine)
    };
    let Some(unused) = command.get_arguments().find(is_unused).map(ToString::to_string) else {
        return Ok(());
    };
    let message = format!("{unused} cannot be used with --batch: each line states its values");
    Err(command.error(ErrorKind::ArgumentConflict, message))
}
