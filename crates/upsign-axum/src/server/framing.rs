//! Finds the end of a request head and of its body in the bytes of a connection.
//!
//! hyper parses the requests. The server follows along for three reasons: it refuses line ends that hyper tolerates, it keeps
//! incomplete requests out of hyper's large buffers, and it knows which bytes belong to the next request. hyper's own view of
//! each body is compared with this one before the request is answered, so the two cannot disagree unnoticed.

/// The position within a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    Head(Line),
    /// The head is complete; [`Framing`] has to be determined.
    HeadEnd,
    /// In a body with this number of bytes left.
    Length(u64),
    Chunk(Chunk),
    /// After the last byte of the request.
    End,
    /// The request is refused: hyper receives everything that follows, and the connection closes after the answer.
    Open,
    /// The chunked body is malformed. Nothing more of the connection is used.
    Broken,
}

/// The position within a line of a head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// Whether the request line has begun. RFC 9112, section 2.2 allows empty lines before it.
    begun: bool,
    /// Whether the line has a byte other than its line end.
    content: bool,
    /// Whether the last byte was CR.
    cr: bool,
}

/// The position within a chunked body (RFC 9112, section 7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chunk {
    /// In the size of a chunk, with its value and number of digits.
    Size(u64, u8),
    Extension(u64),
    /// Before the LF that ends the line with the size.
    SizeEnd(u64),
    Data(u64),
    DataCr,
    DataLf,
    /// In a trailer line, or in the empty line at the end, which has no content.
    Trailer {
        content: bool,
    },
    TrailerLf {
        content: bool,
    },
}

/// How the end of a body is determined (RFC 9112, section 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    Length(u64),
    Chunked,
    /// The head contains both kinds of framing, several lengths, any transfer coding but `chunked` alone, or an error.
    ///
    /// RFC 9112 lets a server repair some of these. A proxy that repairs them differently finds another end of the request, so
    /// all of them are refused.
    Unclear,
}

impl Framing {
    /// Determines the framing from a complete head.
    pub(super) fn of(head: &[u8]) -> Self {
        let (mut length, mut chunked) = (None, false);
        for line in head.split(|&byte| byte == b'\n') {
            let mut parts = line.splitn(2, |&byte| byte == b':');
            let (Some(name), Some(value)) = (parts.next(), parts.next()) else { continue };
            let value = value.trim_ascii();
            if name.eq_ignore_ascii_case(b"content-length") {
                let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
                let parsed = str::from_utf8(value).ok().and_then(|value| value.parse().ok());
                match (length, parsed) {
                    (None, Some(parsed)) if digits => length = Some(parsed),
                    _ => return Self::Unclear,
                }
            } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
                if chunked || !value.eq_ignore_ascii_case(b"chunked") {
                    return Self::Unclear;
                }
                chunked = true;
            }
        }
        match (length, chunked) {
            (Some(_), true) => Self::Unclear,
            (None, true) => Self::Chunked,
            (length, false) => Self::Length(length.unwrap_or(0)),
        }
    }

    /// Returns whether the end of the body is clear, and hyper has found a body of the same kind and length.
    pub(super) fn matches(self, size: Option<u64>) -> bool {
        match self {
            Self::Length(length) => size == Some(length),
            Self::Chunked => size.is_none(),
            Self::Unclear => false,
        }
    }

    pub(super) const fn body(self) -> Position {
        match self {
            Self::Length(0) => Position::End,
            Self::Length(length) => Position::Length(length),
            Self::Chunked => Position::Chunk(Chunk::Size(0, 0)),
            Self::Unclear => Position::Open,
        }
    }
}

/// The largest number of hexadecimal digits of a chunk size: those of a `u64`.
const MAX_SIZE_DIGITS: u8 = 16;

impl Position {
    pub(super) const START: Self = Self::Head(Line { begun: false, content: false, cr: false });

    /// Moves past the bytes that belong to the current request, and returns their number. Stops at [`Self::HeadEnd`].
    ///
    /// A CR or LF alone in a head is replaced with NUL, which hyper refuses in every part of a head.
    pub(super) fn advance(&mut self, bytes: &mut [u8]) -> usize {
        let mut passed = 0;
        while let Some(rest) = bytes.get_mut(passed..).filter(|rest| !rest.is_empty()) {
            match self {
                Self::HeadEnd | Self::End | Self::Broken => break,
                Self::Open => return passed + rest.len(),
                Self::Length(left) | Self::Chunk(Chunk::Data(left)) => {
                    let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(rest.len());
                    *left -= taken as u64;
                    passed += taken;
                    match self {
                        Self::Length(0) => *self = Self::End,
                        Self::Chunk(Chunk::Data(0)) => *self = Self::Chunk(Chunk::DataCr),
                        _ => {}
                    }
                }
                Self::Chunk(chunk) => {
                    let Some(&mut byte) = rest.first_mut() else { break };
                    *self = chunk.next(byte);
                    passed += 1;
                }
                Self::Head(line) => {
                    let Some(byte) = rest.first_mut() else { break };
                    *self = line.next(byte);
                    passed += 1;
                }
            }
        }
        passed
    }
}

