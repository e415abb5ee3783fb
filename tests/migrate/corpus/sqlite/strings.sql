-- Each part between lines of --# is exactly one statement; they run in this order.
create table t (a, b default ';', "c;d" text, [e;f], `g;h`);
--#
create table log (what text);
--#
select ';', 'it''s;', '''', '''''';
--#
select 'back\', ';', '\';
--#
select "c;d", [e;f], `g;h` from t;
--#
select "a""b;" from (select 1 as "a""b;");
--#
select `a``b;` from (select 1 as `a``b;`);
--#
select [a"b';] from (select 1 as [a"b';]);
--#
select x'3b', X'AF', x'';
--#
select '--', '/*', '*/', '$$', '[', '`';
--#
select '
;
-- end;
';
--#
select 'é;', '表;', '🚢;' as größe;
--#
select "no such column; so it is a string";
--#
select 1 as "a;b", 2 as [c;d], 3 as `e;f`, 4 as 'g;h';
--#
select a$b from (select 1 as a$b);
--#
insert into t values (';', 'a;b', x'3b', null, '');
--#
insert into t (a, "c;d") values ('it''s;', '"'), ('x', '`;');
--#
select a || ';' || b from t where a like '%;%' escape '\';
--#
select 'a' 'alias;';
--#
select e'\' from (select 1 as e);
--#
values (';'), ('b;');
--#
select json_extract('{"a;": 1}', '$."a;"'), '{"a":";"}' ->> '$.a', '{}' -> 'x;';
