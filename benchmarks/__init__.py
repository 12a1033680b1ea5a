"""How fast perfxl is beside its peers: ``python -m benchmarks`` (docs/benchmarks.md says what is measured)."""
