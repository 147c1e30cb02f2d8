//! GIF: a screen descriptor, then blocks until the trailer. Source: the GIF89a specification.

use crate::rejection::Rejection;
use crate::sample::View;

const TRAILER: u8 = 0x3b;

/// Returns the offset after the trailer, if it is known.
pub(crate) fn check(view: &View<'_>) -> Result<Option<u64>, Rejection> {
    let bytes: &[u8] = &view.start;
    if !bytes.starts_with(b"GIF87a") && !bytes.starts_with(b"GIF89a") {
        return Err(Rejection::mismatch("the bytes are no GIF"));
    }
    let Some(&flags) = bytes.get(10) else {
        return Err(Rejection::truncated("the GIF ends inside its header"));
    };
    let mut at = 13 + color_table(flags);
    loop {
        match bytes.get(at) {
            Some(&TRAILER) => return Ok(Some(at as u64 + 1)),
            // An image: descriptor, color table, size of a code, data.
            Some(0x2c) => {
                let Some(&flags) = bytes.get(at + 9) else { break };
                at = blocks(bytes, at + 11 + color_table(flags));
            }
            // An extension: its label, then data.
            Some(0x21) => at = blocks(bytes, at + 2),
            Some(_) => return Err(Rejection::mismatch("the bytes after the start of a GIF are no block")),
            None => break,
        }
    }
    if view.is_whole() {
        return Err(Rejection::truncated("the GIF has no trailer"));
    }
    end_of_long_file(view)
}

const fn color_table(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// Returns the offset after data blocks that begin at `at`, or one after the end of `bytes`.
fn blocks(bytes: &[u8], mut at: usize) -> usize {
    while let Some(&len) = bytes.get(at) {
        at += usize::from(len) + 1;
        if len == 0 {
            break;
        }
    }
    at
}

/// The blocks between the visible parts are unknown, so the file must end with the trailer, after the end of a block.
fn end_of_long_file(view: &View<'_>) -> Result<Option<u64>, Rejection> {
    let mut tail = view.tail();
    while let [rest @ .., 0 | b'\n' | b'\r' | b' '] = tail {
        tail = rest;
    }
    match tail {
        [.., 0, TRAILER] => Ok(Some(view.size)),
        _ => Err(Rejection::truncated("the GIF does not end with its trailer")),
    }
}
