//! The TLS certificate of `upsign serve`, which is read again when its files change.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use upsign_axum::{InvalidTls, Tls};
use upsign_core::error_chain;

use super::args::TlsArgs;
use crate::exit::CommandError;

/// Interval at which the files are compared with what was read.
const CHECK_INTERVAL: Duration = Duration::from_secs(2);

/// The certificate and the files from which it was read.
pub(super) struct Certificate {
    pub(super) tls: Tls,
    chain: PathBuf,
    key: PathBuf,
    read: Versions,
}

/// What distinguishes versions of the two files: their times of modification and lengths.
///
/// Symbolic links are followed. Kubernetes replaces a secret by pointing a link at another folder.
type Versions = [Option<(SystemTime, u64)>; 2];

impl Certificate {
    /// Reads the certificate that the command line names, if it names one.
    ///
    /// # Errors
    /// Fails if only one of the files is named, if one cannot be read, or if they hold no certificate with its key.
    pub(super) fn read(args: &TlsArgs) -> Result<Option<Self>, CommandError> {
        // Not a rule of the command line, because its error would not name the variable that sets one of them.
        let without = |present: &str, missing: &str| {
            let error = CommandError::usage(format!("{present} is set, but {missing} is not"));
            Err(error.with_help("TLS needs both the certificate chain and its private key"))
        };
        let (chain, key) = match (&args.tls_cert, &args.tls_key) {
            (Some(chain), Some(key)) => (chain, key),
            (None, None) => return Ok(None),
            (Some(_), None) => {
                return without("--tls-cert (UPSIGN_TLS_CERT)", "--tls-key (UPSIGN_TLS_KEY)");
            }
            (None, Some(_)) => {
                return without("--tls-key (UPSIGN_TLS_KEY)", "--tls-cert (UPSIGN_TLS_CERT)");
            }
        };
        let read_file = |path| std::fs::read(path).map_err(|error| CommandError::unreadable(path, &error));
        // Taken before the files are read, so that a change in between is noticed.
        let read = versions(chain, key);
        let (chain_pem, key_pem) = (read_file(chain)?, read_file(key)?);
        let tls = Tls::from_pem(&chain_pem, &key_pem);
        let tls = tls.map_err(|error| unusable(&error, (chain, &chain_pem), (key, &key_pem)))?;
        Ok(Some(Self { tls, chain: chain.clone(), key: key.clone(), read }))
    }

    /// Reads the files again on SIGHUP and when they have changed, until the process ends.
    ///
    /// New connections get the new certificate. Files that cannot be used are logged, and the present certificate stays in
    /// use. They are then tried again, because the certificate and the key may be replaced one after the other.
    ///
    /// # Errors
    /// Fails if the signal handler cannot be installed.
    pub(super) fn watch(mut self) -> Result<(), CommandError> {
        let mut hangups = hangups().map_err(|error| CommandError::caused("cannot handle signals", &error))?;
        tokio::spawn(async move {
            let mut failed = None;
            loop {
                let requested = match timeout(CHECK_INTERVAL, hangups.recv()).await {
                    Ok(Some(())) => true,
                    // There are no such signals here.
                    Ok(None) => {
                        sleep(CHECK_INTERVAL).await;
                        false
                    }
                    Err(_) => false,
                };
                let found = versions(&self.chain, &self.key);
                if !requested && found == self.read {
                    continue;
                }
                match self.replace().await {
                    Ok(()) => {
                        (self.read, failed) = (found, None);
                        tracing::info!(file = %self.chain.display(), "tls certificate replaced");
                    }
                    Err(error) if requested || failed != Some(found) => {
                        failed = Some(found);
                        tracing::warn!(
                            error,
                            file = %self.chain.display(),
                            "tls certificate not replaced; the previous one stays in use"
                        );
                    }
                    Err(_) => {}
                }
            }
        });
        Ok(())
    }

    async fn replace(&self) -> Result<(), String> {
        let read = async |path: &Path| {
            tokio::fs::read(path).await.map_err(|error| format!("{}: {error}", path.display()))
        };
        let (chain, key) = (read(&self.chain).await?, read(&self.key).await?);
        self.tls.replace(&chain, &key).map_err(|error| error_chain(&error).to_string())
    }
}

/// Logs that SIGHUP has no effect. Without a handler the signal would end the process, and service managers send it to make a
/// server read its configuration again.
///
/// # Errors
/// Fails if the signal handler cannot be installed.
pub(super) fn ignore_hangups() -> Result<(), CommandError> {
    let mut hangups = hangups().map_err(|error| CommandError::caused("cannot handle signals", &error))?;
    tokio::spawn(async move {
        while hangups.recv().await.is_some() {
            tracing::warn!(
                "SIGHUP ignored: only a TLS certificate is read again; restart to apply changes of upsign.toml"
            );
        }
    });
    Ok(())
}

/// Returns the error for files that cannot be used, which names the file that is wrong.
fn unusable(error: &InvalidTls, chain: (&Path, &[u8]), key: (&Path, &[u8])) -> CommandError {
    let (chain, chain_pem) = (format!("--tls-cert {}", chain.0.display()), Contents::of(chain.1));
    let (key, key_pem) = (format!("--tls-key {}", key.0.display()), Contents::of(key.1));
    let swapped = |message| CommandError::usage(message).with_help("are --tls-cert and --tls-key swapped?");
    match error {
        InvalidTls::NoCertificate if chain_pem.is_only_key() => {
            swapped(format!("{chain} holds a private key, not a certificate"))
        }
        InvalidTls::Key(_) if key_pem.is_only_certificate() => {
            swapped(format!("{key} holds a certificate, not a private key"))
        }
        InvalidTls::Certificate(_) | InvalidTls::NoCertificate => {
            CommandError::caused(&chain, error).into_usage()
        }
        InvalidTls::Key(_) => CommandError::caused(&key, error).into_usage(),
        _ => CommandError::caused(&format!("{chain} and {key}"), error).into_usage(),
    }
}

/// What a PEM file holds, by the labels of its parts.
#[derive(Clone, Copy, Debug)]
struct Contents {
    certificate: bool,
    private_key: bool,
}

impl Contents {
    fn of(pem: &[u8]) -> Self {
        let text = String::from_utf8_lossy(pem);
        let has =
            |label: &str| text.lines().any(|line| line.starts_with("-----BEGIN ") && line.contains(label));
        Self { certificate: has("CERTIFICATE-----"), private_key: has("PRIVATE KEY-----") }
    }

    const fn is_only_key(self) -> bool {
        self.private_key && !self.certificate
    }

    const fn is_only_certificate(self) -> bool {
        self.certificate && !self.private_key
    }
}

fn versions(chain: &Path, key: &Path) -> Versions {
    [chain, key].map(|path| {
        let metadata = std::fs::metadata(path).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    })
}

/// Returns a channel that receives a message for each SIGHUP. On systems without this signal it is closed.
fn hangups() -> std::io::Result<mpsc::Receiver<()>> {
    let (sender, receiver) = mpsc::channel(1);
    #[cfg(unix)]
    {
        let mut signals = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?;
        tokio::spawn(async move { while signals.recv().await.is_some() && sender.send(()).await.is_ok() {} });
    }
    #[cfg(not(unix))]
    drop(sender);
    Ok(receiver)
}
