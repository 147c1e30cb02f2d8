//! The built-in table of common content types and their preferred file extensions. Further ones come from mime-db.

use crate::content::content_type::ContentType;

/// Returns the file extensions of a type, the most common one first, or an empty slice if the table does not contain the
/// type.
///
/// Source: <https://www.iana.org/assignments/media-types>, and the values of `File.type` in browsers.
pub(crate) fn built_in(content_type: &ContentType) -> &'static [&'static str] {
    let essence = content_type.essence();
    let found = TABLE.binary_search_by(|(name, _)| (*name).cmp(essence));
    found.ok().and_then(|place| TABLE.get(place)).map_or(&[], |(_, extensions)| extensions)
}

/// Returns the type that files with this extension usually have, or `None` if the table does not contain the extension.
///
/// Several types can have the same extension. The result is the one in [`USUAL_TYPES`], otherwise the first whose preferred
/// extension this is, otherwise the first with this extension.
pub(crate) fn type_of(extension: &str) -> Option<&'static str> {
    let usual = USUAL_TYPES.iter().find(|(known, _)| *known == extension).map(|(_, name)| *name);
    let preferred =
        || TABLE.iter().find(|(_, known)| known.first() == Some(&extension)).map(|(name, _)| *name);
    let any = || TABLE.iter().find(|(_, known)| known.contains(&extension)).map(|(name, _)| *name);
    usual.or_else(preferred).or_else(any)
}

/// Returns the types of the table with this main type.
pub(crate) fn types_under(main: &str) -> impl Iterator<Item = &'static str> {
    TABLE
        .iter()
        .map(|(name, _)| *name)
        .filter(move |name| name.strip_prefix(main).is_some_and(|rest| rest.starts_with('/')))
}

/// The usual type of an extension where the first one of the table is not the type that browsers send.
const USUAL_TYPES: [(&str, &str); 5] = [
    ("3gp", "video/3gpp"),
    ("js", "text/javascript"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("wav", "audio/wav"),
];

/// Returns whether the table contains the type, without its parameters, and the type is not active.
pub(crate) fn is_inert(content_type: &ContentType) -> bool {
    !content_type.is_active() && !built_in(content_type).is_empty()
}

/// Returns the types of the table that are not active, in the order of the alphabet.
pub(crate) fn inert_types() -> impl Iterator<Item = &'static str> {
    let active = |name: &str| name.parse().is_ok_and(|parsed: ContentType| parsed.is_active());
    TABLE.iter().map(|(name, _)| *name).filter(move |name| !active(name))
}

/// Returns whether the table contains a type with this main type that is not active.
pub(crate) fn contains_main_type(main: &str) -> bool {
    inert_types().any(|name| name.split_once('/').is_some_and(|(have, _)| have == main))
}

