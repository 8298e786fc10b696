"""Decisions as Lua scripts: each is made in one step, in one round trip, by the server's clock.

Times are microseconds of that clock. Numbers are stored by `%.0f`, since Lua shows no more than
14 digits otherwise. Every key expires once it says nothing that a new one would not say.
"""

from __future__ import annotations

from typing import Final

from antiphon.integrations.redis_connection import Script

_NOW: Final = """
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
"""

# A token bucket as one number, the time at which it will be full again, as in `Pace`: the generic
# cell rate algorithm (ITU-T I.371). Who may wait takes a turn that is to come, so that nobody has
# to ask twice. ARGV: interval, tolerance, the longest wait. Answer: whether the turn was taken, and
# the time until then.
TAKE_TURN: Final = Script(
    _NOW
    + """
local interval, tolerance, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full_at = tonumber(redis.call('GET', KEYS[1]) or now)
if full_at < now then full_at = now end
local wait = math.max(0, full_at - tolerance - now)
if wait > most then return {0, math.ceil(wait)} end
full_at = full_at + interval
redis.call('SET', KEYS[1], string.format('%.3f', full_at), 'PX',
    math.ceil((full_at - now) / 1000) + 1000)
return {1, math.ceil(wait)}
"""
)

# ARGV: interval, tolerance, delay. The bucket is as empty as it has to be for the next turn to come
# after the delay.
HOLD_TURNS: Final = Script(
    _NOW
    + """
local tolerance, delay = tonumber(ARGV[2]), tonumber(ARGV[3])
local full_at = now + delay + tolerance
if full_at > tonumber(redis.call('GET', KEYS[1]) or 0) then
    redis.call('SET', KEYS[1], string.format('%.3f', full_at), 'PX',
        math.ceil((full_at - now) / 1000) + 1000)
end
return 1
"""
)

# A circuit is a hash; a closed one without failures is no key at all. `until`: when it will be half
# open. `lease`: by then the trial calls that run have ended, or those who made them are no more.
_CIRCUIT: Final = (
    _NOW
    + """
local key = KEYS[1]
local names = {'closed', 'open', 'half_open'}
local found = redis.call('HMGET', key, 'state', 'generation', 'until', 'running', 'lease',
    'in_a_row', 'succeeded')
local state = tonumber(found[1] or 1)
local generation = tonumber(found[2] or 0)
local opens = tonumber(found[3] or 0)
local running = tonumber(found[4] or 0)
local lease = tonumber(found[5] or 0)
local in_a_row = tonumber(found[6] or 0)
local succeeded = tonumber(found[7] or 0)
local function answer(allowed, trial)
    local left = 0
    if state == 2 then left = math.max(0, math.ceil(opens - now)) end
    return {allowed, generation, trial, left, state}
end
local function enter(new)
    state, generation, running, in_a_row, succeeded = new, generation + 1, 0, 0, 0
    redis.call('HDEL', key, 'window', 'lease', 'until')
end
local function save(lifetime)
    redis.call('HSET', key, 'state', state, 'generation', generation, 'running', running,
        'in_a_row', in_a_row, 'succeeded', succeeded)
    redis.call('PEXPIRE', key, lifetime)
end
"""
)

# ARGV: trial calls, how long they may take, lifetime in milliseconds.
# Answer of this and the next: whether the call may go, generation, whether it is a trial, time left
# and state.
ADMIT: Final = Script(
    _CIRCUIT
    + """
local trials, patience, lifetime = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
if state == 1 then return answer(1, 0) end
if state == 2 then
    if now < opens then return answer(0, 0) end
    enter(3)
end
if running >= trials then
    if now < lease then return answer(0, 0) end
    running = 0
end
running = running + 1
save(lifetime)
redis.call('HSET', key, 'lease', string.format('%.0f', now + patience))
return answer(1, 1)
"""
)

