//! Object keys: templates, placeholders, and the ids that fill them.

pub(crate) mod id_name;
pub(crate) mod ids;
pub(crate) mod placeholder;
pub(crate) mod sealed;
pub(crate) mod template;
