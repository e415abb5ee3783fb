--@ sql_endless: deadline
return {x = connections.app:value([[with recursive r(i) as (select 1 union all select i + 1 from r)
    select count(*) from r]])}
--@ sql_endless_caught: deadline
while true do
    pcall(connections.app.value, connections.app,
        'with recursive r(i) as (select 1 union all select i + 1 from r) select count(*) from r')
end
--@ sql_endless_rows: deadline
return {x = connections.app:each(
    'with recursive r(i) as (select 1 union all select i + 1 from r) select i from r',
    function() end)}
--@ sql_all_rows: refused
return {x = connections.app:query(
    'with recursive r(i) as (select 1 union all select i + 1 from r) select i from r')}
--@ sql_cross_join: deadline
return {x = connections.app:value([[with recursive r(i) as (select 1 union all select i + 1 from r
    where i < 10000) select count(*) from r a, r b, r c]])}
--@ sql_sort_of_everything: deadline
return {x = connections.app:value([[with recursive r(i) as (select 1 union all select i + 1 from r
    where i < 1000000000) select i from r order by random()]])}
--@ sql_distinct_of_everything: deadline
return {x = connections.app:value([[with recursive r(i) as (select 1 union select i + 1 from r)
    select count(distinct i) from r]])}
--@ sql_write_endless: deadline
connections.app:exec([[insert into t with recursive r(i) as (select 1 union all select i + 1 from r)
    select i from r]])
