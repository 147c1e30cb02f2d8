resource "aws_s3_bucket_lifecycle_configuration" "uploads" {
  bucket = "article-images-bucket"

  rule {
    id     = "upsign-incomplete"
    status = "Enabled"

    filter {
      prefix = ""
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  rule {
    id     = "upsign-unconfirmed-1"
    status = "Enabled"

    filter {
      prefix = "pending/files/"
    }

    expiration {
      days = 2
    }

    noncurrent_version_expiration {
      noncurrent_days = 1
    }
  }

  rule {
    id     = "upsign-unconfirmed-1-markers"
    status = "Enabled"

    filter {
      prefix = "pending/files/"
    }

    expiration {
      expired_object_delete_marker = true
    }
  }
}
