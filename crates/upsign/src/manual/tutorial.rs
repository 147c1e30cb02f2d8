#![doc = include_str!("tutorial.md")]
//!
//! [`concepts`]: crate::manual::concepts
//! [`howto::authorize`]: crate::manual::howto::authorize
//! [`howto::axum`]: crate::manual::howto::axum
//! [`howto::dev_page`]: crate::manual::howto::dev_page
//! [`howto::lambda`]: crate::manual::howto::lambda
//! [`howto::server`]: crate::manual::howto::server
//! [`howto::testing`]: crate::manual::howto::testing
//! [`internals::distributed`]: crate::manual::internals::distributed#when-the-file-has-arrived
//! [`reference::configuration`]: crate::manual::reference::configuration
