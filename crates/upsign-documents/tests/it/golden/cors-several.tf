resource "aws_s3_bucket_cors_configuration" "uploads" {
  bucket = "article-images-bucket"

  cors_rule {
    id              = "upsign-uploads"
    allowed_origins = ["https://app.example.com"]
    allowed_methods = ["PUT"]
    allowed_headers = [
      "content-type",
      "if-none-match",
      "x-amz-checksum-crc32",
      "x-amz-checksum-crc32c",
      "x-amz-checksum-crc64nvme",
    ]
    expose_headers = [
      "ETag",
      "x-amz-version-id",
      "x-amz-checksum-crc32",
      "x-amz-checksum-crc32c",
      "x-amz-checksum-crc64nvme",
    ]
    max_age_seconds = 3600
  }

  cors_rule {
    id              = "upsign-forms"
    allowed_origins = ["https://app.example.com"]
    allowed_methods = ["POST"]
    expose_headers  = ["ETag", "x-amz-version-id"]
    max_age_seconds = 3600
  }
}
