//! Repeating calls within the time of a step.

use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep};
use upsign::Timestamp;
use upsign_core::Backoff;

use crate::client::Calls;
use crate::error::CallError;

/// Random from zero on, so that transactions that met do not meet again.
const BACKOFF: Backoff = Backoff::new(Duration::from_millis(20), Duration::from_millis(640));

/// The time that a step may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimeLimits {
    /// Of one call.
    pub(crate) attempt: Duration,
    /// Of all calls and pauses of a step.
    pub(crate) total: Duration,
}

/// One step: its calls, and when it has to end.
pub(crate) struct Step<'a> {
    calls: &'a Calls,
    pub(crate) table: &'a str,
    pub(crate) at: Timestamp,
    limits: TimeLimits,
    began: Instant,
}

impl<'a> Step<'a> {
    pub(crate) fn new(calls: &'a Calls, table: &'a str, limits: TimeLimits, at: Timestamp) -> Self {
        Self { calls, table, at, limits, began: Instant::now() }
    }

    /// Calls an operation until it succeeds, a condition does not hold, or the time of the step is over.
    pub(crate) async fn call(&self, operation: &str, body: &Value) -> Result<Value, CallError> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let passed = self.began.elapsed();
            let limit = self.limits.attempt.min(self.limits.total.saturating_sub(passed));
            // A signature is valid for some minutes, so it has the time of the attempt.
            let at = self.at.saturating_add(passed.as_secs());
            let error = match self.calls.call(operation, body, limit, at).await {
                Err(error) if error.retry_may_help() => error,
                result => return result,
            };
            let pause = BACKOFF.pause(attempts);
            if self.began.elapsed().saturating_add(pause) >= self.limits.total {
                return Err(error);
            }
            sleep(pause).await;
        }
    }

    /// Fails if the time of the step is over: the outcome of each call leads to another one.
    pub(crate) fn check_time(&self) -> Result<(), CallError> {
        if self.began.elapsed() < self.limits.total {
            return Ok(());
        }
        Err(CallError::Timeout(self.limits.total))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit() {
        let longest = [1, 2, 3, 6, 7, u32::MAX].map(|attempts| BACKOFF.longest(attempts).as_millis());
        assert_eq!(longest, [20, 40, 80, 640, 640, 640]);
    }
}