# ARGV: generation, trial, outcome (1 success, 0 failure, -1 neither), time to stay open, failures
# in a row or -1, failure rate or -1, least calls, length of the window, calls in it or -1,
# successes that close, lifetime in milliseconds. The window is a text: "0110..." for the latest
# calls, or "bucket:calls:failures ..." for the latest time, in ten buckets as the local one has.
RECORD: Final = Script(
    _CIRCUIT
    + """
local trial, outcome, lifetime = ARGV[2] == '1', tonumber(ARGV[3]), ARGV[11]
if tonumber(ARGV[1]) ~= generation then return answer(0, 0) end
if trial then running = math.max(0, running - 1) end
if outcome == -1 then
    if trial then save(lifetime) end
    return answer(0, 0)
end
local threshold, rate, least = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local calls, failures = 0, 0
if rate >= 0 then
    local window = redis.call('HGET', key, 'window') or ''
    local size = tonumber(ARGV[9])
    if size > 0 then
        window = string.sub(window .. (1 - outcome), -size)
        calls = #window
        failures = select(2, string.gsub(window, '1', ''))
    else
        local bucket = math.floor(now / (tonumber(ARGV[8]) / 10))
        local kept, last = {}, nil
        for number, made, failed in string.gmatch(window, '(%d+):(%d+):(%d+)') do
            if tonumber(number) > bucket - 10 then
                last = {tonumber(number), tonumber(made), tonumber(failed)}
                kept[#kept + 1] = last
            end
        end
        if not last or last[1] < bucket then
            last = {bucket, 0, 0}
            kept[#kept + 1] = last
        end
        last[2] = last[2] + 1
        last[3] = last[3] + 1 - outcome
        local texts = {}
        for place, one in ipairs(kept) do
            calls, failures = calls + one[2], failures + one[3]
            texts[place] = string.format('%.0f:%.0f:%.0f', one[1], one[2], one[3])
        end
        window = table.concat(texts, ' ')
    end
    redis.call('HSET', key, 'window', window)
end
in_a_row = outcome == 1 and 0 or in_a_row + 1
if trial and outcome == 1 then
    succeeded = succeeded + 1
    if succeeded >= tonumber(ARGV[10]) then enter(1) end
elseif trial or (threshold >= 0 and in_a_row >= threshold)
    or (rate >= 0 and calls >= least and failures >= rate * calls) then
    enter(2)
    opens = now + tonumber(ARGV[4])
    redis.call('HSET', key, 'until', string.format('%.0f', opens))
elseif outcome == 1 and not found[1] and rate < 0 then
    return answer(0, 0)
end
save(lifetime)
return answer(0, 0)
"""
)

# Deposits and withdrawals of the last ten slices of time, as the local budget counts them.
# ARGV: share, free retries, length of a slice, deposits, withdrawals. Answer: 1 if they were there.
SPEND: Final = Script(
    _NOW
    + """
local share, free, length = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local deposits, wanted = tonumber(ARGV[4]), tonumber(ARGV[5])
local slice = math.floor(now / length)
local paid, taken = deposits, 0
local fields = redis.call('HGETALL', KEYS[1])
for place = 1, #fields, 2 do
    local kind, number = string.match(fields[place], '^(%a)(%d+)$')
    if tonumber(number) <= slice - 10 then
        redis.call('HDEL', KEYS[1], fields[place])
    elseif kind == 'd' then
        paid = paid + tonumber(fields[place + 1])
    else
        taken = taken + tonumber(fields[place + 1])
    end
end
if deposits > 0 then
    redis.call('HINCRBY', KEYS[1], string.format('d%.0f', slice), deposits)
end
local granted = 0
if wanted > 0 and free + share * paid - taken >= wanted then
    redis.call('HINCRBY', KEYS[1], string.format('w%.0f', slice), wanted)
    granted = 1
end
redis.call('PEXPIRE', KEYS[1], math.ceil(length * 11 / 1000))
return granted
"""
)

# Adds one variant to the answers stored under a key. ARGV: variant, data, lifetime in milliseconds
# or 0, the most variants. Beyond those all others go: a cache may forget.
STORE: Final = Script(
    """
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0
    and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then
    redis.call('DEL', KEYS[1])
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
if ARGV[3] ~= '0' then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return 1
"""
)
