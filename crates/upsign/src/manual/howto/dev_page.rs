//! The page of `upsign dev`: try a policy with files of your own.
//!
//! ```text
//! upsign dev --config upsign.toml
//! ```
//!
//! The command starts an S3 server and an issuer on this machine, and serves the routes of the file with them. Its page uploads with the
//! [client for browsers](super::browser), so that what works here works in your application. Everything is deleted when the command
//! ends.
//!
//! # Upload
//!
//! <img src="https://raw.githubusercontent.com/upsign/upsign/main/crates/upsign/src/manual/pictures/dev-page-light.webp" width="760"
//!   alt="The page of upsign dev: a photo was uploaded, and each request is shown with its answer">
//!
//! - Choose files, drop them anywhere on the page, or paste an image. Three are sent at a time; each has a row with its progress, its
//!   speed and the time left, which are also in the title and the icon of the tab.
//! - **Cancel** or the Escape key ends the upload that is shown, and discards its parts. **Try again** begins it anew.
//! - On a route with [parts](super::large_files), **Pause** keeps what is stored, and **Continue** sends the rest. So does a reload: the
//!   page lists the upload as interrupted. For a file that was dropped, the browser asks for the permission to read it again; for
//!   one that was chosen, the page asks you to choose it again, and takes no other one.
//! - Each row can be opened: the four steps show every request with its answer, and the buttons copy the key, the URL, and the upload as
//!   a command.
//! - The object is read back and compared with the file: by its SHA-256 up to 32 MiB, and above that byte by byte, without holding it in
//!   memory.
//!
//! <img src="https://raw.githubusercontent.com/upsign/upsign/main/crates/upsign/src/manual/pictures/dev-page-refused.webp" width="760"
//!   alt="The page of upsign dev: the API refused a text file, and the page names the line of the configuration that is responsible">
//!
//! # What does this URL allow?
//!
//! - **The URL, taken apart** marks host, bucket, key, signer, scope, times, signed headers and signature, each with a sentence, as
//!   `upsign explain` says it. The time that is left counts down. Of a form, it explains the fields.
//! - **What this URL allows** lists each limit, who enforces it, and the line of `upsign.toml` that decides it: the rows of
//!   [`enforcement`](crate::manual::security::enforcement) for this one upload.
//! - **Parts** fill a grid. **End its request** breaks the request of one part, as a lost connection does: the client sends it again.
//! - **Is it what its type says?** shows what `inspect = "magic"` says about the stored object, on every route.
//! - **Try to cheat** sends what the URL does not allow: another type, key or length, a header less, the URL twice or too late, the
//!   token of another caller, and wrong parts. Each answer shows what differs from what was signed, and the line of the configuration
//!   that is responsible.
//! - **The same upload from a program** has the upload of the chosen route for curl, JavaScript, Node.js, Python and Rust, and the CORS
//!   rules and permissions that its bucket needs.
//!
//! # Change the policy
//!
//! Save the file. The command looks at it four times a second, checks it as `upsign check` does, and then serves the new routes; the
//! page shows them within two seconds. Requests are answered by the old file or by the new one, never by half of each.
//!
//! - An upload that was granted before still works: its URLs, its upload token and the rules of the bucket that it needs stay valid.
//! - A file with an error is not used. The page and the terminal show each error with its line, its key and what to do; the
//!   configuration before it stays in use.
//! - If `[auth]`, the region or the versions of the buckets are others, the servers begin anew with an empty bucket, as after a new
//!   start. The page signs in again, and begins uploads that run once more.
//! - Options of the command line, and variables such as `UPSIGN_…`, are those of the start.
//!
//! # When something is missing
//!
//! | the page says | what it does |
//! | --- | --- |
//! | Offline | the browser has no network: what is being sent waits, and goes on when it is back |
//! | The dev server does not answer | start `upsign dev` again: the page takes its new ports and keys, without a reload |
//! | … is not valid | correct the file and save it again |
//!
//! The page works with the keyboard, with a screen reader, at 320 pixels, with colours that the system chooses, and without motion. Its
//! tests check each of its states with axe-core.
//!
//! For requests without a page, see [`testing`](super::testing); for why a request was refused, [`diagnose`](super::diagnose).
