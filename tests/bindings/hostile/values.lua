--@ unpack_then_pack: deadline
local t = {}
for i = 1, 900000 do t[i] = i end
while true do pcall(function() return table.pack(table.unpack(t)) end) end
--@ concat_of_numbers: deadline
local t = {}
for i = 1, 900000 do t[i] = i end
while true do local _ = table.concat(t, ',') end
--@ insert_in_front: deadline
local t = {}
while true do table.insert(t, 1, 1) end
--@ remove_in_front: deadline
local t = {}
for i = 1, 900000 do t[i] = i end
while true do table.remove(t, 1) table.insert(t, 1) end
--@ move_onto_itself: deadline
local t = {}
for i = 1, 900000 do t[i] = i end
while true do table.move(t, 1, 900000, 2) end
--@ move_far: refused
table.move({1, 2, 3}, 1, 3, math.maxinteger - 1)
--@ move_from_the_end_of_numbers: refused
table.move({}, math.mininteger, math.maxinteger, 1)
--@ move_into_frozen: refused
table.move({1, 2, 3}, 1, 3, 1, params)
--@ sort_too_many: refused
local t = {}
for i = 1, 1000001 do t[i] = -i end
table.sort(t)
--@ sort_many_by_function: deadline
local t = {}
for i = 1, 1000000 do t[i] = i % 1000 end
while true do table.sort(t, function(a, b) return a > b end) end
--@ sort_with_errors: refused
table.sort({3, 2, 1}, function() error({}) end)
--@ sort_shrinks_meanwhile: returns
local t = {}
for i = 1, 1000 do t[i] = i end
table.sort(t, function(a, b) t[#t] = nil return a < b end)
--@ sort_metamethods: deadline
local m = {__lt = function() while true do end end}
table.sort({setmetatable({}, m), setmetatable({}, m)})
--@ sort_frozen: refused
table.sort(params)
--@ sort_not_a_number: returns
table.sort({0/0, 1, 0/0, 2, 0/0})
--@ length_lies: returns
local t = setmetatable({1, 2}, {__len = function() return 1 << 60 end})
table.insert(t, 3) table.sort(t) table.remove(t)
assert(table.concat(t) == '12' and #{table.unpack(t)} == 2)
--@ index_lies: returns
local t = setmetatable({}, {__index = function(_, i) return i end})
assert(table.concat(t) == '' and #{table.unpack(t)} == 0)
--@ newindex_loops: deadline
local t = setmetatable({}, {__newindex = function() while true do end end})
t.x = 1
--@ arithmetic_loops: deadline
local t = setmetatable({}, {__add = function() while true do pcall(error) end end})
return t + t
--@ unary_loops: deadline
return -setmetatable({}, {__unm = function() while true do end end})
--@ bitwise_loops: deadline
return setmetatable({}, {__band = function() while true do end end}) & 1
--@ less_loops: deadline
local m = {__lt = function() while true do end end}
return setmetatable({}, m) < setmetatable({}, m)
--@ pairs_loops: deadline
for _ in pairs(setmetatable({}, {__pairs = function() while true do end end})) do end
--@ pairs_goes_on: deadline
for _ in pairs(setmetatable({}, {__pairs = function() return function() return 1 end end})) do
end
--@ pairs_of_itself: refused
local t = setmetatable({}, {})
getmetatable(t).__pairs = pairs
for _ in pairs(t) do end
--@ pairs_while_growing: returns
local t = {1, 2, 3}
for k in pairs(t) do t['new' .. k] = k end
--@ pairs_of_everything: refused
local t = {}
for i = 1, 1e9 do t[i * 1.5] = i end
for _ in pairs(t) do end
--@ next_of_many: deadline
local t = {}
for i = 1, 500000 do t['k' .. i] = i end
while true do next(t) end
--@ ipairs_goes_on: deadline
for _ in ipairs(setmetatable({}, {__index = function(_, i) return i end})) do end
--@ index_chain_of_functions: refused
local f
f = function(t, k) return setmetatable({}, {__index = f})[k .. 'x'] end
return setmetatable({}, {__index = f}).x
--@ index_of_each_other: refused
local a, b = {}, {}
setmetatable(a, {__index = b})
setmetatable(b, {__index = a})
return a.x
--@ newindex_of_each_other: refused
local a, b = {}, {}
setmetatable(a, {__newindex = b})
setmetatable(b, {__newindex = a})
a.x = 1
--@ call_chain: refused
local t = {}
for _ = 1, 300 do t = setmetatable({}, {__call = t}) end
t()
--@ tostring_of_tostring: refused
local m = {}
m.__tostring = function(s) return tostring(s) end
return tostring(setmetatable({}, m))
--@ concat_metamethod_grows: refused
local m = {}
m.__concat = function(a, b) return a .. b end
return setmetatable({}, m) .. 'x'
--@ equal_metamethod_recurses: refused
local m = {}
m.__eq = function(a, b) return a == b end
return setmetatable({}, m) == setmetatable({}, m)
--@ close_set_later: deadline
local m = {}
local t = setmetatable({}, m)
m.__close = function() while true do pcall(error) end end
while true do local x <close> = t end
--@ close_raises: refused
local m = {}
local t = setmetatable({}, m)
m.__close = function() error('again') end
do local x <close> = t end
--@ many_to_close: refused
local m = {}
local t = setmetatable({}, m)
m.__close = function() end
local function f() local x <close> = t return (f()) end
f()
--@ gc_set_later: returns
local m = {}
local t = setmetatable({}, m)
m.__gc = function() while true do end end
t = nil
for i = 1, 200000 do local _ = {i} end
--@ gc_set_by_rawset: returns
local m = {}
setmetatable({}, m)
rawset(m, '__gc', function() while true do end end)
for i = 1, 20000 do local _ = {i} end
--@ mode_set_later: returns
local m = {}
local t = setmetatable({}, m)
m.__mode = 'kv'
t.x = {}
for i = 1, 20000 do local _ = {i} end
--@ recursion_by_varargs: refused
local function f(...) return select('#', ...) + f(1, ...) end
f()
--@ recursion_by_metamethod: refused
local t = setmetatable({}, {})
getmetatable(t).__index = function(s, k) return s[k .. 'x'] .. 'y' end
return t.x
--@ recursion_of_pcall_in_gsub: refused
local function f() assert(pcall(string.gsub, 'x', 'x', f)) error('deep') end
f()
--@ recursion_of_sort_in_concat: refused
local m = {}
m.__tostring = function(s) table.sort({s, s}, function() return tostring(s) == 'x' end) end
return tostring(setmetatable({}, m))
--@ recursion_of_once: refused
local function f(n) return once('k' .. n, function() return f(n + 1) end) end
return f(1)
--@ tail_calls: deadline
local function f() return f() end
f()
--@ goto_in_pcall: deadline
while true do pcall(function() ::a:: goto a end) end
--@ numeric_for_overflow: deadline
for i = math.maxinteger - 1, math.maxinteger do i = i - 1 while true do end end
--@ numeric_for_infinite_step: refused
for _ = 1, 2, 0 do end
--@ float_loop: deadline
local x = 0.0
while x < math.huge do x = x + 1 end
--@ integer_division_by_zero: refused
return 1 // 0
--@ modulo_smallest: returns
assert(math.mininteger // -1 == math.mininteger and math.mininteger % -1 == 0)
--@ shift_far: returns
assert(1 << 64 == 0 and 1 >> -64 == 0 and 1 << math.mininteger == 0)
--@ constructor_of_many: refused
local function list(n) if n == 0 then return end return n, list(n - 1) end
return {list(300000)}
--@ closures_keep_all: refused
local keep = {}
while true do local a = {} keep[#keep + 1] = function() return a, keep end end
--@ deep_nesting_of_values: refused
local t = {}
for _ = 1, 100 do t = {t} end
return {t = t}
--@ output_of_a_million: refused
local t = {}
for i = 1, 1000001 do t[i] = i end
return {t = t}
--@ output_of_much_text: refused
local s = ('x'):rep(10000):rep(3000)
return {a = s, b = s, c = s}
--@ output_of_functions: refused
return {f = print}
--@ output_of_itself: refused
local t = {}
t.t = t
return t
--@ output_with_holes: refused
return {t = {1, nil, 3}}
--@ output_mixed: refused
return {t = {1, x = 2}}
--@ output_keys_of_numbers: refused
return {t = {[1.5] = 1}}
--@ output_infinite: any
return {x = 1/0, y = -1/0, z = 0/0}
--@ output_is_the_library: refused
return {s = string}
--@ output_is_frozen: returns
return {p = params}
--@ output_changes_while_read: any
return setmetatable({}, {__index = function() error('no') end, __pairs = error})
--@ quantities_overflow: refused
return duration(9e12) * 1e18
--@ quantities_smallest: any
local d = duration(-9e12)
return {d = -d, t = tostring(d * 1000)}
--@ quantities_divided_by_nothing: refused
return {x = size(1) / 0}
--@ quantities_compared_with_texts: refused
return {x = duration('1s') < '1s'}
--@ quantities_not_a_number: refused
return {x = duration(0/0)}
--@ times_out_of_range: any
return {x = time.format(9e12), y = time.format(-9e12, '%Y %j %V')}
