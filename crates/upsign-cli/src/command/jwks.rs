//! `upsign jwks`: lists the usable keys of a key set.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use upsign_cognito::{Algorithm, FetchError, FetchKeys, FetchedKeys, KeySet, UserPool, fetch_key_set};
use upsign_config::{Auth, AuthIssuer, KeysFrom};
use upsign_core::IssuerName;

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
    /// Fetch the key set at this address. No upsign.toml is needed.
    #[arg(long, value_name = "URL")]
    jwks_uri: Option<String>,
    /// Fetch keys over http from another machine, for an emulator. Never use it in production.
    #[arg(long, requires = "jwks_uri")]
    danger_http_keys: bool,
    /// List the keys of the issuer of this name, of several [[auth]] in upsign.toml. Default: those of every issuer.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["file", "user_pool", "jwks_uri"])]
    issuer_name: Option<String>,
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
        let fetched = auth::chosen::http_fetch(args.danger_http_keys).fetch(&uri).await;
        return list_fetched(&uri, fetched, &DEFAULT, json);
    }
    let auth = args.auth()?;
    let chosen = match &args.issuer_name {
        Some(name) => auth.issuers.get(auth::position_of(name, &auth.issuers)?),
        None => auth.only_issuer(),
    };
    if let Some(issuer) = chosen {
        let (_, keys, warning) = keys_of(&auth, issuer).await?;
        return Ok(print(&keys, &warning, json));
    }
    list_every_issuer(&auth, json).await
}

/// Lists the usable keys of every issuer, each with the name of its issuer.
async fn list_every_issuer(auth: &Auth, json: bool) -> Result<Exit, CommandError> {
    let mut all = Vec::new();
    for issuer in &auth.issuers {
        let name = issuer.name.as_ref().map(IssuerName::as_str).unwrap_or_default();
        let (place, keys, warning) = keys_of(auth, issuer).await?;
        if !json {
            output::notes().detail(name, &place);
            keys.kids().into_iter().for_each(|kid| output::result(&format!("{name} {kid}")));
        }
        if let Some(warning) = warning {
            output::warning(&format!("{name}: {warning}"));
        }
        let mut members = key_set::usable(&keys);
        if let Some(members) = members.as_object_mut() {
            members.insert("issuer_name".to_owned(), name.into());
        }
        all.push(members);
    }
    if json {
        output::result(&serde_json::json!({ "issuers": all }).to_string());
    }
    Ok(Exit::Success)
}

/// Returns where the keys of an issuer are, its usable keys, and a warning if there are none.
async fn keys_of(auth: &Auth, issuer: &AuthIssuer) -> Result<(String, KeySet, Option<String>), CommandError> {
    let algorithms = issuer.verifier.algorithms();
    let (place, fetched) = match &issuer.keys {
        KeysFrom::File(path) => (path.display().to_string(), FetchedKeys::new(200, read(path)?)),
        KeysFrom::Inline(document) => ("auth.jwks".to_owned(), FetchedKeys::new(200, document.as_bytes())),
        _ => {
            let trusted = issuer.verifier.issuer().clone();
            let uri = trusted.jwks_uri().to_owned();
            let fetched = fetch_key_set(Arc::new(auth.http_fetch(issuer)), Arc::new(trusted)).await;
            let context = format!("cannot fetch {uri}");
            let fetched = fetched.map_err(|error| failure(&context, &error))?;
            (if fetched.status() == 200 { uri } else { context }, fetched)
        }
    };
    let keys = key_set::usable_keys(&fetched, algorithms).map_err(|error| failure(&place, &error))?;
    let warning = keys.is_empty().then(|| no_usable_key(algorithms));
    Ok((place, keys, warning))
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
    fn auth(&self) -> Result<Auth, CommandError> {
        let not_configured = || {
            CommandError::usage("no user pool or issuer is configured")
                .with_help("name a file, pass --user-pool ID or --jwks-uri URL, or add [auth] to upsign.toml")
        };
        let config = match self.config.load() {
            // Without a file, many keys are missing. Only the missing `[auth]` matters here.
            Err(_) if !self.config.exists() => return Err(not_configured()),
            config => config?,
        };
        auth::require_tokens(&config)?;
        config.auth().cloned().ok_or_else(not_configured)
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
    let warning = keys.is_empty().then(|| no_usable_key(algorithms));
    Ok(print(&keys, &warning, json))
}

fn print(keys: &KeySet, warning: &Option<String>, json: bool) -> Exit {
    if json {
        output::result(&key_set::usable(keys).to_string());
    } else {
        keys.kids().into_iter().for_each(output::result);
    }
    if let Some(warning) = warning {
        output::warning(warning);
    }
    Exit::Success
}

/// Says why no key of a set can be used.
fn no_usable_key(algorithms: &[Algorithm]) -> String {
    if algorithms == DEFAULT {
        return "no key of this set can verify tokens: Cognito signs with RS256, for which a key has kty RSA, a kid and at least \
                2048 bits"
            .to_owned();
    }
    let names: Vec<_> = algorithms.iter().map(|algorithm| algorithm.name()).collect();
    format!(
        "no key of this set can verify tokens with {}, the algorithms of [auth]: such a key has the kty and the crv of the \
         algorithm, and a kid",
        names.join(", ")
    )
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
            failure.with_help(
                "write https://; for an emulator on another machine, add --danger-http-keys, or danger_http_keys = true to [auth]",
            )
        }
        FetchError::Document(_) => failure.with_help(KEY_SET),
        FetchError::Status(403 | 404) => failure.with_help("does the user pool exist, and in that region?"),
        _ => failure,
    }
}
