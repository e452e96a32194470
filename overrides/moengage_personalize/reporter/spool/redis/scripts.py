"""The commands of a spool in Lua; Redis runs each completely or not at all.

So the counts balance at every moment, also if a client dies between two commands. If a stream was
evicted, trimmed or deleted, the counts follow the stream. Events are entries of a stream, and the
owner of a lease is a consumer in the group `delivery`. Redis counts how long an entry has been
idle. So a lease of 30 seconds sets the idle time to 30 seconds less than `FREE`, and an entry that
is idle for `FREE` is free. An entry that is given back gets that idle time at once. Adding it again
would change its ID and its place.
"""

from __future__ import annotations

from typing import Final

__all__ = ["LONGEST_LEASE", "SCRIPT"]

LONGEST_LEASE: Final = 30 * 24 * 60 * 60
"""Seconds."""

SCRIPT: Final = (
    f"local FREE = {LONGEST_LEASE * 1_000}"
    """
local pending, dead, counts, dropped = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local GROUP, NOBODY = 'delivery', 'nobody'
local commands = {}

local function fields(list)
  local found = {}
  for i = 1, #list, 2 do found[list[i]] = list[i + 1] end
  return found
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
    for _, entry in ipairs(entries) do bytes = bytes + #fields(entry[2])['event'] end
    from = '(' .. entries[#entries][1]
  end
  redis.call('HSET', counts, 'bytes', bytes)
end

local function add(customer, event)
  if redis.call('EXISTS', pending) == 0 then
    redis.call('XGROUP', 'CREATE', pending, GROUP, 0, 'MKSTREAM')
  end
  redis.call('XADD', pending, '*', 'customer', customer, 'event', event)
  redis.call('HINCRBY', counts, 'bytes', #event)
end

local function remove(id, event)
  if redis.call('EXISTS', pending) == 1 then redis.call('XACK', pending, GROUP, id) end
  redis.call('XDEL', pending, id)
  redis.call('HINCRBY', counts, 'bytes', -#event)
end

local function read(id)
  local entry = redis.call('XRANGE', pending, id, id)[1]
  return entry and fields(entry[2])
end

local function lease(owner, id, ms)
  redis.call('XCLAIM', pending, GROUP, owner, 0, id, 'IDLE', math.max(0, FREE - ms), 'JUSTID')
end

-- The entries among ARGV[first], ... that ARGV[1] has leased: id, fields.
local function owned(first)
  local found, seen = {}, {}
  if redis.call('EXISTS', pending) == 0 then return found end
  for i = first, #ARGV do
    local id = ARGV[i]
    if not seen[id] and #redis.call('XPENDING', pending, GROUP, id, id, 1, ARGV[1]) == 1 then
      local event = read(id)
      if event then found[#found + 1] = {id, event} end
    end
    seen[id] = true
  end
  return found
end

local function never_leased(count)
  for _, group in ipairs(redis.call('XINFO', 'GROUPS', pending)) do
    local about = fields(group)
    if about['name'] == GROUP then
      return redis.call(
        'XRANGE', pending, '(' .. about['last-delivered-id'], '+', 'COUNT', count)
    end
  end
  return {}
end

-- Entries whose lease ended, oldest first; all are older than those that were never leased.
local function given_back(count)
  while true do
    local found, is_gone = {}, false
    for _, row in ipairs(redis.call('XPENDING', pending, GROUP, 'IDLE', FREE, '-', '+', count)) do
      local entry = redis.call('XRANGE', pending, row[1], row[1])[1]
      if entry then
        found[#found + 1] = entry
      else -- a person deleted it
        redis.call('XACK', pending, GROUP, row[1])
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
  redis.call('HINCRBY', dropped, ARGV[1], 1)
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
    local event = fields(entry[2])['event']
    remove(entry[1], event)
    gone[#gone + 1] = event
  end
  if #gone > 0 then redis.call('HINCRBY', dropped, reason, #gone) end
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
      local event = fields(entry[2])
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
      redis.call('XREADGROUP', 'GROUP', GROUP, owner, 'COUNT', fresh, 'STREAMS', pending, '>')
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
    local event = one[2]
    redis.call(
      'XADD', dead, '*', 'customer', event['customer'], 'event', event['event'], 'reason', ARGV[2])
    remove(one[1], event['event'])
  end
  local reason, most = ARGV[3], tonumber(ARGV[4])
  local gone = {}
  for _, letter in ipairs(redis.call(
    'XRANGE', dead, '-', '+', 'COUNT', math.max(1, redis.call('XLEN', dead) - most))) do
    if redis.call('XLEN', dead) <= most then break end
    redis.call('XDEL', dead, letter[1])
    gone[#gone + 1] = fields(letter[2])['event']
  end
  if #gone > 0 then redis.call('HINCRBY', dropped, reason, #gone) end
  return gone
end

function commands.dead_letters()
  return redis.call('XRANGE', dead, '-', '+')
end

function commands.retry_dead()
  local letters = redis.call('XRANGE', dead, '-', '+')
  for _, letter in ipairs(letters) do
    local event = fields(letter[2])
    add(event['customer'], event['event'])
  end
  redis.call('DEL', dead)
  return #letters
end

function commands.purge_dead()
  local before, purged = tonumber(ARGV[2]), 0
  for _, letter in ipairs(redis.call('XRANGE', dead, '-', '+')) do
    local is_json, event = pcall(cjson.decode, fields(letter[2])['event'])
    if not before or is_json and (tonumber(event['event_time']) or before) < before then
      redis.call('XDEL', dead, letter[1])
      purged = purged + 1
    end
  end
  if purged > 0 then redis.call('HINCRBY', dropped, ARGV[1], purged) end
  return purged
end

function commands.drop()
  local gone = owned(3)
  for _, one in ipairs(gone) do remove(one[1], one[2]['event']) end
  if #gone > 0 then redis.call('HINCRBY', dropped, ARGV[2], #gone) end
end

function commands.erase()
  local key = ARGV[4] == 'dead' and dead or pending
  local erased, last = 0, ''
  for _, entry in ipairs(redis.call('XRANGE', key, ARGV[3], '+', 'COUNT', 500)) do
    local event = fields(entry[2])
    last = entry[1]
    if event['customer'] == ARGV[1] then
      if key == pending then remove(last, event['event']) else redis.call('XDEL', dead, last) end
      erased = erased + 1
    end
  end
  if erased > 0 then redis.call('HINCRBY', dropped, ARGV[2], erased) end
  return {erased, last}
end

function commands.restore_dead()
  redis.call('HINCRBY', counts, 'accepted', 1)
  redis.call('XADD', dead, '*', 'customer', ARGV[1], 'event', ARGV[2], 'reason', ARGV[3])
end

function commands.pending()
  return redis.call('XRANGE', pending, ARGV[1], '+', 'COUNT', 500)
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

-- A key that another program has under one of the names, and its type.
function commands.foreign()
  for i, kind in ipairs({'stream', 'stream', 'hash', 'hash'}) do
    local found = redis.call('TYPE', KEYS[i])['ok']
    if found ~= kind and found ~= 'none' then return {KEYS[i], found} end
  end
end

function commands.bind()
  redis.call('HSETNX', counts, 'workspace', ARGV[1])
  return redis.call('HGET', counts, 'workspace') == ARGV[1]
end

function commands.probe()
  add('nobody', 'a probe')
  local id = redis.call('XREVRANGE', pending, '+', '-', 'COUNT', 1)[1][1]
  redis.call('XPENDING', pending, GROUP)
  redis.call('XLEN', dead)
  redis.call('HLEN', dropped)
  remove(id, 'a probe')
end

function commands.regroup()
  redis.call('XGROUP', 'CREATE', pending, GROUP, 0, 'MKSTREAM')
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
      local rows = redis.call('XPENDING', pending, GROUP, from, '+', 1000)
      if #rows == 0 then break end
      for _, row in ipairs(rows) do
        redis.call(
          'XCLAIM', pending, GROUP, row[2], 0, row[1], 'IDLE', row[3] + set_back, 'JUSTID')
      end
      from = '(' .. rows[#rows][1]
    end
    for _, row in ipairs(redis.call('XINFO', 'CONSUMERS', pending, GROUP)) do
      local consumer = fields(row)
      if consumer['pending'] == 0 then
        redis.call('XGROUP', 'DELCONSUMER', pending, GROUP, consumer['name'])
      end
    end
  end
  local vanished = redis.call('HGET', dropped, 'vanished') or 0
  local told = redis.call('HGET', counts, 'told') or 0
  redis.call('HSET', counts, 'told', vanished)
  return vanished - told
end

return commands[table.remove(ARGV, 1)]()
"""
)
"""The script; it takes the four keys, the name of a command, and its arguments."""
