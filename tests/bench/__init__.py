"""What a hook costs: hook-tool calls, CPU time and bytes kept."""
