"""usage: lambda_zip.py BINARY ZIP: writes a zip file for a custom Lambda runtime, with BINARY as `bootstrap`."""
import sys
import zipfile

binary, path = sys.argv[1:3]
entry = zipfile.ZipInfo("bootstrap")
entry.external_attr = 0o755 << 16
entry.compress_type = zipfile.ZIP_DEFLATED
with open(binary, "rb") as file, zipfile.ZipFile(path, "w") as archive:
    archive.writestr(entry, file.read(), compresslevel=1)
