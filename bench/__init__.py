"""The figures behind docs/performance.md: every row beside a floor, a peer or a target, in interleaved pairs."""
