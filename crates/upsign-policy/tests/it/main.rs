//! Tests of the policy as a whole.

mod article;
mod building;
mod corpus;
mod denials;
mod invariants;
mod options;
mod properties;
mod sample;
mod templates;
