"""Speed, as ratios measured in one run; no test asserts any of it. Run: `make benchmarks`."""
