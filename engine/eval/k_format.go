package eval

// to_char and its kin
