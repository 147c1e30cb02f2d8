//! Why a server did not start.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Why an embedded server did not start, or does not take what it is told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Another program listens there.
    #[error("port {} of {} is already in use", .address.port(), .address.ip())]
    PortInUse {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The address cannot be listened on, as with a port below 1024.
    #[error("cannot listen on {address}")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the operating system says.
        source: io::Error,
    },
    /// The directory of objects, or a file in it, cannot be made, read or written.
    #[error("cannot use {} as the directory of objects", .path.display())]
    Directory {
        /// The directory or file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// Another server keeps its objects there.
    #[error("{} is in use by another server", .path.display())]
    DirectoryInUse {
        /// The directory.
        path: PathBuf,
    },
    /// A record in the directory of objects is not one that this crate wrote.
    #[error("{} is not the record of an object", .path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// Where it stops making sense.
        source: serde_json::Error,
    },
    /// The crypto library made no RSA key.
    #[error("no RSA key could be generated")]
    Key,
    /// Not a user pool id.
    #[error("{0:?} is no user pool id: those are like local_Example1, of letters, digits, `-` and one `_`")]
    PoolId(String),
    /// Not the origin of a page.
    #[error("{0:?} is no origin: those are like http://127.0.0.1:8080, without a path or slash")]
    Origin(String),
    /// A user name that is empty or already in the pool.
    #[error("user name {0:?} is empty or already in the pool")]
    User(String),
}

impl StartError {
    pub(crate) fn directory(path: &Path, source: io::Error) -> Self {
        Self::Directory { path: path.to_owned(), source }
    }
}
