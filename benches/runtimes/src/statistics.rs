//! Quantiles and slopes.

use std::time::Duration;

/// Returns the median, or `NAN` if there are no values.
#[must_use]
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Returns the time below which this share of sorted times lies, or [`Duration::MAX`] if there are none.
#[must_use]
pub fn quantile(sorted: &[Duration], share: f64) -> Duration {
    let index = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
    sorted.get(index).copied().unwrap_or(Duration::MAX)
}

/// Returns a time in milliseconds, or `NAN` for [`Duration::MAX`].
#[must_use]
pub fn milliseconds(time: Duration) -> f64 {
    if time == Duration::MAX { f64::NAN } else { time.as_secs_f64() * 1e3 }
}

/// Returns the medians of the first and of the last third of a series.
#[must_use]
pub fn trend(values: &[u64]) -> (u64, u64) {
    let third = values.len().div_ceil(3);
    let median = |part: Option<&[u64]>| {
        let mut part = part.unwrap_or_default().to_vec();
        part.sort_unstable();
        part.get(part.len() / 2).copied().unwrap_or(0)
    };
    (median(values.get(..third)), median(values.get(values.len().saturating_sub(third)..)))
}

/// Returns by how much a series grows from one value to the next: the slope of its least-squares line, or 0 for fewer than
/// two values.
#[must_use]
pub fn slope(values: &[u64]) -> f64 {
    let count = values.len() as f64;
    let middle = (count - 1.0) / 2.0;
    let mean = values.iter().map(|value| *value as f64).sum::<f64>() / count;
    let (mut product, mut square) = (0.0, 0.0);
    for (index, value) in values.iter().enumerate() {
        let distance = index as f64 - middle;
        product += distance * (*value as f64 - mean);
        square += distance * distance;
    }
    if square > 0.0 { product / square } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trend_compares_the_ends_of_a_series() {
        assert_eq!(trend(&[]), (0, 0));
        assert_eq!(trend(&[5]), (5, 5));
        assert_eq!(trend(&[1, 2, 3, 4, 5, 6, 7, 8, 9]), (2, 8));
        assert_eq!(trend(&[1, 99, 1, 50, 50, 50, 1, 1, 77]), (1, 1));
    }

    #[test]
    fn slope_is_the_growth_per_value() {
        let is = |values: &[u64], expected: f64| (slope(values) - expected).abs() < 1e-9;
        assert!(is(&[], 0.0) && is(&[7], 0.0) && is(&[7, 7, 7], 0.0));
        assert!(is(&[1, 3, 5, 7], 2.0) && is(&[9, 6, 3], -3.0));
    }

    #[test]
    fn quantile_of_no_times_misses_every_bound() {
        let times: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(quantile(&times, 0.99), Duration::from_millis(100));
        assert_eq!(quantile(&times, 0.5), Duration::from_millis(51));
        assert_eq!(quantile(&[], 0.99), Duration::MAX);
        assert!(milliseconds(Duration::MAX).is_nan());
    }
}
