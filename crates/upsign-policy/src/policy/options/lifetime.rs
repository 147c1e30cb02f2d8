//! Options for the lifetime of a grant.

use upsign_core::{ExpiresIn, ShortCredentials};

/// Options for the lifetime of a grant, and for signing credentials that expire earlier.
///
/// TOML keys: `upload.expires_in`, `upload.short_credentials`, `credentials.minimum`.
///
/// ```
/// use upsign_core::{ExpiresIn, ShortCredentials};
/// use upsign_policy::LifetimeOptions;
/// let five_minutes = LifetimeOptions::new()
///     .expires_in(ExpiresIn::from_secs(300)?)
///     .short_credentials(ShortCredentials::Refuse);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LifetimeOptions {
    pub(in crate::policy) expires_in: ExpiresIn,
    pub(in crate::policy) short_credentials: ShortCredentials,
    pub(in crate::policy) min_expires_in: ExpiresIn,
}

/// 15 minutes, as in the two-step upload design that this project implements.
const DEFAULT_EXPIRY: ExpiresIn = match ExpiresIn::from_secs(900) {
    Ok(expiry) => expiry,
    Err(_) => ExpiresIn::MAX,
};

/// The time that a client needs to start an upload, with a slow connection and a retry.
const DEFAULT_MIN_EXPIRY: ExpiresIn = match ExpiresIn::from_secs(60) {
    Ok(expiry) => expiry,
    Err(_) => ExpiresIn::MAX,
};

impl LifetimeOptions {
    /// Returns the defaults: 900 seconds, shortened to 60 seconds at the least if the credentials expire earlier.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            expires_in: DEFAULT_EXPIRY,
            short_credentials: ShortCredentials::Clamp,
            min_expires_in: DEFAULT_MIN_EXPIRY,
        }
    }

    /// Sets how long a grant is valid. Default: 900 seconds.
    #[must_use]
    pub const fn expires_in(mut self, expires_in: ExpiresIn) -> Self {
        self.expires_in = expires_in;
        self
    }

    /// Sets what happens if the signing credentials expire before the grant would. Default:
    /// [`Clamp`](ShortCredentials::Clamp), which shortens the grant and reports the earlier end.
    #[must_use]
    pub const fn short_credentials(mut self, short_credentials: ShortCredentials) -> Self {
        self.short_credentials = short_credentials;
        self
    }

    /// Sets the shortest lifetime to which a grant is shortened. If the credentials expire earlier, the request is refused
    /// instead. Default: 60 seconds, because a grant that expires before the client can use it is of no use.
    ///
    /// It bounds only the shortening. A policy whose [`expires_in`](Self::expires_in) is shorter than this grants that
    /// lifetime and never less, and has the warning [`ShortLifetime`](crate::PolicyWarning::ShortLifetime).
    #[must_use]
    pub const fn min_expires_in(mut self, min_expires_in: ExpiresIn) -> Self {
        self.min_expires_in = min_expires_in;
        self
    }
}

impl Default for LifetimeOptions {
    fn default() -> Self {
        Self::new()
    }
}
