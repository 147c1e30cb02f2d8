//! The HTTP client for calls of AWS, with the proxy of the environment.

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;

/// Hosts that are never called over a proxy.
const THIS_MACHINE: &str = "localhost,127.0.0.0/8,::1";

/// The proxy that the environment names for `https`.
enum EnvironmentProxy {
    None,
    Http(ProxyConfig),
    /// A SOCKS proxy, which the client of AWS does not support. Without it, calls would leave a network in a way that its
    /// operator did not choose, so they fail.
    Socks,
}

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
            .connector_settings(settings.clone());
        connector.set_sleep_impl(components.sleep_impl());
        match &proxy {
            EnvironmentProxy::None => SharedHttpConnector::new(connector.build()),
            EnvironmentProxy::Http(proxy) => {
                SharedHttpConnector::new(connector.proxy_config(proxy.clone()).build())
            }
            EnvironmentProxy::Socks => SharedHttpConnector::new(WithoutTls(connector.build())),
        }
    })
}

/// Refuses requests with TLS.
#[derive(Debug)]
struct WithoutTls(Connector);

impl HttpConnector for WithoutTls {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if request.uri().starts_with("http://") {
            return self.0.call(request);
        }
        let reason =
            "the proxy of HTTPS_PROXY or ALL_PROXY is a SOCKS proxy, expected one with http:// or https://";
        HttpConnectorFuture::ready(Err(ConnectorError::user(reason.into())))
    }
}

/// Reads the variables as `reqwest` does, so that the keys of issuers and calls of AWS have one proxy.
fn environment_proxy(variable: impl Fn(&str) -> Option<String>) -> EnvironmentProxy {
    // A CGI server puts the client's header `Proxy` into `HTTP_PROXY`: <https://httpoxy.org>.
    if variable("REQUEST_METHOD").is_some() {
        return EnvironmentProxy::None;
    }
    let first = |upper, lower| variable(upper).or_else(|| variable(lower)).unwrap_or_default();
    let address = [first("HTTPS_PROXY", "https_proxy"), first("ALL_PROXY", "all_proxy")];
    let Some(address) = address.into_iter().find(|address| !address.is_empty()) else {
        return EnvironmentProxy::None;
    };
    if address.starts_with("socks") && address.contains("://") {
        return EnvironmentProxy::Socks;
    }
    let has_scheme = address.contains("://");
    let address = if has_scheme { address } else { format!("http://{address}") };
    match ProxyConfig::https(address) {
        Ok(proxy) => {
            let direct = format!("{THIS_MACHINE},{}", first("NO_PROXY", "no_proxy"));
            EnvironmentProxy::Http(proxy.no_proxy(direct))
        }
        Err(_) => EnvironmentProxy::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(variables: &[(&str, &str)]) -> EnvironmentProxy {
        let find = |name: &str| variables.iter().find(|(known, _)| *known == name);
        environment_proxy(|name| find(name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn variables_without_a_usable_proxy_disable_it() {
        for variables in [
            [].as_slice(),
            &[("HTTPS_PROXY", "")],
            &[("HTTPS_PROXY", "not a url")],
            &[("HTTP_PROXY", "http://proxy.example:3128")],
            &[("HTTPS_PROXY", "http://proxy.example:3128"), ("REQUEST_METHOD", "GET")],
        ] {
            assert!(matches!(proxy(variables), EnvironmentProxy::None), "{variables:?}");
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
            assert!(matches!(proxy(&[variables]), EnvironmentProxy::Http(_)), "{variables:?}");
        }
        let empty = [("HTTPS_PROXY", ""), ("ALL_PROXY", "proxy.example")];
        assert!(matches!(proxy(&empty), EnvironmentProxy::Http(_)));
    }

    #[test]
    fn socks_proxy_is_recognized() {
        for scheme in ["socks4", "socks4a", "socks5", "socks5h"] {
            let variables = [("ALL_PROXY", &*format!("{scheme}://proxy.example:1080"))];
            assert!(matches!(proxy(&variables), EnvironmentProxy::Socks), "{scheme}");
        }
        assert!(matches!(proxy(&[("ALL_PROXY", "socks.example:3128")]), EnvironmentProxy::Http(_)));
    }
}
