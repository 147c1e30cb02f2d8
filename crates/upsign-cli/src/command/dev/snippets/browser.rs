//! JavaScript in a page, with the client for browsers.

use super::SnippetUpload;

pub(super) fn text(upload: &SnippetUpload) -> String {
    let SnippetUpload { api, token_url, .. } = upload;
    let module = format!("{api}{}", upsign_browser::path(upsign_browser::ENTRY));
    let header = match upload.token_header.as_str() {
        "authorization" => String::new(),
        name => format!("    tokenHeader: '{name}',\n"),
    };
    let route = upload.route.as_deref().map(|route| format!("    route: '{route}',\n")).unwrap_or_default();
    format!(
        "import {{ upload }} from '{module}';\n\n\
         const input = document.querySelector('input[type=file]');\n\
         input.addEventListener('change', async () => {{\n  \
           const {{ key }} = await upload(input.files[0], {{\n    \
             endpoint: '{api}',\n    \
             token: async () => (await fetch('{token_url}')).text(),\n\
         {header}{route}    \
             onProgress: ({{ loaded, total }}) => console.log(loaded, total),\n  \
           }});\n  \
           console.log(key);\n\
         }});\n"
    )
}
