//! Options for the lifetime of a grant.

use upsign_core::{ExpiresIn, ShortCredentials};

/// Options for the lifetime of a grant, and for signing credentials that expire earlier.
///
/// TOML keys: `expires_in`, `short_credentials`.
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
}

/// 15 minutes, as in the two-step upload design that this project implements.
const DEFAULT_EXPIRY: ExpiresIn = match ExpiresIn::from_secs(900) {
    Ok(expiry) => expiry,
    Err(_) => ExpiresIn::MAX,
};

impl LifetimeOptions {
    /// Returns the defaults: 900 seconds, shortened if the credentials expire earlier.
    #[must_use]
    pub const fn new() -> Self {
        Self { expires_in: DEFAULT_EXPIRY, short_credentials: ShortCredentials::Clamp }
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
}

impl Default for LifetimeOptions {
    fn default() -> Self {
        Self::new()
    }
}
