-- Replaces the reserved bytes by those of the object.
-- KEYS: counters, reservations of one account. ARGV: id, bytes.
local entry = redis.call('HGET', KEYS[2], ARGV[1])
local reserved, counters = string.match(entry or '', '^o (%d+) %u(.*)$')
if not reserved then return 0 end
for counter in string.gmatch(counters, '%S+') do
  if redis.call('HEXISTS', KEYS[1], 'b' .. counter) == 1 then
    -- Redis does not accept -0.
    if reserved ~= '0' then redis.call('HINCRBY', KEYS[1], 'b' .. counter, '-' .. reserved) end
    redis.call('HINCRBY', KEYS[1], 'b' .. counter, ARGV[2])
  end
end
redis.call('HSET', KEYS[2], ARGV[1], 's')
return 1
