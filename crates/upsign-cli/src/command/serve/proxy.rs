//! The proxy over which the server fetches keys and calls AWS, for the output at its start.

/// Returns the proxy that the environment names for `https`, as `reqwest` and the client of AWS read it: host and port, without
/// user name and password.
///
/// Source: <https://docs.rs/reqwest/latest/reqwest/#proxies>.
pub(super) fn describe(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    // A CGI server puts the client's header `Proxy` into `HTTP_PROXY`: <https://httpoxy.org>.
    if variable("REQUEST_METHOD").is_some() {
        return None;
    }
    // An empty variable in upper case also hides the one in lower case.
    let first = |names: [&'static str; 2]| {
        let set = names.into_iter().find_map(|name| variable(name).map(|value| (name, value)));
        set.filter(|(_, value)| !value.is_empty())
    };
    let of_https = first(["HTTPS_PROXY", "https_proxy"]);
    let (name, value) = of_https.or_else(|| first(["ALL_PROXY", "all_proxy"]))?;
    let host = host(&value)?;
    let except = first(["NO_PROXY", "no_proxy"]);
    let except = except.map_or_else(String::new, |(name, _)| format!(", except for the hosts of {name}"));
    Some(format!("{host} for https (from {name}){except}"))
}

/// Returns host and port of a URL, which may have no scheme.
fn host(url: &str) -> Option<&str> {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest).split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
    (!host.is_empty() && host.chars().all(is_plain)).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(variables: &[(&str, &str)]) -> Option<String> {
        let find = |name: &str| variables.iter().find(|(known, _)| *known == name);
        describe(|name| find(name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn proxy_is_shown_without_its_credentials() {
        for (value, host) in [
            ("http://proxy.example:3128", "proxy.example:3128"),
            ("http://user:pa%40ss@proxy.example:3128/", "proxy.example:3128"),
            ("user:p@ss@proxy.example", "proxy.example"),
            ("socks5h://[fd00::1]:1080", "[fd00::1]:1080"),
        ] {
            let expected = format!("{host} for https (from HTTPS_PROXY)");
            assert_eq!(described(&[("HTTPS_PROXY", value)]), Some(expected));
        }
        let shown = described(&[("all_proxy", "proxy.example"), ("NO_PROXY", ".internal")]).unwrap();
        assert_eq!(shown, "proxy.example for https (from all_proxy), except for the hosts of NO_PROXY");
        // A password with a character that is not encoded ends the host early; nothing is shown then.
        assert_eq!(described(&[("HTTPS_PROXY", "http://user:pa ss word")]), None);
    }

    #[test]
    fn without_a_variable_there_is_no_proxy() {
        assert_eq!(described(&[]), None);
        assert_eq!(described(&[("HTTPS_PROXY", ""), ("https_proxy", "http://proxy.example")]), None);
        assert_eq!(described(&[("HTTP_PROXY", "http://proxy.example")]), None);
        assert_eq!(described(&[("HTTPS_PROXY", "http://proxy.example"), ("REQUEST_METHOD", "GET")]), None);
    }
}
