//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use upsign_cognito::{TokenUse, UserPool};
use upsign_core::{Endpoint, LengthRange, ObjectKey, PostKey, Region, Resource, Timestamp};

use crate::documents::{Comparison, Document};

/// Direct-to-S3 uploads: hand a verified caller the right to upload one object.
#[derive(Debug, Parser)]
#[command(name = "upsign", version, propagate_version = true, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    /// Answer in JSON on standard output.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  all went as asked
  1  what was asked for did not come about (a token refused, an upload failed)
  2  the command line, the environment or upsign.toml is not right; nothing was started
  3  a batch answered a line with an error; every other line was answered";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the whole thing once: sign in, ask, upload, read back, compare. Everything embedded.
    Demo {
        /// The photo to upload; a built-in one when absent.
        file: Option<PathBuf>,
    },
    /// Keep a user pool, the API and an S3 server running, with a page to try them.
    Dev {
        /// Where the page and the API answer; a loopback address. Port 0 takes a free one.
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4280")]
        listen: SocketAddr,
    },
    /// Serve POST /upload-url as upsign.toml says.
    Serve(Box<crate::serve::Arguments>),
    /// Presign one request, with credentials from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
    Presign(Presign),
    /// Sign one form for an upload, with credentials from the same variables.
    Post(Post),
    /// Check a token and print its claims, or why it is refused.
    Verify(Verify),
    /// Print which keys of a JWKS document would be used.
    Jwks {
        /// The document.
        #[arg(value_name = "FILE", required_unless_present = "batch", conflicts_with = "batch")]
        document: Option<PathBuf>,
        /// Answer lines of {"id","status","headers","body"|"body_b64"} with {"id","usable_kids"} or {"id","error"}.
        #[arg(long)]
        batch: bool,
    },
    /// Say whom events name: those of API Gateway, load balancers and AppSync.
    Identity {
        /// Answer lines of {"id","event"|"event_raw","config":{"issuer","client_ids","now_epoch","lambda_authorizer":
        /// {"sub_field","groups_field"},"alb":{"expected_signer","expected_issuer","expected_client","public_key_pem"}}}
        /// with {"id","result":"identity"|"identity-iam"|"reject",…}.
        #[arg(long, required = true)]
        batch: bool,
    },
    /// Say what upsign.toml means: its routes, what a caller would get on each, and what you should have meant.
    Check(Check),
    /// Write a first upsign.toml, commented.
    Init {
        /// Where to; `-` is standard output.
        #[arg(value_name = "FILE", default_value = "upsign.toml")]
        file: PathBuf,
        /// Write over a file that is there.
        #[arg(long)]
        force: bool,
    },
    /// Print the JSON Schema of upsign.toml, for editors.
    Schema,
    /// Say where an upload would go, and what its client would have to send.
    Key(KeyOf),
    /// Print the documents that stand around uploads, derived from upsign.toml: CORS, IAM, lifecycle, whole stacks.
    #[command(after_help = crate::documents::AFTER_HELP)]
    Documents {
        #[command(subcommand)]
        document: Document,
    },
    /// Print completions for a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ConfigFile {
    /// The configuration file; upsign.toml when it exists. Variables UPSIGN_… override it.
    #[arg(long, value_name = "FILE", env = "UPSIGN_CONFIG")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// What to compare with; the configuration is told when nothing is.
    #[command(flatten)]
    pub(crate) comparison: Comparison,
    /// End with exit code 1 when there are warnings.
    #[arg(long)]
    pub(crate) deny_warnings: bool,
}

