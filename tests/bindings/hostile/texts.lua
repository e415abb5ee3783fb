--@ plain_find_of_half_a_text: any
local a = ('a'):rep(10000):rep(6000)
return {x = a:find(('a'):rep(10000):rep(3000) .. 'b', 1, true)}
--@ plain_find_of_half_a_text_caught: deadline
local a = ('a'):rep(10000):rep(6000)
local b = ('a'):rep(10000):rep(3000) .. 'b'
while true do pcall(a.find, a, b, 1, true) end
--@ find_without_magic_of_half_a_text: any
local a = ('ab'):rep(10000):rep(2000)
return {x = a:find(('ab'):rep(10000):rep(1000) .. 'b', 2)}
--@ compare_big_texts: deadline
local a = ('a'):rep(10000):rep(6000) .. 'b'
local b = ('a'):rep(10000):rep(6000) .. 'c'
while true do local _ = a < b, b < a, a <= b, b <= a end
--@ equal_big_texts: deadline
local a = ('a'):rep(10000):rep(6000) .. 'b'
local b = ('a'):rep(10000):rep(6000) .. 'c'
while true do local _ = a == b, a ~= b, b == a end
--@ sort_big_texts: deadline
local some = {}
for i = 1, 3 do some[i] = ('a'):rep(10000):rep(3000) .. i end
local t = {}
for i = 1, 100000 do t[i] = some[i % 3 + 1] end
table.sort(t)
--@ number_of_blanks: deadline
local blanks = (' '):rep(10000):rep(6000)
while true do local _ = tonumber(blanks), tonumber(blanks, 10) end
--@ number_from_many_digits: deadline
local digits = '0.' .. ('1'):rep(10000):rep(6000)
while true do local _ = tonumber(digits), tonumber(digits, 10) end
--@ floor_of_blanks: deadline
local blanks = (' '):rep(10000):rep(6000) .. '1'
while true do local _ = math.floor(blanks), math.max(blanks, blanks) end
--@ key_is_a_big_text: deadline
local t = {}
while true do t[('k'):rep(10000):rep(3000)] = true end
--@ big_texts_as_keys_of_one_table: refused
local t = {}
for i = 1, 1e6 do t[('k'):rep(1000000) .. i] = i end
--@ gsub_grows: refused
return ('x'):rep(10000):rep(6000):gsub('x', 'yyyyyyyyyy')
--@ gsub_empty_matches: refused
return ('x'):rep(10000):rep(6000):gsub('', ('y'):rep(100))
--@ gsub_with_a_table_that_loops: deadline
local t = setmetatable({}, {__index = function() while true do end end})
return ('abc'):gsub('.', t)
--@ gsub_replacement_of_captures: refused
return ('x'):rep(1000000):gsub('(.*)', ('%1'):rep(1000))
--@ gsub_callback_changes_nothing: returns
local text = ('x'):rep(100)
local out = text:gsub('x', function() text = nil return nil end)
assert(#out == 100)
--@ gmatch_goes_on_for_ever: deadline
while true do for _ in (('x'):rep(1000000)):gmatch('') do end end
--@ gmatch_iterator_called_again: returns
local next_one = ('ab'):gmatch('.')
for _ = 1, 1000 do next_one() end
--@ match_with_start_out_of_range: returns
assert(('abc'):match('.', math.maxinteger) == nil)
assert(('abc'):match('.', math.mininteger) == 'a')
assert(('abc'):find('', 100) == nil)
--@ back_reference_of_itself: refused
return ('aa'):find('(%1)')
--@ back_reference_of_a_position: refused
return ('aa'):find('()%1')
--@ back_reference_of_many: refused
local s = ('a'):rep(50000)
return s:find('(a*)%1%1%1%1b')
--@ frontier_without_set: refused
return ('x'):find('%f')
--@ balance_without_ends: refused
return ('x'):find('%b')
--@ set_never_closed: refused
return ('x'):find('[^]')
--@ set_ends_in_escape: refused
return ('x'):find('[%')
--@ pattern_of_sets: refused
return ('x'):rep(200):find(('[a-z]-'):rep(400) .. '!')
--@ captures_in_captures: refused
return ('x'):find(('('):rep(100) .. ('x') .. (')'):rep(100))
--@ close_without_open: refused
return ('x'):find('x)')
--@ greedy_plus_chain: refused
return ('a'):rep(5000):find(('a+'):rep(10) .. 'b')
--@ optional_chain: refused
return ('a'):rep(30):find(('a?'):rep(60) .. ('a'):rep(60) .. 'b')
--@ patterns_side_by_side: deadline
while true do pcall(string.gsub, ('a'):rep(10000), 'a-b', '') end
--@ rep_of_nothing_with_separator: refused
return (''):rep(1 << 40, 'xy')
--@ rep_negative: returns
assert(('x'):rep(math.mininteger) == '')
--@ format_without_arguments: refused
return ('%s %s'):format('x')
--@ format_many_directives: refused
return ('%99s'):rep(600000):format(table.unpack({}, 1, 600000))
--@ format_grows: refused
local s = ('x'):rep(10000):rep(6000)
return ('%s%s'):format(s, s)
--@ format_huge_numbers: returns
assert(#('%99.99f'):format(-1.7976931348623157e308) > 400)
assert(#('%+-#99.99g'):format(math.pi) > 90)
assert(('%d'):format(math.mininteger) == '-9223372036854775808')
--@ format_char_out_of_range: returns
assert(#('%c%c'):format(-1, 1 << 40) == 2)
--@ format_not_a_number: refused
return ('%d'):format(0/0)
--@ format_infinite: refused
return ('%x'):format(1/0)
--@ format_object_that_lies: any
return ('%s'):format(setmetatable({}, {__tostring = function() return 1, {} end}))
--@ format_name_that_lies: any
return ('%d'):format(setmetatable({}, {__name = ('x'):rep(10000):rep(6000)}))
--@ pack_alignment: refused
return string.pack('!3 i16 i17', 1, 1)
--@ pack_many: deadline
while true do pcall(string.pack, ('i16'):rep(100000), table.unpack({}, 1, 200)) end
--@ packsize_overflow: refused
return string.packsize(('c2147483647'):rep(3))
--@ unpack_out_of_range: refused
return string.unpack('i8', 'short', 100)
--@ unpack_length_lies: refused
return string.unpack('s8', ('\255'):rep(8))
--@ byte_of_everything: refused
return ('x'):rep(10000):rep(6000):byte(1, -1)
--@ char_of_many: refused
return string.char(table.unpack({}, 1, 100000))
--@ utf8_codes_of_garbage: refused
for _ in utf8.codes(('\255'):rep(1000)) do end
--@ utf8_char_out_of_range: refused
return utf8.char(1 << 40)
--@ utf8_offset_wraps: any
return utf8.offset(('\x80'):rep(1000000), math.mininteger, math.maxinteger)
--@ utf8_len_of_big_text: deadline
local s = ('ä'):rep(10000):rep(3000)
while true do utf8.len(s) end
--@ concat_of_big_pieces: refused
local s = ('x'):rep(10000):rep(6000)
return table.concat({s, s, s, s})
--@ concat_of_objects: refused
return table.concat({{}, {}})
--@ concat_separator_grows: refused
local t = {}
for i = 1, 100000 do t[i] = '' end
return table.concat(t, ('x'):rep(1000000))
--@ lower_in_pcall: deadline
local s = ('X'):rep(10000):rep(6000)
while true do pcall(s.lower, s) end
--@ sub_again_and_again: deadline
local s = ('X'):rep(10000):rep(6000)
while true do local _ = s:sub(2), s:sub(1, -2) end
--@ text_as_number: deadline
while true do pcall(function() return ('9'):rep(1000000) + 1 end) end
--@ length_of_concatenation: deadline
local s = ('x'):rep(10000):rep(1000)
while true do local _ = #(s .. s) end
