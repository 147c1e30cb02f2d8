//! Properties for arbitrary keys, sequencers and messages.

use proptest::prelude::*;
use serde_json::json;
use upsign_core::ObjectKey;
use upsign_events::{Sequencer, parse};

use crate::{created, event, sns};

/// Encodes a key as S3 does, with `%` for each byte that `literal` does not accept.
fn encode(key: &str, literal: impl Fn(u8) -> bool) -> String {
    let encoded = key.bytes().map(|byte| match byte {
        b' ' => "+".to_owned(),
        byte if literal(byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    encoded.collect()
}

proptest! {
    /// Whatever else a store leaves unencoded, a key is read back.
    #[test]
    fn key_round_trips_in_every_encoding(key in "[ -~é€😀]{1,40}") {
        prop_assume!(key.parse::<ObjectKey>().is_ok());
        let strict = encode(&key, |byte| byte.is_ascii_alphanumeric());
        let loose = encode(&key, |byte| byte.is_ascii_graphic() && !b"%+".contains(&byte));
        for encoded in [strict, loose] {
            let message = created(&encoded, &json!({}));
            for message in [sns(&message.to_string()), message] {
                let found = event(&message);
                prop_assert_eq!(found.key.as_str(), &key);
            }
        }
    }

    /// No message makes the parser panic, and what it accepts is within the bounds.
    #[test]
    fn any_message_is_answered(message in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse(&message);
    }

    /// The order of numbers of one length, as S3 sends them for a key.
    #[test]
    fn sequencers_of_one_length_are_ordered_by_value(one in any::<u64>(), other in any::<u64>()) {
        let sequencer = |value: u64| format!("{value:016x}").parse::<Sequencer>().unwrap();
        prop_assert_eq!(sequencer(one).order(&sequencer(other)), Some(one.cmp(&other)));
    }

    #[test]
    fn order_of_sequencers_is_antisymmetric(one in "[0-9a-fA-F]{1,20}", other in "[0-9a-fA-F]{1,20}") {
        let (one, other): (Sequencer, Sequencer) = (one.parse().unwrap(), other.parse().unwrap());
        prop_assert_eq!(one.order(&other), other.order(&one).map(std::cmp::Ordering::reverse));
    }
}
