--@ backtracking: refused
return ('a'):rep(200):find(('(a-)'):rep(30) .. 'b')
--@ backtracking_star: refused
return ('a'):rep(60):find(('a*'):rep(30) .. 'b')
--@ backtracking_gmatch: refused
for _ in ('a'):rep(100):gmatch(('a?'):rep(50) .. ('a-'):rep(50) .. 'b') do end
--@ balance_again_and_again: refused
local s = ('('):rep(100000) for i = 1, 1e9 do s:find('%b()', 1) end
--@ pattern_too_complex: refused
('x'):find(('x'):rep(100000))  ('x'):find(('x?'):rep(100000))
--@ pattern_too_many_captures: refused
('x'):find(('()'):rep(40))
--@ memory_table: refused
local t = {} for i = 1, 1e12 do t[i] = i end
--@ memory_text: refused
local s = 'x' while true do s = s .. s end
--@ memory_closures: refused
local t while true do local u = t t = function() return u end end
--@ rep_huge: refused
return ('x'):rep(1 << 40)
--@ rep_overflow: refused
return ('xx'):rep(math.maxinteger)
--@ rep_separator: refused
return (''):rep(1 << 62, 'x')
--@ concat_huge_range: refused
return table.concat({}, 'x', 1, math.maxinteger)
--@ concat_backwards_range: refused
return table.concat({}, 'x', math.mininteger, math.maxinteger)
--@ unpack_huge: refused
return table.unpack({}, 1, 1e8)
--@ unpack_overflow: refused
return table.unpack({}, math.mininteger, math.maxinteger)
--@ move_huge: refused
table.move({}, 1, math.maxinteger, 2)
--@ move_overflow: refused
table.move({1, 2}, 1, 2, math.maxinteger)
--@ insert_far: refused
table.insert({}, math.maxinteger, 1)
--@ remove_far: refused
table.remove({}, 1e15)
--@ sort_error: refused
table.sort({3, 1, 'x'})
--@ deep_recursion: refused
local function f() return 1 + f() end f()
--@ deep_c_recursion: refused
local function f() return ('x'):gsub('x', f) end f()
--@ deep_sort_recursion: refused
local function f() table.sort({2, 1}, f) end f()
--@ deep_pcall_recursion: refused
local function f() local ok, e = pcall(f) if not ok then error(e) end end f() error('end')
--@ deep_metatable_chain: refused
local t = {} for i = 1, 1e5 do t = setmetatable({}, {__index = t}) end return t.x.y
--@ index_cycle: refused
local t = {} setmetatable(t, {__index = t}) return t.x.y
--@ gc_metamethod: refused
setmetatable({}, {__gc = function() while true do end end})
--@ mode_metamethod: refused
setmetatable({}, {__mode = 'k'})
--@ close_metamethod: refused
setmetatable({}, {__close = function() end})
--@ raw_gc_metamethod: refused
setmetatable({}, setmetatable({__gc = true}, {__index = function() end}))
--@ string_metatable: refused
getmetatable('').__index = nil
--@ string_metatable_call: refused
getmetatable('')()
--@ change_protected: refused
setmetatable(params, {})
--@ quantity_metatable: refused
getmetatable(duration('1s')).__add = nil
--@ error_metatable: refused
local _, e = pcall(fail, 'x') getmetatable(e).__tostring = nil
--@ load: refused
load('return 1')
--@ loadstring: refused
loadstring('return 1')
--@ dofile: refused
dofile('/etc/passwd')
--@ require: refused
require('os')
--@ os: refused
os.execute('id')
--@ io: refused
io.open('/etc/passwd')
--@ debug: refused
debug.getregistry()
--@ package: refused
package.loadlib('x', '*')
--@ collectgarbage: refused
collectgarbage('stop')
--@ coroutine: refused
coroutine.wrap(print)()
--@ coroutine_close: refused
local f = coroutine.close f(f)
--@ xpcall: refused
xpcall(error, function() while true do end end)
--@ string_dump: refused
string.dump(print)
--@ string_dump_method: refused
('').dump(print)
--@ random: refused
math.random()
--@ globals_table: refused
_G.print = nil
--@ format_quoted_object: refused
return ('%q'):format({})
--@ format_width: refused
return ('%999999999d'):format(1)
--@ format_precision: refused
return ('%.999999999f'):format(1)
--@ format_star: refused
return ('%*d'):format(999999999, 1)
--@ format_percent_n: refused
return ('%n'):format(1)
--@ tostring_no_text: refused
print(setmetatable({}, {__tostring = function() return {} end}))
--@ pack_huge: refused
return string.pack('c2147483647', 'x'):rep(10)
--@ utf8_bad: refused
return utf8.codepoint(('x'):rep(1e7), 1, -1)
--@ error_of_itself: refused
local e = {} e.message = e e.kind = e error(e)
--@ error_without_text: refused
error()
--@ error_table_secret_kind: refused
error(setmetatable({}, {__index = function() error('x') end}))
--@ json_deep: refused
return json.decode(('['):rep(100000))
--@ json_cyclic: refused
local t = {} t.t = t json.encode(t)
--@ wide_value: refused
local t = {} for i = 1, 30 do t = {t, t} end json.encode(t)
--@ next_goes_on: refused
next({1, 2}, 1)
--@ select_negative: refused
select(-5, 1)
--@ string_index: refused
local s = 'x' s.y = 1
--@ env_replaced: refused
local _ENV = {} print(1)
