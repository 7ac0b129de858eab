-- KEYS also: the log and the snapshot that are put aside
-- ARGV: term, holder, order, mode, end of what is known to be there, sequence, bytes and CRC of a snapshot (empty: none),
--       whether to put aside what is there, the term before and where it ended, then sequence and bytes of each record
if not held or lease[2] ~= ARGV[1] or lease[3] ~= ARGV[2] then
  return {'FENCED', lease_reply()}
end
local function keep_snapshot()
  redis.call('HSET', KEYS[3], 'schema', '1', 'term', ARGV[1], 'sequence', ARGV[6], 'holder', ARGV[2],
    'crc', ARGV[8], 'bytes', ARGV[7])
end
local finish = 0
if ARGV[4] == 'append' then
  finish = end_of_state()
  if not kept or snapshot[2] ~= ARGV[1] or finish < tonumber(ARGV[5]) then
    return {'BEHIND', lease_reply()}
  end
  -- Before anything is written, so that all of it is or nothing.
  local following = finish
  if ARGV[6] ~= '' and tonumber(ARGV[6]) > following then following = tonumber(ARGV[6]) end
  for i = 12, #ARGV, 2 do
    local sequence = tonumber(ARGV[i])
    if sequence > following + 1 then return {'BEHIND', lease_reply()} end
    if sequence == following + 1 then following = sequence end
  end
elseif ARGV[4] == 'begin' and ARGV[9] == '1' and (redis.call('EXISTS', KEYS[6]) + redis.call('EXISTS', KEYS[7])) > 0 then
  return {'ASIDE'}
end
local beat = redis.call('HINCRBY', KEYS[1], 'beat', 1)
if ARGV[4] == 'begin' then
  for i = 2, 3 do
    if redis.call('EXISTS', KEYS[i]) == 1 then
      if ARGV[9] == '1' then
        redis.call('RENAME', KEYS[i], KEYS[i + 4])
      else
        redis.call('DEL', KEYS[i])
      end
    end
  end
  redis.call('HDEL', KEYS[1], 'log')
  if ARGV[10] ~= '' then redis.call('HSET', KEYS[4], ARGV[10], ARGV[11]) end
  keep_snapshot()
  finish = tonumber(ARGV[6])
elseif ARGV[4] == 'append' and ARGV[6] ~= '' and tonumber(ARGV[6]) >= tonumber(snapshot[3]) then
  keep_snapshot()
  if redis.call('EXISTS', KEYS[2]) == 1 then
    redis.call('XTRIM', KEYS[2], 'MINID', '=', ARGV[1] .. '-' .. plain(tonumber(ARGV[6]) + 1))
  end
  if tonumber(ARGV[6]) > finish then finish = tonumber(ARGV[6]) end
end
if ARGV[4] ~= 'hold' then
  for i = 12, #ARGV, 2 do
    if tonumber(ARGV[i]) > finish then
      redis.call('XADD', KEYS[2], ARGV[1] .. '-' .. ARGV[i], 'record', ARGV[i + 1])
      finish = tonumber(ARGV[i])
    end
  end
end
if ARGV[3] == 'offer' then
  redis.call('HSET', KEYS[1], 'offer', '1')
elseif ARGV[3] == 'withdraw' then
  redis.call('HDEL', KEYS[1], 'offer', 'ready_at')
elseif ARGV[3] == 'release' then
  redis.call('HSET', KEYS[1], 'released', '1')
  redis.call('HDEL', KEYS[1], 'offer', 'ready_at')
end
return {'OK', marked and 1 or 0, lease[7] or ''}
