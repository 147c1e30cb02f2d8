//! Hosts as browsers write them.
//!
//! A browser parses the host of every URL and sends what it serialized. `192.168.1` becomes `192.168.0.1`, for example,
//! and `node.1` is no host at all. The `Host` header is signed and origins are compared byte by byte, so only the
//! serialized form is of use.
//!
//! Source: <https://url.spec.whatwg.org/#host-parsing>.

use std::net::{Ipv4Addr, Ipv6Addr};

/// The reason why a text is not the host of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InvalidHost {
    /// Neither labels of letters, digits, `-` and `_`, nor an IPv6 address in brackets.
    Form,
    /// The last label is a number, so the host must be an IPv4 address, and it does not have that form.
    Ipv4,
    /// A label begins with `xn--`, but what follows does not encode an international name.
    Punycode,
}

/// Returns the host as a browser serializes it.
///
/// Names outside of ASCII are rejected, because they need the tables of Unicode. For the same reason, a label that
/// begins with `xn--` is only checked for what it decodes to, not for whether registries allow it.
pub(crate) fn normalize(text: &str) -> Result<Box<str>, InvalidHost> {
    let host = text.to_ascii_lowercase();
    if let Some(address) = host.strip_prefix('[') {
        let address = address.strip_suffix(']').and_then(|address| address.parse().ok());
        return address.map(|address| bracketed(address).into()).ok_or(InvalidHost::Form);
    }
    if host.len() > 253 || !host.split('.').all(is_label) {
        return Err(InvalidHost::Form);
    }
    let last = host.rsplit('.').next().unwrap_or_default();
    if last.bytes().all(|byte| byte.is_ascii_digit()) || number(last).is_some() {
        return ipv4(&host).map(|address| address.to_string().into()).ok_or(InvalidHost::Ipv4);
    }
    let mut encoded = host.split('.').filter_map(|label| label.strip_prefix("xn--"));
    if encoded.all(is_international) { Ok(host.into()) } else { Err(InvalidHost::Punycode) }
}

fn is_label(label: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=63).contains(&label.len()) && label.bytes().all(fits)
}

/// Returns an IPv6 address in brackets. Unlike `Display`, browsers never write its end as an IPv4 address.
///
/// Source: <https://url.spec.whatwg.org/#concept-ipv6-serializer>.
fn bracketed(address: Ipv6Addr) -> String {
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] => format!("[::ffff:{high:x}:{low:x}]"),
        _ => format!("[{address}]"),
    }
}

/// Reads an IPv4 address of one to four numbers, of which the last fills the remaining bytes.
///
/// Source: <https://url.spec.whatwg.org/#concept-ipv4-parser>.
fn ipv4(host: &str) -> Option<Ipv4Addr> {
    let mut numbers = host.split('.').map(number).collect::<Option<Vec<u64>>>()?;
    let last = numbers.pop()?;
    let bytes_left = 4_u32.checked_sub(u32::try_from(numbers.len()).ok()?).filter(|left| *left > 0)?;
    if numbers.iter().any(|number| *number > 255) || last >= 1_u64 << (8 * bytes_left) {
        return None;
    }
    let first = numbers.iter().fold(0, |address, number| address << 8 | number);
    u32::try_from(first << (8 * bytes_left) | last).ok().map(Ipv4Addr::from)
}

/// Reads a number as browsers do in IPv4 addresses: hexadecimal after `0x`, octal after `0`, else decimal. `0x` is zero.
///
/// Source: <https://url.spec.whatwg.org/#ipv4-number-parser>.
fn number(text: &str) -> Option<u64> {
    let (digits, radix) = match (text.strip_prefix("0x"), text.strip_prefix('0')) {
        (Some(digits), _) => (digits, 16),
        (None, Some(digits)) if !digits.is_empty() => (digits, 8),
        _ => (text, 10),
    };
    if !digits.bytes().all(|byte| char::from(byte).is_digit(radix)) {
        return None;
    }
    // A number that is too large for the type is too large for an address.
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() {
        Some(0)
    } else {
        Some(u64::from_str_radix(significant, radix).unwrap_or(u64::MAX))
    }
}

