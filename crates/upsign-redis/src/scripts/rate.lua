-- Counts one request: the generic cell rate algorithm of `upsign::Rate`.
-- KEYS: rates of one account. ARGV: now, kind, requests per minute, burst.
-- Returns 0, or the seconds to wait.
-- The theoretical arrival time is kept as the instant of the last request in seconds, and how far it is ahead of that in units
-- of which a second has as many as requests are permitted per minute: an absolute time in these units exceeds 2^53.
local now, per_minute = tonumber(ARGV[1]), tonumber(ARGV[3])
local most = tonumber(ARGV[4]) * 60
local last, ahead = string.match(redis.call('HGET', KEYS[1], ARGV[2]) or '', '^(%d+) (%d+)$')
ahead = last and tonumber(ahead) - (now - tonumber(last)) * per_minute or 0
ahead = math.min(math.max(ahead, 0), most)
local wait = 0
if ahead + 60 <= most then
  ahead = ahead + 60
else
  wait = math.max(math.ceil((ahead + 60 - most) / per_minute), 1)
end
redis.call('HSET', KEYS[1], ARGV[2], string.format('%.0f %.0f', now, ahead))
-- Twice as long as needed, because the clock of the server that counts next may be behind.
local keep = 2 * math.ceil(ahead / per_minute) + 60
if redis.call('TTL', KEYS[1]) < keep then redis.call('EXPIRE', KEYS[1], keep) end
return wait
