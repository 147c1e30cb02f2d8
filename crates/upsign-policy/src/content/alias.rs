//! Other names of content types: those that old software, Windows and some browsers send for a common type.

/// One other name of a content type.
struct Alias {
    /// The name that clients send, without parameters.
    sent: &'static str,
    /// The name that is registered, or that most clients send.
    means: &'static str,
    /// The extensions of the files for which the name has this meaning. Empty if it always has.
    extensions: &'static [&'static str],
}

/// Returns the types that a client probably means with this name, the most probable first. `extension` is that of the
/// file's name, if the client sent one; some names have another meaning only with certain extensions.
pub(crate) fn meanings<'a>(
    essence: &'a str,
    extension: Option<&'a str>,
) -> impl Iterator<Item = &'static str> + 'a {
    let fits = move |alias: &&Alias| {
        alias.extensions.is_empty()
            || extension.is_some_and(|extension| alias.extensions.contains(&extension))
    };
    // Names with an extension are more specific than those without.
    let with_extension = |specific: bool| {
        move |alias: &&Alias| alias.sent == essence && alias.extensions.is_empty() != specific
    };
    let find = move |specific| ALIASES.iter().filter(with_extension(specific)).filter(fits);
    find(true).chain(find(false)).map(|alias| alias.means)
}

/// Returns the types that clients mean with this name for files with certain extensions only.
pub(crate) fn meanings_of_some_files(essence: &str) -> impl Iterator<Item = &'static str> {
    let is_limited = move |alias: &&Alias| alias.sent == essence && !alias.extensions.is_empty();
    ALIASES.iter().filter(is_limited).map(|alias| alias.means)
}

/// Returns the other names of a type, each with the extensions of the files that it is limited to.
pub(crate) fn other_names(essence: &str) -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    ALIASES.iter().filter(move |alias| alias.means == essence).map(|alias| (alias.sent, alias.extensions))
}

const fn always(sent: &'static str, means: &'static str) -> Alias {
    Alias { sent, means, extensions: &[] }
}

const fn with(sent: &'static str, means: &'static str, extensions: &'static [&'static str]) -> Alias {
    Alias { sent, means, extensions }
}

