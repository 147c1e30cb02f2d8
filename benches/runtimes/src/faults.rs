//! An HTTP endpoint that fails on demand.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use upsign::{Clock, SystemClock};

/// What an endpoint does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::exhaustive_enums, reason = "the measurements choose among all of them")]
pub enum Fault {
    /// Answers.
    None,
    /// Answers 500.
    Status500,
    /// Answers nothing, and keeps the connection for a minute.
    Hang,
    /// Answers after three seconds.
    Slow,
    /// Answers 200 with a page of HTML, as a captive portal does.
    Html,
    /// Answers in one second and 500 in the next.
    Flapping,
    /// Closes each connection at once.
    Close,
}

/// A running endpoint.
pub struct FaultyEndpoint {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

/// What happens to connections, and what has happened to them.
struct State {
    fault: Fault,
    connections: BTreeMap<Fault, usize>,
}

impl fmt::Debug for FaultyEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyEndpoint").field("address", &self.address).finish_non_exhaustive()
    }
}

impl FaultyEndpoint {
    /// Starts an endpoint on a free port that answers every request with the JSON document that `answer` returns.
    ///
    /// # Errors
    /// Fails if there is no free port.
    pub async fn start(answer: impl Fn() -> String + Send + Sync + 'static) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let state = Arc::new(Mutex::new(State { fault: Fault::None, connections: BTreeMap::new() }));
        let (present, answer) = (Arc::clone(&state), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let fault = {
                    let mut state = present.lock().unwrap_or_else(PoisonError::into_inner);
                    let fault = state.fault;
                    *state.connections.entry(fault).or_default() += 1;
                    fault
                };
                let answer = Arc::clone(&answer);
                tokio::spawn(async move { drop(serve(stream, fault, &*answer).await) });
            }
        });
        Ok(Self { address, state })
    }

    /// Returns the address.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sets what happens to connections from now on.
    pub fn set(&self, fault: Fault) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).fault = fault;
    }

    /// Returns the number of connections that met each fault. A fault that none met is absent.
    #[must_use]
    pub fn connections(&self) -> BTreeMap<Fault, usize> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).connections.clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    fault: Fault,
    answer: &(dyn Fn() -> String + Send + Sync),
) -> std::io::Result<()> {
    let odd_second = SystemClock.now().as_unix() % 2 == 1;
    let fault = match fault {
        Fault::Flapping if odd_second => Fault::Status500,
        Fault::Flapping => Fault::None,
        fault => fault,
    };
    if fault == Fault::Close {
        return Ok(());
    }
    let mut request = [0; 4096];
    if stream.read(&mut request).await? == 0 {
        return Ok(());
    }
    let (status, content_type, body) = match fault {
        Fault::Hang => {
            // Until the client gives up.
            drop(timeout(Duration::from_secs(60), stream.read(&mut request)).await);
            return Ok(());
        }
        Fault::Status500 => ("500 Internal Server Error", "text/plain", "out of order".to_owned()),
        Fault::Html => ("200 OK", "text/html", "<!doctype html><title>Sign in</title>".to_owned()),
        Fault::Slow => {
            sleep(Duration::from_secs(3)).await;
            ("200 OK", "application/json", answer())
        }
        Fault::None | Fault::Flapping | Fault::Close => ("200 OK", "application/json", answer()),
    };
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n");
    stream.write_all(format!("{head}connection: close\r\n\r\n{body}").as_bytes()).await?;
    stream.shutdown().await
}
