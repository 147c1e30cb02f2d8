//! The commands that do not run here as a page shows them, and why.

use std::fmt;

/// How a command runs.
#[derive(Clone, Copy, Debug)]
pub(super) enum How {
    /// As it is, after one script and before another.
    With { before: &'static str, after: &'static str },
    /// This script runs in its place.
    Instead(&'static str),
    /// With another text in place of a part of it.
    Replacing(&'static str, &'static str),
    /// In the checkout, not in the newcomer's folder.
    InCheckout,
    /// In the background; it is ready once its output contains this text.
    Server(&'static str),
}

/// A command that does not simply run.
#[derive(Debug)]
pub(super) struct Row {
    /// The end of the page's path. Empty for every page.
    page: &'static str,
    /// The start of the command.
    command: &'static str,
    pub(super) how: How,
    /// Why.
    reason: &'static str,
}

const fn row(page: &'static str, command: &'static str, how: How, reason: &'static str) -> Row {
    Row { page, command, how, reason }
}

/// The first row for a command counts.
pub(super) const ROWS: &[Row] = &[
    row("", "upsign init", How::With { before: "", after: "edit" }, "the reader changes the marked lines"),
    row(
        "",
        "cargo install --path crates/upsign-cli",
        How::Instead("upsign --version"),
        "it is built and on the path",
    ),
    row("", "git clone", How::Instead("test -f \"$CHECKOUT/Cargo.toml\""), "the checkout is there"),
    row("", "cargo run --release -- demo", How::Replacing("cargo run --release --", "upsign"), "it is built"),
    row("", "upsign serve", How::Server("listening"), "it runs until it is ended"),
    row("", "upsign dev", How::Server("in another terminal"), "it runs until it is ended"),
    row(
        "howto/migrate.rs",
        "aws s3api put-bucket-cors --bucket article-images-bucket",
        How::Replacing("--bucket article-images-bucket", "--bucket my-bucket"),
        "the bucket of the pages has another name",
    ),
    row(
        "howto/migrate.rs",
        "aws s3api get-bucket-cors --bucket article-images-bucket",
        How::Replacing("--bucket article-images-bucket", "--bucket my-bucket"),
        "the bucket of the pages has another name",
    ),
    row(
        "tutorial.md",
        "aws s3 rb",
        How::With { before: "", after: "aws s3 mb s3://my-bucket" },
        "the pages share one bucket",
    ),
    row(
        "",
        "aws s3api get-bucket-cors",
        How::With {
            before: "aws s3api put-bucket-cors --bucket my-bucket --cors-configuration \"$(upsign documents cors)\"",
            after: "",
        },
        "the reader has deployed the rules",
    ),
    row(
        "howto/lambda.md",
        "python3 -m venv",
        How::Instead("python3 --version"),
        "the step `printed` runs it with a stand-in; nothing is installed",
    ),
    row(
        "howto/lambda.md",
        "cargo lambda build",
        How::Instead("test -f \"$CHECKOUT/examples/lambda/upsign.toml\""),
        "the step `printed` runs it; `cargo xtask nightly --only cloud` does so with cargo-lambda itself",
    ),
    row(
        "howto/lambda.md",
        "sam deploy",
        How::Instead("grep -q 'CodeUri: target/lambda/bootstrap/bootstrap.zip' template.yaml"),
        "the steps `printed` and `cloud` deploy the template to an emulator",
    ),
    row(
        "howto/lambda.md",
        "function=$(aws cloudformation",
        How::Instead("grep -q FunctionArn: template.yaml && function=GetUploadUrlFunction"),
        "no stack is deployed",
    ),
    row(
        "howto/lambda.md",
        "aws lambda update-function-code",
        How::Instead("test -n \"$function\""),
        "no function is deployed",
    ),
    row(
        "howto/drift.rs",
        "aws cloudformation get-template",
        How::Instead("cp template.yaml deployed.yaml"),
        "no stack is deployed; the step `drift` exports one",
    ),
    row(
        "howto/keys.rs",
        "HTTPS_PROXY=",
        How::Instead("upsign check"),
        "there is no proxy; the step `issuers` starts one",
    ),
    row(
        "howto/large_files.rs",
        "UPSIGN_TOKEN=$TOKEN upsign upload",
        How::Instead(
            "sed -i 's|^bodyless = .*|&\\nmultipart = \"always\"\\nchecksums = [\"sha256\"]\\n[token]\\n\
             keys = [\"env:UPSIGN_TOKEN_SECRET\"]|' upsign.toml\n\
             upsign serve >serve.out 2>&1 &\nserver=$!\nready serve.out listening && \
             UPSIGN_TOKEN=$TOKEN upsign upload photo.jpg --api http://127.0.0.1:8080",
        ),
        "the settings of the page and a photo; Ministack's CRC-64 of an object of parts is not that of S3",
    ),
    row("examples/README.md", "cargo ", How::InCheckout, "the examples are in the checkout"),
];

impl Row {
    /// Returns whether the row is for this command of this page.
    pub(super) fn is_for(&self, page: &str, command: &str) -> bool {
        page.ends_with(self.page) && command.starts_with(self.command)
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let page = if self.page.is_empty() { "every page" } else { self.page };
        write!(f, "`{}` in {page} ({})", self.command, self.reason)
    }
}
