"""Laboratory equipment: training of judges, benchmarks and tiny models. Not used when films are made."""
