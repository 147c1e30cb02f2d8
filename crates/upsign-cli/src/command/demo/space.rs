//! Whether the file of `upsign demo --size` fits on the disk and in the policy.

use std::path::Path;

use upsign_config::units;

use crate::exit::CommandError;

/// Refuses a size above `max`, the maximum of the policy, and one for which `folder` has not enough space.
pub(super) fn check(bytes: u64, max: u64, folder: &Path) -> Result<(), CommandError> {
    match refusal(bytes, max, free(folder)) {
        None => Ok(()),
        Some(Refusal::Policy) => {
            let message = format!("--size is at most {}, the max_size of the demo", units::format_size(max));
            Err(CommandError::usage(message))
        }
        Some(Refusal::Disk { needed, free }) => {
            let (needed, free, folder) = (gibibytes(needed), gibibytes(free), folder.display());
            let message = format!(
                "the demo needs {needed} in {folder}, for the file and for the stored object, but {free} are free"
            );
            let help = "choose a smaller --size, or another folder with the variable TMPDIR";
            Err(CommandError::usage(message).with_code("disk-full").with_help(help))
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Refusal {
    Policy,
    Disk { needed: u64, free: u64 },
}

fn refusal(bytes: u64, max: u64, free: Option<u64>) -> Option<Refusal> {
    if bytes > max {
        return Some(Refusal::Policy);
    }
    let needed = bytes.saturating_mul(2);
    free.filter(|free| *free < needed).map(|free| Refusal::Disk { needed, free })
}

/// Returns the bytes that this user can still write, or `None` if the system does not say.
#[cfg(unix)]
fn free(folder: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(folder).ok()?;
    found.f_bavail.checked_mul(found.f_frsize)
}

#[cfg(not(unix))]
fn free(_: &Path) -> Option<u64> {
    None
}

/// Returns a number of bytes for people, rounded down to a tenth of a GiB.
fn gibibytes(bytes: u64) -> String {
    let tenths = (u128::from(bytes) * 10) >> 30;
    format!("{}.{} GiB", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    #[test]
    fn sizes_above_the_policy_or_the_disk_are_refused() {
        assert_eq!(refusal(3 * GIB, 2 * GIB, None), Some(Refusal::Policy));
        assert_eq!(refusal(2 * GIB, 2 * GIB, None), None);
        assert_eq!(refusal(2 * GIB, 2 * GIB, Some(4 * GIB)), None);
        let disk = Refusal::Disk { needed: 4 * GIB, free: 4 * GIB - 1 };
        assert_eq!(refusal(2 * GIB, 2 * GIB, Some(4 * GIB - 1)), Some(disk));
        assert_eq!(gibibytes(4 * GIB - 1), "3.9 GiB");
    }

    /// The file of half the free space would take all of it.
    #[cfg(unix)]
    #[test]
    fn free_space_of_the_folder_is_known() {
        let folder = std::env::temp_dir();
        let free = free(&folder).unwrap();
        assert!(free > 0);
        let error = check(free, u64::MAX, &folder).unwrap_err();
        let error = error.diagnostics().next().unwrap();
        assert_eq!(error.code, "disk-full");
        assert!(error.message.contains("GiB are free"), "{}", error.message);
        assert!(check(1, u64::MAX, &folder).is_ok());
    }
}
