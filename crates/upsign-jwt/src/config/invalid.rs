//! Why a configuration is refused.

/// The reason a configuration is refused: it would accept every caller or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidVerifierConfig {
    /// There is no client id, or one is empty.
    #[error("at least one client id is required, and none may be empty")]
    ClientIds,
    /// A client id is `*`, which no client has.
    #[error(
        "`*` is not a client id; to accept every client of the issuer, write \"any\" in place of the list"
    )]
    ClientWildcard,
    /// There is no audience, or one is empty.
    #[error("at least one audience is required, and none may be empty")]
    Audiences,
    /// The list of required groups is empty, which no caller can satisfy, or a group is empty.
    #[error("the required groups must be at least one, and none may be empty")]
    Groups,
    /// The list of required scopes is empty, which no token can satisfy, or a scope is empty.
    #[error("the required scopes must be at least one, and none may be empty")]
    Scopes,
    /// There is no algorithm.
    #[error("at least one algorithm is required")]
    Algorithms,
    /// The maximum length of a token is not in [`MAX_TOKEN_BYTES_RANGE`](crate::MAX_TOKEN_BYTES_RANGE).
    #[error("the maximum length of a token must be from 1024 to 65536 bytes")]
    MaxTokenBytes,
    /// The id of the user pool is not valid. For configurations of a Cognito user pool.
    #[error("a user pool id is a region, `_` and letters or digits, for example ap-southeast-1_AbCdEf")]
    UserPool,
}
