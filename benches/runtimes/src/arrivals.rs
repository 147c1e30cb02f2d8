//! A load generator whose requests arrive at a rate that does not depend on the answers.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::client::{Answer, Client, NoAnswer, Upload};

/// How long a connection may be idle before it is used again. The server closes one that is idle for ten seconds, and a client
/// that sends on it at that moment loses its request.
const MAX_IDLE: Duration = Duration::from_secs(5);

/// Requests that arrive evenly, whatever becomes of those before them.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the measurements construct it")]
pub struct Arrivals {
    /// The address of the server.
    pub address: SocketAddr,
    /// Each request. An idle connection carries it if there is one, and a new one otherwise.
    pub upload: Upload,
    /// Requests per second.
    pub rate: f64,
    /// The time during which requests arrive.
    pub duration: Duration,
}

/// What became of the requests.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Outcome {
    /// The number of requests that arrived.
    pub offered: usize,
    /// The times of the answers 200, sorted.
    pub granted: Vec<Duration>,
    /// The times of the answers 503, sorted.
    pub refused: Vec<Duration>,
    /// Requests with another answer, or none.
    pub failed: usize,
    /// The first of the failed ones.
    pub failure: Option<String>,
    /// From the first arrival to the last.
    pub elapsed: Duration,
}

impl Outcome {
    /// Returns the requests that arrived per second.
    #[must_use]
    pub fn offered_rate(&self) -> f64 {
        self.offered as f64 / self.elapsed.as_secs_f64()
    }

    /// Returns the answers 200 per second.
    #[must_use]
    pub fn goodput(&self) -> f64 {
        self.granted.len() as f64 / self.elapsed.as_secs_f64()
    }

    fn record(&mut self, answer: Result<Answer, NoAnswer>) {
        match answer {
            Ok(Answer { status: 200, time, .. }) => self.granted.push(time),
            Ok(Answer { status: 503, time, .. }) => self.refused.push(time),
            other => {
                self.failed += 1;
                self.failure.get_or_insert_with(|| format!("{other:?}"));
            }
        }
    }
}

/// Sends the requests, waits for the last answers and returns what became of them.
pub async fn run_arrivals(arrivals: &Arrivals) -> Outcome {
    let outcome = Arc::new(Mutex::new(Outcome::default()));
    let idle = Arc::new(Mutex::new(Vec::<(Client, Instant)>::new()));
    let shared = Arc::new(arrivals.clone());
    let (start, mut offered, mut running) = (Instant::now(), 0_usize, JoinSet::new());
    let mut tick = interval(Duration::from_millis(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    while start.elapsed() < arrivals.duration {
        tick.tick().await;
        // As many as should have arrived by now, however late this tick is.
        let due = (start.elapsed().as_secs_f64() * arrivals.rate) as usize;
        for _ in offered..due {
            let (outcome, idle, shared) = (Arc::clone(&outcome), Arc::clone(&idle), Arc::clone(&shared));
            running.spawn(async move {
                // The one that was used last: if it has been idle for too long, so have all others.
                let client = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
                let client = client.filter(|(_, since)| since.elapsed() < MAX_IDLE);
                let mut client = client.map_or_else(|| Client::new(shared.address), |(client, _)| client);
                let answer = client.upload(&shared.upload).await;
                outcome.lock().unwrap_or_else(PoisonError::into_inner).record(answer);
                if client.is_connected() {
                    idle.lock().unwrap_or_else(PoisonError::into_inner).push((client, Instant::now()));
                }
            });
        }
        offered = offered.max(due);
        while running.try_join_next().is_some() {}
    }
    let elapsed = start.elapsed();
    running.join_all().await;
    let mut outcome = std::mem::take(&mut *outcome.lock().unwrap_or_else(PoisonError::into_inner));
    outcome.granted.sort_unstable();
    outcome.refused.sort_unstable();
    Outcome { offered, elapsed, ..outcome }
}