impl Line {
    const fn next(self, byte: &mut u8) -> Position {
        match (*byte, self.cr) {
            (b'\n', true) if self.begun && !self.content => Position::HeadEnd,
            (b'\n', true) => Position::Head(Self { content: false, cr: false, ..self }),
            (b'\r', false) => Position::Head(Self { cr: true, ..self }),
            (b'\n', false) | (_, true) => {
                *byte = 0;
                Position::Open
            }
            (_, false) => Position::Head(Self { begun: true, content: true, cr: false }),
        }
    }
}

impl Chunk {
    fn next(self, byte: u8) -> Position {
        Position::Chunk(match (self, byte) {
            (Self::Size(size, digits), b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F')
                if digits < MAX_SIZE_DIGITS =>
            {
                let digit = char::from(byte).to_digit(16).unwrap_or(0);
                Self::Size(size << 4 | u64::from(digit), digits + 1)
            }
            (Self::Size(size, 1..), b'\r') | (Self::Extension(size), b'\r') => Self::SizeEnd(size),
            (Self::Size(size, 1..), b';' | b' ' | b'\t') => Self::Extension(size),
            (Self::Extension(size), byte) if byte != b'\n' => Self::Extension(size),
            (Self::SizeEnd(0), b'\n') => Self::Trailer { content: false },
            (Self::SizeEnd(size), b'\n') => Self::Data(size),
            (Self::DataCr, b'\r') => Self::DataLf,
            (Self::DataLf, b'\n') => Self::Size(0, 0),
            (Self::Trailer { content }, b'\r') => Self::TrailerLf { content },
            (Self::Trailer { .. }, byte) if byte != b'\n' => Self::Trailer { content: true },
            (Self::TrailerLf { content: true }, b'\n') => Self::Trailer { content: false },
            (Self::TrailerLf { content: false }, b'\n') => return Position::End,
            _ => return Position::Broken,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end_of(body: Position, text: &str) -> (Position, usize) {
        let mut position = body;
        let passed = position.advance(&mut text.as_bytes().to_vec());
        (position, passed)
    }

    #[test]
    fn head_ends_after_the_empty_line() {
        let head = "\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n";
        assert_eq!(end_of(Position::START, &format!("{head}GET")), (Position::HeadEnd, head.len()));
    }

    #[test]
    fn lone_line_end_bytes_become_nul() {
        for text in
            ["\nGET", "GET / HTTP/1.1\nhost", "GET /\rx HTTP/1.1", "GET / HTTP/1.1\r\n\r\r", "a\r\n\n"]
        {
            let mut bytes = text.as_bytes().to_vec();
            let mut position = Position::START;
            assert_eq!(position.advance(&mut bytes), bytes.len(), "{text:?}");
            assert_eq!(position, Position::Open, "{text:?}");
            assert_eq!(bytes.iter().filter(|&&byte| byte == 0).count(), 1, "{text:?}");
        }
    }

    #[test]
    fn framing_is_unclear_unless_there_is_one_kind() {
        for (headers, expected) in [
            ("host: a\r\n", Framing::Length(0)),
            ("Content-Length:  12 \r\n", Framing::Length(12)),
            ("transfer-encoding: Chunked\r\n", Framing::Chunked),
            ("content-length: 1\r\ncontent-length: 1\r\n", Framing::Unclear),
            ("content-length: +1\r\n", Framing::Unclear),
            ("content-length: 1, 1\r\n", Framing::Unclear),
            ("content-length: 99999999999999999999\r\n", Framing::Unclear),
            ("content-length:\r\n", Framing::Unclear),
            ("content-length: 1\r\ntransfer-encoding: chunked\r\n", Framing::Unclear),
            ("transfer-encoding: gzip, chunked\r\n", Framing::Unclear),
            ("transfer-encoding: chunked, chunked\r\n", Framing::Unclear),
            ("transfer-encoding: chunked;q=1\r\n", Framing::Unclear),
            ("transfer-encoding: identity\r\n", Framing::Unclear),
            ("transfer-encoding:\r\n", Framing::Unclear),
            ("transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n", Framing::Unclear),
        ] {
            let head = format!("POST / HTTP/1.1\r\n{headers}\r\n");
            assert_eq!(Framing::of(head.as_bytes()), expected, "{headers:?}");
        }
    }

    #[test]
    fn body_ends_where_its_framing_says() {
        assert_eq!(end_of(Framing::Length(3).body(), "abcGET"), (Position::End, 3));
        assert_eq!(end_of(Framing::Length(3).body(), "ab"), (Position::Length(1), 2));
        assert_eq!(end_of(Framing::Length(0).body(), "GET"), (Position::End, 0));
        let chunked = "3;a=\"b\"\r\nabc\r\nA\r\n0123456789\r\n0\r\nx: 1\r\n\r\n";
        assert_eq!(end_of(Framing::Chunked.body(), &format!("{chunked}GET")), (Position::End, chunked.len()));
        for broken in [
            "\r\n",
            "g\r\n",
            "1\n",
            "1\r\r",
            "1\r\nab",
            "0\r\n\n",
            "0\r\nx\n",
            "1;\n",
            "11111111111111111\r\n",
        ] {
            assert_eq!(end_of(Framing::Chunked.body(), broken).0, Position::Broken, "{broken:?}");
        }
    }
}
