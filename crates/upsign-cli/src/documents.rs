//! `upsign documents`.

use upsign_documents::{CorsDocument, IamPolicy};

use crate::args::{ConfigFile, Document};
use crate::exit::{Exit, Failed};
use crate::{environment, say};

pub(crate) fn run(document: Document, config: &ConfigFile) -> Result<Exit, Failed> {
    let config = environment::config(config)?;
    let Some(policy) = config.policies().next() else { return Ok(Exit::Success) };
    let text = match document {
        Document::Cors => CorsDocument::for_policy(policy, config.origins())
            .map_err(|error| Failed::caused("the CORS document", &error).into_usage())?
            .to_json(),
        Document::Iam => IamPolicy::for_policy(policy).to_json(),
    };
    say::answer(text.trim_end());
    Ok(Exit::Success)
}