/// The table. A pair of names that are both in use is in it twice, once for each direction.
///
/// Unless a line names another source, a name is an alias in shared-mime-info 2.2, the database of Linux desktops:
/// <https://gitlab.freedesktop.org/xdg/shared-mime-info/-/blob/2.2/data/freedesktop.org.xml.in>.
const ALIASES: &[Alias] = &[
    // S3's own default: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>, and
    // <https://github.com/MobSF/Mobile-Security-Framework-MobSF/issues/610>.
    always("binary/octet-stream", "application/octet-stream"),
    always("application/bzip2", "application/x-bzip2"),
    // Windows with Excel: <https://github.com/Arize-ai/phoenix/pull/11956>,
    // <https://github.com/microsoft/AzureStorageExplorer/issues/7596>.
    with("application/vnd.ms-excel", "text/csv", &["csv"]),
    // Firefox: <https://github.com/microsoft/o365-moodle/issues/2282>.
    always("application/csv", "text/csv"),
    always("text/x-comma-separated-values", "text/csv"),
    always("text/x-csv", "text/csv"),
    always("application/msexcel", "application/vnd.ms-excel"),
    always("application/x-msexcel", "application/vnd.ms-excel"),
    always("application/mspowerpoint", "application/vnd.ms-powerpoint"),
    always("application/powerpoint", "application/vnd.ms-powerpoint"),
    always("application/vnd.ms-word", "application/msword"),
    always("application/x-msword", "application/msword"),
    always("application/x-gzip", "application/gzip"),
    always("application/gzip", "application/x-gzip"),
    // RFC 9239 made text/javascript the only name: <https://www.rfc-editor.org/rfc/rfc9239#section-6.1>.
    always("application/javascript", "text/javascript"),
    always("application/x-javascript", "text/javascript"),
    always("application/acrobat", "application/pdf"),
    always("application/x-pdf", "application/pdf"),
    always("application/x-rar", "application/vnd.rar"),
    always("application/x-rar-compressed", "application/vnd.rar"),
    always("application/vnd.rar", "application/x-rar-compressed"),
    // RFC 9512 registered application/yaml and deprecates the others: <https://www.rfc-editor.org/rfc/rfc9512#section-2.1>.
    always("application/x-yaml", "application/yaml"),
    always("application/yaml", "application/x-yaml"),
    always("text/x-yaml", "application/yaml"),
    always("text/yaml", "application/yaml"),
    always("application/font-woff", "font/woff"),
    always("application/x-font-otf", "font/otf"),
    always("application/x-font-ttf", "font/ttf"),
    always("application/vnd.geo+json", "application/geo+json"),
    always("application/x-gtar", "application/x-tar"),
    always("application/x-zip", "application/zip"),
    // Windows: <https://github.com/mdn/content/issues/13409>, <https://github.com/pocketbase/pocketbase/issues/7303>.
    always("application/x-zip-compressed", "application/zip"),
    always("application/zip", "application/x-zip-compressed"),
    always("audio/m4a", "audio/mp4"),
    always("audio/x-m4a", "audio/mp4"),
    with("audio/mp4", "audio/x-m4a", &["m4a"]),
    always("audio/mp3", "audio/mpeg"),
    always("audio/x-mp3", "audio/mpeg"),
    always("audio/x-mpeg", "audio/mpeg"),
    always("audio/x-mpg", "audio/mpeg"),
    always("audio/flac", "audio/x-flac"),
    always("audio/x-flac", "audio/flac"),
    always("audio/x-aac", "audio/aac"),
    always("audio/x-midi", "audio/midi"),
    always("audio/x-ogg", "audio/ogg"),
    always("audio/wma", "audio/x-ms-wma"),
    always("audio/vnd.wave", "audio/wav"),
    always("audio/x-wav", "audio/wav"),
    // The type that browsers detect: <https://mimesniff.spec.whatwg.org/#matching-an-audio-or-video-type-pattern>.
    always("audio/wave", "audio/wav"),
    always("audio/wav", "audio/x-wav"),
    always("audio/wav", "audio/vnd.wave"),
    always("image/ico", "image/vnd.microsoft.icon"),
    always("image/icon", "image/vnd.microsoft.icon"),
    always("image/x-ico", "image/vnd.microsoft.icon"),
    always("image/x-icon", "image/vnd.microsoft.icon"),
    always("image/vnd.microsoft.icon", "image/x-icon"),
    // Not registered: <https://www.iana.org/assignments/media-types/media-types.xhtml#image> has image/jpeg only.
    always("image/jpg", "image/jpeg"),
    always("image/pjpeg", "image/jpeg"),
    always("image/x-bmp", "image/bmp"),
    // The name in nginx: <https://github.com/nginx/nginx/blob/master/conf/mime.types>.
    always("image/x-ms-bmp", "image/bmp"),
    always("image/psd", "image/vnd.adobe.photoshop"),
    always("image/x-psd", "image/vnd.adobe.photoshop"),
    always("image/x-photoshop", "image/vnd.adobe.photoshop"),
    always("application/x-photoshop", "image/vnd.adobe.photoshop"),
    always("image/photoshop", "image/vnd.adobe.photoshop"),
    always("image/tga", "image/x-tga"),
    always("image/x-targa", "image/x-tga"),
    // The name of Internet Explorer: <https://learn.microsoft.com/en-us/previous-versions/windows/internet-explorer/ie-developer/platform-apis/ms775147(v=vs.85)>.
    always("image/x-png", "image/png"),
    always("application/rtf", "text/rtf"),
    always("text/rtf", "application/rtf"),
    always("text/directory", "text/vcard"),
    always("text/x-vcard", "text/vcard"),
    always("application/ics", "text/calendar"),
    always("text/x-vcalendar", "text/calendar"),
    always("text/x-markdown", "text/markdown"),
    always("video/avi", "video/x-msvideo"),
    always("video/msvideo", "video/x-msvideo"),
    always("video/x-avi", "video/x-msvideo"),
    always("video/3gp", "video/3gpp"),
    always("video/x-m4v", "video/mp4"),
    always("video/x-mpeg", "video/mpeg"),
    always("video/flv", "video/x-flv"),
    always("video/x-ogg", "video/ogg"),
    // Chromium names WebM files so: <https://github.com/transloadit/uppy/issues/573>,
    // <https://github.com/transloadit/uppy/issues/4359>.
    with("video/x-matroska", "video/webm", &["webm"]),
    // RFC 9559 registered the names without `x-`: <https://www.rfc-editor.org/rfc/rfc9559#section-27.3>.
    always("video/matroska", "video/x-matroska"),
    always("video/x-matroska", "video/matroska"),
    always("audio/matroska", "audio/x-matroska"),
    always("audio/x-matroska", "audio/matroska"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::content_type::ContentType;
    use crate::content::extensions::built_in;

    #[test]
    fn names_are_canonical_and_each_pair_occurs_once() {
        for (index, alias) in ALIASES.iter().enumerate() {
            let [sent, means] = [alias.sent, alias.means].map(|name| name.parse::<ContentType>().unwrap());
            assert_eq!((sent.essence(), means.essence()), (alias.sent, alias.means));
            assert_ne!(alias.sent, alias.means);
            let same = |other: &&Alias| (other.sent, other.means) == (alias.sent, alias.means);
            assert_eq!(ALIASES.iter().filter(same).count(), 1, "{index}: {} {}", alias.sent, alias.means);
            assert!(alias.extensions.iter().all(|extension| built_in(&means).contains(extension)));
        }
    }

    /// A client cannot reach a type that browsers execute by another name of one that they do not execute.
    #[test]
    fn no_inert_name_means_an_active_type() {
        for alias in ALIASES {
            let [sent, means] = [alias.sent, alias.means].map(|name| name.parse::<ContentType>().unwrap());
            assert!(!means.is_active() || !sent.is_inert(), "{} {}", alias.sent, alias.means);
        }
    }

    #[test]
    fn an_extension_decides_between_meanings() {
        let all = |name, extension| meanings(name, extension).collect::<Vec<_>>();
        assert_eq!(all("video/x-matroska", Some("webm")), ["video/webm", "video/matroska"]);
        assert_eq!(all("video/x-matroska", Some("mkv")), ["video/matroska"]);
        assert_eq!(all("application/vnd.ms-excel", None), [""; 0]);
        assert_eq!(all("image/jpg", None), ["image/jpeg"]);
        assert_eq!(meanings_of_some_files("video/x-matroska").collect::<Vec<_>>(), ["video/webm"]);
    }
}
