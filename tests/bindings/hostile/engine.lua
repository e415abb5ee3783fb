--@ json_of_many_numbers: any
return {n = #json.decode('[' .. ('1,'):rep(10000):rep(3000) .. '1]')}
--@ json_of_many_lists: any
return {n = #json.decode('[' .. ('[],'):rep(10000):rep(2000) .. '1]')}
--@ json_of_many_keys: any
return {n = json.decode('{' .. ('"a":1,'):rep(8000000) .. '"a":1}').a}
--@ json_again: deadline
local text = '[' .. ('1,'):rep(300000) .. '1]'
while true do json.decode(text) end
--@ json_deep_lists: refused
json.decode(('['):rep(10000):rep(1000))
--@ json_deep_maps: refused
json.decode(('{"a":'):rep(1000000))
--@ json_big_numbers: any
return {x = json.decode('1e999999'), y = json.decode('[' .. ('9'):rep(1000000) .. ']')}
--@ json_bad_text: refused
return json.decode('"\\ud800"')
--@ json_bytes: any
return {x = json.encode('\255\254\0')}
--@ json_unknown_option: refused
json.encode({}, {[('x'):rep(10000):rep(1000)] = 1})
--@ json_of_functions: refused
json.encode({print})
--@ json_pretty_and_deep: any
local t = {}
for _ = 1, 60 do t = {t} end
local all = {}
for i = 1, 10000 do all[i] = t end
return {n = #json.encode(all, {pretty = true})}
--@ time_format_long: refused
return time.format(time.now(), ('%Y'):rep(100))
--@ time_format_unknown: refused
return time.format(time.now(), '%c')
--@ time_format_ends_in_percent: refused
return time.format(time.now(), '%')
--@ time_parse_garbage: refused
return time.parse(('9'):rep(10000):rep(1000))
--@ duration_garbage: refused
return duration(('1h'):rep(1000000))
--@ size_garbage: refused
return size(('9'):rep(1000) .. 'GiB')
--@ crypto_random_much: refused
return crypto.random(1 << 40)
--@ crypto_random_again: deadline
while true do crypto.random(1 << 20) end
--@ crypto_hash_again: deadline
local s = ('x'):rep(10000):rep(6000)
while true do crypto.sha256(s) end
--@ crypto_hmac_again: deadline
local s = ('x'):rep(10000):rep(6000)
while true do crypto.hmac(s, s) end
--@ crypto_seal_again: deadline
local s = ('x'):rep(10000):rep(3000)
while true do pcall(crypto.seal, ('k'):rep(32), s) end
--@ crypto_open_garbage: refused
return crypto.open(('k'):rep(32), ('x'):rep(1000000))
--@ crypto_short_key: refused
return crypto.seal('k', 'x')
--@ crypto_hkdf_much: refused
return crypto.hkdf('x', '', '', 1 << 30)
--@ fs_up: refused
return fs.read('../../../../etc/passwd')
--@ fs_absolute: refused
return fs.read('/etc/passwd')
--@ fs_zero_byte: refused
return fs.read('a\0b')
--@ fs_empty: refused
return fs.read('')
--@ fs_long_name: refused
fs.write('out/' .. ('x'):rep(10000), 'x')
--@ fs_long_path: refused
fs.mkdir('out/' .. ('x/'):rep(100000))
--@ fs_deep_folders: any
for i = 1, 1000 do if not pcall(fs.mkdir, 'out/' .. ('d/'):rep(i)) then break end end
--@ fs_proc: refused
return fs.read('/proc/self/environ')
--@ fs_dots_inside: refused
fs.write('a/../../b', 'x')
--@ fs_folder_as_file: refused
fs.mkdir('out/folder')
fs.write('out/folder', 'x')
--@ fs_move_out: refused
fs.write('out/x', 'x')
fs.move('out/x', 'x')
--@ fs_copy_in: refused
fs.copy('/etc/passwd', 'out/x')
--@ fs_remove_all: refused
fs.remove('/')
--@ fs_remove_the_root: refused
fs.remove('out')
--@ fs_mode: refused
fs.write('out/x', 'x', {mode = '7777777'})
--@ fs_mode_set_user: any
fs.write('out/x', 'x', {mode = '4755'})
--@ fs_glob_everything: any
return {n = #fs.glob('out/' .. ('*/'):rep(50))}
--@ fs_glob_stars: any
fs.write('out/' .. ('a'):rep(200), 'x')
return {n = #fs.glob('out/' .. ('*a'):rep(100) .. 'b')}
--@ fs_glob_up: refused
return fs.glob('../../*')
--@ fs_glob_set: any
return {n = #fs.glob('[')}
--@ fs_write_again: deadline
while true do fs.write('out/x', 'x') end
--@ fs_write_big_again: deadline
local s = ('x'):rep(10000):rep(1000)
while true do fs.write('out/x', s) end
--@ fs_read_again: deadline
fs.write('out/x', ('x'):rep(10000):rep(1000))
while true do fs.read('out/x') end
--@ fs_hash_again: deadline
fs.write('out/x', ('x'):rep(10000):rep(3000))
while true do fs.sha256('out/x') end
--@ fs_compress_again: deadline
fs.write('out/x', ('x'):rep(10000):rep(3000))
while true do fs.compress('out/x', 'out/x.gz') end
--@ fs_decompress_bomb: any
fs.write('out/x', ('x'):rep(10000):rep(6000))
fs.compress('out/x', 'out/x.gz')
fs.compress('out/x.gz', 'out/x.gz.gz')
fs.decompress('out/x.gz', 'out/y')
--@ fs_decompress_garbage: refused
fs.write('out/x.gz', ('x'):rep(1000))
fs.decompress('out/x.gz', 'out/y')
--@ fs_database_in_use: refused
connections.app:value('select 1')
return fs.read('app.db')
--@ fs_list_of_a_file: refused
fs.write('out/x', 'x')
return fs.list('out/x/y')
--@ fs_temp_up: refused
fs.temp('out', '../../x')
--@ once_key_empty: any
return {x = once('', function() return 1 end)}
--@ once_key_long: any
return {x = once(('k'):rep(10000):rep(1000), function() return 1 end)}
--@ once_value_big: refused
return {x = once('k', function() return ('x'):rep(10000):rep(6000) end)}
--@ once_flood: deadline
local i = 0
while true do i = i + 1 once('k' .. i, function() return i end) end
--@ once_without_function: refused
once('k')
--@ once_raises: refused
once('k', function() error('x') end)
--@ progress_flood: deadline
while true do progress(1, 2, 'x') end
--@ progress_big: any
progress(math.mininteger, math.maxinteger, ('x'):rep(10000):rep(6000))
--@ progress_of_texts: refused
progress('x', {})
--@ log_flood: deadline
while true do log.info('again') end
--@ log_flood_of_long_lines: deadline
local s = ('x\27[2J'):rep(100000)
while true do print(s) end
--@ log_format_abuse: refused
log.info('%s %d', {}, 'x')
--@ log_one_huge_line: any
log.info(('x'):rep(10000):rep(6000))
--@ log_control_characters: returns
log.info('\27]0;title\7 \r\n \0 \255')
--@ print_of_objects: returns
print(print, {}, connections.app, secrets.key, null, nil, duration('1s'))
--@ check_of_nothing: refused
check()
--@ check_format_abuse: refused
check(false, '%d', 'x')
--@ command_not_allowed: refused
command{'/usr/bin/id'}
--@ command_without_program: refused
command{}
--@ command_zero_byte: refused
command{'/bin/echo', 'a\0b'}
--@ command_variable_with_zero_byte: refused
command{'/bin/echo', env = {A = 'a\0b'}}
--@ command_variable_without_name: refused
command{'/bin/echo', env = {['A=B'] = 'x'}}
--@ command_huge_argument: refused
command{'/bin/echo', ('x'):rep(10000):rep(1000)}
--@ command_unknown_option: refused
command{'/bin/echo', shell = true}
--@ backup_of_nothing: refused
return backup.sqlite{}
