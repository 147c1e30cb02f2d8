//! Origins with one `*`, as the CORS rules of buckets can contain them.

use std::str::FromStr;

use crate::origin::{InvalidOrigin, Origin, split_port};

/// An origin, or several that differ in one part: `https://*.example.com`, `https://*-app.team.workers.dev` or
/// `http://localhost:*`.
///
/// The `*` stands for any text, as in the CORS rules of Amazon S3, also for several labels of a name: a bucket and an API
/// with the same pattern allow the same pages. It can stand
///
/// - in the host of an `https` or `http` origin, if `.` or `-` and a domain of at least two labels, or `localhost`, follow;
/// - in place of the port. An origin with the default port, which browsers leave out, does not match.
///
/// Every page of a matching origin can upload with the token of its user. With a `*` before a domain where anybody can
/// publish pages, such as `https://*.vercel.app`, these are the pages of everybody.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html>.
///
/// ```
/// use upsign_core::{InvalidOrigin, OriginPattern};
/// let previews: OriginPattern = "https://*.preview.example.com".parse()?;
/// assert!(previews.matches("https://pr-7.preview.example.com"));
/// assert!(!previews.matches("https://preview.example.com"));
/// assert!(!previews.matches("https://pr-7.preview.example.com:8443"));
/// assert_eq!("https://*.com".parse::<OriginPattern>(), Err(InvalidOrigin::WildcardDomain));
/// # Ok::<(), InvalidOrigin>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OriginPattern(Box<str>);

/// Where an [`OriginPattern`] contains the `*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OriginWildcard {
    /// At the start of the host, as in `https://*.example.com`.
    HostStart,
    /// Behind the start of the host, as in `https://pr-*.example.com`.
    Host,
    /// In place of the port, as in `http://localhost:*`.
    Port,
}

/// Returns `true` if a text matches a pattern of a CORS rule of Amazon S3, in which the first `*` stands for any text, including
/// the empty one.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html>.
///
/// ```
/// use upsign_core::matches_cors_pattern;
/// assert!(matches_cors_pattern("x-amz-meta-*", "x-amz-meta-article"));
/// assert!(!matches_cors_pattern("x-amz-meta-*", "x-amz-acl"));
/// ```
#[must_use]
pub fn matches_cors_pattern(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| rest.ends_with(after)),
        None => pattern == text,
    }
}

impl OriginPattern {
    /// Returns the pattern as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns `true` if a text is an origin, as browsers write it, and matches the pattern.
    #[must_use]
    pub fn matches(&self, origin: &str) -> bool {
        // The `*` could stand for the end of another host, as in `https://attacker.example/?.example.com`. That is no
        // origin.
        matches_cors_pattern(&self.0, origin)
            && (self.wildcard().is_none() || origin.parse::<Origin>().is_ok())
    }

    /// Returns where the `*` is, or `None` if the pattern is a single origin.
    #[must_use]
    pub fn wildcard(&self) -> Option<OriginWildcard> {
        let (before, after) = self.0.split_once('*')?;
        Some(match after {
            "" if before.ends_with(':') => OriginWildcard::Port,
            _ if before.ends_with("://") => OriginWildcard::HostStart,
            _ => OriginWildcard::Host,
        })
    }

    /// Returns the domain that follows the `*` in the host and the rest of its label: `team.workers.dev` for
    /// `https://*-app.team.workers.dev`. The owner of the names directly below it owns the matching pages.
    #[must_use]
    pub fn domain(&self) -> Option<&str> {
        let (_, after) = self.0.split_once('*')?;
        after.split_once('.').map(|(_, rest)| split_port(rest).0)
    }

    /// Returns an origin that matches: the pattern itself, or one with a name or a number in place of the `*`.
    ///
    /// ```
    /// let pattern: upsign_core::OriginPattern = "http://*.localhost:3000".parse()?;
    /// assert_eq!(pattern.example(), "http://x.localhost:3000");
    /// # Ok::<(), upsign_core::InvalidOrigin>(())
    /// ```
    #[must_use]
    pub fn example(&self) -> Origin {
        // `from_str` parsed it.
        Origin(example(&self.0, self.wildcard()).into())
    }
}

impl From<Origin> for OriginPattern {
    fn from(origin: Origin) -> Self {
        Self(origin.0)
    }
}

