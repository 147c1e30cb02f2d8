//! Runs every command of the README, of the manual and of the examples' README as a newcomer would: in order, in an empty
//! folder, with the built `upsign` on the path and emulators in place of AWS.

mod compare;
mod extract;
mod mentions;
mod script;
mod table;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use self::extract::{Shown, commands};
use self::mentions::{Help, mentions};
use self::script::{Emulators, script};
use self::table::{ROWS, Row};
use super::common::{json_output, text, with_credentials};
use super::{Context, StepError};
use crate::process::{Failure, failure, free_port, own, root, run, scratch, which};
use crate::servers::ministack;
use crate::tools::{Missing, system};

/// The port of `upsign serve`.
const SERVE_PORT: &str = ":8080";
/// The bucket of the pages.
const BUCKET: &str = "my-bucket";
const MANUAL: &str = "crates/upsign/src/manual";

/// One page and its commands.
struct Page {
    /// The path in the workspace.
    path: String,
    text: String,
    commands: Vec<Shown>,
}

pub(super) fn of_the_documentation(context: &Context) -> Result<(), StepError> {
    let python = context.tools.python("python")?;
    which("aws").ok_or_else(|| Missing::new("aws", "the AWS CLI"))?;
    for program in ["curl", "jq"] {
        system(program, program)?;
    }
    let upsign = context.build.upsign_with_all_features()?;
    let aws = ministack(&context.tools)?;
    let mut pool = Command::new(&python);
    let pool = json_output(with_credentials(pool.arg(own("tools/pool.py")).arg(&aws.endpoint)))?;
    let emulators = Emulators {
        endpoint: aws.endpoint.clone(),
        issuer: text(&pool, "issuer")?.to_owned(),
        pool: text(&pool, "pool")?.to_owned(),
        client: text(&pool, "client")?.to_owned(),
        token: text(&pool, "access_token")?.to_owned(),
        ports: [(SERVE_PORT, free_port()?), (":9090", free_port()?), (":4280", free_port()?)],
    };

    let folder = scratch("commands")?;
    let cors = r#"{"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}"#;
    fs::write(folder.join("cors.json"), cors).map_err(failure)?;
    let mut bucket = Command::new(&python);
    bucket.arg(own("tools/bucket.py")).args([&aws.endpoint, BUCKET]).arg(folder.join("cors.json"));
    run(with_credentials(bucket.stdout(Stdio::null())))?;
    let programs = folder.join("bin");
    fs::create_dir_all(&programs).map_err(failure)?;
    std::os::unix::fs::symlink(&upsign, programs.join("upsign")).map_err(failure)?;

    let pages = pages()?;
    let (mut failures, mut used, mut count) = (Vec::new(), BTreeSet::new(), 0);
    let (mut help, mut mentioned) = (Help::new(&upsign), 0);
    for page in &pages {
        for mention in mentions(&page.text) {
            mentioned += 1;
            failures.extend(help.check(mention)?.map(|wrong| format!("{}: {wrong}", page.path)));
        }
        if !page.commands.is_empty() {
            count += page.commands.len();
            failures.extend(run_page(&folder, page, &emulators, &mut used)?);
        }
    }
    let stale = ROWS.iter().enumerate().filter(|(index, _)| !used.contains(index));
    failures.extend(stale.map(|(_, row)| format!("the table has a row for no command: {row}")));
    println!("{count} commands and {mentioned} mentions of commands on {} pages", pages.len());
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n\n").into()) }
}

