"""What `doctor` looks at, each a function from settings to findings."""
