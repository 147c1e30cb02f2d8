//! Domains below which many owners have names, from the Public Suffix List.

use upsign_core::OriginPattern;

/// Returns the domain behind the `*` of an origin if anybody can register names directly below it, such as `vercel.app` or
/// `co.uk`.
///
/// Without the feature `public-suffix`, which adds the list to the program, it is always `None`.
///
/// Source: <https://publicsuffix.org/list/>.
#[cfg(feature = "public-suffix")]
pub(super) fn domain_of_many(origin: &OriginPattern) -> Option<&str> {
    let domain = origin.domain()?;
    let name = domain.strip_suffix('.').unwrap_or(domain);
    // A rule such as `*.compute.amazonaws.com` makes every name below the domain a suffix.
    let below = format!("x.{name}");
    let suffix = psl::suffix(below.as_bytes())?;
    (suffix.is_known() && suffix.as_bytes().len() >= name.len()).then_some(domain)
}

#[cfg(not(feature = "public-suffix"))]
pub(super) const fn domain_of_many(_: &OriginPattern) -> Option<&str> {
    None
}

#[cfg(all(test, feature = "public-suffix"))]
mod tests {
    use super::*;

    #[test]
    fn domains_below_which_anybody_registers_names() {
        for (origin, domain) in [
            ("https://*.vercel.app", Some("vercel.app")),
            ("https://*-app.vercel.app", Some("vercel.app")),
            ("https://*.workers.dev", Some("workers.dev")),
            ("https://*.team.workers.dev", None),
            ("https://*-app.team.workers.dev", None),
            ("https://*.co.uk", Some("co.uk")),
            ("https://*.co.uk.", Some("co.uk.")),
            ("https://*.example.co.uk", None),
            ("https://*.compute.amazonaws.com", Some("compute.amazonaws.com")),
            ("https://*.example.com:8443", None),
            ("https://*.corp.internal", None),
            ("http://*.localhost", None),
            ("http://localhost:*", None),
            ("https://app.vercel.app:*", None),
            ("https://app.vercel.app", None),
        ] {
            assert_eq!(domain_of_many(&origin.parse().unwrap()), domain, "{origin}");
        }
    }
}
