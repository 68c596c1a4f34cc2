"""The ports on AWS. Only modules of this package name boto3 or Powertools."""
