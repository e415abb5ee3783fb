--@ loop: deadline
while true do end
--@ repeat_pcall: deadline
while true do pcall(function() while true do end end) end
--@ pcall_of_pcall: deadline
while true do pcall(pcall, pcall, error) end
--@ goto_loop: deadline
::again:: goto again
--@ caught_then_loop: deadline
pcall(function() while true do end end) while true do end
--@ loop_in_error_handler: deadline
pcall(error, setmetatable({}, {__tostring = function() while true do end end})) while true do
    end
--@ tostring_loops: deadline
print(setmetatable({}, {__tostring = function() while true do end end}))
--@ index_loops: deadline
local t = setmetatable({}, {__index = function() while true do end end}) return t.x
--@ eq_loops: deadline
local m = {__eq = function() while true do end end} return setmetatable({}, m) ==
    setmetatable({}, m)
--@ len_loops: deadline
return #setmetatable({}, {__len = function() while true do end end})
--@ concat_loops: deadline
return setmetatable({}, {__concat = function() while true do end end}) .. 'x'
--@ call_loops: deadline
setmetatable({}, {__call = function() while true do end end})()
--@ comparator_loops: deadline
table.sort({3, 2, 1}, function() while true do end end)
--@ comparator_catches: deadline
table.sort({3, 2, 1}, function() while true do pcall(error) end end)
--@ gsub_callback_loops: deadline
(('x'):rep(10)):gsub('.', function() while true do end end)
--@ gsub_for_ever: deadline
while true do local _ = (('x'):rep(1000)):gsub('x', 'yy') end
--@ pattern_in_pcall: deadline
while true do pcall(string.find, ('a'):rep(200), ('(a-)'):rep(30) .. 'b') end
--@ big_texts: deadline
local s = ('x'):rep(10000):rep(6000) while true do local t = s .. 'y' end
--@ upper_of_big_text: deadline
local s = ('x'):rep(10000):rep(6000) while true do local t = s:upper() end
--@ reverse_of_big_text: deadline
local s = ('x'):rep(10000):rep(3000) while true do pcall(s.reverse, s) end
--@ out_of_memory_caught: deadline
while true do pcall(function() local t = {} for i = 1, 1e9 do t[i] = {} end end) end
--@ memory_doubling_caught: deadline
while true do pcall(function() local s = 'x' while true do s = s .. s end end) end
--@ pairs_of_many: deadline
local t = {} for i = 1, 100000 do t[i] = i end while true do for k in pairs(t) do end end
--@ close_handler: deadline
local m = {} local t = setmetatable({}, m) m.__close = function() while true do end end while
    true do pcall(function() local x <close> = t error('x') end) end
--@ nested_close_handlers: deadline
local m = {} local t = setmetatable({}, m) m.__close = function() local y <close> = t end
    while true do pcall(function() local x <close> = t end) end
--@ recursion_caught: deadline
local function f() return 1 + f() end while true do pcall(f) end
--@ error_objects: deadline
local e = setmetatable({}, {__tostring = function(s) return tostring(s) end}) while true do
    pcall(error, e) pcall(tostring, e) end
--@ find_plain: deadline
local s = ('x'):rep(10000):rep(6000) while true do s:find('xy', 1, true) end
--@ unpack_many: deadline
local t = {} for i = 1, 200000 do t[i] = i end while true do select('#', table.unpack(t)) end
--@ json_again_and_again: deadline
local t = {} for i = 1, 20000 do t[i] = i end while true do json.encode(t) end
--@ once_loops: deadline
once('k', function() while true do end end)
--@ format_many: deadline
while true do pcall(string.format, '%99.99f', 1e308) end
--@ secret_grows: deadline
local s = crypto.open(('k'):rep(32), crypto.seal(('k'):rep(32), 'x')) while true do
    pcall(function() while true do s = s .. s end end) end
