//! What identifies the callers of the Lambda function: the function, or the authorizer of its API.

use std::fmt;

/// What identifies the callers of the Lambda function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuthSource {
    /// The function verifies the token of the request itself.
    Token,
    /// The authorizer of the API verifies the token. The function compares the claims that it passes on with the section `[auth]` of `upsign.toml`.
    Authorizer,
    /// A Lambda authorizer of the API identifies the caller, and passes on a context.
    LambdaAuthorizer,
    /// The API accepts requests that are signed with IAM credentials, and passes on whose they are.
    Iam,
}

impl AuthSource {
    /// Returns `token`, `authorizer`, `lambda-authorizer` or `iam`, as in the key `auth.source` of `upsign.toml` and in the
    /// variable `UPSIGN_AUTH_SOURCE`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Authorizer => "authorizer",
            Self::LambdaAuthorizer => "lambda-authorizer",
            Self::Iam => "iam",
        }
    }
}

impl fmt::Display for AuthSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
