//! Claims and the requirements that they must meet, for code that reads claims from something other than a token: the event of
//! a gateway, for example, that has already verified the token.
//!
//! A [`ClaimSource`] knows how its source spells each type. [`check_origin`] and [`read_caller`] are what a
//! [`TokenCheck`](crate::TokenCheck) applies to a token after its signature, so the same requirements hold for every source.
//! Nothing here verifies a signature.

pub(crate) mod kind;
pub(crate) mod reader;
pub(crate) mod rules;
pub(crate) mod times;

pub use reader::{Claim, ClaimSource, Claims};
pub use rules::{Caller, Origin, check_origin, is_subject, read_caller};
