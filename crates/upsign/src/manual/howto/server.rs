#![doc = include_str!("server.md")]
//!
//! [`reference::errors`]: crate::manual::reference::errors
//! [`reference::metrics`]: crate::manual::reference::metrics
