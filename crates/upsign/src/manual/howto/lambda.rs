// The tests of `upsign-lambda` compile this page.
#![cfg_attr(not(doctest), doc = include_str!("lambda.md"))]
//!
//! [`reference::metrics`]: crate::manual::reference::metrics
//! [`reference::variables`]: crate::manual::reference::variables
