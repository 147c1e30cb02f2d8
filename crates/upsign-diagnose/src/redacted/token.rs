//! Tokens that no name precedes.

/// How session tokens of AWS begin: the base64 of the same first bytes of every token.
const TOKEN_STARTS: [&str; 4] = ["IQoJb3JpZ2lu", "FwoGZXIvYXdz", "FQoGZXIvYXdz", "AQoDYXdz"];

/// Characters of which tokens consist, from the present position on. They are read once, however often a token seems to begin there.
#[derive(Clone, Copy, Default)]
pub(super) struct Run {
    /// How many bytes of them are left. 0 if that is not known.
    len: usize,
    /// The distance to the last dots of them: the last but two, and the last but one. `None` if that dot is missing or passed.
    dots: [Option<usize>; 2],
}

impl Run {
    fn read(text: &str) -> Self {
        let is_part =
            |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.' | '+' | '/' | '=' | '%');
        let len = text.find(|it| !is_part(it)).unwrap_or(text.len());
        let mut dots = text.get(..len).unwrap_or_default().rmatch_indices('.').map(|(at, _)| at).skip(1);
        let last_but_one = dots.next();
        Self { len, dots: [dots.next(), last_but_one] }
    }

    /// Returns the run as it is some bytes later.
    pub(super) fn after(self, read: usize) -> Self {
        let left = |dot: Option<usize>| dot.and_then(|at| at.checked_sub(read));
        Self { len: self.len.saturating_sub(read), dots: self.dots.map(left) }
    }
}

/// Returns the length of a token that no name precedes.
pub(super) fn bare_token(text: &str, run: &mut Run) -> Option<usize> {
    let is_session = TOKEN_STARTS.iter().any(|start| text.starts_with(start));
    if !is_session && !text.starts_with("eyJ") {
        return None;
    }
    if run.len == 0 {
        *run = Run::read(text);
    }
    let len = run.len;
    let is_jwt = matches!(run.dots, [None, Some(_)]);
    ((is_session && len >= 60) || (is_jwt && len >= 30)).then_some(len)
}
