//! Where the keys of an issuer come from, and the key set in the file itself.

use std::path::Path;

use serde_json::Value as Json;
use upsign_cognito::{InvalidKeySet, TrustedIssuer, Verifier, VerifierConfig};
use upsign_core::{Endpoint, error_chain};

use super::values::Reader;
use crate::auth::KeysFrom;
use crate::error::ProblemCode;
use crate::source::finding::Finding;
use crate::source::raw::Value;
use crate::source::secret::contains_private_key;
use crate::warning::WarningCode;

/// What follows from keys that are fetched without TLS.
pub(super) const CAN_ISSUE_TOKENS: &str =
    "anyone on the network path to the keys can replace them, and then issue tokens";

impl Reader {
    /// Returns where the keys come from. A path is relative to the folder of the file.
    pub(super) fn keys(&self) -> KeysFrom {
        let folder = Path::new(&self.raw.source.file).parent().unwrap_or(Path::new(""));
        let inline = self.text("auth.jwks").map(|document| KeysFrom::Inline(document.into()));
        let file = self.text("auth.jwks_file").map(|path| KeysFrom::File(folder.join(path)));
        inline.or(file).unwrap_or(KeysFrom::Issuer)
    }

    /// Returns whether one key says where the keys are, and reports all but the first.
    pub(super) fn has_one_source_of_keys(&mut self) -> bool {
        let sources = ["jwks_uri", "jwks_file", "jwks"];
        let mut set = sources
            .into_iter()
            .filter(|name| self.has(&format!("auth.{name}")))
            .collect::<Vec<_>>()
            .into_iter();
        let (Some(first), Some(other)) = (set.next(), set.next()) else {
            self.report_danger_without_fetch();
            return true;
        };
        let message = format!("cannot be combined with {first}: the keys come from one place");
        let help = match first {
            "jwks_uri" => format!("remove jwks_uri, so that nothing is fetched, or {other}"),
            _ => format!("remove {first} or {other}"),
        };
        self.report_start(&format!("auth.{other}"), Finding::contradiction(message).help(help));
        false
    }

    /// Reports the permission to fetch keys without TLS where it has no effect.
    fn report_danger_without_fetch(&mut self) {
        let key = "auth.danger_http_keys";
        let keys = ["auth.jwks_file", "auth.jwks"].into_iter().find(|key| self.has(key));
        let (message, help) = match keys {
            _ if self.flag(key) != Some(true) => return,
            Some(keys) => {
                let name = keys.trim_start_matches("auth.");
                (
                    format!("has no effect with {name}: nothing is fetched"),
                    "remove danger_http_keys".to_owned(),
                )
            }
            None if self.has("auth.user_pool") => (
                "has no effect with user_pool, whose keys are fetched from Amazon Cognito with TLS"
                    .to_owned(),
                "remove it; for an emulator, write issuer and jwks_uri in place of user_pool".to_owned(),
            ),
            None if self.text("auth.jwks_uri").is_some_and(|uri| uri.starts_with("https://")) => {
                ("has no effect: jwks_uri is https".to_owned(), "remove danger_http_keys".to_owned())
            }
            None => return,
        };
        self.report(key, Finding::contradiction(message).help(help));
    }

    /// Warns about keys that can come over http from another machine.
    pub(super) fn judge_key_address(&mut self, issuer: &TrustedIssuer) {
        let (key, address) = ("auth.danger_http_keys", issuer.jwks_uri());
        let is_remote = address.parse::<Endpoint>().is_ok_and(|endpoint| !endpoint.is_loopback());
        if self.flag(key) != Some(true) || self.keys() != KeysFrom::Issuer || !is_remote {
            return;
        }
        let message = if address.starts_with("http://") {
            format!("the keys come from {address} without TLS: {CAN_ISSUE_TOKENS}")
        } else {
            format!("{address} may name keys without TLS: {CAN_ISSUE_TOKENS}")
        };
        let help = "remove danger_http_keys before you deploy: an issuer for production has https addresses";
        self.warn(WarningCode::KeysOverHttp, key, None, message, help);
    }

    /// Returns whether `jwks` can be a key set, and reports a private key, a URL or the name of a file in its place.
    pub(super) fn is_inline_key_set(&mut self) -> bool {
        let key = "auth.jwks";
        let Some(text) = self.text(key) else { return true };
        let write = |name: &str| {
            format!("write {name} = {}", crate::source::effective::toml(&Value::Text(text.trim().to_owned())))
        };
        let finding = if has_private_key(&text) {
            let message =
                "is the key with which the issuer signs: every reader of this file could issue tokens";
            let help = "write the public key set, which the issuer serves at its jwks_uri, and replace the signing key";
            Finding::new(ProblemCode::SecretInFile, message).help(help)
        } else if text.trim().starts_with("https://") || text.trim().starts_with("http://") {
            Finding::invalid("must be the key set itself, not its URL").help(write("jwks_uri"))
        } else if text.trim().ends_with(".json") && !text.contains('{') {
            Finding::invalid("must be the key set itself, not a file").help(write("jwks_file"))
        } else {
            return true;
        };
        self.report(key, finding);
        false
    }

    /// Returns whether `jwks_file` can be the path of a file, and reports what else people write there.
    pub(super) fn is_key_file(&mut self) -> bool {
        let key = "auth.jwks_file";
        let Some(text) = self.text(key) else { return true };
        let finding = if text.trim().is_empty() {
            Finding::invalid("is empty").help("write the path of the key set, or remove jwks_file")
        } else if text.starts_with("https://") || text.starts_with("http://") {
            let value = crate::source::effective::toml(&Value::Text(text));
            Finding::invalid("must be the path of a file, not a URL")
                .help(format!("write jwks_uri = {value}"))
        } else {
            return true;
        };
        self.report(key, finding);
        false
    }

    /// Checks that `jwks` has a key for the accepted algorithms. Returns `None` after it has reported a problem.
    pub(super) fn check_inline_keys(&mut self, verifier: &VerifierConfig) -> Option<()> {
        let key = "auth.jwks";
        let Some(text) = self.text(key) else { return Some(()) };
        let Err(error) = Verifier::with_static_keys(verifier.clone(), text.as_bytes()) else {
            return Some(());
        };
        let help = match error {
            InvalidKeySet::NoUsableKey { .. } if !self.has("auth.algorithms") => {
                "add algorithms with what the issuer signs with (`alg` in the header of its tokens): the default is [\"RS256\"]"
            }
            InvalidKeySet::NoUsableKey { .. } => {
                "write the keys with which the issuer signs now, or change algorithms"
            }
            _ => "write what the issuer serves at its jwks_uri: jwks = '{\"keys\": [{\"kty\": \"RSA\", …}]}'",
        };
        self.report_start(key, Finding::invalid(error_chain(&error).to_string()).help(help));
        None
    }
}

/// Returns whether a key set, or a single key, has the private part of a key.
///
/// Source: RFC 7518, sections 6.2.2 and 6.3.2 (`d`), and 6.4.1 (`k`).
fn has_private_key(text: &str) -> bool {
    let is_private = |key: &Json| ["d", "k"].iter().any(|member| key.get(member).is_some());
    // A private key that was cut off, or whose JSON has another mistake, is one as well.
    let Ok(document) = serde_json::from_str::<Json>(text) else { return contains_private_key(text) };
    let keys = document.get("keys").and_then(Json::as_array);
    is_private(&document) || keys.is_some_and(|keys| keys.iter().any(is_private))
}
