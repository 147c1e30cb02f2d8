//! Compares the output of a command with the output that a page shows.

/// Returns whether `actual` is what a page shows as `shown`, apart from times and ids.
///
/// A line `…` in the page stands for any lines, and `…` within a line for any text.
pub(super) fn matches(shown: &str, actual: &str) -> bool {
    let shown: Vec<String> = lines(shown);
    let actual: Vec<String> = lines(actual);
    match_lines(&shown, &actual)
}

fn lines(text: &str) -> Vec<String> {
    text.trim_end().lines().map(|line| masked(line.trim_end())).collect()
}

fn match_lines(shown: &[String], actual: &[String]) -> bool {
    match shown.split_first() {
        None => actual.is_empty(),
        Some((first, rest)) if first.trim() == "…" => {
            (0..=actual.len()).any(|skipped| match_lines(rest, actual.get(skipped..).unwrap_or_default()))
        }
        Some((first, rest)) => {
            let Some((line, others)) = actual.split_first() else { return false };
            match_line(first, line) && match_lines(rest, others)
        }
    }
}

fn match_line(shown: &str, actual: &str) -> bool {
    let mut parts = shown.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = actual.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

/// Replaces what differs in every run: UUIDs, instants, durations, ports of this machine, and other long random words.
pub(super) fn masked(line: &str) -> String {
    let mut masked = String::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let (len, replacement) =
            if masked.ends_with(|last: char| last.is_ascii_alphanumeric()) { (0, "") } else { random(rest) };
        if len == 0 {
            masked.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        } else {
            masked.push_str(replacement);
            rest = rest.get(len..).unwrap_or_default();
        }
    }
    masked
}

/// Returns the length of the text of one run at the start of `rest`, and what stands for it.
fn random(rest: &str) -> (usize, &'static str) {
    let word = |allowed: fn(u8) -> bool| rest.bytes().take_while(|byte| allowed(*byte)).count();
    let uuid = word(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let is_uuid = rest.get(..36).is_some_and(|text| text.bytes().filter(|byte| *byte == b'-').count() == 4);
    if uuid == 36 && is_uuid {
        return (36, "UUID");
    }
    let time = word(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b':' | b'.' | b'T' | b'Z'));
    if time >= 16 && rest.as_bytes().get(4) == Some(&b'-') && rest.as_bytes().get(10) == Some(&b'T') {
        return (time, "TIME");
    }
    let number = word(|byte| byte.is_ascii_digit() || byte == b'.');
    let after = rest.get(number..).unwrap_or_default();
    for unit in [" ms", "ms", " µs", " s", "s"] {
        let ends = |after: &str| !after.starts_with(|next: char| next.is_ascii_alphanumeric());
        if number > 0 && after.strip_prefix(unit).is_some_and(ends) {
            return (number + unit.len(), "DURATION");
        }
    }
    for host in ["127.0.0.1:", "localhost:"] {
        if let Some(port) = rest.strip_prefix(host) {
            let digits = port.bytes().take_while(u8::is_ascii_digit).count();
            return (host.len() + digits, "HOST");
        }
    }
    let long = word(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'/' | b'+' | b'='));
    let text = rest.get(..long).unwrap_or_default();
    let has = |test: fn(&u8) -> bool| text.bytes().any(|byte| test(&byte));
    if long >= 32 && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic) && !text.contains('/') {
        return (long, "RANDOM");
    }
    (0, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_ids_are_masked() {
        for (line, expected) in [
            ("key articles/0190a3b4-0000-7000-8000-0123456789ab/x.jpg", "key articles/UUID/x.jpg"),
            ("expires at 2026-01-31T23:59:59Z.", "expires at TIME"),
            ("stored in 12.5 ms, 3 files, 2s", "stored in DURATION, 3 files, DURATION"),
            ("http://127.0.0.1:41234/upload-url", "http://HOST/upload-url"),
            ("status 403, 12 messages", "status 403, 12 messages"),
            ("articles/example/raw/example.jpg", "articles/example/raw/example.jpg"),
        ] {
            assert_eq!(masked(line), expected, "{line}");
        }
    }

    #[test]
    fn ellipsis_stands_for_lines_and_for_text() {
        assert!(matches("a\n…\nd\n", "a\nb\nc\nd"));
        assert!(matches("a\n…\n", "a"));
        assert!(matches("key …/raw/….jpg", "key x/raw/y.jpg"));
        assert!(matches("took 3 ms", "took 4.5 ms"));
        for (shown, actual) in [("a\nb", "a"), ("a", "a\nb"), ("status 200", "status 403"), ("a…c", "abd")]
        {
            assert!(!matches(shown, actual), "{shown} {actual}");
        }
    }
}
