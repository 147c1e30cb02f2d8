//! Decimal numbers.

/// Appends a number in decimal digits without allocating.
pub(crate) fn push_decimal(out: &mut String, number: u32) {
    let mut power = 1_000_000_000;
    let mut started = false;
    while power > 0 {
        let digit = number / power % 10;
        // Leading zeros are skipped; the last digit is always written, so that 0 gives "0".
        started |= digit != 0 || power == 1;
        if started {
            out.push(char::from_digit(digit, 10).unwrap_or_default());
        }
        power /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_equals_to_string() {
        for number in [0, 1, 9, 10, 99, 100, 900, 10_000, 604_800, u32::MAX] {
            let mut out = String::new();
            push_decimal(&mut out, number);
            assert_eq!(out, number.to_string());
        }
    }
}
