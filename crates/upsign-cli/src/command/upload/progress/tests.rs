//! What the bars show on a terminal: bytes, rate, remaining time, parts in flight, and the bar of all files.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use indicatif::{ProgressDrawTarget, TermLike};

use super::{FileProgress, Progress, Style};

const MIB: u64 = 1 << 20;

/// Keeps the lines that were written last.
#[derive(Clone, Debug, Default)]
struct Screen(Arc<Mutex<String>>);

impl Screen {
    fn progress(&self, files: usize, bytes: u64) -> Progress {
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(self.clone()), 255);
        Progress::on(target, Style::Bars, files, Some(bytes))
    }

    /// Returns what was written since the last call.
    fn take(&self) -> String {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl TermLike for Screen {
    fn width(&self) -> u16 {
        140
    }

    fn move_cursor_up(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_down(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.write_str(&format!("{text}\n"))
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.0.lock().unwrap().push_str(text);
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        self.write_str("\n")
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}

/// Sends about 10 MiB/s for half a second.
fn send(file: &FileProgress) {
    for _ in 0..50 {
        std::thread::sleep(Duration::from_millis(10));
        let _ = file.add(MIB / 10);
    }
}

/// Returns the number before a unit, as in `9.81 MiB/s`.
fn number_before(text: &str, unit: &str) -> f64 {
    let before = text.split(unit).next().unwrap().trim_end();
    before
        .rsplit([' ', '\n'])
        .next()
        .unwrap()
        .parse()
        .unwrap_or_else(|_| panic!("no number before {unit} in {text}"))
}

#[test]
fn bar_shows_rate_and_remaining_time() {
    let screen = Screen::default();
    let progress = screen.progress(1, 100 * MIB);
    let file = progress.file("film.mp4", Some(100 * MIB));
    send(&file);
    screen.take();
    file.show_in_flight(1);
    let text = screen.take();
    let line =
        text.lines().find(|line| line.contains("film.mp4")).unwrap_or_else(|| panic!("no line in {text:?}"));
    assert!(line.contains("/100.00 MiB"), "{line}");
    // Sleeping takes longer on a busy machine, so that the rate is lower.
    let rate = number_before(line, "MiB/s");
    assert!((0.5..=11.0).contains(&rate), "{line}");
    let eta = file.0.bar.eta().as_secs_f64();
    assert!((8.0..=200.0).contains(&eta), "95 MiB at {rate} MiB/s take {eta} s");
    // The time was a little shorter when the line was drawn, and it is rounded.
    let about = (eta - 3.0)..=(eta + 1.0);
    assert!(about.contains(&number_before(line, "s 1 part")) || line.contains("m 1 part"), "{eta} {line}");
}

#[test]
fn parts_in_flight_are_counted() {
    let screen = Screen::default();
    let progress = screen.progress(1, 100 * MIB);
    let file = progress.file("film.mp4", Some(100 * MIB));
    let shown = |change: i32| {
        file.show_in_flight(change);
        file.0.bar.message()
    };
    assert_eq!(shown(1), "1 part in flight");
    assert_eq!(shown(1), "2 parts in flight");
    assert_eq!(shown(-1), "1 part in flight");
    std::thread::sleep(Duration::from_millis(20));
    assert_eq!(shown(-1), "0 parts in flight");
    assert!(screen.take().contains("parts in flight"));
    // A part that failed has no event of its own: the upload has ended.
    shown(1);
    file.finish();
    assert_eq!(file.counts().in_flight, 0);
    assert_eq!(shown(-1), "0 parts in flight", "never below zero");
}

#[test]
fn several_files_have_a_bar_for_all() {
    let screen = Screen::default();
    let progress = screen.progress(2, 30 * MIB);
    let all = progress.all.clone().unwrap();
    for (name, size) in [("a.mp4", 10 * MIB), ("b.mp4", 20 * MIB)] {
        let file = progress.file(name, Some(size));
        let _ = file.add(size);
        file.remove(MIB);
        assert_eq!(file.0.bar.position(), size - MIB, "bytes of a failed attempt are taken back");
        let _ = file.add(MIB);
        file.finish();
    }
    assert_eq!((all.position(), all.length()), (30 * MIB, Some(30 * MIB)));
    std::thread::sleep(Duration::from_millis(20));
    all.tick();
    let text = screen.take();
    assert!(text.contains("in all") && text.contains("30.00 MiB/30.00 MiB"), "{text}");
    assert!(screen.progress(1, MIB).all.is_none(), "a single file needs no second bar");
}
