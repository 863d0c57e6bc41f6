package redis

// OpenPrefix is Open for a part of the server of one's own.
func OpenPrefix(url, prefix string) (*Store, error) {
	o, err := parse(url)
	if err != nil {
		return nil, err
	}
	o.prefix = prefix
	c, err := connect(o)
	if err != nil {
		return nil, err
	}
	return &Store{conn: c}, nil
}
