"""The cost of a hook: hook-tool calls, and CPU time without them."""
