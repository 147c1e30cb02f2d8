//! Hexadecimal digits. They are computed without a table, so that no memory access depends on the value.

/// Returns the upper-case digit of a value below 16, for percent-encoding.
pub(crate) const fn upper(nibble: u8) -> char {
    (nibble + if nibble < 10 { b'0' } else { b'A' - 10 }) as char
}

const fn lower(nibble: u8) -> u8 {
    nibble + if nibble < 10 { b'0' } else { b'a' - 10 }
}

/// A hash or a signature as 64 lower-case digits.
#[derive(Clone, Copy)]
pub(crate) struct Hex([u8; 64]);

impl Hex {
    pub(crate) fn new(bytes: &[u8; 32]) -> Self {
        let mut digits = [0; 64];
        for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
            *pair = [lower(byte >> 4), lower(byte & 0xf)];
        }
        Self(digits)
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }

    pub(crate) fn as_str(&self) -> &str {
        // All digits are ASCII, so this never takes the default.
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_equals_the_standard_formatting() {
        for byte in 0..=255_u8 {
            assert_eq!(Hex::new(&[byte; 32]).as_str(), format!("{byte:02x}").repeat(32));
            assert_eq!(format!("{}{}", upper(byte >> 4), upper(byte & 15)), format!("{byte:02X}"));
        }
    }
}
