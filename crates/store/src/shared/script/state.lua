-- Everything there is.
local all = false
if kept then
  local records = {}
  if last then
    records = redis.call('XRANGE', KEYS[2], snapshot[2] .. '-' .. plain(tonumber(snapshot[3]) + 1), '+')
  end
  all = {snapshot[2], snapshot[3], snapshot[4], snapshot[5], redis.call('HGET', KEYS[3], 'bytes') or '', records}
end
return {lease_reply(), all, redis.call('HGETALL', KEYS[4])}
