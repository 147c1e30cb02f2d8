//! The pauses between attempts.

use std::time::Duration;

/// Seconds before each further attempt: about 28 hours in all. A receiver that is down for a night or is repaired the next
/// morning still gets its messages. Source: the schedule that Standard Webhooks proposes in its section "Retry schedule".
const PAUSES: [u64; 7] = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000];

/// Number of attempts to deliver a message.
pub(crate) const MAX_ATTEMPTS: usize = PAUSES.len() + 1;

/// The longest pause that a receiver can ask for.
const MAX_PAUSE: u64 = 86_400;

/// Returns the pause after the attempt of this number, which starts at 1, or `None` after the last one.
///
/// Half of a pause is random, so that the messages of an outage do not arrive at one instant. `asked` is the pause in seconds that
/// the receiver asks for, which is waited for at least.
pub(crate) fn pause(attempt: usize, random: u32, asked: Option<u64>) -> Option<Duration> {
    let seconds = *PAUSES.get(attempt.checked_sub(1)?)?;
    let millis = seconds * 500 + seconds * 500 * u64::from(random) / u64::from(u32::MAX);
    let asked = asked.unwrap_or_default().min(MAX_PAUSE) * 1_000;
    Some(Duration::from_millis(millis.max(asked)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_have_a_random_half() {
        let at = |attempt, random| pause(attempt, random, None).map(|it| it.as_millis());
        assert_eq!((at(1, 0), at(1, u32::MAX)), (Some(2_500), Some(5_000)));
        assert_eq!((at(7, 0), at(7, u32::MAX)), (Some(18_000_000), Some(36_000_000)));
        assert_eq!((at(0, 0), at(8, 0), at(MAX_ATTEMPTS, 0)), (None, None, None));
        assert!((1..7).all(|attempt| at(attempt, 9) <= at(attempt + 1, 9)));
    }

    #[test]
    fn a_receiver_can_ask_for_a_longer_pause_up_to_a_day() {
        assert_eq!(pause(1, 0, Some(60)), Some(Duration::from_secs(60)));
        assert_eq!(pause(2, u32::MAX, Some(60)), Some(Duration::from_secs(300)));
        assert_eq!(pause(1, 0, Some(u64::MAX)), Some(Duration::from_secs(86_400)));
    }
}
