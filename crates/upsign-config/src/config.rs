//! The configuration.

use upsign_cognito::VerifierConfig;
use upsign_documents::CorsOrigins;
use upsign_policy::UploadPolicy;

use crate::error::InvalidConfig;
use crate::keys::KEYS;
use crate::raw::Raw;

/// What `upsign.toml` and the variables over it say.
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) policy: UploadPolicy,
    pub(crate) auth: Option<Auth>,
    pub(crate) origins: CorsOrigins,
    pub(crate) unknown_expiry: Option<UnknownExpiry>,
}

/// What to do with temporary credentials whose end nobody states, as in a Lambda function's environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownExpiry {
    /// Sign nothing with them.
    Refuse,
    /// Take them to live this many seconds from when they were first seen; a grant then says that its end is an upper
    /// bound.
    Assume(u64),
}

/// Whose tokens count.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Auth {
    /// What a token must say and who must have signed it.
    pub verifier: VerifierConfig,
    /// Whether a token may come without the word `Bearer`.
    pub accept_raw_authorization: bool,
}

/// Variables that name a value in words of their own: they count below `UPSIGN_…` and, where marked, below the file.
const FALLBACKS: [(&str, &str, bool); 4] = [
    ("ARTICLE_IMAGES_BUCKET", "bucket.name", true),
    ("AWS_REGION", "bucket.region", false),
    ("AWS_DEFAULT_REGION", "bucket.region", false),
    ("AWS_ENDPOINT_URL_S3", "bucket.endpoint", false),
];

impl Config {
    /// Reads a configuration: `text` is the file's (empty when there is none), `file` its name for messages, `variable`
    /// gives an environment variable's value.
    ///
    /// # Errors
    /// [`InvalidConfig`] with everything that is wrong.
    pub fn read(
        file: &str,
        text: &str,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, InvalidConfig> {
        let mut raw = Raw::default();
        raw.read(file, text);
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        for (name, path, overrides) in FALLBACKS {
            let Some(key) = KEYS.iter().find(|key| key.path() == path) else { continue };
            if let Some(value) = variable(name)
                && (overrides || !raw.values.contains_key(path))
            {
                raw.variable(key, name, &value);
            }
        }
        for key in &KEYS {
            if let Some(value) = variable(key.variable) {
                raw.variable(key, key.variable, &value);
            }
        }
        crate::build::build(file, raw)
    }

    /// What may be uploaded, and where.
    #[must_use]
    pub const fn policy(&self) -> &UploadPolicy {
        &self.policy
    }

    /// Whose tokens count. Absent where something before the service checks them, as an API gateway does.
    #[must_use]
    pub const fn auth(&self) -> Option<&Auth> {
        self.auth.as_ref()
    }

    /// What to do with temporary credentials whose end nobody states. There is no default: whoever is given such
    /// credentials has to say.
    #[must_use]
    pub const fn unknown_expiry(&self) -> Option<UnknownExpiry> {
        self.unknown_expiry
    }

    /// The pages that may upload from a browser.
    #[must_use]
    pub const fn origins(&self) -> &CorsOrigins {
        &self.origins
    }
}