--@ sql_update_of_itself: deadline
while true do connections.app:exec('update t set x = x + 1') end
--@ sql_big_blob: any
return {x = #(connections.app:value('select zeroblob(900000000)') or '')}
--@ sql_big_text: refused
return {x = connections.app:value("select printf('%.*c', 500000000, 'x')")}
--@ sql_too_big: refused
return {x = connections.app:value('select zeroblob(2000000000)')}
--@ sql_group_concat: any
return {x = connections.app:value([[with recursive r(i) as (select 1 union all select i + 1 from r
    where i < 200000) select length(group_concat(hex(zeroblob(1000)))) from r]])}
--@ sql_like: any
return {x = connections.app:value("select ? like ?", ('a'):rep(50000), ('%a'):rep(20) .. 'b')}
--@ sql_glob: any
return {x = connections.app:value("select ? glob ?", ('a'):rep(50000), ('*a'):rep(20) .. 'b')}
--@ sql_deep_expression: refused
return {x = connections.app:value('select ' .. ('('):rep(5000) .. '1' .. (')'):rep(5000))}
--@ sql_long_sum: refused
return {x = connections.app:value('select 1' .. (' + 1'):rep(100000))}
--@ sql_many_terms: refused
return {x = connections.app:query('select 1' .. (' union all select 1'):rep(10000))}
--@ sql_long_text: refused
return {x = connections.app:value("select '" .. ('x'):rep(10000):rep(6000))}
--@ sql_many_parameters: refused
return {x = connections.app:value('select ?99999', 1)}
--@ sql_open_comment: refused
return {x = connections.app:value('select /* ')}
--@ sql_zero_byte: refused
return {x = connections.app:value("select 1\0; drop table t")}
--@ sql_zero_byte_at_the_end: refused
return {x = connections.app:value('select 1;\0\0\0')}
--@ sql_two_statements: refused
connections.app:exec('insert into t values (1); commit')
--@ sql_commit: refused
connections.app:exec('commit')
--@ sql_commit_in_comment: refused
connections.app:exec('/* x */ -- y\n commit')
--@ sql_rollback: refused
connections.app:exec('rollback')
--@ sql_begin: refused
connections.app:exec('begin immediate')
--@ sql_savepoint: refused
connections.app:exec('savepoint x')
--@ sql_attach: refused
connections.app:exec("attach '/tmp/other.db' as other")
--@ sql_detach: refused
connections.app:exec('detach main')
--@ sql_vacuum_into: refused
connections.app:exec("vacuum into '/tmp/stolen.db'")
--@ sql_pragma: refused
connections.app:exec('pragma journal_mode = delete')
--@ sql_pragma_writable_schema: refused
connections.app:exec('pragma writable_schema = on')
--@ sql_pragma_by_function: any
return {x = connections.app:query("select * from pragma_table_info('t')")}
--@ sql_schema_by_hand: refused
connections.app:exec("update sqlite_schema set sql = 'x'")
--@ sql_load_extension: refused
return {x = connections.app:value("select load_extension('/tmp/x.so')")}
--@ sql_readfile: refused
return {x = connections.app:value("select readfile('/etc/passwd')")}
--@ sql_writefile: refused
return {x = connections.app:value("select writefile('/tmp/x', 'x')")}
--@ sql_fts_tokenizer: refused
return {x = connections.app:value("select fts3_tokenizer('simple', x'4141414141414141')")}
--@ sql_virtual_table: any
connections.app:exec('create virtual table v using fts5(x)')
--@ sql_virtual_table_unknown: refused
connections.app:exec("create virtual table v using csv(filename = '/etc/passwd')")
--@ sql_trigger_recurses: any
connections.app:exec([[create trigger again after insert on t begin
    insert into t values (new.x + 1); end]])
connections.app:exec('insert into t values (1)')
--@ sql_trigger_rolls_back: refused
connections.app:exec([[create trigger back before insert on t begin
    select raise(rollback, 'no'); end]])
connections.app:exec('insert into t values (1)')
--@ sql_rollback_hidden: refused
connections.app:exec('create unique index one on t (x)')
pcall(connections.app.exec, connections.app, 'insert or rollback into t select x from t')
connections.app:exec('insert into t values (77)')
--@ sql_write_in_query: refused
return {x = connections.app:query('insert into t values (1) returning x')}
--@ sql_write_while_reading: any
connections.app:each('select x from t', function() connections.app:exec('delete from t') end)
--@ sql_receipts_by_hand: any
connections.app:exec('insert into t values (1)')
pcall(connections.app.exec, connections.app, 'delete from drydock_receipts')
--@ sql_transaction_in_transaction: refused
connections.app:transaction{key = 'a', function()
    connections.app:transaction{key = 'b', function() end}
end}
--@ sql_transaction_without_key: refused
connections.app:transaction{function() end}
--@ sql_transaction_that_loops: deadline
connections.app:transaction{key = 'a', function() while true do pcall(error) end end}
--@ sql_transaction_again: deadline
local i = 0
while true do
    i = i + 1
    connections.app:transaction{key = 'k' .. i, function()
        connections.app:exec('insert into t values (?1)', i)
    end}
end
--@ sql_savepoints_deep: refused
local function deeper() connections.app:savepoint(deeper) end
deeper()
--@ sql_savepoint_eats_the_stop: deadline
while true do
    pcall(connections.app.savepoint, connections.app, function() while true do end end)
end
--@ sql_batches_never_done: deadline
connections.app:batches{key = 'b', size = 1, sql = 'update t set x = x where rowid <= :size'}
--@ sql_batches_of_nothing: refused
connections.app:batches{key = 'b', size = 0, sql = 'delete from t'}
--@ sql_batches_pause_long: deadline
connections.app:batches{key = 'b', size = 1, pause = '1h',
    sql = 'update t set x = x where rowid <= :size'}
--@ sql_batches_unknown_option: refused
connections.app:batches{key = 'b', sizes = 1, sql = 'delete from t'}
--@ sql_copy_lies: refused
connections.app:copy('t', {'x', 'y'}, {{1, 2}})
--@ sql_copy_name: refused
connections.app:copy('t" (x) values (1); drop table t; --', {'x'}, {{1}})
--@ sql_copy_many_columns: refused
local columns = {}
for i = 1, 100000 do columns[i] = 'c' .. i end
connections.app:copy('t', columns, {{}})
--@ sql_copy_endless: deadline
local rows = setmetatable({}, {__index = function(_, i) return {i} end})
while true do connections.app:copy('t', {'x'}, {{1}, {2}, {3}}) end
--@ sql_value_of_objects: refused
return {x = connections.app:value('select ?1', print)}
--@ sql_value_of_lists: refused
return {x = connections.app:value('select ?1', {{1}}, 2)}
--@ sql_explain_abuse: refused
return {x = connections.app:explain('select 1; delete from t')}
--@ sql_exec_alone: any
connections.app:exec_alone('vacuum')
--@ sql_views_double: refused
local text = 'with a0(x) as (select 1)'
for i = 1, 40 do
    text = text .. (', a%d(x) as not materialized (select x from a%d union select x from a%d)')
        :format(i, i - 1, i - 1)
end
return {x = connections.app:value(text .. ' select count(*) from a40')}
--@ sql_join_of_many: refused
return {x = connections.app:value('select count(*) from t' .. (', t'):rep(100))}
--@ sql_join_of_sixty: deadline
local text = 'select count(*) from t t0'
for i = 1, 60 do text = text .. (' join t t%d on t%d.x <> t%d.x'):format(i, i, i - 1) end
return {x = connections.app:value(text)}
--@ sql_many_named_parameters: refused
local names, values = {}, {}
for i = 1, 100000 do names[i] = ':p' .. i values['p' .. i] = i end
return {x = connections.app:query('select ' .. table.concat(names, '+'), values)}
--@ sql_many_columns: refused
return {x = connections.app:query('select 1' .. (', 1'):rep(100000))}
--@ sql_in_a_list_of_many: any
return {x = connections.app:value('select 1 in (1' .. (', 1'):rep(1000000) .. ')')}
--@ sql_tokens_of_nothing: any
return {x = connections.app:value((' \n'):rep(10000000) .. 'select 1')}
--@ sql_comments: any
return {x = connections.app:value(('/* */'):rep(5000000) .. 'select 1')}
--@ sql_prepare_endless: any
return {x = connections.app:value([[with recursive
    a(i) as (select 1 union all select i + 1 from a where i < 3)
    select count(*) from a, a b, a c, a d, a e, a f, a g, a h]])}
