--@ error_object_with_functions: refused
error({message = print, kind = string, hint = {}, place = params})
--@ error_object_of_numbers: refused
error({message = 1, kind = 2, hint = 3, code = 4, place = 5})
--@ error_pretends_a_stop: refused
error({kind = 'cancelled', message = 'the attempt has been stopped'})
--@ error_pretends_success: refused
error({kind = 'succeeded', code = 'SQLITE_OK', message = ''})
--@ error_of_memory_by_words: refused
error('not enough memory', 0)
--@ error_is_a_coroutine_word: refused
error(string)
--@ error_is_a_light_thing: refused
error(null)
--@ error_is_true: refused
error(true)
--@ error_is_huge: refused
error(('x'):rep(10000):rep(6000))
--@ error_with_huge_hint: refused
fail(('x'):rep(1000000), ('y'):rep(1000000))
--@ error_table_with_huge_texts: refused
local s = ('x'):rep(10000):rep(3000)
error({message = s, hint = s .. 'y', kind = ('z'):rep(1000000)})
--@ error_with_line_breaks: refused
error('one\ntwo\r\n\27[31mred\0zero\255', 0)
--@ error_places_forged: refused
error('\1:99999999999999999999: not there \2:3: \1:', 0)
--@ error_level_far: refused
error('x', math.maxinteger)
--@ error_level_negative: refused
error('x', math.mininteger)
--@ error_while_naming_an_error: refused
error(setmetatable({}, {__tostring = function() error('x') end, __index = error}))
--@ error_changes_when_caught: returns
local ok, e = pcall(fail, 'first')
e.message = nil
e.kind = 'check'
assert(not ok and not pcall(tostring, e))
--@ error_raised_again_changed: refused
local _, e = pcall(fail, 'first')
e.message = ('x'):rep(10000):rep(1000)
error(e)
--@ memory_full_then_error: refused
string.keep = {}
local n = 1 << 20
while n >= 1 do
    local more = pcall(function() table.insert(string.keep, ('x'):rep(n) .. #string.keep) end)
    if not more then n = n // 2 end
end
error({})
--@ memory_full_of_tables_then_error: refused
string.keep = {}
pcall(function() while true do string.keep = {string.keep} end end)
error({message = string.keep})
--@ memory_full_then_return: any
string.keep = {}
pcall(function() while true do string.keep = {string.keep} end end)
return {x = 1}
--@ memory_full_then_call_the_engine: refused
string.keep = {}
pcall(function() while true do string.keep = {string.keep} end end)
for i = 1, 1000 do log.info('line %d', i) end
return {x = fs.list('.'), y = connections.app:query('select 1 as one')}
--@ memory_full_in_pcall_for_ever: deadline
string.keep = {}
while true do
    pcall(function() while true do string.keep = {string.keep} end end)
    pcall(error, {message = 'x'})
end
--@ memory_full_inside_of_once: refused
once('k', function() string.keep = {} while true do string.keep = {string.keep} end end)
--@ pcall_keeps_the_stop: deadline
local function again() local ok = pcall(again) while true do pcall(again) end end
again()
--@ pcall_without_arguments: refused
pcall()
--@ pcall_of_no_function: returns
assert(not pcall(nil) and not pcall({}) and not pcall('x') and not pcall(null))
--@ pcall_hides_nothing_of_a_stop: deadline
local function loop() while true do end end
for _ = 1, 1e9 do local ok, e = pcall(loop) assert(ok, e) end
--@ environment_is_empty: refused
local _ENV = setmetatable({}, {__index = function(_, name) return name end})
return print('x')
--@ environment_of_another: refused
local function f() local _ENV <const> = {} x = 1 return os.execute('id') end
return f()
--@ environment_by_number: refused
return _ENV[1]
--@ environment_walked: returns
for name in pairs(_ENV) do assert(name ~= 'os' and name ~= 'io' and name ~= 'debug') end
--@ environment_metatable: refused
setmetatable(_ENV, {})
--@ environment_changed: refused
print = nil
_ENV.string = {}
rawset(_ENV, 'fs', nil)
assert(rawget(_ENV, 'os') == nil)
--@ global_with_a_long_name: refused
return _ENV[('x'):rep(10000):rep(6000)]
--@ globals_of_the_host: refused
return os or io or debug or package or load or require
--@ string_library_changed: returns
string.format = nil
string.rep = function() return 'mine' end
assert(('x'):rep(5) == 'xxxxx' and string.rep('x', 5) == 'mine')
--@ string_metatable_index: refused
getmetatable('x').__index = function() end
--@ string_metatable_by_rawset: refused
rawset(getmetatable('x'), '__index', {})
--@ library_metatable: returns
setmetatable(table, {__index = function() return 1 end})
assert(table.nothing == 1)
--@ metatable_of_functions: refused
getmetatable(print).__call = 1
--@ metatable_protects_itself: returns
local t = setmetatable({}, {__metatable = 'mine'})
assert(getmetatable(t) == 'mine' and not pcall(setmetatable, t, {}))
--@ metatable_of_params: returns
assert(getmetatable(params) == false and not pcall(setmetatable, params, nil))
--@ params_set: refused
params.name = 'other'
--@ params_set_by_rawset: any
rawset(params, 'name', 'other')
return {name = params.name}
--@ params_inserted: refused
table.insert(params, 1)
--@ params_inner_changed: any
params.list[1] = 100
return {first = params.list[1]}
--@ steps_set: refused
steps.earlier = {}
--@ run_set: refused
run.id = 'other'
--@ connections_set: refused
connections.app = nil
--@ connections_by_number: refused
return connections[1]
--@ connections_by_long_name: refused
return connections[('x'):rep(10000):rep(3000)]
--@ connection_without_colon: refused
return connections.app.query('select 1')
--@ connection_of_a_table: refused
return connections.app.query({}, 'select 1')
--@ connection_of_a_secret: refused
return connections.app.query(secrets.key, 'select 1')
--@ connection_method_unknown: refused
return connections.app[('x'):rep(10000):rep(1000)]
--@ connection_of_another_object: refused
return connections.app.query(duration('1s'), 'select 1')
--@ secret_to_text: returns
assert(not tostring(secrets.key):find('hunter', 1, true))
--@ secret_through_format: returns
assert(not tostring(('%s %q'):format(secrets.key, 1)):find('hunter', 1, true))
--@ secret_compared: refused
return secrets.key < 'i'
--@ secret_by_length: refused
return #secrets.key
--@ secret_by_index: refused
return secrets.key[1]
--@ secret_by_call: refused
return secrets.key()
--@ secret_as_key: returns
local t = {[secrets.key] = 1}
for k in pairs(t) do assert(not tostring(k):find('hunter', 1, true)) end
--@ secret_through_error: refused
error(secrets.key)
--@ secret_through_error_text: refused
error('the key is ' .. secrets.key)
--@ secret_through_fail: refused
fail('the key is ' .. secrets.key, 'hint')
--@ secret_through_hint: refused
fail('x', secrets.key)
--@ secret_through_number: any
return {n = tonumber(secrets.key)}
--@ secret_through_gsub: refused
return {x = ('x'):gsub('x', secrets.key)}
--@ secret_as_pattern: refused
return ('hunter2'):find(secrets.key)
--@ secret_through_gsub_callback: any
local out = ('x'):gsub('x', function() return secrets.key end)
assert(not tostring(out):find('hunter', 1, true))
--@ secret_through_concat: returns
local out = table.concat({'a', secrets.key})
assert(not tostring(out):find('hunter', 1, true))
--@ secret_through_json: returns
assert(not tostring(json.encode({k = secrets.key})):find('hunter', 1, true))
--@ secret_through_sql: refused
return {x = connections.app:value('select ?1', secrets.key)}
--@ secret_through_sql_text: refused
return {x = connections.app:value("select '" .. secrets.key .. "'")}
--@ secret_through_transaction: refused
return {x = connections.app:transaction{key = 'k', function() return secrets.key end}}
--@ secret_through_once: refused
return {x = once('k', function() return secrets.key end)}
--@ secret_as_once_key: refused
return {x = once(secrets.key, function() return 1 end)}
--@ secret_through_output: refused
return {x = {y = {secrets.key}}}
--@ secret_through_file_name: refused
fs.write(secrets.key, 'x')
--@ secret_through_index: any
return params[secrets.key]
--@ secret_through_sort: refused
table.sort({secrets.key, secrets.key})
--@ secret_through_equality_of_made_one: refused
return (secrets.key .. '') == secrets.key
--@ secret_through_pack: refused
return string.pack('s', secrets.key)
--@ secret_through_hash_is_no_text: any
return {x = crypto.sha256(secrets.key)}
--@ secret_in_constant_time: returns
assert(crypto.equal(secrets.key, secrets.key) and not crypto.equal(secrets.key, 'x'))