impl FromStr for OriginPattern {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let pattern = Self(text.into());
        if text.contains('*') {
            check(text)?;
        }
        example(text, pattern.wildcard()).parse::<Origin>()?;
        let is_named = match (pattern.wildcard(), pattern.domain()) {
            (None | Some(OriginWildcard::Port), _) => true,
            (Some(_), domain) => domain.is_some_and(is_site),
        };
        if is_named { Ok(pattern) } else { Err(InvalidOrigin::WildcardDomain) }
    }
}

crate::text_type!(OriginPattern);

fn example(pattern: &str, wildcard: Option<OriginWildcard>) -> String {
    pattern.replacen('*', if wildcard == Some(OriginWildcard::Port) { "1" } else { "x" }, 1)
}

/// Checks where a text has a `*`, except for what follows it in the host.
fn check(text: &str) -> Result<(), InvalidOrigin> {
    if text.matches('*').count() > 1 {
        return Err(InvalidOrigin::SeveralWildcards);
    }
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let rest = rest.ok_or(InvalidOrigin::WildcardScheme)?;
    if rest.contains(['/', '?', '#', '\\']) {
        return Ok(()); // Reported as in an origin without `*`.
    }
    let (host, port) = split_port(rest);
    if port.is_some_and(|port| port.contains('*') && port != "*") {
        return Err(InvalidOrigin::WildcardPort);
    }
    match host.split_once('*') {
        Some((_, after)) if !after.starts_with(['.', '-']) => Err(InvalidOrigin::WildcardDomain),
        _ => Ok(()),
    }
}

