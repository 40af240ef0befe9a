package eval

// regular expressions
