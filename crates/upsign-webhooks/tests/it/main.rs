//! Signatures against the reference library, messages, delivery to a scripted receiver, and both outboxes.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's panic is its report")]

mod delivery;
mod in_process;
mod messages;
mod queued;
mod receiver;
mod signatures;
mod sqs;
