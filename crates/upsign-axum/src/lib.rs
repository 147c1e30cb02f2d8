//! upsign for axum: a [`Router`](axum::Router) that answers `POST /upload-url`, and a [`Caller`] extractor that any
//! handler of yours can use alone.
//!
//! Both need to know who tells callers apart and what time it is: an [`Authentication`].

mod extract;
mod router;

pub use extract::{Authentication, Caller};
pub use router::router;
