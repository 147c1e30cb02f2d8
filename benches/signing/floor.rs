//! The floor: the compressions a signature cannot avoid, through the same crate, and nothing else.

use std::hint::black_box;

use sha2::block_api::compress256;

use super::Contender;

const START: [u32; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

pub(crate) fn compressions(name: &'static str, count: usize) -> Contender<'static> {
    let block = black_box([[7_u8; 64]]);
    Contender::new(name, move |_| {
        let mut state = black_box(START);
        for _ in 0..count {
            compress256(&mut state, &block);
        }
        black_box(state)[0] as usize
    })
}

/// Two chains, a block of each in turn: what a batch can reach.
pub(crate) fn two_lanes(name: &'static str, count: usize) -> Contender<'static> {
    let block = black_box([[7_u8; 64]]);
    Contender::batch(name, 2, move |_| {
        let (mut one, mut two) = (black_box(START), black_box(START));
        for _ in 0..count {
            compress256(&mut one, &block);
            compress256(&mut two, &block);
        }
        (black_box(one)[0] ^ black_box(two)[0]) as usize
    })
}