/// Returns `true` if the text after `xn--` decodes to a name with a character outside of ASCII, in lower case.
///
/// Source: RFC 3492, section 6.2, with the parameters of section 5.
fn is_international(encoded: &str) -> bool {
    let (basic, extended) = encoded.rsplit_once('-').unwrap_or(("", encoded));
    let mut length = u32::try_from(basic.len()).unwrap_or(u32::MAX);
    let (mut code, mut index, mut bias) = (128_u32, 0_u32, 72_u32);
    let mut digits = extended.bytes().peekable();
    let mut is_first = true;
    while digits.peek().is_some() {
        let before = index;
        let (mut weight, mut position) = (1_u32, 36_u32);
        loop {
            let digit = match digits.next() {
                Some(letter @ b'a'..=b'z') => u32::from(letter - b'a'),
                Some(digit @ b'0'..=b'9') => u32::from(digit - b'0') + 26,
                _ => return false,
            };
            let Some(next) = digit.checked_mul(weight).and_then(|step| index.checked_add(step)) else {
                return false;
            };
            index = next;
            let threshold = position.saturating_sub(bias).clamp(1, 26);
            if digit < threshold {
                break;
            }
            let Some(next) = weight.checked_mul(36 - threshold) else { return false };
            weight = next;
            position += 36;
        }
        length = length.saturating_add(1);
        bias = adapted(index - before, length, is_first);
        is_first = false;
        code = code.saturating_add(index / length);
        index %= length;
        if !char::from_u32(code).is_some_and(is_in_names) {
            return false;
        }
        index += 1;
    }
    !is_first
}

/// Returns `false` for characters that international names never contain. Names are in lower case, except for Cherokee.
///
/// Source: <https://www.unicode.org/reports/tr46/#IDNA_Mapping_Table>.
fn is_in_names(character: char) -> bool {
    let is_upper = character.is_uppercase() && !('\u{13a0}'..='\u{13f5}').contains(&character);
    !is_upper && !character.is_whitespace() && !character.is_control()
}

