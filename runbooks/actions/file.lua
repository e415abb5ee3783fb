-- Room on a file system, and files written from templates.

-- What is at `path`: its digest, or nothing.
local function digest_of(path)
  if fs.exists(path) then return fs.sha256(path) end
end

-- The previous file stays beside the new one until it is undone: its content may hold passwords,
-- which must not get into the journal.
local function keep(path)
  if not fs.exists(path) then return {existed = false} end
  local kept = path .. ".before-" .. run.short
  local mode = string.format("%04o", fs.stat(path).mode & 4095)
  fs.write(kept, fs.read(path))
  return {existed = true, kept = kept, mode = mode, digest = fs.sha256(kept)}
end

local function change_from(was, digest)
  if not was.existed then return "created" end
  return was.digest == digest and "unchanged" or "changed"
end

local shown_lines, compared_bytes = 100, 256 * 1024

-- Tells what changes, line by line. What was there before is only counted: it may hold passwords
-- that nobody has told us of. A text made with a secret is not shown at all.
local function tell_difference(path, before, text)
  if type(text) ~= "string" or #text > compared_bytes or #before > compared_bytes then
    log.info("%s is written; its lines are not shown", path)
    return
  end
  local left, gone, new = {}, 0, {}
  for line in before:gmatch("[^\n]+") do
    left[line] = (left[line] or 0) + 1
    gone = gone + 1
  end
  for line in text:gmatch("[^\n]+") do
    if (left[line] or 0) > 0 then
      left[line], gone = left[line] - 1, gone - 1
    else
      new[#new + 1] = line
    end
  end
  log.info("%s: %d new lines, %d that go", path, #new, gone)
  for place = 1, math.min(#new, shown_lines) do log.info("+ %s", new[place]) end
end

return {
  room = {
    summary = "Checks that a file system has room",
    params = {
      path = "path",
      free = {type = "size", default = "0B", description = "Bytes that must be free"},
      free_percent = {type = "integer", default = 0, min = 0, max = 100,
                      description = "Share that must be free"},
    },
    returns = {free = "size"},
    effect = "read",
    run = function(with)
      local room = fs.room(with.path)
      local percent = room.free / room.total * 100
      check(room.free >= with.free, "%s free on the file system of %s, %s needed (%d of %d bytes)",
            room.free, with.path, with.free, room.free, with.free)
      check(percent >= with.free_percent, "%.0f %% free on the file system of %s, %d %% needed",
            percent, with.path, with.free_percent)
      return {free = room.free}
    end,
  },

  render = {
    summary = "Writes a file from a template",
    params = {
      template = "source",
      to = "path",
      mode = {type = "string", default = "0600", pattern = "[0-7]{3,4}", description = "Octal"},
    },
    returns = {digest = "string",
               change = {type = "string", description = "created, changed or unchanged"}},
    effect = "unsafe",
    run = function(with)
      local text = with.template:render()
      local was = once("was", function() return keep(with.to) end)
      local digest = crypto.sha256(text)
      tell_difference(with.to, was.existed and fs.read(was.kept) or "", text)
      fs.write(with.to, text, {mode = with.mode})
      return {digest = digest, change = change_from(was, digest)}
    end,
    probe = function(with, recorded)
      local was, now = recorded.was, digest_of(with.to)
      if not was then return false end              -- nothing is written before that is recorded
      local wanted = crypto.sha256(with.template:render())
      if now == wanted then return true, {digest = wanted, change = change_from(was, wanted)} end
      if now == was.digest then return false end    -- also when neither is there
      return nil                                    -- somebody else wrote it
    end,
    undo_idempotent = true,
    undo = function(with, output, recorded)
      local was = recorded.was
      if not was then return end
      if not was.existed then
        if fs.exists(with.to) then fs.remove(with.to) end
      elseif fs.exists(was.kept) then
        fs.write(with.to, fs.read(was.kept), {mode = was.mode})
        fs.remove(was.kept)
      else
        check(digest_of(with.to) == was.digest, "%s is gone: the previous %s cannot be put back",
              was.kept, with.to)
      end
    end,
  },
}
