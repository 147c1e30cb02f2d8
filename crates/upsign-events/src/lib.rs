//! S3 sends a notification when an object was stored. This crate reads it, whichever way it came: directly to SQS, through SNS, or
//! through EventBridge. It does no I/O.