/// Adapts the bias after a character is decoded: RFC 3492, section 6.1.
const fn adapted(delta: u32, length: u32, is_first: bool) -> u32 {
    let mut delta = if is_first { delta / 700 } else { delta / 2 };
    delta += delta / length;
    let mut steps = 0;
    while delta > 455 {
        delta /= 35;
        steps += 36;
    }
    steps + 36 * delta / (delta + 38)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proptest::prelude::*;
    use proptest::test_runner::{Config, TestRunner};
    use url::Url;

    use super::*;
    use crate::origin::Origin;

    fn browser(host: &str) -> Option<String> {
        Url::parse(&format!("https://{host}/")).ok()?.host_str().map(str::to_owned)
    }

    #[test]
    fn hosts_are_written_as_browsers_write_them() {
        for (text, expected) in [
            ("S3.Example.COM", Ok("s3.example.com")),
            ("192.168.1", Ok("192.168.0.1")),
            ("0177.0.0.1", Ok("127.0.0.1")),
            ("0x7f.1", Ok("127.0.0.1")),
            ("0", Ok("0.0.0.0")),
            ("0x", Ok("0.0.0.0")),
            ("4294967295", Ok("255.255.255.255")),
            ("[2001:db8:0:0:0:0:0:1]", Ok("[2001:db8::1]")),
            ("[::ffff:127.0.0.1]", Ok("[::ffff:7f00:1]")),
            ("[::127.0.0.1]", Ok("[::7f00:1]")),
            ("xn--bcher-kva.example", Ok("xn--bcher-kva.example")),
            ("1.example", Ok("1.example")),
            ("a_b.example", Ok("a_b.example")),
            ("1.255.255", Ok("1.255.0.255")),
            ("node.1", Err(InvalidHost::Ipv4)),
            ("256.1.1.1", Err(InvalidHost::Ipv4)),
            ("1.256.1.1", Err(InvalidHost::Ipv4)),
            ("1.2.3.256", Err(InvalidHost::Ipv4)),
            ("1.2.65536", Err(InvalidHost::Ipv4)),
            ("1.2.3.4.5", Err(InvalidHost::Ipv4)),
            ("4294967296", Err(InvalidHost::Ipv4)),
            ("a.0x", Err(InvalidHost::Ipv4)),
            ("1.08", Err(InvalidHost::Ipv4)),
            ("xn--a", Err(InvalidHost::Punycode)),
            ("xn--", Err(InvalidHost::Punycode)),
            ("xn--abc-", Err(InvalidHost::Punycode)),
            ("xn--ab-r0t", Err(InvalidHost::Punycode)), // a space, U+2003
            ("[::1", Err(InvalidHost::Form)),
            ("[1]", Err(InvalidHost::Form)),
            ("", Err(InvalidHost::Form)),
        ] {
            assert_eq!(normalize(text), expected.map(Into::into), "{text}");
            assert_eq!(browser(text).as_deref(), expected.ok(), "{text}");
        }
    }

    #[test]
    fn labels_and_names_have_the_lengths_of_dns() {
        let label = "a".repeat(63);
        assert!(normalize(&label).is_ok());
        assert_eq!(normalize(&format!("{label}a")), Err(InvalidHost::Form));
        let name = format!("{label}.{label}.{label}.{}", "a".repeat(61));
        assert_eq!((name.len(), normalize(&name).is_ok()), (253, true));
        assert_eq!(normalize(&format!("{name}a")), Err(InvalidHost::Form));
    }

    /// The parser of the WHATWG URL standard decides about 100,000 hosts. Labels that begin with `xn--` need the tables of
    /// Unicode, so for these only the other direction holds: what we refuse is refused, and what both accept is the same.
    #[test]
    fn hosts_agree_with_the_url_standard() {
        let label = prop_oneof![
            3 => "[a-z0-9_-]{1,5}",
            3 => "[0-9]{1,4}",
            1 => "0x[0-9a-f]{0,5}",
            1 => "0[0-9]{1,5}",
            1 => "xn--[a-z0-9-]{0,8}",
            1 => "[A-Zx.]{1,3}",
            1 => "[0-9]{9,21}",
        ];
        let name = prop::collection::vec(label, 1..6).prop_map(|labels| labels.join("."));
        let group = prop_oneof![4 => "[0-9a-fA-F]{1,4}", 3 => Just("0".to_owned()), 2 => Just(String::new())];
        let groups =
            (prop::collection::vec(group, 1..10), prop::option::of("[0-9]{1,3}(\\.[0-9]{1,3}){2,3}"));
        let address = groups.prop_map(|(groups, end)| {
            let groups: Vec<String> = groups.into_iter().chain(end).collect();
            format!("[{}]", groups.join(":"))
        });
        let any = any::<u128>().prop_map(|bits| format!("[{}]", Ipv6Addr::from(bits)));
        let host = prop_oneof![6 => name, 3 => address, 1 => any];
        let config = Config { cases: 100_000, failure_persistence: None, ..Config::default() };
        let (kept, rewritten, refused, only_ours) =
            (Cell::new(0_u32), Cell::new(0_u32), Cell::new(0_u32), Cell::new(0_u32));
        let add = |counter: &Cell<u32>| counter.set(counter.get() + 1);
        TestRunner::new(config)
            .run(&host, |host: String| {
                let (ours, theirs) = (normalize(&host), browser(&host));
                // An origin is compared byte by byte, so it must already be what browsers write.
                let origin = format!("http://{host}").parse::<Origin>();
                if let Some(theirs) = theirs.as_deref().filter(|_| ours.is_ok() || origin.is_ok()) {
                    prop_assert_eq!(origin.is_ok(), theirs == host, "{}", host);
                }
                let has_punycode =
                    host.to_ascii_lowercase().split('.').any(|label| label.starts_with("xn--"));
                match (&ours, &theirs) {
                    (Ok(ours), Some(theirs)) => {
                        add(if **ours == *host { &kept } else { &rewritten });
                        prop_assert_eq!(&**ours, theirs.as_str());
                    }
                    (Ok(_), None) => {
                        add(&only_ours);
                        prop_assert!(has_punycode, "{} is no host", host);
                    }
                    // Browsers also accept empty and long labels, and a dot at the end.
                    (Err(error), Some(_)) => prop_assert_eq!(*error, InvalidHost::Form, "{}", host),
                    (Err(_), None) => add(&refused),
                }
                Ok(())
            })
            .unwrap();
        let (kept, rewritten, refused) = (kept.get(), rewritten.get(), refused.get());
        let counts =
            format!("{kept} kept, {rewritten} rewritten, {refused} refused, {} only here", only_ours.get());
        println!("{counts}");
        let is_varied = kept > 10_000 && rewritten > 10_000 && refused > 10_000;
        assert!(is_varied && only_ours.get() < 5_000, "{counts}");
    }
}
