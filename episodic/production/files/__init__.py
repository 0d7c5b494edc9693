"""The files inside artifacts: takes, stems and their names."""
