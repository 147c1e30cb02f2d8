//! Numbers: which texts are numbers, and the value of each.

use upsign_json::{InvalidJson, Json, Number, read};

use crate::WIDE;

fn number(text: &str) -> Result<Number<'_>, InvalidJson> {
    read(text.as_bytes(), WIDE).map(|json| match json {
        Json::Number(number) => number,
        other => panic!("{other:?}"),
    })
}

#[track_caller]
fn check(text: &str, unsigned: Option<u64>, signed: Option<i64>, float: f64) {
    let number = number(text).unwrap();
    assert_eq!((number.text(), number.as_u64(), number.as_i64()), (text, unsigned, signed));
    assert_eq!(number.as_f64().to_bits(), float.to_bits(), "{text}");
    let converted = serde_json::Number::from(number);
    assert_eq!((converted.as_u64(), converted.as_i64()), (unsigned, signed), "{text}");
    assert_eq!(converted.as_f64().map(f64::to_bits), Some(float.to_bits()), "{text}");
}

#[test]
fn integers_are_exact() {
    check("0", Some(0), Some(0), 0.0);
    check("7", Some(7), Some(7), 7.0);
    check("-7", None, Some(-7), -7.0);
    check(
        "9007199254740993",
        Some(9_007_199_254_740_993),
        Some(9_007_199_254_740_993),
        9_007_199_254_740_992.0,
    );
    check("9223372036854775807", Some(i64::MAX as u64), Some(i64::MAX), 9_223_372_036_854_775_807.0);
    check("9223372036854775808", Some(1 << 63), None, 9_223_372_036_854_775_808.0);
    check("-9223372036854775808", None, Some(i64::MIN), -9_223_372_036_854_775_808.0);
    check("18446744073709551615", Some(u64::MAX), None, 18_446_744_073_709_551_615.0);
}

/// A number that is not written as an integer is never taken for one, even if its value is whole.
#[test]
fn other_numbers_are_not_integers() {
    check("-0", None, None, -0.0);
    check("0.0", None, None, 0.0);
    check("-0.0", None, None, -0.0);
    check("1.0", None, None, 1.0);
    check("1e3", None, None, 1_000.0);
    check("1E3", None, None, 1_000.0);
    check("1e+3", None, None, 1_000.0);
    check("1e-3", None, None, 0.001);
    check("0e0", None, None, 0.0);
    check("1.5", None, None, 1.5);
    check("18446744073709551616", None, None, 18_446_744_073_709_551_616.0);
    check("-9223372036854775809", None, None, -9_223_372_036_854_775_808.0);
    check("100000000000000000000000000000000", None, None, 1e32);
    check("1e308", None, None, 1e308);
    check("5e-324", None, None, 5e-324);
    check("1e-400", None, None, 0.0);
    check("1e-99999999999999999999", None, None, 0.0);
    check("0e99999999999999999999", None, None, 0.0);
}

/// The nearest `f64`, also where `serde_json` without its feature `float_roundtrip` is off by one unit in the last place.
#[test]
fn fractions_are_rounded_correctly() {
    for text in [
        "51.24817837550540",
        "-93.3113703768803",
        "0.7101535",
        "2.638344616030823e-256",
        "16.17634385",
        "1e23",
    ] {
        check(text, None, None, text.parse().unwrap());
    }
}

#[test]
fn numbers_out_of_range_are_refused() {
    let long = format!("1{}", "0".repeat(400));
    for text in ["1e309", "-1e309", "1e400", "1e999", "1e99999999999999999999", long.as_str(), "1.8e308"] {
        assert_eq!(number(text), Err(InvalidJson::Syntax), "{text}");
    }
}

#[test]
fn other_spellings_are_refused() {
    for text in [
        "-",
        "+1",
        "01",
        "-01",
        "00",
        ".5",
        "1.",
        "1.e3",
        "-.5",
        "1e",
        "1e+",
        "1E-",
        "1e1.5",
        "0x10",
        "1_000",
        "1,5",
        "--1",
        "1-",
        "1.2.3",
        "1e2e3",
        "٣",
        "Infinity",
        "-Infinity",
        "NaN",
        "1 2",
    ] {
        assert_eq!(number(text), Err(InvalidJson::Syntax), "{text}");
    }
}

#[test]
fn numbers_are_compared_as_they_are_spelled() {
    assert_eq!(number("1"), number("1"));
    assert_ne!(number("1"), number("1.0"));
    assert_eq!(format!("{:?}", number("1e3").unwrap()), "Number(1e3)");
}
