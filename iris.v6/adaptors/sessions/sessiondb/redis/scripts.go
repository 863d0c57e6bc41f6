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

// commander is a rueidis.Client, or one of its connections.
type commander interface {
	B() rueidis.Builder
	Do(context.Context, rueidis.Completed) rueidis.RedisResult
}

// run runs the script. Redis is sent the text of it only if it does not know it.
func run(ctx context.Context, c commander, s script, keys, args []string) rueidis.RedisResult {
	n := int64(len(keys))
	result := c.Do(ctx, c.B().Evalsha().Sha1(s.sha).Numkeys(n).Key(keys...).Arg(args...).Build())
	if err, ok := rueidis.IsRedisErr(result.Error()); ok && err.IsNoScript() {
		result = c.Do(ctx, c.B().Eval().Script(s.text).Numkeys(n).Key(keys...).Arg(args...).Build())
	}
	return result
}

// What the scripts answer, unless it is the key that the session has moved to.
const (
	done    = "done"
	none    = "none"    // there is no live session
	taken   = "taken"   // the new key has a session, or forwards
	changed = "changed" // the session has changed since it was peeked at
)

// The first two arguments of the scripts are the limits in milliseconds: how
// long a session lives (0: for ever), and how long without being used.
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

-- use records a use, at most once per tenth of the idle time. It returns how
-- long the session has to live. The TTL is longer than the idle time if the
-- limits were longer once. If the session's age ends it, the TTL is right
-- already, up to the time that passes in here.
local function use(key, born)
	local ttl = redis.call('PTTL', key)
	if math.abs(idle - ttl) < idle / 10 then return ttl end
	local left = idle
	if expires > 0 then left = math.min(idle, born + expires - now()) end
	if math.abs(left - ttl) <= 10 then return ttl end
	redis.call('PEXPIRE', key, left)
	return left
end

-- change sets the fields that the arguments name, or removes those whose value
-- is empty.
local function change(key, first)
	for i = first, #ARGV, 2 do
		if ARGV[i + 1] == '' then
			redis.call('HDEL', key, ARGV[i])
		else
			redis.call('HSET', key, ARGV[i], ARGV[i + 1])
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
redis.call('HSET', KEYS[1], 'born', math.max(now(), epoch(KEYS[2]) + 1))
change(KEYS[1], 3)
local left = idle
if expires > 0 then left = math.min(idle, expires) end
redis.call('PEXPIRE', KEYS[1], left)
return 'done'
`)

	updateScript = newScript(prelude + `
local born, to = find(KEYS[1], KEYS[2])
if not born then return to or 'none' end
change(KEYS[1], 3)
if use(KEYS[1], born) <= 0 then return 'none' end
return 'done'
`)

	// renewScript, for two keys that are on one server, is told the new key and
	// for how long to forward. Redis refuses to run out of memory only before a
	// script's first write, so change comes first.
	renewScript = newScript(prelude + `
local born, to = find(KEYS[1], KEYS[2])
if not born then return to or 'none' end
if redis.call('EXISTS', KEYS[3]) == 1 then return 'taken' end
change(KEYS[1], 5)
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

	// noneScript tells whether none of the sessions lives. Each of them is
	// followed by its epoch.
	noneScript = newScript(prelude + `
for i = 1, #KEYS, 2 do
	local born = tonumber(redis.call('HGET', KEYS[i], 'born') or nil)
	if born and born > epoch(KEYS[i + 1]) then return 'changed' end
end
return 'none'
`)

	// epochScript destroys every session of a slot: those there are now are not
	// younger than the epoch, and later ones are. ARGV[3] is its TTL.
	epochScript = newScript(prelude + `
redis.call('SET', KEYS[1], math.max(now(), epoch(KEYS[1]) + 1), 'PX', ARGV[3])
return 'done'
`)

	// In a cluster a renewal takes several steps, as its two keys are on two
	// servers. See Store.move.

	// peekScript returns the fields of the session, then what it is (for
	// retireScript) and how long it has to live. If it does not live, it returns
	// nothing, or only the key that the session has moved to.
	peekScript = newScript(prelude + `
local born, to = find(KEYS[1], KEYS[2])
if not born then return {to} end
local fields = redis.call('HGETALL', KEYS[1])
local state = redis.sha1hex(cmsgpack.pack(fields))
fields[#fields + 1] = state
fields[#fields + 1] = tostring(redis.call('PTTL', KEYS[1]))
return fields
`)

	// copyScript makes a copy of the fields that were peeked at. ARGV[3] is how
	// long it has to live.
	copyScript = newScript(prelude + `
if redis.call('EXISTS', KEYS[1]) == 1 then return 'taken' end
change(KEYS[1], 4)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
local born = tonumber(redis.call('HGET', KEYS[1], 'born'))
if born > epoch(KEYS[2]) then
	redis.call('HSET', KEYS[1], 'born', -born)
	return 'done'
end
redis.call('UNLINK', KEYS[1])
error('the session is older than the epoch here: the clocks of the servers differ')
`)

	// retireScript replaces the session by a forward if it still is what was
	// peeked at, ARGV[3]. It is told the new key and for how long to forward.
	retireScript = newScript(prelude + `
local born, to = find(KEYS[1], KEYS[2])
if not born then return to and 'changed' or 'none' end
if redis.sha1hex(cmsgpack.pack(redis.call('HGETALL', KEYS[1]))) ~= ARGV[3] then return 'changed' end
forward(KEYS[1], ARGV[4], ARGV[5])
return 'done'
`)
)
