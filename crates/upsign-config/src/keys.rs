//! Every key of the file: its section, its shape, the variable that overrides it.

/// A key of `upsign.toml`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    pub(crate) section: &'static str,
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    /// The environment variable that overrides it.
    pub(crate) variable: &'static str,
}

/// What a value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A string.
    Text,
    /// A list of strings; in a variable, separated by commas.
    Texts,
    /// `true` or `false`.
    Flag,
    /// A string with a unit, or a whole number.
    Amount,
}

impl Key {
    const fn new(section: &'static str, name: &'static str, shape: Shape, variable: &'static str) -> Self {
        Self { section, name, shape, variable }
    }

    pub(crate) fn path(&self) -> String {
        format!("{}.{}", self.section, self.name)
    }
}

/// In the order of the manual.
pub(crate) const KEYS: [Key; 27] = [
    Key::new("bucket", "name", Shape::Text, "UPSIGN_BUCKET"),
    Key::new("bucket", "region", Shape::Text, "UPSIGN_REGION"),
    Key::new("bucket", "provider", Shape::Text, "UPSIGN_PROVIDER"),
    Key::new("bucket", "endpoint", Shape::Text, "UPSIGN_ENDPOINT"),
    Key::new("bucket", "addressing", Shape::Text, "UPSIGN_ADDRESSING"),
    Key::new("upload", "key", Shape::Text, "UPSIGN_KEY"),
    Key::new("upload", "ids", Shape::Texts, "UPSIGN_IDS"),
    Key::new("upload", "types", Shape::Texts, "UPSIGN_TYPES"),
    Key::new("upload", "min_size", Shape::Amount, "UPSIGN_MIN_SIZE"),
    Key::new("upload", "max_size", Shape::Amount, "UPSIGN_MAX_SIZE"),
    Key::new("upload", "expires_in", Shape::Amount, "UPSIGN_EXPIRES_IN"),
    Key::new("upload", "no_overwrite", Shape::Flag, "UPSIGN_NO_OVERWRITE"),
    Key::new("upload", "bodyless", Shape::Text, "UPSIGN_BODYLESS"),
    Key::new("upload", "short_credentials", Shape::Text, "UPSIGN_SHORT_CREDENTIALS"),
    Key::new("credentials", "unknown_expiry", Shape::Text, "UPSIGN_UNKNOWN_EXPIRY"),
    Key::new("credentials", "assume_for", Shape::Amount, "UPSIGN_ASSUME_FOR"),
    Key::new("auth", "user_pool", Shape::Text, "UPSIGN_USER_POOL"),
    Key::new("auth", "issuer", Shape::Text, "UPSIGN_ISSUER"),
    Key::new("auth", "jwks_uri", Shape::Text, "UPSIGN_JWKS_URI"),
    Key::new("auth", "danger_http_issuer", Shape::Flag, "UPSIGN_DANGER_HTTP_ISSUER"),
    Key::new("auth", "client_ids", Shape::Texts, "UPSIGN_CLIENT_IDS"),
    Key::new("auth", "token_use", Shape::Text, "UPSIGN_TOKEN_USE"),
    Key::new("auth", "leeway", Shape::Amount, "UPSIGN_LEEWAY"),
    Key::new("auth", "groups", Shape::Texts, "UPSIGN_GROUPS"),
    Key::new("auth", "scopes", Shape::Texts, "UPSIGN_SCOPES"),
    Key::new("auth", "accept_raw_authorization", Shape::Flag, "UPSIGN_ACCEPT_RAW_AUTHORIZATION"),
    Key::new("cors", "origins", Shape::Texts, "UPSIGN_ORIGINS"),
];

/// The nearest known name, when one is near enough to be a slip of the hand.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let scored = known.map(|known| (strsim::damerau_levenshtein(name, known), known));
    let (distance, known) = scored.min()?;
    (distance <= 1 + known.len() / 4).then_some(known)
}
