//! The text forms of Signature Version 4: percent-encoding, hexadecimal digits, dates and decimal numbers.

pub(crate) mod date;
pub(crate) mod decimal;
pub(crate) mod hex;
pub(crate) mod percent;
