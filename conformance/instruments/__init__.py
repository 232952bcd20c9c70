"""What harnesses look with: parsers, clocks, browsers, fresh interpreters, worker nodes."""
