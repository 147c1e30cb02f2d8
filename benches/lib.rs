//! How to compare fairly: everybody does the same work in turn, round after round, and the thread's CPU time is read.
//!
//! Interleaving spreads whatever else the machine does over all alike; CPU time leaves out what other programs take;
//! the median of many short rounds leaves out the rest.

use std::hint::black_box;
use std::time::Duration;

use cpu_time::ThreadTime;

/// One contender: a name, and a call that does the work for the item `i` and gives the bytes it made.
pub struct Contender<'a> {
    name: &'static str,
    work: Box<dyn FnMut(usize) -> usize + 'a>,
    /// How many items a call does.
    items: usize,
    calls: usize,
    rounds: Vec<f64>,
}

impl std::fmt::Debug for Contender<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contender").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What a contender took.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Taken {
    /// The contender.
    pub name: &'static str,
    /// The median round's nanoseconds an item.
    pub median: f64,
    /// The fastest round's nanoseconds an item.
    pub fastest: f64,
}

impl Taken {
    /// What a program that timed itself has told.
    #[must_use]
    pub const fn told(name: &'static str, median: f64, fastest: f64) -> Self {
        Self { name, median, fastest }
    }
}

impl<'a> Contender<'a> {
    /// A contender.
    pub fn new(name: &'static str, work: impl FnMut(usize) -> usize + 'a) -> Self {
        Self::batch(name, 1, work)
    }

    /// A contender whose every call does `items` items.
    pub fn batch(name: &'static str, items: usize, work: impl FnMut(usize) -> usize + 'a) -> Self {
        Self { name, work: Box::new(work), items, calls: 0, rounds: Vec::new() }
    }

    fn round(&mut self, calls: usize, first: usize) -> Duration {
        let start = ThreadTime::now();
        for i in first..first + calls {
            black_box((self.work)(i));
        }
        start.elapsed()
    }

    /// Finds how many calls take about a millisecond.
    fn warm_up(&mut self) {
        let mut calls = 1;
        while self.round(calls, 0) < Duration::from_millis(1) {
            calls *= 2;
        }
        self.calls = calls;
    }
}

/// Runs all contenders in turn, `rounds` times, about a millisecond each.
#[must_use]
pub fn compare(mut contenders: Vec<Contender<'_>>, rounds: usize) -> Vec<Taken> {
    contenders.iter_mut().for_each(Contender::warm_up);
    for round in 0..rounds {
        for contender in &mut contenders {
            let calls = contender.calls;
            let taken = contender.round(calls, round * calls);
            contender.rounds.push(taken.as_secs_f64() * 1e9 / (calls * contender.items) as f64);
        }
    }
    contenders
        .into_iter()
        .map(|mut contender| {
            contender.rounds.sort_by(f64::total_cmp);
            let at = |place: usize| contender.rounds.get(place).copied().unwrap_or(f64::NAN);
            Taken { name: contender.name, median: at(contender.rounds.len() / 2), fastest: at(0) }
        })
        .collect()
}
