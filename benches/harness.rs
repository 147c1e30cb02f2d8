//! Timing of several implementations in interleaved rounds, by the CPU time of the thread.

use std::fmt;
use std::hint::black_box;
use std::time::Duration;

use cpu_time::ThreadTime;

/// The CPU time of one candidate in one round. Short rounds spread disturbances over all candidates.
const ROUND: Duration = Duration::from_millis(1);

/// One implementation to measure: a name and a closure that does the work once.
pub struct Candidate<'a> {
    name: &'static str,
    /// Takes a running number, from which it can choose its input, and returns the number of bytes that it produced.
    work: Box<dyn FnMut(usize) -> usize + 'a>,
    items_per_call: usize,
    calls_per_round: usize,
    /// Nanoseconds per item, one value per round.
    rounds: Vec<f64>,
}

impl fmt::Debug for Candidate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The result of one candidate.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Timing {
    /// The name of the candidate.
    pub name: &'static str,
    /// Nanoseconds per item in the median round.
    pub median: f64,
    /// Nanoseconds per item in the fastest round.
    pub fastest: f64,
    /// The interquartile range of the rounds, as a share of the median. `NAN` if the program did not report it.
    pub spread: f64,
}

impl Timing {
    /// Returns the timing that another program measured and reported.
    #[must_use]
    pub const fn reported(name: &'static str, median: f64, fastest: f64) -> Self {
        Self { name, median, fastest, spread: f64::NAN }
    }
}

impl<'a> Candidate<'a> {
    /// Creates a candidate whose closure processes one item per call.
    pub fn new(name: &'static str, work: impl FnMut(usize) -> usize + 'a) -> Self {
        Self::batch(name, 1, work)
    }

    /// Creates a candidate whose closure processes `items` items per call.
    pub fn batch(name: &'static str, items: usize, work: impl FnMut(usize) -> usize + 'a) -> Self {
        Self { name, work: Box::new(work), items_per_call: items, calls_per_round: 0, rounds: Vec::new() }
    }

    fn time_calls(&mut self, calls: usize, first: usize) -> Duration {
        let start = ThreadTime::now();
        for i in first..first + calls {
            black_box((self.work)(i));
        }
        start.elapsed()
    }

    /// Warms up the caches and determines the number of calls that fill a round.
    fn calibrate(&mut self) {
        let mut calls = 1;
        while self.time_calls(calls, 0) < ROUND {
            calls *= 2;
        }
        self.calls_per_round = calls;
    }

    fn finish(mut self) -> Timing {
        self.rounds.sort_by(f64::total_cmp);
        // The values are sorted: a quarter of them lies below index `len / 4`.
        let at = |index: usize| self.rounds.get(index).copied().unwrap_or(f64::NAN);
        let len = self.rounds.len();
        let (median, fastest) = (at(len / 2), at(0));
        let spread = (at(len * 3 / 4) - at(len / 4)) / median;
        Timing { name: self.name, median, fastest, spread }
    }
}

/// Runs all candidates in turn, `rounds` times for about a millisecond each, and returns their timings in the same order.
#[must_use]
pub fn compare(mut candidates: Vec<Candidate<'_>>, rounds: usize) -> Vec<Timing> {
    candidates.iter_mut().for_each(Candidate::calibrate);
    for round in 0..rounds {
        for candidate in &mut candidates {
            let calls = candidate.calls_per_round;
            let elapsed = candidate.time_calls(calls, round * calls);
            let items = (calls * candidate.items_per_call) as f64;
            candidate.rounds.push(elapsed.as_secs_f64() * 1e9 / items);
        }
    }
    candidates.into_iter().map(Candidate::finish).collect()
}
