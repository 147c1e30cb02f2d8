//! The loop that reads the lines of a batch and writes the answers.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};

use serde::Serialize;
use serde_json::Value;

use super::error::LineError;
use super::members::BatchLine;
use crate::exit::{CommandError, Exit};

/// The longest line that is read. An event of 6 MB, the most that Lambda accepts, fits with room for escapes.
const MAX_LINE_BYTES: usize = 16 << 20;

#[derive(Serialize)]
struct Answered<'a, A> {
    id: &'a Value,
    #[serde(flatten)]
    answer: A,
}

#[derive(Serialize)]
struct Unanswered<'a> {
    id: &'a Value,
    error: Located,
}

/// A line's error and the number of the line, which starts at 1 and counts empty lines.
#[derive(Serialize)]
struct Located {
    #[serde(flatten)]
    error: LineError,
    line: u64,
}

/// Answers the lines of standard input on standard output with `answer`.
///
/// # Errors
/// Standard input cannot be read or standard output cannot be written. A line that cannot be answered is not an error of
/// the batch: it gets an error as its answer, and the exit code is [`Exit::BadLine`].
pub(super) async fn run<L: BatchLine, A: Serialize>(
    answer: impl AsyncFn(L) -> Result<A, LineError>,
) -> Result<Exit, CommandError> {
    let exit = answer_lines(io::stdin().lock(), io::stdout().lock(), answer).await;
    match exit {
        // The reader has seen enough, as in `upsign presign --batch < lines | head -1`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Success),
        exit => {
            exit.map_err(|error| CommandError::caused("standard input or output", &error).with_code("io"))
        }
    }
}

async fn answer_lines<L: BatchLine, A: Serialize>(
    input: impl Read,
    output: impl Write,
    answer: impl AsyncFn(L) -> Result<A, LineError>,
) -> io::Result<Exit> {
    let (mut input, mut output) = (BufReader::with_capacity(1 << 16, input), BufWriter::new(output));
    let (mut text, mut line, mut exit) = (Vec::new(), 0, Exit::Success);
    while let Some(complete) = read_line(&mut input, &mut text)? {
        line += 1;
        if complete && text.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let (id, request) = if complete { parse::<L>(&text) } else { (Value::Null, Err(too_long())) };
        let answered = match request {
            Ok(request) => answer(request).await,
            Err(error) => Err(error),
        };
        match answered {
            Ok(answer) => serde_json::to_writer(&mut output, &Answered { id: &id, answer })?,
            Err(error) => {
                if error.fails_batch {
                    exit = Exit::BadLine;
                }
                serde_json::to_writer(&mut output, &Unanswered { id: &id, error: Located { error, line } })?;
            }
        }
        output.write_all(b"\n")?;
        // A client may wait for this answer before it writes the next line, so an answer is held back only while more
        // input is already here.
        if input.buffer().is_empty() {
            output.flush()?;
        }
    }
    output.flush()?;
    Ok(exit)
}

/// Parses a line into its id and the request.
///
/// A line that is not a valid request may still have an id, so that is looked up in a second, lenient pass.
fn parse<L: BatchLine>(text: &[u8]) -> (Value, Result<L, LineError>) {
    // serde would also read a struct from a JSON array, member by member.
    let is_object = text.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    let parsed = if is_object { serde_json::from_slice::<L>(text) } else { Err(not_an_object()) };
    match parsed {
        Ok(mut request) => (request.take_id(), Ok(request)),
        Err(error) => match serde_json::from_slice::<Value>(text) {
            Ok(Value::Object(mut members)) => {
                (members.remove("id").unwrap_or_default(), Err(LineError::unparsable(&error)))
            }
            Ok(_) => (Value::Null, Err(LineError::invalid_request("the line is not a JSON object"))),
            Err(error) => (Value::Null, Err(LineError::unparsable(&error))),
        },
    }
}

fn not_an_object() -> serde_json::Error {
    serde::de::Error::custom("not an object")
}

fn too_long() -> LineError {
    LineError::new("line-too-long", "the line is longer than 16 MiB")
}

