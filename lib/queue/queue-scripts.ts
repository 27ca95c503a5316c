/** Lua for changes that several sides may want at once: Redis runs a script in one step. */

/** KEYS[1] is the state of a model, ARGV[1] the generation that the sender works for. */
const isCurrent = `redis.call('HGET', KEYS[1], 'status') == 'open' and redis.call('HGET', KEYS[1], 'generation') == ARGV[1]`;

/** A batch is in the set of the done exactly if its rows are in the stream, or were. */
export const addRowsScript = `
if not (${isCurrent}) then return -1 end
if redis.call('SADD', KEYS[2], ARGV[2]) == 0 then return 0 end
redis.call('XADD', KEYS[3], '*', 'event', ARGV[3], 'rows', ARGV[4])
return 1`;
export const pinScript = `
if not (${isCurrent}) then return false end
local was = redis.call('GET', KEYS[2])
if was then return was end
redis.call('SET', KEYS[2], ARGV[2])
redis.call('XADD', KEYS[3], '*', 'event', ARGV[3])
return ARGV[2]`;
export const retryScript = `
if not (${isCurrent}) then return 0 end
redis.call('HSET', KEYS[1], 'generation', ARGV[1] + 1, 'attempt', ARGV[2])
redis.call('HDEL', KEYS[1], 'queued')
redis.call('XADD', KEYS[2], '*', 'event', ARGV[3])
return 1`;
export const failScript = `
if not (${isCurrent}) then return 0 end
redis.call('HSET', KEYS[1], 'status', 'failed')
redis.call('XADD', KEYS[2], '*', 'event', ARGV[2])
return 1`;
/** The first value of a field counts. @returns whether this one was the first, and what counts */
export const setOnceScript = `
if not (${isCurrent}) then return false end
local first = redis.call('HSETNX', KEYS[1], ARGV[2], ARGV[3])
return {first, redis.call('HGET', KEYS[1], ARGV[2])}`;
/** Not for a run that is over: its stream would stay for ever. */
export const addEventScript = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('XADD', KEYS[2], '*', 'event', ARGV[1])
return 1`;
export const releaseTextsScript = `
redis.call('SREM', KEYS[2], ARGV[1])
if redis.call('SCARD', KEYS[2]) == 0 then redis.call('DEL', KEYS[1]) end
return 1`;
