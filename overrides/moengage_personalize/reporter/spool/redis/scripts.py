"""The commands of a spool in Lua; Redis runs each completely or not at all.

So the counts balance at every moment, also if a client dies between two commands. If a stream was
evicted, trimmed or deleted, the counts follow the stream. Events are entries of a stream, and the
owner of a lease is a consumer in a group. Redis counts how long an entry has been idle. So a lease
of 30 seconds sets the idle time to 30 seconds less than `FREE`, and an entry that is idle for
`FREE` is free. An entry that is given back gets that idle time at once. Adding it again would
change its ID and its place.

A mark distinguishes the keys from those of another program: a field of the hashes, and the name of
the streams' group. Each key has its own, because an eviction may leave only one of them. Every
command first looks for the mark of the counts.
"""

from __future__ import annotations

from typing import Final

__all__ = ["LONGEST_LEASE", "MARK", "SCRIPT"]

LONGEST_LEASE: Final = 30 * 24 * 60 * 60
"""Seconds."""
MARK: Final = "moengage-personalize"

SCRIPT: Final = (
    f"local FREE, MARK = {LONGEST_LEASE * 1_000}, '{MARK}'"
    """
local pending, dead, counts, dropped = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local FORMAT, NOBODY = '1', 'nobody'
local commands = {}

local function fields(list)
  local found = {}
  for i = 1, #list, 2 do found[list[i]] = list[i + 1] end
  return found
end

-- The fields of an entry. If another program added it, all of it is the event, an unreadable one.
local function read(entry)
  local found = fields(entry[2])
  found['customer'] = found['customer'] or ''
  found['event'] = found['event'] or cjson.encode(entry[2])
  return found
end

local function group(stream)
  for _, row in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    local found = fields(row)
    if found['name'] == MARK then return found end
  end
end

local function make(stream)
  if redis.call('EXISTS', stream) == 0 then
    redis.call('XGROUP', 'CREATE', stream, MARK, 0, 'MKSTREAM')
  end
end

-- An error if a key is not the spool's; otherwise it marks the keys.
local function refusal()
  local format = redis.pcall('HGET', counts, MARK)
  for i, kind in ipairs({'stream', 'stream', 'hash', 'hash'}) do
    local found = redis.call('TYPE', KEYS[i])['ok']
    local is_ours = found == kind and (
      type(format) == 'string' -- so that a person may have deleted the group of a stream
      or kind == 'stream' and group(KEYS[i])
      or kind == 'hash' and redis.call('HEXISTS', KEYS[i], MARK) == 1)
    if found ~= 'none' and not is_ours then return {err = 'STRANGER ' .. i .. ' ' .. found} end
  end
  if format then return format ~= FORMAT and {err = 'NEWER'} end
  redis.call('HSET', counts, MARK, FORMAT)
  redis.call('HSETNX', dropped, MARK, 0)
  make(pending)
  make(dead)
end

local function size()
  return redis.call('XLEN', pending), tonumber(redis.call('HGET', counts, 'bytes') or 0)
end

-- Events that a person or an eviction removed from the streams are counted as vanished.
local function mend()
  local missing = tonumber(redis.call('HGET', counts, 'accepted') or 0)
    - tonumber(redis.call('HGET', counts, 'delivered') or 0)
    - redis.call('XLEN', pending) - redis.call('XLEN', dead)
  for _, events in ipairs(redis.call('HVALS', dropped)) do missing = missing - tonumber(events) end
  if missing == 0 then return end
  if missing > 0 then
    redis.call('HINCRBY', dropped, 'vanished', missing)
  else
    redis.call('HINCRBY', counts, 'accepted', -missing)
  end
  local bytes, from = 0, '-'
  while true do
    local entries = redis.call('XRANGE', pending, from, '+', 'COUNT', 1000)
    if #entries == 0 then break end
    for _, entry in ipairs(entries) do bytes = bytes + #read(entry)['event'] end
    from = '(' .. entries[#entries][1]
  end
  redis.call('HSET', counts, 'bytes', bytes)
end

local function add(customer, event)
  make(pending)
  redis.call('XADD', pending, '*', 'customer', customer, 'event', event)
  redis.call('HINCRBY', counts, 'bytes', #event)
end

local function remove(id, event)
  if redis.call('EXISTS', pending) == 1 then redis.call('XACK', pending, MARK, id) end
  redis.call('XDEL', pending, id)
  redis.call('HINCRBY', counts, 'bytes', -#event)
end

local function bury(event, reason)
  make(dead)
  redis.call(
    'XADD', dead, '*', 'customer', event['customer'], 'event', event['event'], 'reason', reason)
end

local function drop(reason, events)
  if events > 0 then redis.call('HINCRBY', dropped, reason, events) end
end

local function lease(owner, id, ms)
  redis.call('XCLAIM', pending, MARK, owner, 0, id, 'IDLE', math.max(0, FREE - ms), 'JUSTID')
end

-- The entries among ARGV[first], ... that ARGV[1] has leased: id, fields.
local function owned(first)
  local found, seen = {}, {}
  if redis.call('EXISTS', pending) == 0 then return found end
  for i = first, #ARGV do
    local id = ARGV[i]
    if not seen[id] and #redis.call('XPENDING', pending, MARK, id, id, 1, ARGV[1]) == 1 then
      local entry = redis.call('XRANGE', pending, id, id)[1]
      if entry then found[#found + 1] = {id, read(entry)} end
    end
    seen[id] = true
  end
  return found
end

local function never_leased(count)
  local from = group(pending)['last-delivered-id']
  return redis.call('XRANGE', pending, '(' .. from, '+', 'COUNT', count)
end

-- Entries whose lease ended, oldest first; all are older than those that were never leased.
local function given_back(count)
  while true do
    local found, is_gone = {}, false
    for _, row in ipairs(redis.call('XPENDING', pending, MARK, 'IDLE', FREE, '-', '+', count)) do
      local entry = redis.call('XRANGE', pending, row[1], row[1])[1]
      if entry then
        found[#found + 1] = entry
      else -- a person deleted it
        redis.call('XACK', pending, MARK, row[1])
        is_gone = true
      end
    end
    if not is_gone then return found end
  end
end

function commands.put()
  add(ARGV[1], ARGV[2])
  redis.call('HINCRBY', counts, 'accepted', 1)
  return {size()}
end

function commands.refuse()
  redis.call('HINCRBY', counts, 'accepted', 1)
  drop(ARGV[1], 1)
end

function commands.size()
  mend()
  return {size()}
end

function commands.drop_oldest()
  local reason, most_rows, most_bytes = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
  local gone = {}
  while true do
    local rows, bytes = size()
    if rows < most_rows and bytes < most_bytes or rows == 0 then break end
    local entry = given_back(1)[1] or never_leased(1)[1]
    if not entry then break end
    local event = read(entry)['event']
    remove(entry[1], event)
    gone[#gone + 1] = event
  end
  drop(reason, #gone)
  return gone
end

function commands.lease()
  local owner, most, users, ms = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
  local room = tonumber(ARGV[5])
  local leased, seen, distinct = {}, {}, 0
  if redis.call('EXISTS', pending) == 0 then return leased end

  -- How many of these entries may be leased, in addition to those leased already.
  local function take(entries)
    local taken = 0
    for _, entry in ipairs(entries) do
      local event = read(entry)
      room = room - #event['event']
      if #leased > 0 and room < 0 then return taken, true end
      if not seen[event['customer']] then
        if distinct == users then return taken, true end
        seen[event['customer']] = true
        distinct = distinct + 1
      end
      leased[#leased + 1] = {entry[1], event['event']}
      taken = taken + 1
    end
    return taken, #leased == most
  end

  local _, is_enough = take(given_back(most))
  if not is_enough then
    local fresh = take(never_leased(most - #leased))
    if fresh > 0 then
      redis.call('XREADGROUP', 'GROUP', MARK, owner, 'COUNT', fresh, 'STREAMS', pending, '>')
    end
  end
  for _, one in ipairs(leased) do lease(owner, one[1], ms) end
  return leased
end

function commands.renew()
  for _, one in ipairs(owned(3)) do lease(ARGV[1], one[1], tonumber(ARGV[2])) end
end

function commands.release()
  for _, one in ipairs(owned(2)) do lease(NOBODY, one[1], 0) end
end

function commands.deliver()
  local delivered = owned(2)
  for _, one in ipairs(delivered) do remove(one[1], one[2]['event']) end
  redis.call('HINCRBY', counts, 'delivered', #delivered)
end

function commands.dead_letter()
  local mine = owned(5)
  if #mine == 0 then return false end
  for _, one in ipairs(mine) do
    bury(one[2], ARGV[2])
    remove(one[1], one[2]['event'])
  end
  local reason, most = ARGV[3], tonumber(ARGV[4])
  local gone = {}
  for _, letter in ipairs(redis.call(
    'XRANGE', dead, '-', '+', 'COUNT', math.max(1, redis.call('XLEN', dead) - most))) do
    if redis.call('XLEN', dead) <= most then break end
    redis.call('XDEL', dead, letter[1])
    gone[#gone + 1] = read(letter)['event']
  end
  drop(reason, #gone)
  return gone
end

function commands.dead_letters()
  local letters = redis.call('XRANGE', dead, '-', '+')
  for i, letter in ipairs(letters) do
    local event = read(letter)
    letters[i] = {letter[1], event['event'], event['reason'] or ''}
  end
  return letters
end

function commands.retry_dead()
  local letters = redis.call('XRANGE', dead, '-', '+')
  for _, letter in ipairs(letters) do
    local event = read(letter)
    add(event['customer'], event['event'])
  end
  redis.call('DEL', dead)
  return #letters
end

function commands.purge_dead()
  local before, purged = tonumber(ARGV[2]), 0
  for _, letter in ipairs(redis.call('XRANGE', dead, '-', '+')) do
    local is_json, event = pcall(cjson.decode, read(letter)['event'])
    local is_event = is_json and type(event) == 'table'
    if not before or is_event and (tonumber(event['event_time']) or before) < before then
      redis.call('XDEL', dead, letter[1])
      purged = purged + 1
    end
  end
  drop(ARGV[1], purged)
  return purged
end

function commands.drop()
  local gone = owned(3)
  for _, one in ipairs(gone) do remove(one[1], one[2]['event']) end
  drop(ARGV[2], #gone)
end

function commands.erase()
  local key = ARGV[4] == 'dead' and dead or pending
  local erased, last = 0, ''
  for _, entry in ipairs(redis.call('XRANGE', key, ARGV[3], '+', 'COUNT', 500)) do
    local event = read(entry)
    last = entry[1]
    if event['customer'] == ARGV[1] then
      if key == pending then remove(last, event['event']) else redis.call('XDEL', dead, last) end
      erased = erased + 1
    end
  end
  drop(ARGV[2], erased)
  return {erased, last}
end

function commands.restore_dead()
  redis.call('HINCRBY', counts, 'accepted', 1)
  bury({customer = ARGV[1], event = ARGV[2]}, ARGV[3])
end

function commands.pending()
  local entries = redis.call('XRANGE', pending, ARGV[1], '+', 'COUNT', 500)
  for i, entry in ipairs(entries) do entries[i] = {entry[1], read(entry)['event']} end
  return entries
end

function commands.counts()
  mend()
  return {
    redis.call('HGET', counts, 'accepted') or '0',
    redis.call('HGET', counts, 'delivered') or '0',
    redis.call('XLEN', pending),
    redis.call('XLEN', dead),
    redis.call('HGETALL', dropped)
  }
end

function commands.bind()
  redis.call('HSETNX', counts, 'workspace', ARGV[1])
  return redis.call('HGET', counts, 'workspace') == ARGV[1]
end

function commands.probe()
  add('nobody', 'a probe')
  local id = redis.call('XREVRANGE', pending, '+', '-', 'COUNT', 1)[1][1]
  redis.call('XPENDING', pending, MARK)
  redis.call('XLEN', dead)
  redis.call('HLEN', dropped)
  remove(id, 'a probe')
end

function commands.tidy()
  mend()
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local set_back = tonumber(redis.call('HGET', counts, 'clock') or now) - now
  redis.call('HSET', counts, 'clock', now)
  if redis.call('EXISTS', pending) == 1 then
    local from = '-'
    while set_back > 1000 do
      local rows = redis.call('XPENDING', pending, MARK, from, '+', 1000)
      if #rows == 0 then break end
      for _, row in ipairs(rows) do
        redis.call(
          'XCLAIM', pending, MARK, row[2], 0, row[1], 'IDLE', row[3] + set_back, 'JUSTID')
      end
      from = '(' .. rows[#rows][1]
    end
    for _, row in ipairs(redis.call('XINFO', 'CONSUMERS', pending, MARK)) do
      local consumer = fields(row)
      if consumer['pending'] == 0 then
        redis.call('XGROUP', 'DELCONSUMER', pending, MARK, consumer['name'])
      end
    end
  end
  local vanished = redis.call('HGET', dropped, 'vanished') or 0
  local told = redis.call('HGET', counts, 'told') or 0
  redis.call('HSET', counts, 'told', vanished)
  return vanished - told
end

local name = table.remove(ARGV, 1)
local is_known = name ~= 'bind' and redis.pcall('HGET', counts, MARK) == FORMAT
local refused = not is_known and refusal()
if refused then return refused end
local is_done, answer = pcall(commands[name])
if is_done then return answer end
refused = refusal()
if refused then return refused end
-- A person deleted the group, or copied only the entries.
local made = redis.pcall('XGROUP', 'CREATE', pending, MARK, 0, 'MKSTREAM')
if made['ok'] then return commands[name]() end
return {err = answer} -- `error` would hide its code
"""
)
"""The script; it takes the four keys, the name of a command, and its arguments."""
