//! Browser form uploads: POST policies and the forms made from them.
//!
//! A [`policy`] is built from a [`key`], [`condition`]s and [`field`]s. It becomes an [`unsigned`] form, whose policy
//! [`document`] a signer signs, which makes a [`presigned`] form.

pub(crate) mod condition;
mod document;
pub(crate) mod field;
pub(crate) mod key;
pub(crate) mod policy;
pub(crate) mod presigned;
pub(crate) mod style;
pub(crate) mod unsigned;
