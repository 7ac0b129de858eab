-- ARGV: term, beat and holder that are expected (empty: no lease), the new term, its holder, term and sequence of what it has
if held then
  if ARGV[1] ~= lease[2] or ARGV[2] ~= lease[4] or ARGV[3] ~= lease[3] then return {'MISSED'} end
elseif ARGV[1] ~= '' then
  return {'MISSED'}
end
local records = {}
if kept then
  records = tail(ARGV[6], ARGV[7], 1000000)
  if not records then return {'STALE'} end
elseif ARGV[6] ~= '' then
  return {'STALE'}
end
redis.call('HSET', KEYS[1], 'schema', '1', 'term', ARGV[4], 'holder', ARGV[5], 'beat', '1')
redis.call('HDEL', KEYS[1], 'released', 'offer', 'ready_at', 'log')
if last_term and not kept then
  redis.call('HSET', KEYS[1], 'log', last_term)
end
redis.call('DEL', KEYS[5])
return {'CLAIMED', records}
