//! The HTTP client for calls of AWS, with the proxy of the environment.

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::{SharedHttpClient, SharedHttpConnector, http_client_fn};

/// Hosts that are never called over a proxy.
const THIS_MACHINE: &str = "localhost,127.0.0.0/8,::1";

/// Returns a client that tunnels `https` through the proxy of the environment, and calls `http` directly.
///
/// The default client of the SDK sends `http` to the proxy of `HTTP_PROXY`. That includes the calls of the instance metadata and
/// of the container endpoint, whose responses are credentials in clear text, unless `NO_PROXY` lists their addresses.
#[expect(
    clippy::disallowed_methods,
    reason = "its callers load the configuration of AWS from the environment"
)]
pub(crate) fn http_client() -> SharedHttpClient {
    let proxy = environment_proxy(|name| std::env::var(name).ok());
    http_client_fn(move |settings, components| {
        let mut connector = Connector::builder()
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .connector_settings(settings.clone())
            .proxy_config(proxy.clone());
        connector.set_sleep_impl(components.sleep_impl());
        SharedHttpConnector::new(connector.build())
    })
}

/// Reads the variables as `reqwest` does, so that the keys of issuers and calls of AWS have one proxy.
fn environment_proxy(variable: impl Fn(&str) -> Option<String>) -> ProxyConfig {
    // A CGI server puts the client's header `Proxy` into `HTTP_PROXY`: <https://httpoxy.org>.
    if variable("REQUEST_METHOD").is_some() {
        return ProxyConfig::disabled();
    }
    let first = |upper, lower| variable(upper).or_else(|| variable(lower)).unwrap_or_default();
    let proxy = |address: String| {
        let has_scheme = address.contains("://");
        let address = if has_scheme { address } else { format!("http://{address}") };
        ProxyConfig::https(address).ok()
    };
    let https = proxy(first("HTTPS_PROXY", "https_proxy"));
    match https.or_else(|| proxy(first("ALL_PROXY", "all_proxy"))) {
        Some(proxy) => proxy.no_proxy(format!("{THIS_MACHINE},{}", first("NO_PROXY", "no_proxy"))),
        None => ProxyConfig::disabled(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(variables: &[(&str, &str)]) -> ProxyConfig {
        let find = |name: &str| variables.iter().find(|(known, _)| *known == name);
        environment_proxy(|name| find(name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn variables_without_a_usable_proxy_disable_it() {
        for variables in [
            [].as_slice(),
            &[("HTTPS_PROXY", "")],
            &[("HTTPS_PROXY", "socks5://proxy.example:1080")],
            &[("HTTPS_PROXY", "not a url")],
            &[("HTTP_PROXY", "http://proxy.example:3128")],
            &[("HTTPS_PROXY", "http://proxy.example:3128"), ("REQUEST_METHOD", "GET")],
        ] {
            assert!(proxy(variables).is_disabled(), "{variables:?}");
        }
    }

    #[test]
    fn proxy_can_be_written_without_a_scheme() {
        for variables in [
            ("HTTPS_PROXY", "proxy.example:3128"),
            ("https_proxy", "http://proxy.example:3128"),
            ("ALL_PROXY", "https://user:password@proxy.example"),
            ("all_proxy", "http://proxy.example"),
        ] {
            assert!(!proxy(&[variables]).is_disabled(), "{variables:?}");
        }
    }
}
