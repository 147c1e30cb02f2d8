// The client of the published two-step upload design, unchanged.
// Step 1: Get pre-signed URL
const getUploadUrl = async () => {
const response = await fetch(`${API_BASE}/upload-url`, {
method: 'POST',
headers: {
'Authorization': `Bearer ${accessToken}`,
'Content-Type': 'application/json'
}
});
return await response.json();
};
// Step 2: Upload file directly to S3
const uploadImage = async (file) => {
// Get upload URL
const { uploadUrl, key, articleId } = await getUploadUrl();
// Upload to S3
const uploadResponse = await fetch(uploadUrl, {
method: 'PUT',
headers: {
'Content-Type': file.type
},
body: file
});
if (uploadResponse.ok) {
console.log('Upload successful!');
return { key, articleId };
} else {
throw new Error('Upload failed');
}
};
// Usage
const handleFileSelect = async (event) => {
const file = event.target.files[0];
try {
const result = await uploadImage(file);
console.log('Image uploaded:', result);
} catch (error) {
console.error('Upload error:', error);
}
};
