// The tests of `upsign-axum` compile this page.
#![cfg_attr(not(doctest), doc = include_str!("axum.md"))]
//!
//! [`Identity`]: crate::Identity
//! [`howto::handlers`]: crate::manual::howto::handlers
