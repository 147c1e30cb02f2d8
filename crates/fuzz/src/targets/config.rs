//! Configuration files. Every place of a problem or a warning lies in the text, and the effective configuration of a valid file
//! is valid and has the same effective values.

use upsign_config::{Config, Place};

use crate::within_time_limit;

pub(super) fn run(text: &str) {
    let places: Vec<Option<Place>> = match within_time_limit(|| Config::read("upsign.toml", text, |_| None)) {
        Ok(config) => {
            let again = Config::read("again.toml", config.effective(), |_| None).unwrap();
            assert_eq!(again.routes().len(), config.routes().len());
            config.warnings().iter().map(|warning| warning.place.clone()).collect()
        }
        Err(error) => error.problems().iter().map(|problem| Some(problem.place.clone())).collect(),
    };
    for span in places.into_iter().flatten().filter_map(|place| place.span()) {
        assert!(text.get(span.clone()).is_some(), "{span:?} is not in the text");
    }
}