#[derive(Debug, Args)]
pub(crate) struct KeyOf {
    /// The caller's subject.
    #[arg(long, default_value = "3f2504e0-4f89-41d3-9a0c-0305e82c3301")]
    pub(crate) sub: String,
    /// A group of the caller; may be given again.
    #[arg(long = "group", value_name = "NAME")]
    pub(crate) groups: Vec<String>,
    /// A scope of the caller; may be given again.
    #[arg(long = "scope", value_name = "NAME")]
    pub(crate) scopes: Vec<String>,
    /// A claim of the caller; may be given again.
    #[arg(long = "claim", value_name = "NAME=VALUE")]
    pub(crate) claims: Vec<String>,
    /// The route; the one without a name when absent.
    #[arg(long, value_name = "NAME")]
    pub(crate) route: Option<String>,
    /// The file's type.
    #[arg(long, value_name = "TYPE")]
    pub(crate) content_type: Option<String>,
    /// The file's size in bytes.
    #[arg(long, value_name = "BYTES")]
    pub(crate) content_length: Option<u64>,
    /// The file's name.
    #[arg(long, value_name = "NAME")]
    pub(crate) file_name: Option<String>,
    /// A checksum of the file, as in sha256=BASE64.
    #[arg(long = "checksum", value_name = "ALGORITHM=BASE64")]
    pub(crate) checksums: Vec<String>,
    /// A wish for Content-Disposition.
    #[arg(long, value_name = "TEXT")]
    pub(crate) content_disposition: Option<String>,
    /// An entry of metadata; may be given again.
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) metadata: Vec<String>,
    /// A tag; may be given again.
    #[arg(long = "tag", value_name = "KEY=VALUE")]
    pub(crate) tags: Vec<String>,
    /// An existing id, as in articleId=UUID; may be given again.
    #[arg(long = "id", value_name = "NAME=UUID")]
    pub(crate) ids: Vec<String>,
    /// The instant of the request; now when absent.
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<Timestamp>,
    #[command(flatten)]
    pub(crate) config: ConfigFile,
    /// Answer lines of {"id","template","sub","uuid","filename","content_type","content_disposition","metadata":{},
    /// "tags":{},"content_length","max_content_length","max_filename_bytes","allowed":{type:[extension]}} with
    /// {"id","result":"accept","key","headers":[[name,value]]} or {"id","result":"reject","code","http"}.
    #[arg(long)]
    pub(crate) batch: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Presign {
    /// The object's key.
    #[arg(required_unless_present = "batch", conflicts_with = "batch")]
    pub(crate) key: Option<ObjectKey>,
    /// What the URL may do.
    #[arg(long, value_enum, default_value_t = Verb::Put)]
    pub(crate) operation: Verb,
    #[command(flatten)]
    pub(crate) place: Place,
    /// The content type to bind.
    #[arg(long, value_name = "TYPE")]
    pub(crate) content_type: Option<String>,
    /// The exact size in bytes to bind.
    #[arg(long, value_name = "BYTES")]
    pub(crate) content_length: Option<u64>,
    /// A further header to bind; may be given again.
    #[arg(long = "header", short = 'H', value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,
    /// Seconds the URL lives, 1 to 604800.
    #[arg(long, value_name = "SECONDS", default_value_t = 900)]
    pub(crate) expires_in: u64,
    /// The instant to sign for, as in 2026-01-31T23:59:59Z; now when absent.
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<Timestamp>,
    /// Who signs. AWS's SDK needs a build with `--features sdk`.
    #[arg(long, value_enum, default_value_t = Backend::Sigv4)]
    pub(crate) backend: Backend,
    /// Answer lines of {"id","operation","bucket","key","region","endpoint":{"url","addressing":"auto"|"virtual"|"path",
    /// "dualstack","fips","accelerate","use_arn_region"},"headers":[[name,value]],"query":[[name,value]],"upload_id",
    /// "part_number","expires_in","at","credentials":{"access_key_id","secret_access_key","session_token"},"backend":
    /// "sigv4"|"aws-sigv4"|"aws-sdk"} with {"id","method","url","headers","expires_at"}, or with
    /// {"id","error":{"code","message"}}. What is not needed may be left out.
    #[arg(long)]
    pub(crate) batch: bool,
}

/// Where the object is.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The bucket, or the ARN of an access point.
    #[arg(long, env = "ARTICLE_IMAGES_BUCKET", required_unless_present = "batch")]
    pub(crate) bucket: Option<Resource>,
    /// The bucket's region.
    #[arg(long, env = "AWS_REGION", required_unless_present = "batch")]
    pub(crate) region: Option<Region>,
    /// Another store's address; the bucket then goes into the path.
    #[arg(long, value_name = "URL", env = "AWS_ENDPOINT_URL_S3")]
    pub(crate) endpoint_url: Option<Endpoint>,
}

