resource "aws_s3_bucket_lifecycle_configuration" "uploads" {
  bucket = "article-images-bucket"

  rule {
    id     = "upsign-incomplete"
    status = "Enabled"

    filter {
      prefix = ""
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 3
    }
  }

  rule {
    id     = "upsign-pending-1"
    status = "Enabled"

    filter {
      prefix = "pending/"
    }

    expiration {
      days = 1
    }

    noncurrent_version_expiration {
      noncurrent_days = 1
    }
  }

  rule {
    id     = "upsign-pending-1-markers"
    status = "Enabled"

    filter {
      prefix = "pending/"
    }

    expiration {
      expired_object_delete_marker = true
    }
  }

  rule {
    id     = "upsign-infrequent-1"
    status = "Enabled"

    filter {
      prefix = "articles/"
    }

    transition {
      days          = 60
      storage_class = "STANDARD_IA"
    }
  }

  rule {
    id     = "upsign-infrequent-2"
    status = "Enabled"

    filter {
      prefix = "avatars/"
    }

    transition {
      days          = 60
      storage_class = "STANDARD_IA"
    }
  }

  rule {
    id     = "upsign-infrequent-3"
    status = "Enabled"

    filter {
      prefix = "videos/"
    }

    transition {
      days          = 60
      storage_class = "STANDARD_IA"
    }
  }

  rule {
    id     = "upsign-infrequent-4"
    status = "Enabled"

    filter {
      prefix = "forms/"
    }

    transition {
      days          = 60
      storage_class = "STANDARD_IA"
    }
  }
}
