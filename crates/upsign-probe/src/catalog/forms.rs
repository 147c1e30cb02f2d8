//! Forms with a POST policy.

use crate::catalog::checksums::sha256;
use crate::probe::{Probe, Reference};
use crate::step::{BODY, Call, Expected, Step};

/// The size of [`BODY`], which a form of this size permits.
const SIZE: u64 = BODY.len() as u64;

pub(super) fn all() -> Vec<Probe> {
    let [right, wrong] = sha256();
    let form = |max, expected| Step::new(Call::Form(max), "a", expected);
    vec![
        Probe::new(
            "post",
            "a form stores a file, and its content-length-range refuses a larger one",
            Reference::Profile(|can| can.post_form),
            vec![
                form(SIZE, Expected::Accepted),
                Step::new(Call::Get, "a", Expected::Text(BODY)),
                form(SIZE - 1, Expected::Refused(&[400, 403, 413])),
            ],
        ),
        Probe::new(
            "form_checksums",
            "a form with a wrong x-amz-checksum-sha256 is refused",
            Reference::Profile(|can| can.post_form && can.form_checksums && can.checksums.contain("sha256")),
            vec![
                form(SIZE, Expected::Accepted).header("x-amz-checksum-sha256", right),
                form(SIZE, Expected::Refused(&[400])).header("x-amz-checksum-sha256", wrong),
            ],
        ),
        Probe::new(
            "form_website_redirect",
            "the field x-amz-website-redirect-location of a form is stored",
            Reference::Profile(|can| can.post_form && can.website_redirect),
            vec![
                form(SIZE, Expected::Accepted).header("x-amz-website-redirect-location", "/moved.html"),
                Step::new(
                    Call::Head,
                    "a",
                    Expected::Header("x-amz-website-redirect-location", "/moved.html"),
                ),
            ],
        ),
    ]
}
