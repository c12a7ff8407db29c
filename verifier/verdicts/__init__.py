"""What is said of a number: judged by the oracle, by differences, and against claimed formulas."""
