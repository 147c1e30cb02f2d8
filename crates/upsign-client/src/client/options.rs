//! Settings of a client.

use std::time::Duration;

use crate::state::StateStore;

/// Whether the client confirms an upload after its bytes are stored, with `POST /uploads/confirm`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Confirm {
    /// Confirm if the API offers it for the route.
    ///
    /// The grant says so (`"confirm": true`), and an upload that is then not confirmed fails. An API of an earlier version does not say
    /// it: if it answers 404 or refuses the upload token, the upload ends without a confirmation.
    #[default]
    IfOffered,
    /// Confirm, and fail if the API does not offer it.
    Required,
    /// Do not confirm.
    Never,
}

/// Settings of a client.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UploadOptions {
    /// Maximum number of parts that are sent at the same time. The API states a maximum, too; the smaller one applies. Default: the
    /// maximum of the API.
    pub parts_at_once: Option<u8>,
    /// Maximum number of files of [`upload_together`](crate::UploadClient::upload_together) that are sent at the same time.
    /// Default: 4.
    pub files_at_once: u8,
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
    /// Whether to confirm uploads. Default: if the API offers it.
    pub confirm: Confirm,
    /// How long to wait for a confirmation while the object is inspected or moved. Default: 5 minutes.
    pub confirm_limit: Duration,
    /// Use the proxy that the environment variables name. Default: `false`.
    pub environment_proxy: bool,
}

impl Default for UploadOptions {
    fn default() -> Self {
        Self {
            parts_at_once: None,
            files_at_once: 4,
            max_buffer: 64 << 20,
            retries: 8,
            first_pause: Duration::from_millis(200),
            call_limit: Duration::from_secs(60),
            idle: Duration::from_secs(60),
            state: None,
            restart: false,
            confirm: Confirm::IfOffered,
            confirm_limit: Duration::from_secs(300),
            environment_proxy: false,
        }
    }
}
