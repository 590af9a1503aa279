"""Real and hostile mail servers for tests, benchmarks and journeys; what starts here always stops."""
