//! Settings of a client.

use std::time::Duration;

use crate::state::StateStore;

/// Settings of a client.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UploadOptions {
    /// Maximum number of parts that are sent at the same time. The API states a maximum, too; the smaller one applies. Default: the
    /// maximum of the API.
    pub parts_at_once: Option<u8>,
    /// Maximum memory for parts that are read before they are sent, in bytes; at least one part is. Parts above 16 MiB are read
    /// while they are sent, unless the source can be read only once. Default: 64 MiB.
    pub max_buffer: u64,
    /// Maximum number of repetitions of a request. Default: 8.
    pub retries: u32,
    /// The longest pause before the first repetition; it doubles with each further one, up to 10 s. Default: 200 ms.
    pub first_pause: Duration,
    /// How long a call of the API may take. Default: 60 s, because completing a large upload takes the store many seconds.
    pub call_limit: Duration,
    /// How long a connection to the store may make no progress. Default: 60 s.
    pub idle: Duration,
    /// Where the states of multipart uploads of files are kept. Default: `None`, so that a later process cannot resume them.
    pub state: Option<StateStore>,
    /// Abort an interrupted upload and begin again instead of resuming it. Default: `false`.
    pub restart: bool,
    /// Use the proxy that the environment variables name. Default: `false`.
    pub environment_proxy: bool,
}

impl Default for UploadOptions {
    fn default() -> Self {
        Self {
            parts_at_once: None,
            max_buffer: 64 << 20,
            retries: 8,
            first_pause: Duration::from_millis(200),
            call_limit: Duration::from_secs(60),
            idle: Duration::from_secs(60),
            state: None,
            restart: false,
            environment_proxy: false,
        }
    }
}
