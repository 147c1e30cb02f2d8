//! `[token]`: the sources of the secrets of upload tokens. No message repeats what is written there, because it may be a
//! secret.

use std::path::Path;

use super::values::Reader;
use crate::error::ProblemCode;
use crate::source::finding::Finding;
use crate::source::token::{example, is_source, not_a_source};
use crate::token::{SecretArn, TokenConfig, TokenSecretSource};

impl Reader {
    /// Returns the values of `[token]`.
    pub(super) fn token(&mut self) -> TokenConfig {
        let default = TokenConfig::default();
        let deployment = self.token_deployment().unwrap_or(default.deployment);
        let sources = self.secret_sources("token.keys");
        TokenConfig { sources, deployment }
    }

    /// Reads a list of places where secrets are.
    pub(super) fn secret_sources(&mut self, key: &str) -> Vec<TokenSecretSource> {
        let items = self.texts(key).unwrap_or_default();
        if items.is_empty() && self.has(key) {
            let (name, variable) = example(key);
            let help = format!("write {name} = [\"env:{variable}\"], or remove the line");
            self.report(key, Finding::invalid("is empty").help(help));
        }
        let mut sources = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let first = items.iter().position(|other| other == item).unwrap_or(index);
            if first < index {
                let message = format!("item {} is the same as item {}", index + 1, first + 1);
                self.report_item(key, index, Finding::invalid(message).help("remove it").not_quotable());
                continue;
            }
            match self.token_source(key, index, item) {
                Ok(source) => sources.push(source),
                Err(finding) => self.report_item(key, index, finding),
            }
        }
        sources
    }

    fn token_deployment(&mut self) -> Option<Box<str>> {
        let key = "token.deployment";
        let name = self.text(key)?;
        if !(1..=255).contains(&name.len()) {
            let message = format!("must have 1 to 255 bytes, not {}", name.len());
            self.report(key, Finding::invalid(message).help("write deployment = \"production\""));
        }
        Some(name.into())
    }

    /// Reads an item of a list of secrets. A path is relative to the folder of the file.
    fn token_source(&self, key: &str, index: usize, item: &str) -> Result<TokenSecretSource, Finding> {
        let (list, variable) = example(key);
        let malformed = |message: &str, help: &str| {
            let message = format!("item {}: {message}", index + 1);
            Err(Finding::invalid(message).help(help).not_quotable())
        };
        if !is_source(item) {
            return Err(not_a_source(key, index, item));
        }
        if let Some(name) = item.strip_prefix("env:") {
            return match is_variable(name) {
                true => Ok(TokenSecretSource::Env(name.into())),
                false => malformed(
                    "`env:` needs the name of a variable: letters, digits and _, not beginning with a digit",
                    &format!("write {list} = [\"env:{variable}\"]"),
                ),
            };
        }
        if let Some(path) = item.strip_prefix("file:") {
            let folder = Path::new(&self.raw.source.file).parent().unwrap_or(Path::new(""));
            return match path.is_empty() {
                false => Ok(TokenSecretSource::File(folder.join(path))),
                true => malformed(
                    "`file:` needs a path",
                    &format!("write {list} = [\"file:/run/secrets/upsign-token\"]"),
                ),
            };
        }
        match item.strip_prefix("secretsmanager:").and_then(|arn| arn.parse::<SecretArn>().ok()) {
            Some(arn) => Ok(TokenSecretSource::SecretsManager(arn)),
            None => malformed(
                "`secretsmanager:` needs the ARN of a secret, as in \
                 secretsmanager:arn:aws:secretsmanager:eu-central-1:123456789012:secret:upsign/uploads-AbCdEf",
                "`aws secretsmanager describe-secret --secret-id NAME --query ARN` prints it",
            ),
        }
    }

    /// Reads where a secret is, other than those of upload tokens. Returns `None` if the text has another form.
    pub(super) fn secret_source(&self, text: &str) -> Option<TokenSecretSource> {
        self.token_source("", 0, text).ok()
    }

    /// Returns whether a variable of the function is the source of a secret.
    pub(super) fn is_token_secret(&self, variable: &str) -> bool {
        let lists = ["token.keys", "webhook.secrets"].map(|key| self.texts(key).unwrap_or_default());
        let private_key = self.text("cloudfront.private_key");
        lists.iter().flatten().chain(&private_key).any(|item| item.strip_prefix("env:") == Some(variable))
    }

    /// Returns the finding about a variable of the function that holds a secret of upload tokens.
    pub(super) fn token_secret_in_template() -> Finding {
        let message = "holds a secret of token.keys, and the generated template would contain it";
        Finding::new(ProblemCode::SecretInFile, message)
            .help("remove it, and write keys = [\"secretsmanager:ARN\"] below [token]")
    }
}

fn is_variable(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') && name.bytes().all(allowed)
}
