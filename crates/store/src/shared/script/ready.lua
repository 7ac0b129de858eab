-- ARGV: the term that made the offer, when it may switch
if held and lease[2] == ARGV[1] and lease[6] then
  redis.call('HSET', KEYS[1], 'ready_at', ARGV[2])
  return 1
end
return 0
