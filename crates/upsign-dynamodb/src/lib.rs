//! Counts uploads in a DynamoDB table, so that several processes share one quota. Each step is one conditional transaction.
