//! The proxy over which the server fetches keys and calls AWS, for the output at its start.

use http::Uri;

/// What the variables of the environment say about a proxy for `https`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct EnvironmentProxy {
    /// Host and port of the proxy, without user name and password, and the variables that name it and the exceptions.
    pub(super) used: Option<String>,
    /// Why a variable names no proxy that can be used. Does not contain its value, which may contain a password.
    pub(super) warnings: Vec<String>,
}

impl EnvironmentProxy {
    /// Reads the variables as `reqwest` and the client of AWS do.
    ///
    /// Source: <https://docs.rs/reqwest/latest/reqwest/#proxies>.
    pub(super) fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let mut proxy = Self::default();
        // A CGI server puts the client's header `Proxy` into `HTTP_PROXY`: <https://httpoxy.org>.
        if variable("REQUEST_METHOD").is_some() {
            return proxy;
        }
        // An empty variable in upper case also hides the one in lower case.
        let first = |names: [&'static str; 2]| {
            let set = names.into_iter().find_map(|name| variable(name).map(|value| (name, value)));
            set.filter(|(_, value)| !value.is_empty())
        };
        let named =
            [["HTTPS_PROXY", "https_proxy"], ["ALL_PROXY", "all_proxy"]].into_iter().filter_map(first);
        for (name, value) in named {
            match address(&value) {
                Ok(address) => {
                    let except = first(["NO_PROXY", "no_proxy"]);
                    let except =
                        except.map_or_else(String::new, |(name, _)| format!(", except for the hosts of {name}"));
                    proxy.used = Some(format!("{address} for https (from {name}){except}"));
                    break;
                }
                Err(Unusable::Socks) => {
                    proxy.warnings.push(format!(
                        "{name} names a SOCKS proxy, which is not supported: set it to an HTTP proxy, such as \
                         http://proxy.example:3128; until then, requests to issuers and to AWS over https fail"
                    ));
                    break;
                }
                Err(Unusable::Invalid) => proxy.warnings.push(format!(
                    "{name} is ignored, because it is not the URL of a proxy, such as http://proxy.example:3128 \
                     (special characters of a user name or password are written as %40 and so on)"
                )),
            }
        }
        proxy
    }
}

/// Why a variable names no proxy that can be used.
enum Unusable {
    /// Requests fail, because connections that bypass the proxy would leave the network in a way that its operator did not choose.
    Socks,
    /// The variable is ignored.
    Invalid,
}

/// Returns host and port of the URL of a proxy, which may have no scheme.
fn address(url: &str) -> Result<String, Unusable> {
    let url: Uri = url.parse().map_err(|_| Unusable::Invalid)?;
    match url.scheme_str() {
        None | Some("http" | "https") => {}
        Some("socks4" | "socks4a" | "socks5" | "socks5h") => return Err(Unusable::Socks),
        Some(_) => return Err(Unusable::Invalid),
    }
    let host = url.host().filter(|host| !host.is_empty()).ok_or(Unusable::Invalid)?;
    Ok(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> EnvironmentProxy {
        let find = |name: &str| variables.iter().find(|(known, _)| *known == name);
        EnvironmentProxy::read(|name| find(name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn proxy_is_shown_without_its_credentials() {
        for (value, address) in [
            ("http://proxy.example:3128", "proxy.example:3128"),
            ("http://user:pa%40ss@proxy.example:3128/", "proxy.example:3128"),
            ("https://proxy.example", "proxy.example"),
            ("user:pass@proxy.example:80", "proxy.example:80"),
            ("http://[fd00::1]:1080", "[fd00::1]:1080"),
        ] {
            let used = Some(format!("{address} for https (from HTTPS_PROXY)"));
            assert_eq!(read(&[("HTTPS_PROXY", value)]), EnvironmentProxy { used, warnings: vec![] });
        }
        let shown = read(&[("all_proxy", "proxy.example"), ("NO_PROXY", ".internal")]).used.unwrap();
        assert_eq!(shown, "proxy.example for https (from all_proxy), except for the hosts of NO_PROXY");
    }

    #[test]
    fn variables_that_name_no_usable_proxy_are_reported_without_their_value() {
        for (value, reason) in [
            ("http://user:CanaryPassword word@proxy.example", "HTTPS_PROXY is ignored"),
            ("user:Canary/Password@proxy.example", "HTTPS_PROXY is ignored"),
            ("ftp://Canary.example", "HTTPS_PROXY is ignored"),
            ("http://", "HTTPS_PROXY is ignored"),
            ("socks5h://user:CanaryPassword@[fd00::1]:1080", "HTTPS_PROXY names a SOCKS proxy"),
        ] {
            let EnvironmentProxy { used, warnings } = read(&[("HTTPS_PROXY", value)]);
            assert_eq!((used, warnings.len()), (None, 1), "{value}");
            assert!(warnings[0].starts_with(reason) && !warnings[0].contains("Canary"), "{warnings:?}");
        }
        // As with `reqwest`, a variable that is ignored does not hide the next one, and one that is not supported does.
        let both = read(&[("HTTPS_PROXY", "not a url"), ("ALL_PROXY", "proxy.example")]);
        assert_eq!(both.used.unwrap(), "proxy.example for https (from ALL_PROXY)");
        assert!(both.warnings[0].starts_with("HTTPS_PROXY is ignored"), "{:?}", both.warnings);
        let both = read(&[("HTTPS_PROXY", "socks5://proxy.example"), ("ALL_PROXY", "proxy.example")]);
        assert_eq!((both.used, both.warnings.len()), (None, 1));
    }

    #[test]
    fn without_a_variable_there_is_no_proxy() {
        for variables in [
            [].as_slice(),
            &[("HTTPS_PROXY", ""), ("https_proxy", "http://proxy.example")],
            &[("HTTP_PROXY", "http://proxy.example")],
            &[("HTTPS_PROXY", "http://proxy.example"), ("REQUEST_METHOD", "GET")],
            &[("HTTPS_PROXY", "not a url"), ("REQUEST_METHOD", "GET")],
        ] {
            assert_eq!(read(variables), EnvironmentProxy::default(), "{variables:?}");
        }
    }
}
