// The tests of `upsign-lambda` compile this page.
#![cfg_attr(not(doctest), doc = include_str!("lambda.md"))]
//!
//! [`howto::callers`]: crate::manual::howto::callers
//! [`howto::events`]: crate::manual::howto::events
//! [`howto::webhooks`]: crate::manual::howto::webhooks
//! [`reference::metrics`]: crate::manual::reference::metrics
//! [`reference::variables`]: crate::manual::reference::variables
