//! Every key, variable, command, status, code, metric and feature.

pub mod configuration;
pub mod contract;
pub mod metrics;
