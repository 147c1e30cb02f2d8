//! TLS with rustls.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// A certificate chain and its private key, for TLS 1.2 and 1.3. Clones share them, so that [`replace`](Self::replace) on one
/// changes what a running server uses.
#[derive(Clone)]
pub struct Tls(Arc<RwLock<TlsAcceptor>>);

/// The reason why a certificate chain and a private key cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTls {
    /// The text of the chain is not valid PEM.
    #[error("the file holds no valid PEM certificate chain")]
    Certificate(#[source] rustls_pki_types::pem::Error),
    /// The text is valid PEM but contains no certificate.
    #[error("the file holds no PEM certificate")]
    NoCertificate,
    /// The text of the key is not PEM, or not of a supported format.
    #[error("the file holds no PEM private key in PKCS #8, PKCS #1 or SEC 1 format")]
    Key(#[source] rustls_pki_types::pem::Error),
    /// The key does not belong to the certificate, or rustls does not support their algorithm. The source error states which.
    #[error("the certificate and the private key cannot be used together")]
    Unusable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Tls {
    /// Reads a certificate chain, starting with the server's own certificate, and its private key, both as PEM text.
    ///
    /// The server offers HTTP/1.1 only (ALPN).
    ///
    /// ```
    /// use upsign_axum::{Server, Tls};
    ///
    /// fn serve_https(server: Server, chain: &[u8], key: &[u8]) -> Result<Server, upsign_axum::InvalidTls> {
    ///     Ok(server.with_tls(Tls::from_pem(chain, key)?))
    /// }
    ///
    /// # let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    /// # let (chain, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    /// assert!(Tls::from_pem(chain.as_bytes(), key.as_bytes()).is_ok());
    /// assert!(Tls::from_pem(key.as_bytes(), chain.as_bytes()).is_err());
    /// ```
    ///
    /// # Errors
    /// Returns [`InvalidTls`] if one of the texts cannot be read, or if the key does not belong to the certificate.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, InvalidTls> {
        acceptor(chain, key).map(|acceptor| Self(Arc::new(RwLock::new(acceptor))))
    }

    /// Replaces the certificate chain and the private key, as [`from_pem`](Self::from_pem) reads them, for every handshake
    /// that begins from now on. Open connections are not affected.
    ///
    /// ```
    /// # use upsign_axum::{InvalidTls, Tls};
    /// # fn renewed(tls: &Tls, read: impl Fn(&str) -> Vec<u8>) -> Result<(), InvalidTls> {
    /// // `tls` is a clone of the value that `Server::with_tls` received.
    /// tls.replace(&read("tls.crt"), &read("tls.key"))
    /// # }
    /// ```
    ///
    /// # Errors
    /// Returns [`InvalidTls`] for the same reasons as `from_pem`. The present certificate stays in use.
    pub fn replace(&self, chain: &[u8], key: &[u8]) -> Result<(), InvalidTls> {
        let acceptor = acceptor(chain, key)?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = acceptor;
        Ok(())
    }

    pub(crate) async fn accept(&self, stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
        let acceptor = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        acceptor.accept(stream).await
    }
}

fn acceptor(chain: &[u8], key: &[u8]) -> Result<TlsAcceptor, InvalidTls> {
    let chain: Vec<_> =
        CertificateDer::pem_slice_iter(chain).collect::<Result<_, _>>().map_err(InvalidTls::Certificate)?;
    if chain.is_empty() {
        return Err(InvalidTls::NoCertificate);
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(InvalidTls::Key)?;
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_no_client_auth()
        .with_single_cert(chain, key);
    let mut config = config.map_err(unusable)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// The type of rustls's error is not part of this crate's interface, because rustls has no stable version yet.
fn unusable(error: rustls::Error) -> InvalidTls {
    InvalidTls::Unusable(Box::new(error))
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}
