//! Python, with the package requests.

use serde_json::Value;

use super::{SnippetUpload, Way};

pub(super) fn text(upload: &SnippetUpload) -> String {
    let SnippetUpload { api, token_url, token_header, file, .. } = upload;
    let imports = upload.checksum.map_or("", |_| "import base64\nimport hashlib\n\n");
    let fixed =
        upload.members().into_iter().map(|(name, value)| format!("    \"{name}\": {},\n", literal(&value)));
    let fixed: String = fixed.collect();
    let checksum = upload.checksum.map_or_else(String::new, |name| {
        format!(
            "    \"checksum\": {{\"{name}\": base64.b64encode(hashlib.{name}(data).digest()).decode()}},\n"
        )
    });
    let send = match upload.way {
        Way::Form => {
            "# The file is the last field.\n\
             sent = requests.post(grant[\"uploadUrl\"], data=grant[\"fields\"], files={\"file\": (path, data)}, timeout=300)\n"
        }
        _ => {
            "# Exactly the headers of the answer.\n\
             sent = requests.put(grant[\"uploadUrl\"], data=data, headers=grant[\"headers\"], timeout=300)\n"
        }
    };
    let confirm = if upload.confirms {
        "call(\"/uploads/confirm\", {\"uploadToken\": grant[\"uploadToken\"]})\n"
    } else {
        ""
    };
    format!(
        "{imports}import requests\n\n\
         path = \"{file}\"\n\
         token = requests.get(\"{token_url}\", timeout=30).text\n\n\n\
         def call(path, body):\n    \
             headers = {{\"{token_header}\": f\"Bearer {{token}}\"}}\n    \
             answer = requests.post(\"{api}\" + path, json=body, headers=headers, timeout=30)\n    \
             if not answer.ok:\n        \
                 raise RuntimeError(answer.text)\n    \
             return answer.json()\n\n\n\
         with open(path, \"rb\") as file:\n    \
             data = file.read()\n\
         grant = call(\"/upload-url\", {{\n{fixed}    \"contentLength\": len(data),\n    \"fileName\": path,\n{checksum}}})\n\
         {send}\
         if not sent.ok:\n    \
             raise RuntimeError(f\"S3: {{sent.status_code}} {{sent.text}}\")\n\
         {confirm}print(grant[\"key\"])\n"
    )
}

/// Returns a value of JSON as Python writes it.
fn literal(value: &Value) -> String {
    match value {
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        other => other.to_string(),
    }
}
