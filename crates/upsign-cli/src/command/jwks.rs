//! `upsign jwks`: lists the usable keys of a key set.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use upsign_cognito::{Algorithm, FetchError, FetchKeys, FetchedKeys, HttpFetch, UserPool, fetch_key_set};
use upsign_config::{Auth, AuthIssuer, KeysFrom};

use crate::auth;
use crate::batch;
use crate::config_file::ConfigFile;
use crate::exit::{CommandError, Diagnostic, Exit};
use crate::json_syntax::SyntaxError;
use crate::output;
use crate::verdict::key_set;

#[derive(Debug, Args)]
pub(crate) struct JwksArgs {
    /// File with the JWKS document; `-` is standard input. Default: fetch the keys of [auth] in upsign.toml.
    #[arg(value_name = "FILE", conflicts_with_all = ["user_pool", "jwks_uri"])]
    file: Option<PathBuf>,
    /// Fetch the keys of this user pool. No upsign.toml is needed.
    #[arg(long, value_name = "ID", conflicts_with = "jwks_uri", value_parser = auth::user_pool)]
    user_pool: Option<UserPool>,
    /// Fetch the key set at this address; http only on this machine. No upsign.toml is needed.
    #[arg(long, value_name = "URL")]
    jwks_uri: Option<String>,
    #[command(flatten)]
    config: ConfigFile,
    /// Check one response of a key endpoint per line of standard input (format: end of --help).
    #[arg(long)]
    batch: bool,
}

pub(crate) async fn run(args: &JwksArgs, json: bool) -> Result<Exit, CommandError> {
    if args.batch {
        return batch::jwks::run().await;
    }
    if let Some(path) = &args.file {
        let document = read(path)?;
        if let Some(error) = SyntaxError::find(&document) {
            return Err(not_json(path, &error));
        }
        return list(&path.display().to_string(), &FetchedKeys::new(200, document), &DEFAULT, json);
    }
    if let Some(uri) = args.uri()? {
        let fetched = HttpFetch::new().fetch(&uri).await;
        return list_fetched(&uri, fetched, &DEFAULT, json);
    }
    let auth = args.auth()?;
    let algorithms = auth.verifier.algorithms();
    if let KeysFrom::File(path) = &auth.keys {
        return list(&path.display().to_string(), &FetchedKeys::new(200, read(path)?), algorithms, json);
    }
    let issuer = auth.verifier.issuer().clone();
    let uri = issuer.jwks_uri().to_owned();
    let fetched = fetch_key_set(Arc::new(HttpFetch::new()), Arc::new(issuer)).await;
    list_fetched(&uri, fetched, algorithms, json)
}

/// The algorithm of Cognito, where no configuration says which ones are accepted.
const DEFAULT: [Algorithm; 1] = [Algorithm::Rs256];

fn list_fetched(
    uri: &str,
    fetched: Result<FetchedKeys, FetchError>,
    algorithms: &[Algorithm],
    json: bool,
) -> Result<Exit, CommandError> {
    let context = format!("cannot fetch {uri}");
    let fetched = fetched.map_err(|error| failure(&context, &error))?;
    let is_document = fetched.status() == 200;
    list(if is_document { uri } else { &context }, &fetched, algorithms, json)
}

impl JwksArgs {
    /// Returns the address of the key set that an option names.
    fn uri(&self) -> Result<Option<String>, CommandError> {
        if let Some(pool) = &self.user_pool {
            return Ok(Some(pool.jwks_uri()));
        }
        if let Some(uri) = &self.jwks_uri {
            auth::require_url("--jwks-uri", uri)?;
        }
        Ok(self.jwks_uri.clone())
    }

    /// Returns `[auth]` of the configuration.
    fn auth(&self) -> Result<AuthIssuer, CommandError> {
        let not_configured = || {
            CommandError::usage("no user pool or issuer is configured")
                .with_help("name a file, pass --user-pool ID or --jwks-uri URL, or add [auth] to upsign.toml")
        };
        let config = match self.config.load() {
            // Without a file, many keys are missing. Only the missing `[auth]` matters here.
            Err(_) if !self.config.exists() => return Err(not_configured()),
            config => config?,
        };
        config.auth().and_then(Auth::only_issuer).cloned().ok_or_else(not_configured)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, CommandError> {
    let mut document = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().read_to_end(&mut document).map(|_| document)
    } else {
        std::fs::read(path)
    };
    read.map_err(|error| CommandError::unreadable(path, &error))
}

/// Lists the usable keys of the response of a key endpoint. A document in a file counts as such a response.
fn list(
    name: &str,
    fetched: &FetchedKeys,
    algorithms: &[Algorithm],
    json: bool,
) -> Result<Exit, CommandError> {
    let keys = key_set::usable_keys(fetched, algorithms).map_err(|error| failure(name, &error))?;
    if json {
        output::result(&key_set::usable(&keys).to_string());
    } else {
        keys.kids().into_iter().for_each(output::result);
    }
    if keys.is_empty() {
        output::warning(&if algorithms == DEFAULT {
            "no key of this set can verify tokens: Cognito signs with RS256, for which a key has kty RSA, a kid and at least \
             2048 bits"
                .to_owned()
        } else {
            let names: Vec<_> = algorithms.iter().map(|algorithm| algorithm.name()).collect();
            format!(
                "no key of this set can verify tokens with {}, the algorithms of [auth]: such a key has the kty and the crv of \
                 the algorithm, and a kid",
                names.join(", ")
            )
        });
    }
    Ok(Exit::Success)
}

/// Describes a file that is not JSON, with the place.
fn not_json(path: &Path, error: &SyntaxError) -> CommandError {
    let file = path.display().to_string();
    let mut diagnostic =
        Diagnostic::new("key-set-not-json", format!("{file}: {}", error.reason)).in_file(file);
    (diagnostic.line, diagnostic.column) = (Some(error.line), Some(error.column));
    CommandError::new(Exit::Failure, diagnostic).with_help(KEY_SET)
}

/// What a key set is.
const KEY_SET: &str = "a key set is a JSON object with the array \"keys\", as at …/.well-known/jwks.json";

fn failure(context: &str, error: &FetchError) -> CommandError {
    let reason: &dyn std::error::Error = match error {
        FetchError::Document(reason) => reason,
        error => error,
    };
    let failure = CommandError::caused(context, reason).with_code(error.code());
    match error {
        FetchError::Http => {
            failure.with_help("write https://; http is possible for an emulator on this machine")
        }
        FetchError::Document(_) => failure.with_help(KEY_SET),
        FetchError::Status(403 | 404) => failure.with_help("does the user pool exist, and in that region?"),
        _ => failure,
    }
}
