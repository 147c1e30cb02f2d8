// The tests of `upsign-axum` compile this page.
#![cfg_attr(not(doctest), doc = include_str!("handlers.md"))]
//!
//! [`IssueError::status`]: crate::IssueError::status
//! [`UploadGrant`]: crate::UploadGrant
//! [`code`]: crate::IssueError::code
//! [`is_service_fault`]: crate::IssueError::is_service_fault
//! [`retry_after`]: crate::IssueError::retry_after
