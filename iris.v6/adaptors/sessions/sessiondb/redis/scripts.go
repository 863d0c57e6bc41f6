package redis

import (
	"context"
	"crypto/sha1"
	"encoding/hex"

	"github.com/redis/rueidis"
)

// script is Lua that Redis runs in one step: no other command runs in between,
// and after a crash either all of its writes are there or none.
type script struct{ text, sha string }

func newScript(text string) script {
	sum := sha1.Sum([]byte(text))
	return script{text, hex.EncodeToString(sum[:])}
}

// run runs the script. It sends the text only if Redis does not have it yet.
func run(ctx context.Context, c rueidis.CommandClient, s script, keys, args []string) rueidis.RedisResult {
	n := int64(len(keys))
	result := c.Do(ctx, c.B().Evalsha().Sha1(s.sha).Numkeys(n).Key(keys...).Arg(args...).Build())
	if err, ok := rueidis.IsRedisErr(result.Error()); ok && err.IsNoScript() {
		result = c.Do(ctx, c.B().Eval().Script(s.text).Numkeys(n).Key(keys...).Arg(args...).Build())
	}
	return result
}

// The answers of the scripts that write. Another answer is the key that the
// session has moved to.
const (
	done    = "done"
	none    = "none"    // there is no live session
	taken   = "taken"   // the new key has a session, or forwards
	changed = "changed" // the session has changed in the meantime
	state   = "="       // begins the state of a session, see peekScript
)

// The first two arguments of the scripts are the limits in milliseconds: how
// long a session lives (0: for ever), and how long without being used. The first
// two keys are those of a session and of its epoch.
//
// A session is a hash. Its field born has the time of its creation, by the clock
// of Redis, in milliseconds; "=name" has the value of that name. A forward is a
// hash under the old key, with the new key in the field "to". It was born at 0:
// readScript, and earlier versions of this package, take it for a session that
// has ended. The same goes for a copy, whose time of birth is negative until the
// old session is a forward to it (see Store.move).
//
// Each slot of a cluster that has sessions also has an epoch: all sessions born
// up to then have been destroyed.
const prelude = `
local expires, idle = tonumber(ARGV[1]), tonumber(ARGV[2])

local function now()
	local t = redis.call('TIME')
	return t[1] * 1000 + math.floor(t[2] / 1000)
end

local function epoch(key)
	return tonumber(redis.call('GET', key) or 0)
end

-- find returns when the session was born. If there is no live one, it returns
-- nil and, if the key forwards, the key that the session has moved to. A copy
-- becomes the session: only the forward, or the end of the renewal, leads here.
local function find(key, epochkey)
	local field = redis.call('HMGET', key, 'born', 'to')
	local born = tonumber(field[1] or nil)
	if born and born < 0 then
		born = -born
		redis.call('HDEL', key, '') -- a first write, so that the second may use memory
		redis.call('HSET', key, 'born', born)
	end
	if born and born > epoch(epochkey) then return born end
	if not born and redis.call('EXISTS', key) == 1 then error('not a session') end
	return nil, field[2] or nil
end

-- left returns how long a session has to live that is used now.
local function left(born)
	if expires == 0 then return idle end
	return math.min(idle, born + expires - now())
end

-- use records a use, at most once per tenth of the idle time. It returns how
-- long the session has to live. The TTL is longer than the idle time if the
-- limits were longer once. If the session's age ends it, the TTL is right
-- already, up to the time that passes in here.
local function use(key, born)
	local ttl = redis.call('PTTL', key)
	if math.abs(idle - ttl) < idle / 10 then return ttl end
	local left = left(born)
	if math.abs(left - ttl) <= 10 then return ttl end
	redis.call('PEXPIRE', key, left)
	return left
end

-- change sets the fields in the list, or removes those whose value is empty.
local function change(key, list, first)
	for i = first, #list, 2 do
		if list[i + 1] == '' then
			redis.call('HDEL', key, list[i])
		else
			redis.call('HSET', key, list[i], list[i + 1])
		end
	end
end

-- forward replaces the session by a forward.
local function forward(key, to, ttl)
	redis.call('UNLINK', key)
	redis.call('HSET', key, 'born', 0, 'to', to)
	redis.call('PEXPIRE', key, ttl)
end
`

