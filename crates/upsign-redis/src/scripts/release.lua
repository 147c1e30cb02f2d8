-- Subtracts an open reservation from its counters and forgets it.
-- KEYS: counters, reservations, expiries of one account. ARGV: id.
local entry = redis.call('HGET', KEYS[2], ARGV[1])
local reserved, counters = string.match(entry or '', '^o (%d+) %u(.*)$')
if not reserved then return 0 end
for counter in string.gmatch(counters, '%S+') do
  if redis.call('HEXISTS', KEYS[1], 'n' .. counter) == 1 then
    redis.call('HINCRBY', KEYS[1], 'n' .. counter, -1)
    -- Redis does not accept -0.
    if reserved ~= '0' then redis.call('HINCRBY', KEYS[1], 'b' .. counter, '-' .. reserved) end
  end
end
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
return 1
