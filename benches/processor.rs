//! A description of the processor, and of the SHA-256 code that this build runs on it.

use std::fs;

/// `true` if this program was built with `RUSTFLAGS='--cfg sha2_backend="soft"'`: `sha2` then never uses the SHA extensions
/// of the processor. Otherwise it detects them at run time.
pub const SHA2_IS_PORTABLE: bool = cfg!(sha2_backend = "soft");

/// Describes the processor on one line: its model, and which of the extensions that speed up hashing and RSA it has.
#[must_use]
pub fn describe() -> String {
    let model = model().unwrap_or_else(|| format!("unknown model ({})", std::env::consts::ARCH));
    let (mut present, mut absent) = (Vec::new(), Vec::new());
    for (name, detected) in extensions() {
        if detected { present.push(name) } else { absent.push(name) }
    }
    let absent = if absent.is_empty() { String::new() } else { format!("; without {}", absent.join(", ")) };
    format!("{model}; {}{absent}", present.join(", "))
}

#[cfg(target_arch = "x86_64")]
fn extensions() -> Vec<(&'static str, bool)> {
    vec![
        ("sha_ni", is_x86_feature_detected!("sha")),
        ("avx2", is_x86_feature_detected!("avx2")),
        ("bmi2", is_x86_feature_detected!("bmi2")),
        ("adx", is_x86_feature_detected!("adx")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
        ("avx512ifma", is_x86_feature_detected!("avx512ifma")),
    ]
}

#[cfg(target_arch = "aarch64")]
fn extensions() -> Vec<(&'static str, bool)> {
    vec![
        ("sha2", std::arch::is_aarch64_feature_detected!("sha2")),
        ("neon", std::arch::is_aarch64_feature_detected!("neon")),
    ]
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn extensions() -> Vec<(&'static str, bool)> {
    Vec::new()
}

/// Reads the model from `/proc/cpuinfo`. Virtual machines often hide the marketing name, so family and model number are
/// added. Returns `None` if the file does not exist.
fn model() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let field = |wanted: &str| {
        text.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            (name.trim() == wanted).then(|| value.trim().to_owned())
        })
    };
    let name = field("model name")?;
    match (field("cpu family"), field("model")) {
        (Some(family), Some(model)) => Some(format!("{name} (family {family}, model {model})")),
        _ => Some(name),
    }
}
