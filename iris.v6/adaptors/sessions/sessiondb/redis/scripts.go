package redis

import (
	"crypto/sha1"
	"encoding/hex"
)

// script is Lua that Redis runs in one step: no other command comes in between,
// and after a crash all that it has written is there, or nothing.
type script struct{ text, sha string }

func newScript(text string) script {
	sum := sha1.Sum([]byte(text))
	return script{text, hex.EncodeToString(sum[:])}
}

// Every script has the limits in its first two arguments, in milliseconds: how
// long a session lives (0: for ever), and how long without being used.
//
// A session is a hash. Its field born has the time when it began, by the clock
// of Redis, in milliseconds; "=name" has the value of that name. Beside it, in
// the same slot of a cluster, there may be the cut, before which every session
// has been destroyed.
const prelude = `
local expires, idle = tonumber(ARGV[1]), tonumber(ARGV[2])

local function now()
	local t = redis.call('TIME')
	return t[1] * 1000 + math.floor(t[2] / 1000)
end

local function cut(key)
	return tonumber(redis.call('GET', key) or 0)
end

-- born returns when the session began, nil if there is none that lives.
local function born(key, cutkey)
	local b = tonumber(redis.call('HGET', key, 'born') or nil)
	if b and b > cut(cutkey) then return b end
	if not b and redis.call('EXISTS', key) == 1 then error('not a session') end
end

-- use restarts the idle time, unless that is a tenth old at most. It returns
-- how long the session has to live. The TTL is longer than it should be where
-- the limits were once longer.
local function use(key, born)
	local ttl = redis.call('PTTL', key)
	if math.abs(idle - ttl) <= idle / 10 then return ttl end
	local left = idle
	if expires > 0 then left = math.min(idle, born + expires - now()) end
	if math.abs(left - ttl) <= idle / 10 then return ttl end
	redis.call('PEXPIRE', key, left)
	return left
end

-- change sets the fields that the arguments name, or removes them where their
-- value is empty.
local function change(key, first)
	for i = first, #ARGV, 2 do
		if ARGV[i + 1] == '' then
			redis.call('HDEL', key, ARGV[i])
		else
			redis.call('HSET', key, ARGV[i], ARGV[i + 1])
		end
	end
end
`

var (
	// readScript returns the fields of a session, and then how long it has to
	// live; nothing if it does not live.
	readScript = newScript(prelude + `
local fields = redis.call('HGETALL', KEYS[1])
if #fields == 0 then return fields end
local b = fields[2]
if fields[1] ~= 'born' then b = redis.call('HGET', KEYS[1], 'born') end
b = tonumber(b)
if not b then error('not a session') end
if b <= cut(KEYS[2]) then return {} end
fields[#fields + 1] = use(KEYS[1], b)
return fields
`)

	// createScript returns whether there was no session.
	createScript = newScript(prelude + `
if redis.call('EXISTS', KEYS[1]) == 1 then
	if born(KEYS[1], KEYS[2]) then return 0 end
	redis.call('UNLINK', KEYS[1])
end
redis.call('HSET', KEYS[1], 'born', math.max(now(), cut(KEYS[2]) + 1))
change(KEYS[1], 3)
local left = idle
if expires > 0 then left = math.min(idle, expires) end
redis.call('PEXPIRE', KEYS[1], left)
return 1
`)

	// updateScript returns whether the session lives.
	updateScript = newScript(prelude + `
local b = born(KEYS[1], KEYS[2])
if not b then return 0 end
change(KEYS[1], 3)
if use(KEYS[1], b) <= 0 then return 0 end
return 1
`)

	// renewScript, for two keys that are on one server, returns whether the
	// session lives, and -1 if the other key has one. What can fail for lack of
	// memory comes first.
	renewScript = newScript(prelude + `
local b = born(KEYS[1], KEYS[2])
if not b then return 0 end
if redis.call('EXISTS', KEYS[3]) == 1 then return -1 end
change(KEYS[1], 3)
if use(KEYS[1], b) <= 0 then return 0 end
redis.call('RENAME', KEYS[1], KEYS[3])
return 1
`)

	destroyScript = newScript(`
return redis.call('UNLINK', KEYS[1])
`)

	// cutScript destroys every session of a slot: those of today are not
	// younger than the cut, and those to come are.
	cutScript = newScript(prelude + `
redis.call('SET', KEYS[1], math.max(now(), cut(KEYS[1]) + 1), 'PX', idle)
return 1
`)

	// In a cluster a renewal takes three steps, as its two keys are on two
	// servers. See Store.move.

	// peekScript returns what the session is (for retireScript), how long it
	// has to live, and its fields; nothing if it does not live.
	peekScript = newScript(prelude + `
if not born(KEYS[1], KEYS[2]) then return {} end
local fields = redis.call('HGETALL', KEYS[1])
return {redis.sha1hex(cmsgpack.pack(fields)), redis.call('PTTL', KEYS[1]), fields}
`)

	// copyScript makes a session of the fields that were peeked at. It returns
	// whether there was none. ARGV[3] is how long it has to live.
	copyScript = newScript(prelude + `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
change(KEYS[1], 4)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
local b = born(KEYS[1], KEYS[2])
if b then use(KEYS[1], b) return 1 end
redis.call('UNLINK', KEYS[1])
error('the session is older than what DestroyAll has left here: do the clocks of the servers agree?')
`)

	// retireScript removes the session if it still is what was peeked at. It
	// returns 1 then, 0 if it has ended, and 2 if it has changed.
	retireScript = newScript(prelude + `
if not born(KEYS[1], KEYS[2]) then return 0 end
if redis.sha1hex(cmsgpack.pack(redis.call('HGETALL', KEYS[1]))) ~= ARGV[3] then return 2 end
redis.call('UNLINK', KEYS[1])
return 1
`)
)
