//! The key that signs URLs of CloudFront, as `check` prints and judges it.

use serde_json::{Value, json};
use upsign_config::{Config, LoadSecretError, OpenReadSignerError, Reads};
use upsign_core::error_chain;

use crate::exit::Diagnostic;
use crate::output::Printer;
use crate::{environment, multipart_summary};

/// What this machine knows about the key.
enum KeyState {
    /// It belongs to the first public key, with which the function of a stack signs, or there are no public keys.
    Fits(&'static str),
    /// It belongs to another public key. Holds its index.
    Later(usize),
    /// It cannot be used.
    Unusable(OpenReadSignerError),
    /// It is on another machine.
    Unknown(LoadSecretError),
}

/// Returns the state of the key; `None` if no URLs of CloudFront are signed.
fn state(config: &Config) -> Option<KeyState> {
    let source = config.cloudfront().private_key.as_ref().filter(|_| config.signs_reads_of_cloudfront())?;
    Some(match config.cloudfront_key(source.read(environment::variable)) {
        Ok(key) => match config.public_key_index(&key) {
            Some(index) if index > 0 => KeyState::Later(index),
            _ => KeyState::Fits(key.kind()),
        },
        Err(OpenReadSignerError::Load(error)) => KeyState::Unknown(error),
        Err(error) => KeyState::Unusable(error),
    })
}

/// Returns why no URL would be accepted with the private key that this machine has. That of another machine is unknown, and no reason.
pub(crate) fn unusable_key(config: &Config) -> Option<Diagnostic> {
    let (message, help) = match state(config)? {
        KeyState::Unusable(error) => {
            let chain = error_chain(&error).to_string();
            let message = chain.strip_prefix("cloudfront.private_key").unwrap_or(&chain);
            (message.trim_start_matches([':', ' ']).to_owned(), None)
        }
        KeyState::Later(index) => {
            let message = format!(
                "belongs to item {} of public_keys, but the function of a generated stack signs with the id of item 1: its URLs would \
                 be rejected",
                index + 1
            );
            (message, Some("write the public key of private_key first".to_owned()))
        }
        KeyState::Fits(_) | KeyState::Unknown(_) => return None,
    };
    let found = Diagnostic { help, ..Diagnostic::new("unusable-private-key", message) };
    Some(multipart_summary::at_key(config, "cloudfront.private_key", found))
}

/// Prints with which key URLs of CloudFront are signed, and what this machine does not know.
pub(crate) fn print(to: Printer, config: &Config) {
    let Some(state) = state(config) else {
        if config.deployment().reads() == Reads::CloudFront && config.cloudfront().public_reads {
            to.detail(
                "reads",
                "everybody who knows the key of an upload, without a signature (public_reads)",
            );
        }
        return;
    };
    let values = config.cloudfront();
    let source = values.private_key.as_ref().map(ToString::to_string).unwrap_or_default();
    let compared = match (&state, values.public_keys.is_empty()) {
        (KeyState::Fits(kind), true) => format!("{kind}; there are no public_keys to compare it with"),
        (KeyState::Fits(kind), false) => format!("{kind}, the private half of the first of public_keys"),
        (KeyState::Later(index), _) => format!("the private half of item {} of public_keys", index + 1),
        (KeyState::Unusable(_), _) => "cannot be used".to_owned(),
        (KeyState::Unknown(error), _) => {
            format!("not on this machine, so not compared with public_keys: {}", error_chain(error))
        }
    };
    to.detail("read key", &format!("{source} ({compared})"));
    let domains = values.domains.iter().map(|(bucket, domain)| format!("{domain} for {bucket}"));
    let domains = match values.domains.is_empty() {
        true => {
            "not set: a generated stack passes them to its function in variables, `upsign serve` needs cloudfront.domain"
                .to_owned()
        }
        false => domains.collect::<Vec<_>>().join(", "),
    };
    to.detail("read domain", &domains);
    let id = match &values.key_pair_id {
        Some(id) => format!("{id} (whether CloudFront gave it to this key was not checked)"),
        None => {
            "not set: a generated stack passes it to its function in a variable, `upsign serve` needs cloudfront.key_pair_id"
                .to_owned()
        }
    };
    to.detail("read key id", &id);
}

/// Returns what [`print`] prints, as the member `cloudfront` of the report.
pub(crate) fn json(config: &Config) -> Option<Value> {
    let (state, values) = (state(config)?, config.cloudfront());
    let state = match state {
        KeyState::Fits(_) if values.public_keys.is_empty() => "not-compared",
        KeyState::Fits(_) => "fits",
        KeyState::Later(_) => "other-key",
        KeyState::Unusable(_) => "unusable",
        KeyState::Unknown(_) => "unknown",
    };
    let domains = values.domains.iter().map(|(bucket, domain)| (bucket.to_string(), json!(domain)));
    Some(json!({
        "privateKey": {"source": values.private_key.as_ref().map(ToString::to_string), "state": state},
        "keyPairId": values.key_pair_id,
        "domains": domains.collect::<serde_json::Map<_, _>>(),
        "publicKeys": values.public_keys.len(),
    }))
}
