//! Node.js, with its own `fetch`.

use super::{SnippetUpload, Way};

pub(super) fn text(upload: &SnippetUpload) -> String {
    let SnippetUpload { api, token_url, token_header, file, .. } = upload;
    let crypto = upload.checksum.map_or("", |_| "import { createHash } from 'node:crypto';\n");
    let fixed = upload.members().into_iter().map(|(name, value)| format!("  {name}: {value},\n"));
    let fixed: String = fixed.collect();
    let checksum = upload.checksum.map_or_else(String::new, |name| {
        format!("  checksum: {{ {name}: createHash('{name}').update(file).digest('base64') }},\n")
    });
    let send = match upload.way {
        Way::Form => {
            "// The file is the last field.\n\
             const form = new FormData();\n\
             for (const [name, value] of Object.entries(grant.fields)) form.append(name, value);\n\
             form.append('file', new Blob([file]), path);\n\
             const sent = await fetch(grant.uploadUrl, { method: 'POST', body: form });\n"
        }
        _ => {
            "// Exactly the headers of the answer.\n\
             const sent = await fetch(grant.uploadUrl, { method: 'PUT', headers: grant.headers, body: file });\n"
        }
    };
    let confirm = if upload.confirms {
        "await call('/uploads/confirm', { uploadToken: grant.uploadToken });\n"
    } else {
        ""
    };
    format!(
        "{crypto}import {{ readFile }} from 'node:fs/promises';\n\n\
         const path = '{file}';\n\
         const token = await (await fetch('{token_url}')).text();\n\n\
         async function call(path, body) {{\n  \
           const headers = {{ '{token_header}': `Bearer ${{token}}`, 'content-type': 'application/json' }};\n  \
           const answer = await fetch(`{api}${{path}}`, {{ method: 'POST', headers, body: JSON.stringify(body) }});\n  \
           if (!answer.ok) throw new Error(await answer.text());\n  \
           return answer.json();\n\
         }}\n\n\
         const file = await readFile(path);\n\
         const grant = await call('/upload-url', {{\n{fixed}  contentLength: file.length,\n  fileName: path,\n{checksum}}});\n\
         {send}\
         if (!sent.ok) throw new Error(`S3: ${{sent.status}} ${{await sent.text()}}`);\n\
         {confirm}console.log(grant.key);\n"
    )
}
