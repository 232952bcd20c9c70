"""What harnesses observe with: parsers, clocks, browsers, new interpreters, worker nodes."""
