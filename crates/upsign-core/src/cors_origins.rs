//! The origins that may use an upload API.

use crate::origin_pattern::OriginPattern;

/// The origins whose pages may call an upload API and upload to its bucket.
///
/// An entry can contain one `*`, as the CORS rules of buckets can; see [`OriginPattern`].
///
/// ```
/// use upsign_core::CorsOrigins;
/// let origins = CorsOrigins::listed(["https://app.example.com".parse()?, "http://localhost:*".parse()?]);
/// assert!(origins.allows("https://app.example.com"));
/// assert!(origins.allows("http://localhost:5173"));
/// assert!(!origins.allows("https://app.example.com.attacker.example"));
/// # Ok::<(), upsign_core::InvalidOrigin>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorsOrigins(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Listed(Box<[OriginPattern]>),
    Any,
}

impl CorsOrigins {
    /// Allows these origins and no others. Duplicates are removed.
    ///
    /// With an empty list no web page can call the API; clients other than browsers are not affected by CORS.
    #[must_use]
    pub fn listed(origins: impl IntoIterator<Item = OriginPattern>) -> Self {
        let mut list: Vec<OriginPattern> = Vec::new();
        for origin in origins {
            if !list.contains(&origin) {
                list.push(origin);
            }
        }
        Self(Kind::Listed(list.into()))
    }

    /// Allows the pages of every site, including those of an attacker. Documents express this as `*`.
    #[must_use]
    pub const fn any() -> Self {
        Self(Kind::Any)
    }

    /// Returns `true` if the value of an `Origin` header is allowed.
    ///
    /// The comparison is exact and case-sensitive, apart from a `*` in the list.
    #[must_use]
    pub fn allows(&self, origin: &str) -> bool {
        match &self.0 {
            Kind::Listed(list) => list.iter().any(|pattern| pattern.matches(origin)),
            Kind::Any => true,
        }
    }

    /// Returns `true` if every origin is allowed.
    #[must_use]
    pub const fn is_any(&self) -> bool {
        matches!(self.0, Kind::Any)
    }

    /// Returns `true` if a listed origin contains `*`. A gateway that compares whole origins cannot answer preflights then.
    #[must_use]
    pub fn has_wildcards(&self) -> bool {
        self.list().iter().any(|origin| origin.wildcard().is_some())
    }

    /// Returns the listed origins. The slice is empty if [every](CorsOrigins::any) origin is allowed; see
    /// [`is_any`](CorsOrigins::is_any).
    #[must_use]
    pub fn list(&self) -> &[OriginPattern] {
        match &self.0 {
            Kind::Listed(list) => list,
            Kind::Any => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_origins_are_allowed() {
        let listed =
            CorsOrigins::listed(["https://a.example".parse().unwrap(), "https://a.example".parse().unwrap()]);
        assert_eq!(listed.list().len(), 1);
        assert!(!listed.has_wildcards());
        assert!(listed.allows("https://a.example"));
        for origin in [
            "https://b.example",
            "https://a.example.evil",
            "http://a.example",
            "HTTPS://A.EXAMPLE",
            "null",
            "",
        ] {
            assert!(!listed.allows(origin), "{origin}");
        }
        assert!(CorsOrigins::any().allows("https://b.example"));
        assert!(CorsOrigins::listed(["http://localhost:*".parse().unwrap()]).has_wildcards());
    }
}
