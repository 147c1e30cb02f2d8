//! Issuing grants: lifetimes, failing presigners, routes, authorization, chosen ids, the rate limit, observers, upload
//! tokens, multipart uploads, and the shape of the API (generics, closures, imports).
#![expect(clippy::unwrap_used, reason = "a test's panic is its report")]

mod batch;
mod chosen_ids;
mod errors;
mod fixture;
mod functions;
mod generics;
mod issue_now;
mod issuers;
mod lifetimes;
mod model;
mod names;
mod presigner;
mod proof;
mod quota;
mod service;
mod session;
mod uploads;
