//! The built-in table of content types and their file extensions.

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

/// Returns whether the table contains a type with this main type that is not active.
pub(crate) fn contains_main_type(main: &str) -> bool {
    TABLE.iter().any(|(name, _)| {
        name.split_once('/').is_some_and(|(have, _)| have == main)
            && name.parse().is_ok_and(|parsed: ContentType| !parsed.is_active())
    })
}

/// Returns whether `text` can be the extension of a key: 1 to 16 characters of `a-z` and `0-9`.
pub(crate) fn is_extension(text: &str) -> bool {
    (1..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

/// The table. Invariant: sorted by type, because [`built_in`] uses a binary search.
const TABLE: [(&str, &[&str]); 92] = [
    ("application/epub+zip", &["epub"]),
    ("application/gzip", &["gz", "tgz"]),
    ("application/java-archive", &["jar"]),
    ("application/javascript", &["js", "mjs"]),
    ("application/json", &["json"]),
    ("application/ld+json", &["jsonld"]),
    ("application/msword", &["doc"]),
    ("application/octet-stream", &["bin"]),
    ("application/pdf", &["pdf"]),
    ("application/postscript", &["ps", "eps", "ai"]),
    ("application/rtf", &["rtf"]),
    ("application/vnd.android.package-archive", &["apk"]),
    ("application/vnd.apache.parquet", &["parquet"]),
    ("application/vnd.ms-excel", &["xls"]),
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
    ("application/x-ndjson", &["ndjson", "jsonl"]),
    ("application/x-tar", &["tar"]),
    ("application/x-xz", &["xz"]),
    ("application/x-zip-compressed", &["zip"]),
    ("application/xhtml+xml", &["xhtml", "xht"]),
    ("application/xml", &["xml"]),
    ("application/yaml", &["yaml", "yml"]),
    ("application/zip", &["zip"]),
    ("application/zstd", &["zst"]),
    ("audio/aac", &["aac"]),
    ("audio/flac", &["flac"]),
    ("audio/midi", &["mid", "midi"]),
    ("audio/mp4", &["m4a", "mp4"]),
    ("audio/mpeg", &["mp3"]),
    ("audio/ogg", &["ogg", "oga", "opus"]),
    ("audio/opus", &["opus"]),
    ("audio/vnd.wave", &["wav"]),
    ("audio/wav", &["wav"]),
    ("audio/webm", &["weba", "webm"]),
    ("audio/x-m4a", &["m4a"]),
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
    ("image/heif", &["heif"]),
    ("image/jp2", &["jp2"]),
    ("image/jpeg", &["jpg", "jpeg", "jpe", "jfif"]),
    ("image/jxl", &["jxl"]),
    ("image/png", &["png"]),
    ("image/svg+xml", &["svg"]),
    ("image/tiff", &["tiff", "tif"]),
    ("image/vnd.adobe.photoshop", &["psd"]),
    ("image/vnd.microsoft.icon", &["ico"]),
    ("image/webp", &["webp"]),
    ("image/x-adobe-dng", &["dng"]),
    ("image/x-icon", &["ico"]),
    ("model/gltf+json", &["gltf"]),
    ("model/gltf-binary", &["glb"]),
    ("model/obj", &["obj"]),
    ("model/stl", &["stl"]),
    ("text/calendar", &["ics"]),
    ("text/css", &["css"]),
    ("text/csv", &["csv"]),
    ("text/html", &["html", "htm"]),
    ("text/javascript", &["js", "mjs"]),
    ("text/markdown", &["md", "markdown"]),
    ("text/plain", &["txt", "text", "log"]),
    ("text/tab-separated-values", &["tsv"]),
    ("text/vcard", &["vcf"]),
    ("text/vtt", &["vtt"]),
    ("text/xml", &["xml"]),
    ("video/3gpp", &["3gp"]),
    ("video/matroska", &["mkv"]),
    ("video/mp2t", &["ts", "m2ts"]),
    ("video/mp4", &["mp4", "m4v"]),
    ("video/mpeg", &["mpeg", "mpg"]),
    ("video/ogg", &["ogv"]),
    ("video/quicktime", &["mov", "qt"]),
    ("video/webm", &["webm"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_well_formed() {
        assert!(TABLE.is_sorted_by(|(a, _), (b, _)| a < b));
        for (name, extensions) in TABLE {
            let parsed: ContentType = name.parse().unwrap();
            assert_eq!(parsed.as_str(), name);
            assert!(!extensions.is_empty() && extensions.iter().all(|text| is_extension(text)), "{name}");
            assert_eq!(built_in(&parsed), extensions);
        }
    }

    #[test]
    fn main_types_with_known_extensions() {
        assert!(contains_main_type("image") && contains_main_type("video"));
        assert!(!contains_main_type("multipart") && !contains_main_type("chemical"));
    }
}
