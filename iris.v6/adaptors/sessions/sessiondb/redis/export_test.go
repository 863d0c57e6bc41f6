package redis

import (
	"context"
	"time"
)

// OpenPrefix is Open for a part of the server of one's own.
func OpenPrefix(url, prefix string) (*Store, error) {
	o, err := parse(url)
	if err != nil {
		return nil, err
	}
	o.prefix = prefix
	return connect(o)
}

// passTime makes sessions and epochs as they will be after ARGV[2] milliseconds.
const passTime = `
if string.find(redis.call('INFO', 'replication'), 'role:slave') then return '' end
for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
	local born = redis.call('TYPE', key).ok == 'hash' and tonumber(redis.call('HGET', key, 'born')) or 0
	if born ~= 0 then -- a copy has a negative one
		redis.call('HINCRBY', key, 'born', born > 0 and 0 - ARGV[2] or ARGV[2])
		redis.call('PEXPIRE', key, redis.call('PTTL', key) - ARGV[2])
	elseif string.sub(key, -3) == 'cut' then
		redis.call('DECRBY', key, ARGV[2])
	end
end
return ''`

// PassTime lets time pass for the sessions of the Store, not for forwards.
func (s *Store) PassTime(d time.Duration) error {
	for _, node := range s.client.Nodes() {
		script := node.B().Eval().Script(passTime).Numkeys(0).Arg(s.prefix+"*", milliseconds(d)).Build()
		if err := node.Do(context.Background(), script).Error(); err != nil {
			return err
		}
	}
	return nil
}