/// Returns the pages. The README comes first, then the tutorial.
fn pages() -> Result<Vec<Page>, Failure> {
    let mut manual = Vec::new();
    files(&root().join(MANUAL), &mut manual)?;
    manual.sort_by_key(|path| (!path.ends_with("tutorial.md"), path.clone()));
    let mut pages = Vec::new();
    let readmes =
        [root().join("README.md")].into_iter().chain(manual).chain([root().join("examples/README.md")]);
    for path in readmes {
        let text = fs::read_to_string(&path).map_err(failure)?;
        let path = path.strip_prefix(root()).map_err(failure)?.to_string_lossy().into_owned();
        let commands = commands(&text).map_err(|error| format!("{path}: {error}"))?;
        pages.push(Page { path, text, commands });
    }
    Ok(pages)
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    for entry in fs::read_dir(folder).map_err(failure)? {
        let path = entry.map_err(failure)?.path();
        if path.is_dir() {
            files(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "md") {
            found.push(path);
        }
    }
    Ok(())
}

/// Runs the commands of a page in one shell and returns what is wrong with them.
fn run_page(
    folder: &Path,
    page: &Page,
    emulators: &Emulators,
    used: &mut BTreeSet<usize>,
) -> Result<Vec<String>, Failure> {
    let name = page.path.replace(['/', '.'], "-");
    let (work, state) = (folder.join(format!("{name}-folder")), folder.join(name));
    for folder in [&work, &state] {
        fs::create_dir_all(folder).map_err(failure)?;
    }
    // The file that the reader uploads.
    fs::copy(root().join("crates/upsign-cli/assets/demo.jpg"), work.join("photo.jpg")).map_err(failure)?;
    let rows: Vec<Option<&Row>> = page
        .commands
        .iter()
        .map(|shown| {
            let found = ROWS.iter().enumerate().find(|(_, row)| row.is_for(&page.path, &shown.text));
            found.map(|(index, row)| {
                used.insert(index);
                row
            })
        })
        .collect();
    let text = script(page.commands.iter().zip(rows.iter().copied()), emulators);
    let file = state.join("script.sh");
    fs::write(&file, text).map_err(failure)?;
    let mut shell = Command::new("timeout");
    shell.args(["600", "bash"]).arg(&file).current_dir(&work).env("STATE", &state);
    let path = std::env::var("PATH").map_err(failure)?;
    shell.env("PATH", format!("{}:{path}", folder.join("bin").display())).env("CHECKOUT", root());
    for variable in std::env::vars_os().map(|(name, _)| name) {
        if variable.to_string_lossy().starts_with("UPSIGN_") {
            shell.env_remove(variable);
        }
    }
    shell.env("UPSIGN_LISTEN", emulators.with_free_ports(&format!("127.0.0.1{SERVE_PORT}")));
    shell.env("TOKEN", &emulators.token).env("AWS_PAGER", "").env("NO_COLOR", "1").env_remove("AWS_PROFILE");
    shell.env("AWS_ENDPOINT_URL", &emulators.endpoint).env("AWS_ENDPOINT_URL_S3", &emulators.endpoint);
    // Each command has its own file; the shell's messages are about the servers that it ends.
    shell.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let status = with_credentials(&mut shell).status();
    status.map_err(failure)?;

    let mut failures = Vec::new();
    for (number, shown) in page.commands.iter().enumerate() {
        let read = |end: &str| fs::read_to_string(state.join(format!("{number}.{end}")));
        let output = read("out").unwrap_or_default();
        let place = format!("{}: {}", page.path, shown.text);
        match read("code").ok().and_then(|code| code.trim().parse::<i32>().ok()) {
            None => {
                failures.push(format!("{place}\ndid not end:\n{}", end_of(&output)));
                break;
            }
            Some(code) if code != 0 && !shows_error(shown) => {
                failures.push(format!("{place}\nended with {code}:\n{}", end_of(&output)));
            }
            // curl ends with 0, whatever the status.
            Some(_) if output.contains("urn:upsign:problem") || output.contains("<Error>") => {
                failures.push(format!("{place}\nwas refused:\n{}", end_of(&output)));
            }
            Some(_) => {}
        }
        if let Some(expected) = &shown.output
            && !compare::matches(expected, &output)
        {
            failures.push(format!("{place}\nprints something else than the page shows:\n{output}"));
        }
    }
    Ok(failures)
}

/// Returns whether the page shows that the command fails.
fn shows_error(shown: &Shown) -> bool {
    shown.output.iter().flat_map(|output| output.lines()).any(|line| line.starts_with("error"))
}

/// Returns the last lines of an output.
fn end_of(output: &str) -> String {
    let lines: Vec<&str> = output.lines().collect();
    lines.get(lines.len().saturating_sub(20)..).unwrap_or_default().join("\n")
}
