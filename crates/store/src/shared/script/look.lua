-- ARGV: for how many ms we are known to wait (0: not at all), term and sequence of what we have
if ARGV[1] ~= '0' then
  redis.call('SET', KEYS[5], '1', 'PX', ARGV[1])
end
return {lease_reply(), kept and 1 or 0, tail(ARGV[2], ARGV[3], 500)}
