"""Benchmarks: ratios measured side by side in one run, on this machine. Each module has `run(size) -> Result`."""
