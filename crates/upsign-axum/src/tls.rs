//! TLS by rustls.

use std::fmt;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// A certificate and its key, for TLS 1.2 and 1.3.
#[derive(Clone)]
pub struct Tls(TlsAcceptor);

/// Why a certificate and a key serve no TLS.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTls {
    /// The certificate chain is none.
    #[error("the certificate chain is not PEM")]
    Certificate(#[source] rustls_pki_types::pem::Error),
    /// The chain is empty.
    #[error("there is no certificate in the PEM text")]
    NoCertificate,
    /// The key is none.
    #[error("the private key is not PEM of PKCS #8, PKCS #1 or SEC 1")]
    Key(#[source] rustls_pki_types::pem::Error),
    /// The two do not belong together, or are of no kind that rustls takes.
    #[error("the certificate and the key do not serve")]
    Unfit(#[source] rustls::Error),
}

impl Tls {
    /// From the PEM text of a certificate chain, the server's own first, and of its private key.
    ///
    /// # Errors
    /// [`InvalidTls`]
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, InvalidTls> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<_, _>>()
            .map_err(InvalidTls::Certificate)?;
        if chain.is_empty() {
            return Err(InvalidTls::NoCertificate);
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(InvalidTls::Key)?;
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(InvalidTls::Unfit)?
            .with_no_client_auth()
            .with_single_cert(chain, key);
        let mut config = config.map_err(InvalidTls::Unfit)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }

    pub(crate) async fn accept(&self, stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
        self.0.accept(stream).await
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}