/// Returns `true` if a domain can belong to one owner: it has at least two labels, or is that of this machine.
fn is_site(domain: &str) -> bool {
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    domain == "localhost" || domain.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> OriginPattern {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn one_star_is_accepted_before_a_domain_and_as_the_port() {
        use OriginWildcard::{Host, HostStart, Port};
        for (text, wildcard, domain, example) in [
            ("https://*.example.com", Some(HostStart), Some("example.com"), "https://x.example.com"),
            (
                "https://*.example.com:8443",
                Some(HostStart),
                Some("example.com"),
                "https://x.example.com:8443",
            ),
            ("https://*.example.com.", Some(HostStart), Some("example.com."), "https://x.example.com."),
            ("https://app.*.example.com", Some(Host), Some("example.com"), "https://app.x.example.com"),
            ("https://pr-*.example.com", Some(Host), Some("example.com"), "https://pr-x.example.com"),
            (
                "https://*-app.team.workers.dev",
                Some(HostStart),
                Some("team.workers.dev"),
                "https://x-app.team.workers.dev",
            ),
            ("https://*.co.uk", Some(HostStart), Some("co.uk"), "https://x.co.uk"),
            ("http://*.localhost:3000", Some(HostStart), Some("localhost"), "http://x.localhost:3000"),
            ("http://localhost:*", Some(Port), None, "http://localhost:1"),
            ("http://[::1]:*", Some(Port), None, "http://[::1]:1"),
            ("https://app.example.com:*", Some(Port), None, "https://app.example.com:1"),
            ("https://app.example.com", None, None, "https://app.example.com"),
            ("capacitor://localhost", None, None, "capacitor://localhost"),
        ] {
            let pattern = pattern(text);
            assert_eq!((pattern.wildcard(), pattern.domain()), (wildcard, domain), "{text}");
            assert_eq!(pattern.example(), example);
            assert!(pattern.matches(example), "{text}");
        }
    }

    #[test]
    fn other_stars_are_rejected() {
        use InvalidOrigin as Error;
        for (text, error) in [
            ("*", Error::WildcardScheme),
            ("*.example.com", Error::WildcardScheme),
            ("*://app.example.com", Error::WildcardScheme),
            ("http*://app.example.com", Error::WildcardScheme),
            ("chrome-extension://*", Error::WildcardScheme),
            ("HTTPS://*.example.com", Error::WildcardScheme),
            ("https://*.*.example.com", Error::SeveralWildcards),
            ("https://**.example.com", Error::SeveralWildcards),
            ("http://*.localhost:*", Error::SeveralWildcards),
            ("https://*", Error::WildcardDomain),
            ("https://*:8443", Error::WildcardDomain),
            ("https://*.com", Error::WildcardDomain),
            ("https://*.com.", Error::WildcardDomain),
            ("https://*-example.com", Error::WildcardDomain),
            ("https://*-localhost", Error::WildcardDomain),
            ("https://app.*", Error::WildcardDomain),
            ("https://app.*.com", Error::WildcardDomain),
            ("https://*example.com", Error::WildcardDomain),
            ("http://localhost*", Error::WildcardDomain),
            ("https://*@x.example.com", Error::WildcardDomain),
            ("http://[::*]", Error::WildcardDomain),
            ("http://localhost:51*", Error::WildcardPort),
            ("http://localhost:1*", Error::WildcardPort),
            ("http://[::*", Error::Host),
            ("http://192.168.*.1", Error::Host),
            ("http://192.168.1.*", Error::WildcardDomain),
            ("https://*.256.1.1.1", Error::Host),
            ("https://*..example.com", Error::Host),
            ("https://*.example.com:443", Error::DefaultPort(443)),
            ("https://*.example.com/", Error::TrailingSlash),
            ("https://app.example.com/*", Error::Path),
            ("https://*.Example.com", Error::UpperCase),
            ("https://*.bücher.example", Error::Character),
            ("https://app.example.com/", Error::TrailingSlash),
            ("null", Error::Null),
        ] {
            assert_eq!(text.parse::<OriginPattern>(), Err(error), "{text}");
        }
    }

    #[test]
    fn hostile_origins_do_not_match() {
        let site = pattern("https://*.example.com");
        for origin in
            ["https://x.example.com", "https://a.b.example.com", "https://xn--bcher-kva.example.com"]
        {
            assert!(site.matches(origin), "{origin}");
        }
        for origin in [
            "https://example.com",
            "https://example.com.evil.test",
            "https://x.example.com.evil.test",
            "https://evilexample.com",
            "https://x.example.com:444",
            "https://.example.com",
            "https://x..example.com",
            "https://evil.test/.example.com",
            "https://evil.test?.example.com",
            "https://evil.test#.example.com",
            "https://evil.test\\.example.com",
            "https://evil.test:1.example.com",
            "https://user@x.example.com",
            "https://user:x.example.com@evil.test",
            "https://evil.test/@x.example.com",
            "https://evil.test https://x.example.com",
            "https://evil.test\r\n.example.com",
            "https://X.example.com",
            "HTTPS://x.example.com",
            "http://x.example.com",
            "https://x.example.com.",
            "https://x.example.com/",
            "https://\u{e9}.example.com",
            "https://x\u{3002}example.com",
            "https://*.example.com",
            "null",
            "*",
            "",
        ] {
            assert!(!site.matches(origin), "{origin}");
        }
        let previews = pattern("https://*-app.team.workers.dev");
        assert!(previews.matches("https://pr-7-app.team.workers.dev"));
        for origin in [
            "https://app.team.workers.dev",
            "https://x-app.evil.workers.dev",
            "https://xapp.team.workers.dev",
        ] {
            assert!(!previews.matches(origin), "{origin}");
        }
    }

    #[test]
    fn star_as_the_port_matches_every_port_that_browsers_send() {
        let local = pattern("http://localhost:*");
        for origin in ["http://localhost:5173", "http://localhost:1", "http://localhost:65535"] {
            assert!(local.matches(origin), "{origin}");
        }
        for origin in [
            "http://localhost",
            "http://localhost:",
            "http://localhost:80",
            "http://localhost:080",
            "http://localhost:0",
            "http://localhost:65536",
            "http://localhost:1@evil.test",
            "http://localhost:1.evil.test",
            "http://localhost.evil.test:1",
            "https://localhost:5173",
        ] {
            assert!(!local.matches(origin), "{origin}");
        }
    }

    #[test]
    fn star_of_a_cors_rule_stands_for_any_text() {
        for (pattern, text, yes) in [
            ("*", "", true),
            ("*", "x", true),
            ("a*", "a", true),
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("a*a", "a", false),
            ("http://*.b.com", "http://a.b.com", true),
            ("http://*.b.com", "http://.b.com", true),
            ("http://*.b.com", "http://b.com", false),
            ("a", "A", false),
            ("", "", true),
        ] {
            assert_eq!(matches_cors_pattern(pattern, text), yes, "{pattern} {text}");
        }
    }
}
