-- Raises the counters of a reservation, or none of them; or settles a reservation, and makes it if it is not known.
-- KEYS: counters, reservations, expiries of one account.
-- ARGV: now, id, bytes, expires at, R or K to reserve, or the mark of the object to settle, seconds to keep everything,
--       then for each counter: name, number of the window, largest number of objects and of bytes, or "-".
-- Returns {"new"}, {"known"}, {"other"} if it is settled with another object, or {"denied", objects, bytes, ...} with what each
-- counter has used.
local now, id, bytes = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local mark = #ARGV[5] > 1 and ARGV[5]

-- Every key lives as long as what it has may be used.
local keep = tonumber(ARGV[6])
local function keep_all()
  for _, key in ipairs(KEYS) do
    if redis.call('TTL', key) < keep then redis.call('EXPIRE', key, keep) end
  end
end

-- An open reservation is "o", its bytes, R or K, and its counters. A settled one is "s", the mark of its object, and the end of the
-- reservation: until its expiry, which is later, it is remembered so that the object is not counted twice.
local function forget(name)
  local entry = redis.call('HGET', KEYS[2], name)
  local reserved, expiry, counters = string.match(entry or '', '^o (%d+) (%u)(.*)$')
  if expiry == 'R' then
    for counter in string.gmatch(counters, '%S+') do
      if redis.call('HEXISTS', KEYS[1], 'n' .. counter) == 1 then
        redis.call('HINCRBY', KEYS[1], 'n' .. counter, -1)
        -- Redis does not accept -0.
        if reserved ~= '0' then redis.call('HINCRBY', KEYS[1], 'b' .. counter, '-' .. reserved) end
      end
    end
  end
  redis.call('HDEL', KEYS[2], name)
  redis.call('ZREM', KEYS[3], name)
end

-- In pieces, so that no list becomes large. Their number is bounded by the limits of the account.
for _ = 1, 1000 do
  local expired = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', ARGV[1], 'LIMIT', 0, 100)
  for _, name in ipairs(expired) do forget(name) end
  if #expired < 100 then break end
end

local known = redis.call('HGET', KEYS[2], id)
local ends = known and string.match(known, '^s %S+ (%d+)$')
-- A new reservation takes the place of a settled one that has ended.
if known and not mark and not (ends and tonumber(ends) <= now) then return {'known'} end
if known and mark then
  local reserved, counters = string.match(known, '^o (%d+) %u(.*)$')
  if not reserved then return {string.match(known, '^s (%S+)') == mark and 'known' or 'other'} end
  for counter in string.gmatch(counters, '%S+') do
    if redis.call('HEXISTS', KEYS[1], 'b' .. counter) == 1 then
      -- Redis does not accept -0.
      if reserved ~= '0' then redis.call('HINCRBY', KEYS[1], 'b' .. counter, '-' .. reserved) end
      redis.call('HINCRBY', KEYS[1], 'b' .. counter, bytes)
    end
  end
  redis.call('HSET', KEYS[2], id, 's ' .. mark .. ' ' .. ARGV[4])
  redis.call('ZADD', KEYS[3], now + keep, id)
  keep_all()
  return {'known'}
end

local counters, used, denied, current = {}, {}, false, {}
for index = 7, #ARGV, 4 do
  local name, number = ARGV[index], ARGV[index + 1]
  local counter = ':' .. name .. ':' .. number
  local objects = redis.call('HGET', KEYS[1], 'n' .. counter) or '0'
  local stored = redis.call('HGET', KEYS[1], 'b' .. counter) or '0'
  local max_objects, max_bytes = tonumber(ARGV[index + 2]), tonumber(ARGV[index + 3])
  denied = denied or (max_objects and tonumber(objects) + 1 > max_objects)
  denied = denied or (max_bytes and tonumber(stored) + tonumber(bytes) > max_bytes)
  counters[#counters + 1] = counter
  used[#used + 1] = objects
  used[#used + 1] = stored
  current[name] = tonumber(number)
end
if denied then return {'denied', unpack(used)} end

-- Forgets the windows before the previous one: servers whose clocks differ still count in that.
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  local name, number = string.match(field, '^%a:(.*):(%d+)$')
  if name and current[name] and tonumber(number) + 1 < current[name] then
    redis.call('HDEL', KEYS[1], field)
  end
end

for _, counter in ipairs(counters) do
  redis.call('HINCRBY', KEYS[1], 'n' .. counter, 1)
  redis.call('HINCRBY', KEYS[1], 'b' .. counter, bytes)
end
local open = 'o ' .. bytes .. ' ' .. ARGV[5] .. ' ' .. table.concat(counters, ' ')
redis.call('HSET', KEYS[2], id, mark and 's ' .. mark .. ' ' .. ARGV[4] or open)
redis.call('ZADD', KEYS[3], mark and now + keep or ARGV[4], id)
keep_all()
return {'new'}