#[derive(Debug, Args)]
pub(crate) struct Post {
    /// The object's key; one that ends in `${filename}` takes the file's name.
    #[arg(required_unless_present = "batch", conflicts_with = "batch")]
    pub(crate) key: Option<PostKey>,
    #[command(flatten)]
    pub(crate) place: Place,
    /// The fewest bytes the file may have.
    #[arg(long, value_name = "BYTES", default_value_t = 0)]
    pub(crate) min_size: u64,
    /// The most bytes the file may have.
    #[arg(long, value_name = "BYTES", default_value_t = LengthRange::ANY.max())]
    pub(crate) max_size: u64,
    /// A field the form carries, and must carry so; may be given again.
    #[arg(long = "field", short = 'F', value_name = "NAME=VALUE")]
    pub(crate) fields: Vec<String>,
    /// A field whoever uploads fills in, and what it must start with; may be given again.
    #[arg(long = "starts-with", value_name = "NAME=PREFIX")]
    pub(crate) prefixes: Vec<String>,
    /// Seconds the form lives, 1 to 604800.
    #[arg(long, value_name = "SECONDS", default_value_t = 900)]
    pub(crate) expires_in: u64,
    /// The instant to sign for, as in 2026-01-31T23:59:59Z; now when absent.
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<Timestamp>,
    /// How the signature's fields are named.
    #[arg(long, value_enum, default_value_t = Style::Boto3)]
    pub(crate) style: Style,
    /// Answer lines of {"id","bucket","key","fields":{},"conditions":[{"name":"value"},["starts-with","$name","prefix"],
    /// ["content-length-range",1,1048576]],"region","endpoint","expires_in","at","credentials","style":"boto3"|"js"} with
    /// {"id","url","fields":{}}, or with {"id","error":{"code","message"}}.
    #[arg(long)]
    pub(crate) batch: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Style {
    /// As boto3: x-amz-signature, policy.
    Boto3,
    /// As the SDK for JavaScript: X-Amz-Signature, Policy, and the bucket as a field.
    Js,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Verb {
    Put,
    Get,
    Head,
    Delete,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Backend {
    /// upsign's own signer.
    Sigv4,
    /// The aws-sigv4 crate.
    AwsSigv4,
    /// The aws-sdk-s3 crate.
    AwsSdk,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The token; `-` reads it from standard input, where no shell history keeps it.
    #[arg(required_unless_present = "batch", conflicts_with = "batch")]
    pub(crate) token: Option<String>,
    /// A JWKS document to check against, in place of fetching the issuer's.
    #[arg(long, value_name = "FILE")]
    pub(crate) jwks: Option<PathBuf>,
    /// The instant to judge the token at; now when absent.
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<Timestamp>,
    #[command(flatten)]
    pub(crate) trust: Trust,
    #[command(flatten)]
    pub(crate) config: ConfigFile,
    /// Answer lines of {"id","token","jwks":{…},"issuer","client_ids":[…],"token_use","now","leeway","required_groups",
    /// "required_scopes"} with {"id","result":"accept","claims"} or {"id","result":"reject","code","reason"}.
    #[arg(long, conflicts_with_all = ["jwks", "at", "Trust"])]
    pub(crate) batch: bool,
    /// With --batch, answer lines of {"id","jws","jwks":{…}}: the signature alone, whatever was signed.
    #[arg(long, requires = "batch")]
    pub(crate) signature_only: bool,
}

/// Whose tokens count. An issuer, a client and a use together replace the file; fewer stand over its [auth].
#[derive(Debug, Args)]
pub(crate) struct Trust {
    /// The user pool whose tokens count.
    #[arg(long, value_name = "ID", conflicts_with_all = ["issuer", "jwks_uri"])]
    pub(crate) user_pool: Option<UserPool>,
    /// The issuer whose tokens count, as `iss` names it; not a user pool's own.
    #[arg(long, value_name = "URL", requires = "jwks_uri")]
    pub(crate) issuer: Option<String>,
    /// Where that issuer's keys are.
    #[arg(long, value_name = "URL", requires = "issuer")]
    pub(crate) jwks_uri: Option<String>,
    /// Let the issuer's keys come by http from this machine: an emulator's. Never in production.
    #[arg(long, requires = "issuer")]
    pub(crate) danger_http_issuer: bool,
    /// An app client whose tokens count; may be given again.
    #[arg(long = "client-id", value_name = "ID")]
    pub(crate) client_ids: Vec<String>,
    /// The kind of token that counts: access, id or any.
    #[arg(long, value_name = "KIND")]
    pub(crate) token_use: Option<TokenUse>,
}
