//! upsign for axum: a [`Router`](axum::Router) that answers `POST /upload-url`, and a [`Caller`] extractor that any
//! handler of yours can use alone.
//!
//! Both need to know who tells callers apart and what time it is: an [`Authentication`].
//!
//! | feature | item | |
//! | --- | --- | --- |
//! | | [`router`], [`limited_router`] | the API, within [`Limits`]: slow bodies, too many requests, panics |
//! | | [`observed`] | request ids, a `tracing` span and a [`ServeObserver`] around any router; [`ClientAddress`] |
//! | `server` | [`Server`] | limits on connections and request heads; an end at which no request is lost |
//! | `tls` | [`Tls`] | the same over TLS, by rustls |
//! | `metrics` | [`Metrics`] | a [`ServeObserver`] that Prometheus reads |

mod client;
mod extract;
mod limits;
#[cfg(feature = "metrics")]
mod metrics;
mod observe;
mod router;
#[cfg(feature = "server")]
mod server;
#[cfg(feature = "tls")]
mod tls;

pub use client::{ClientAddress, TrustedProxies};
pub use extract::{Authentication, Caller};
pub use limits::Limits;
#[cfg(feature = "metrics")]
pub use metrics::{METRICS_TYPE, Metrics};
pub use observe::{ServeObserver, Unobserved, observed};
pub use router::{limited_router, router};
#[cfg(feature = "server")]
pub use server::{Draining, Ended, Server};
#[cfg(feature = "tls")]
pub use tls::{InvalidTls, Tls};
