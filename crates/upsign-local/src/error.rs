//! The error of starting and configuring a server.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The reason a server did not start, or rejected a change of its configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LocalServerError {
    /// Another process listens on the port. Stop it, or choose another port; port 0 selects a free one.
    #[error("port {} of {} is already in use", .address.port(), .address.ip())]
    PortInUse {
        /// The requested address.
        address: SocketAddr,
    },
    /// The operating system does not allow listening on the address, for example because the port is below 1024.
    #[error("cannot listen on {address}")]
    Bind {
        /// The requested address.
        address: SocketAddr,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The object directory, or a file in it, could not be created, read or written.
    #[error("cannot use {} as the directory of objects", .path.display())]
    Directory {
        /// The directory or file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// Another server holds the lock of the object directory. Stop it, or choose another directory.
    #[error("{} is in use by another server", .path.display())]
    DirectoryInUse {
        /// The directory.
        path: PathBuf,
    },
    /// A file in the `records` directory was not written by this crate. Remove it, or choose another directory.
    #[error("{} is not the record of an object", .path.display())]
    InvalidRecord {
        /// The file.
        path: PathBuf,
        /// The position of the error in the file.
        source: serde_json::Error,
    },
    /// The cryptography library failed to generate an RSA key.
    #[error("cannot generate an RSA key")]
    GenerateKey,
    /// The pool id does not have the form of a Cognito user pool id.
    #[error(
        "invalid user pool id {0:?}: expected letters, digits and `-`, one `_`, then letters and digits, such as \
             local_Example1"
    )]
    InvalidPoolId(String),
    /// The text is not an origin as browsers send it.
    #[error(
        "invalid origin {0:?}: expected a scheme, a host and an optional port, without a path or trailing slash, \
             such as http://127.0.0.1:8080 or http://localhost:*"
    )]
    InvalidOrigin(String),
    /// The user name is empty or already taken.
    #[error("user name {0:?} is empty or already in the pool")]
    InvalidUserName(String),
}

impl LocalServerError {
    pub(crate) fn directory(path: &Path, source: io::Error) -> Self {
        Self::Directory { path: path.to_owned(), source }
    }
}
