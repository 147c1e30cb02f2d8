//! Claims and the requirements that they must meet, for code that reads claims from something other than a token: the event of
//! a gateway, for example, that has already verified the token.
//!
//! A [`ClaimSource`] knows how its source spells each type. [`check_origin`] and [`read_caller`] are what a
//! [`TokenCheck`](crate::TokenCheck) applies to a token after its signature, so the same requirements hold for every source.
//! [`CallerClaims`] reads a caller where the configuration names the issuer.
//! Nothing here verifies a signature.

pub(crate) mod caller;
pub(crate) mod kind;
pub(crate) mod reader;
pub(crate) mod rules;
mod single_value;
pub(crate) mod times;

pub use caller::{CallerClaims, identity};
pub use reader::{Claim, ClaimSource, Claims};
pub use rules::{Caller, Origin, check_origin, read_caller};
