//! Counts uploads in Redis, so that several processes share one quota. Each step is one Lua script.
