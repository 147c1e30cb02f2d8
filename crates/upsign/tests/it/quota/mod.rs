//! Quotas: the store in memory against a model, and what a service reserves, refuses and skips.

mod memory;
mod rates;
mod service;
mod sizes;