/// Returns whether `text` can be the extension of a key: 1 to 16 characters of `a-z` and `0-9`.
pub(crate) fn is_extension(text: &str) -> bool {
    (1..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

/// The table. Invariants: it is sorted by type, because [`built_in`] uses a binary search; and browsers display or save
/// every type in it without executing it or guessing another type, except those for which
/// [`ContentType::is_active`] is true, because [`is_inert`] trusts the table. The step `browser-types` of
/// `cargo xtask test` serves each type to a browser.
const TABLE: &[(&str, &[&str])] = &[
    ("application/avro", &["avro"]),
    ("application/cbor", &["cbor"]),
    ("application/dicom", &["dcm"]),
    ("application/epub+zip", &["epub"]),
    ("application/geo+json", &["geojson"]),
    ("application/gzip", &["gz", "tgz"]),
    ("application/java-archive", &["jar"]),
    ("application/javascript", &["js", "mjs"]),
    ("application/json", &["json"]),
    ("application/ld+json", &["jsonld"]),
    ("application/mp4", &["mp4", "m4p"]),
    ("application/msword", &["doc"]),
    ("application/octet-stream", &["bin"]),
    ("application/ogg", &["ogx", "ogg"]),
    ("application/pdf", &["pdf"]),
    ("application/postscript", &["ps", "eps", "ai"]),
    ("application/rtf", &["rtf"]),
    ("application/sql", &["sql"]),
    ("application/toml", &["toml"]),
    ("application/vnd.android.package-archive", &["apk"]),
    ("application/vnd.apache.parquet", &["parquet"]),
    ("application/vnd.apple.keynote", &["key"]),
    ("application/vnd.apple.numbers", &["numbers"]),
    ("application/vnd.apple.pages", &["pages"]),
    ("application/vnd.google-earth.kmz", &["kmz"]),
    ("application/vnd.ms-excel", &["xls"]),
    ("application/vnd.ms-outlook", &["msg"]),
    ("application/vnd.ms-powerpoint", &["ppt"]),
    ("application/vnd.oasis.opendocument.presentation", &["odp"]),
    ("application/vnd.oasis.opendocument.spreadsheet", &["ods"]),
    ("application/vnd.oasis.opendocument.text", &["odt"]),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", &["pptx"]),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &["xlsx"]),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", &["docx"]),
    ("application/vnd.rar", &["rar"]),
    ("application/vnd.sqlite3", &["sqlite", "sqlite3", "db"]),
    ("application/wasm", &["wasm"]),
    ("application/x-7z-compressed", &["7z"]),
    ("application/x-bzip2", &["bz2"]),
    ("application/x-gzip", &["gz", "tgz"]),
    ("application/x-ndjson", &["ndjson", "jsonl"]),
    ("application/x-rar-compressed", &["rar"]),
    ("application/x-sqlite3", &["sqlite", "sqlite3", "db"]),
    ("application/x-tar", &["tar"]),
    ("application/x-xz", &["xz"]),
    ("application/x-yaml", &["yaml", "yml"]),
    ("application/x-zip-compressed", &["zip"]),
    ("application/xhtml+xml", &["xhtml", "xht"]),
    ("application/xml", &["xml"]),
    ("application/yaml", &["yaml", "yml"]),
    ("application/zip", &["zip"]),
    ("application/zstd", &["zst"]),
    ("audio/3gpp", &["3gp", "3gpp"]),
    ("audio/aac", &["aac"]),
    ("audio/aiff", &["aiff", "aif"]),
    ("audio/amr", &["amr"]),
    ("audio/flac", &["flac"]),
    ("audio/matroska", &["mka"]),
    ("audio/midi", &["mid", "midi"]),
    ("audio/mp3", &["mp3"]),
    ("audio/mp4", &["m4a", "mp4"]),
    ("audio/mpeg", &["mp3"]),
    ("audio/ogg", &["ogg", "oga", "opus"]),
    ("audio/opus", &["opus"]),
    ("audio/vnd.wave", &["wav"]),
    ("audio/wav", &["wav"]),
    ("audio/webm", &["weba", "webm"]),
    ("audio/x-aiff", &["aiff", "aif"]),
    ("audio/x-flac", &["flac"]),
    ("audio/x-m4a", &["m4a"]),
    ("audio/x-matroska", &["mka"]),
    ("audio/x-ms-wma", &["wma"]),
    ("audio/x-wav", &["wav"]),
    ("font/collection", &["ttc"]),
    ("font/otf", &["otf"]),
    ("font/ttf", &["ttf"]),
    ("font/woff", &["woff"]),
    ("font/woff2", &["woff2"]),
    ("image/apng", &["apng", "png"]),
    ("image/avif", &["avif"]),
    ("image/bmp", &["bmp"]),
    ("image/gif", &["gif"]),
    ("image/heic", &["heic"]),
    ("image/heic-sequence", &["heics", "heic"]),
    ("image/heif", &["heif"]),
    ("image/heif-sequence", &["heifs", "heif"]),
    ("image/jp2", &["jp2"]),
    ("image/jpeg", &["jpg", "jpeg", "jpe", "jfif"]),
    ("image/jxl", &["jxl"]),
    ("image/jxr", &["jxr"]),
    ("image/ktx2", &["ktx2"]),
    ("image/png", &["png"]),
    ("image/svg+xml", &["svg"]),
    ("image/tiff", &["tiff", "tif"]),
    ("image/vnd.adobe.photoshop", &["psd"]),
    ("image/vnd.microsoft.icon", &["ico"]),
    ("image/webp", &["webp"]),
    ("image/x-adobe-dng", &["dng"]),
    ("image/x-canon-cr2", &["cr2"]),
    ("image/x-canon-cr3", &["cr3"]),
    ("image/x-fuji-raf", &["raf"]),
    ("image/x-icon", &["ico"]),
    ("image/x-ms-bmp", &["bmp"]),
    ("image/x-nikon-nef", &["nef"]),
    ("image/x-olympus-orf", &["orf"]),
    ("image/x-panasonic-rw2", &["rw2"]),
    ("image/x-sony-arw", &["arw"]),
    ("image/x-tga", &["tga"]),
    ("model/3mf", &["3mf"]),
    ("model/gltf+json", &["gltf"]),
    ("model/gltf-binary", &["glb"]),
    ("model/mtl", &["mtl"]),
    ("model/obj", &["obj"]),
    ("model/step", &["step", "stp"]),
    ("model/stl", &["stl"]),
    ("model/vnd.usdz+zip", &["usdz"]),
    ("text/calendar", &["ics"]),
    ("text/css", &["css"]),
    ("text/csv", &["csv"]),
    ("text/html", &["html", "htm"]),
    ("text/javascript", &["js", "mjs"]),
    ("text/markdown", &["md", "markdown"]),
    ("text/plain", &["txt", "text", "log"]),
    ("text/rtf", &["rtf"]),
    ("text/tab-separated-values", &["tsv"]),
    ("text/vcard", &["vcf"]),
    ("text/vtt", &["vtt"]),
    ("text/x-markdown", &["md", "markdown"]),
    ("text/xml", &["xml"]),
    ("text/yaml", &["yaml", "yml"]),
    ("video/3gpp", &["3gp"]),
    ("video/3gpp2", &["3g2"]),
    ("video/matroska", &["mkv"]),
    ("video/mp2t", &["ts", "m2ts"]),
    ("video/mp4", &["mp4", "m4v"]),
    ("video/mpeg", &["mpeg", "mpg"]),
    ("video/ogg", &["ogv"]),
    ("video/quicktime", &["mov", "qt"]),
    ("video/webm", &["webm"]),
    ("video/x-flv", &["flv"]),
    ("video/x-m4v", &["m4v"]),
    ("video/x-matroska", &["mkv"]),
    ("video/x-ms-wmv", &["wmv"]),
    ("video/x-msvideo", &["avi"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_well_formed() {
        assert!(TABLE.is_sorted_by(|(a, _), (b, _)| a < b));
        for &(name, extensions) in TABLE {
            let parsed: ContentType = name.parse().unwrap();
            assert_eq!(parsed.as_str(), name);
            assert!(!extensions.is_empty() && extensions.iter().all(|text| is_extension(text)), "{name}");
            assert_eq!(built_in(&parsed), extensions);
        }
    }

    #[test]
    fn usual_types_of_extensions() {
        for (extension, name) in [
            ("jpg", "image/jpeg"),
            ("jfif", "image/jpeg"),
            ("png", "image/png"),
            ("mp4", "video/mp4"),
            ("mp3", "audio/mpeg"),
            ("ogg", "audio/ogg"),
            ("md", "text/markdown"),
            ("svg", "image/svg+xml"),
        ] {
            assert_eq!(type_of(extension), Some(name), "{extension}");
        }
        for (extension, name) in USUAL_TYPES {
            assert!(built_in(&name.parse().unwrap()).contains(&extension), "{extension}");
        }
        assert_eq!(type_of("nothing"), None);
    }

    #[test]
    fn main_types_with_known_extensions() {
        assert!(contains_main_type("image") && contains_main_type("video"));
        assert!(!contains_main_type("multipart") && !contains_main_type("chemical"));
    }
}