/// Reads the next line into `text`, without its line feed. Returns `None` at the end of the input, and `Some(false)` if
/// the line is too long: the rest of it is skipped, so that at most [`MAX_LINE_BYTES`] are ever held.
fn read_line(input: &mut impl BufRead, text: &mut Vec<u8>) -> io::Result<Option<bool>> {
    text.clear();
    let limit = u64::try_from(MAX_LINE_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    if input.by_ref().take(limit).read_until(b'\n', text)? == 0 {
        return Ok(None);
    }
    if text.pop_if(|byte| *byte == b'\n').is_none() && text.len() > MAX_LINE_BYTES {
        input.skip_until(b'\n')?;
        return Ok(Some(false));
    }
    Ok(Some(true))
}

#[cfg(test)]
mod tests {
    use super::super::members::batch_line;
    use super::*;

    batch_line! {
        struct Request {
            required {
                n: u32 = "a number to double";
            }
            optional {}
        }
    }

    #[derive(Serialize)]
    struct Doubled {
        doubled: u32,
    }

    /// Answers `input` with a batch that doubles `n`, refuses 0, and answers 1000 with an error that is a regular answer.
    fn double(input: &[u8]) -> (String, Exit) {
        let mut output = Vec::new();
        let answered = answer_lines(input, &mut output, async |request: Request| match request.n {
            0 => Err(LineError::new("zero", "nothing to double")),
            1000 => Err(LineError::new("large", "too large").into_answer()),
            n => Ok(Doubled { doubled: n * 2 }),
        });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let exit = runtime.block_on(answered).unwrap();
        (String::from_utf8(output).unwrap(), exit)
    }

    #[track_caller]
    fn check(input: &[u8], expected: &[&str], expected_exit: Exit) {
        let (output, exit) = double(input);
        assert_eq!(output.lines().collect::<Vec<_>>(), expected);
        assert_eq!(exit, expected_exit);
    }

    #[test]
    fn each_line_gets_one_answer_in_order() {
        check(b"", &[], Exit::Success);
        check(
            b"{\"id\":\"a\",\"n\":1}\n \r\n{\"id\":2,\"n\":2}\r\n{\"n\":3}",
            &[r#"{"id":"a","doubled":2}"#, r#"{"id":2,"doubled":4}"#, r#"{"id":null,"doubled":6}"#],
            Exit::Success,
        );
    }

    #[test]
    fn invalid_lines_get_errors_with_their_numbers() {
        let input = b"{\n\xff\n\n7\n{\"id\":1}\n{\"id\":2,\"n\":\"s3cret\"}\n{\"id\":3,\"n\":1,\"n\":2}\n\
                      {\"id\":4,\"n\":1,\"s3cret\":2}\n{\"id\":5,\"n\":0}\n{\"id\":6,\"n\":4}\n";
        let expected = [
            r#"{"id":null,"error":{"code":"invalid-json","message":"the line is not valid JSON, at column 1","line":1}}"#,
            r#"{"id":null,"error":{"code":"invalid-json","message":"the line is not valid JSON, at column 1","line":2}}"#,
            r#"{"id":null,"error":{"code":"invalid-request","message":"the line is not a JSON object","line":4}}"#,
            r#"{"id":1,"error":{"code":"invalid-request","message":"the member `n` is missing","line":5}}"#,
            r#"{"id":2,"error":{"code":"invalid-request","message":"a member has the wrong type, before column 20","line":6}}"#,
            r#"{"id":3,"error":{"code":"invalid-request","message":"the member `n` occurs twice","line":7}}"#,
            r#"{"id":4,"error":{"code":"invalid-request","message":"unknown member before column 22; `--help` lists the known ones","line":8}}"#,
            r#"{"id":5,"error":{"code":"zero","message":"nothing to double","line":9}}"#,
            r#"{"id":6,"doubled":8}"#,
        ];
        check(input, &expected, Exit::BadLine);
    }

    #[test]
    fn error_that_is_a_regular_answer_does_not_change_the_exit_code() {
        let expected = r#"{"id":1,"error":{"code":"large","message":"too large","line":1}}"#;
        check(b"{\"id\":1,\"n\":1000}\n", &[expected], Exit::Success);
    }

    #[test]
    fn a_line_over_16_mib_is_skipped() {
        let mut input = vec![b' '; 2 * MAX_LINE_BYTES + 5];
        input.extend(b"x\n{\"id\":1,\"n\":1}\n");
        let error = r#"{"id":null,"error":{"code":"line-too-long","message":"the line is longer than 16 MiB","line":1}}"#;
        check(&input, &[error, r#"{"id":1,"doubled":2}"#], Exit::BadLine);
    }

    #[test]
    fn a_line_of_16_mib_is_answered() {
        let mut input = b"{\"n\":1,\"id\":\"".to_vec();
        input.resize(MAX_LINE_BYTES - 2, b'i');
        input.extend(b"\"}");
        assert_eq!(input.len(), MAX_LINE_BYTES);
        let (output, exit) = double(&input);
        assert!(output.ends_with("\"doubled\":2}\n"));
        assert_eq!(exit, Exit::Success);
    }
}