var (
	// readScript returns the fields of a session, nothing if it does not live.
	readScript = newScript(prelude + `
local fields = redis.call('HGETALL', KEYS[1])
if #fields == 0 then return fields end
local born = fields[2]
if fields[1] ~= 'born' then born = redis.call('HGET', KEYS[1], 'born') end
born = tonumber(born or nil)
if not born then error('not a session') end
if born <= epoch(KEYS[2]) or use(KEYS[1], born) <= 0 then return {} end
return fields
`)

	createScript = newScript(prelude + `
if redis.call('EXISTS', KEYS[1]) == 1 then
	local born, to = find(KEYS[1], KEYS[2])
	if born or to then return 'taken' end
	redis.call('UNLINK', KEYS[1])
end
local born = math.max(now(), epoch(KEYS[2]) + 1)
redis.call('HSET', KEYS[1], 'born', born)
change(KEYS[1], ARGV, 3)
redis.call('PEXPIRE', KEYS[1], left(born))
return 'done'
`)

	updateScript = newScript(prelude + `
local born, to = find(KEYS[1], KEYS[2])
if not born then return to or 'none' end
change(KEYS[1], ARGV, 3)
if use(KEYS[1], born) <= 0 then return 'none' end
return 'done'
`)

	// renewScript renews a session on one server. ARGV[3] is the new key, whose
	// name is KEYS[3], and ARGV[4] is how long to forward. change comes first:
	// when the memory is full, Redis refuses only the first write of a script.
	renewScript = newScript(prelude + `
local born, to = find(KEYS[1], KEYS[2])
if not born then return to or 'none' end
if redis.call('EXISTS', KEYS[3]) == 1 then return 'taken' end
change(KEYS[1], ARGV, 5)
if use(KEYS[1], born) <= 0 then return 'none' end
redis.call('RENAME', KEYS[1], KEYS[3])
forward(KEYS[1], ARGV[3], ARGV[4])
return 'done'
`)

	destroyScript = newScript(`
local to = redis.call('HGET', KEYS[1], 'to')
if to then return to end
redis.call('UNLINK', KEYS[1])
return 'done'
`)

	// noneScript tells whether none of several sessions lives. Its keys are those
	// of each session and of its epoch.
	noneScript = newScript(prelude + `
for i = 1, #KEYS, 2 do
	local born = tonumber(redis.call('HGET', KEYS[i], 'born') or nil)
	if born and born > epoch(KEYS[i + 1]) then return 'changed' end
end
return 'none'
`)

	// epochScript sets the epoch KEYS[1]. Its TTL is longer than any session lives.
	epochScript = newScript(prelude + `
local years = 365 * 24 * 3600 * 1000
redis.call('SET', KEYS[1], math.max(now(), epoch(KEYS[1]) + 1), 'PX', 290 * years)
return 'done'
`)

	// The following three are the steps of Store.move.

	// peekScript returns the state of the session: its fields, packed.
	peekScript = newScript(prelude + `
local born, to = find(KEYS[1], KEYS[2])
if not born then return to or 'none' end
return '=' .. cmsgpack.pack(redis.call('HGETALL', KEYS[1]))
`)

	// copyScript makes a copy of the session whose state is ARGV[3], and changes it.
	copyScript = newScript(prelude + `
if redis.call('EXISTS', KEYS[1]) == 1 then return 'taken' end
change(KEYS[1], cmsgpack.unpack(string.sub(ARGV[3], 2)), 1)
change(KEYS[1], ARGV, 4)
local born = tonumber(redis.call('HGET', KEYS[1], 'born'))
if born <= epoch(KEYS[2]) then
	redis.call('UNLINK', KEYS[1])
	error('the session is older than the epoch here: the clocks of the servers differ')
end
redis.call('HSET', KEYS[1], 'born', -born)
redis.call('PEXPIRE', KEYS[1], left(born))
return 'done'
`)

	// retireScript replaces the session by a forward if its state still is
	// ARGV[3]. ARGV[4] is the new key, and ARGV[5] is how long to forward.
	retireScript = newScript(prelude + `
local born, to = find(KEYS[1], KEYS[2])
if not born then return to and 'changed' or 'none' end
if '=' .. cmsgpack.pack(redis.call('HGETALL', KEYS[1])) ~= ARGV[3] then return 'changed' end
forward(KEYS[1], ARGV[4], ARGV[5])
return 'done'
`)
)
