#![doc = include_str!("server.md")]
//!
//! [`howto::callers`]: crate::manual::howto::callers
//! [`howto::issuers`]: crate::manual::howto::issuers
//! [`howto::keys`]: crate::manual::howto::keys
//! [`reference::errors`]: crate::manual::reference::errors
//! [`reference::metrics`]: crate::manual::reference::metrics
