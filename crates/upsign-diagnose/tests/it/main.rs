//! Integration tests.

mod explain;
mod causes;
mod fixture;
mod mutations;
mod arbitrary;
mod redaction;
mod refusals;
