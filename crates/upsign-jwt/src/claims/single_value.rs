//! The one text of a claim that becomes part of an identity, however its source spells it.
//!
//! A gateway can spell a claim as text that is not text in the token. The text must then be the same as for the token, or be
//! refused: otherwise the same caller would get another key behind a gateway.

use crate::claims::reader::Claim;

/// Returns the canonical text of a single value, or what is wrong with the claim.
pub(crate) fn text(claim: &Claim<'_>) -> Result<String, String> {
    match claim {
        Claim::String(text) => match resembles(text) {
            None => Ok((*text).to_owned()),
            Some(other) => Err(format!("a text in the form of {other}, expected one value")),
        },
        Claim::Integer(number) => Ok(number.to_string()),
        Claim::Bool(value) => Ok(value.to_string()),
        Claim::Float(number) => float(*number)
            .ok_or_else(|| "a number that services write in different ways, expected an integer".to_owned()),
        other => Err(format!("{}, expected a text, a number or a boolean", other.type_name())),
    }
}

/// Returns the other type whose spelling by a gateway a text resembles.
///
/// HTTP APIs spell values as the programming language Go prints them: `[a b]`, `map[a:1]`, `1e+10`. REST APIs spell some as
/// Java does: `1.0E10`. An object can also be its JSON.
fn resembles(text: &str) -> Option<&'static str> {
    let is_between = |start: &str, end: char| text.starts_with(start) && text.ends_with(end);
    if is_between("[", ']') {
        Some("a list in brackets")
    } else if is_between("map[", ']') || is_between("{", '}') {
        Some("an object")
    } else if has_exponent(text) {
        Some("a number with an exponent")
    } else {
        None
    }
}

/// Returns whether a text is a number as Go (`1e+10`, `1.5e-07`) or Java (`1.0E10`) prints one with an exponent. An id such as
/// `12e45` is neither.
fn has_exponent(text: &str) -> bool {
    let number = text.strip_prefix('-').unwrap_or(text);
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_mantissa = |mantissa: &str, needs_point: bool| match mantissa.split_once('.') {
        Some((whole, fraction)) => whole.len() == 1 && is_digits(whole) && is_digits(fraction),
        None => !needs_point && mantissa.len() == 1 && is_digits(mantissa),
    };
    let is_go = number.split_once('e').is_some_and(|(mantissa, exponent)| {
        is_mantissa(mantissa, false) && exponent.strip_prefix(['+', '-']).is_some_and(is_digits)
    });
    let is_java = number.split_once('E').is_some_and(|(mantissa, exponent)| {
        is_mantissa(mantissa, true) && is_digits(exponent.strip_prefix('-').unwrap_or(exponent))
    });
    is_go || is_java
}

/// Returns the text of a negative integer or of a decimal fraction, in the range in which Go, Java and JavaScript print the same.
/// Every integer below 2^53 has one `f64`.
fn float(number: f64) -> Option<String> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let is_integer = number.fract() == 0.0;
    let is_printed_alike = if is_integer {
        // `5.0` is `5` for one service and `5.0` for another.
        number < 0.0 && number > -EXACT
    } else {
        (1e-3..1e7).contains(&number.abs())
    };
    is_printed_alike.then(|| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_values_have_a_canonical_text() {
        for (claim, expected) in [
            (Claim::String("acme"), "acme"),
            (Claim::String("12e45"), "12e45"),
            (Claim::String("1.5"), "1.5"),
            (Claim::String("a]"), "a]"),
            (Claim::Integer(42), "42"),
            (Claim::Integer(u64::MAX), "18446744073709551615"),
            (Claim::Float(-5.0), "-5"),
            (Claim::Float(1.5), "1.5"),
            (Claim::Float(-0.125), "-0.125"),
            (Claim::Bool(true), "true"),
        ] {
            assert_eq!(text(&claim).as_deref(), Ok(expected), "{claim:?}");
        }
    }

    #[test]
    fn other_values_have_none() {
        for claim in [
            Claim::String("[acme globex]"),
            Claim::String("[]"),
            Claim::String("map[a:1]"),
            Claim::String(r#"{"a":1}"#),
            Claim::String("{a=1}"),
            Claim::String("1e+10"),
            Claim::String("-1.5e-07"),
            Claim::String("1.0E10"),
            Claim::Float(5.0),
            Claim::Float(1e300),
            Claim::Float(1e-9),
            Claim::Float(f64::INFINITY),
            Claim::Strings(vec!["acme"]),
            Claim::Strings(Vec::new()),
            Claim::List,
            Claim::Object,
        ] {
            assert!(text(&claim).is_err(), "{claim:?}");
        }
    }
}
