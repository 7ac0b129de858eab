-- Before every script: nothing is touched where something stands that is not ours.
-- KEYS: lease, log, snapshot, terms, standby
local kinds = {'hash', 'stream', 'hash', 'hash', 'string'}
local function foreign(key, what)
  return redis.error_reply('FOREIGN ' .. key .. ' ' .. what)
end
for i = 1, 5 do
  local kind = redis.call('TYPE', KEYS[i]).ok
  if kind ~= 'none' and kind ~= kinds[i] then
    return foreign(KEYS[i], 'is a ' .. kind .. ', and should be a ' .. kinds[i])
  end
end
-- Numbers stay exact in a double.
local function whole(text)
  return text and #text <= 15 and string.find(text, '^%d+$')
end
local lease = redis.call('HMGET', KEYS[1], 'schema', 'term', 'holder', 'beat', 'released', 'offer', 'ready_at', 'log')
local held = redis.call('EXISTS', KEYS[1]) == 1
if held then
  if lease[1] ~= '1' then
    return foreign(KEYS[1], 'is of schema ' .. (lease[1] or 'none') .. '; this version knows 1')
  end
  if not (whole(lease[2]) and lease[3] and #lease[3] <= 64 and whole(lease[4])) then
    return foreign(KEYS[1], 'holds what is no lease')
  end
  if lease[7] and not (#lease[7] <= 19 and string.find(lease[7], '^%d+$')) then
    return foreign(KEYS[1], 'holds what is no lease')
  end
end
local snapshot = redis.call('HMGET', KEYS[3], 'schema', 'term', 'sequence', 'holder', 'crc')
local kept = redis.call('EXISTS', KEYS[3]) == 1
if kept then
  if snapshot[1] ~= '1' then
    return foreign(KEYS[3], 'is of schema ' .. (snapshot[1] or 'none') .. '; this version knows 1')
  end
  if not (whole(snapshot[2]) and whole(snapshot[3]) and snapshot[4] and whole(snapshot[5])) then
    return foreign(KEYS[3], 'holds what is no snapshot')
  end
end
local marked = redis.call('GET', KEYS[5])
if marked and marked ~= '1' then
  return foreign(KEYS[5], 'holds what is no mark')
end
-- The last record, as far as it belongs to the snapshot.
local last_term, last = false, false
if redis.call('EXISTS', KEYS[2]) == 1 then
  local info = redis.call('XINFO', 'STREAM', KEYS[2])
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then
      last_term, last = string.match(info[i + 1], '^(%d+)-(%d+)$')
    end
  end
  -- A log whose snapshot somebody has taken away is named by the lease that was taken since.
  local owner = kept and snapshot[2] or (held and (lease[8] or lease[2]))
  if last_term ~= owner then
    return foreign(KEYS[2], 'is of term ' .. last_term .. ', and nothing beside it is')
  end
end
local function lease_reply()
  if not held then return false end
  return {lease[2], lease[3], lease[4], lease[5] and 1 or 0, lease[6] and 1 or 0}
end
local function end_of_state()
  if not kept then return 0 end
  local sequence = tonumber(snapshot[3])
  if last and tonumber(last) > sequence then sequence = tonumber(last) end
  return sequence
end
local function plain(number)
  return string.format('%.0f', number)
end
-- What follows on a position, or nothing where that has been trimmed away or is of another term.
local function tail(term, sequence, count)
  if term ~= snapshot[2] then return false end
  local finish = end_of_state()
  local from = tonumber(sequence)
  if from == finish then return {} end
  if from > finish or not last then return false end
  local records = redis.call('XRANGE', KEYS[2], term .. '-' .. plain(from + 1), '+', 'COUNT', count)
  if #records == 0 or records[1][1] ~= term .. '-' .. plain(from + 1) then return false end
  return records
end
