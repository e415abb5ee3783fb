select a::text, b::int[], '1;'::text from things;
--#
select '{1,2,3}'::int[] as a, ('{1,2,3}'::int[])[1:2], (array[1,2,3])[2:];
--#
select a[1], a[1:2], a[:2], a[b:c], a[b::int:c] from things;
--#
select '{"a": 1}'::jsonb ? 'a', '{}'::jsonb ?| array['a;'], '{}'::jsonb ?& array['b'];
--#
select a -> 'b;', a ->> 'c', a #> '{d,e}', a #>> '{;}', a @> '{}', a <@ '{}', a @? '$.a', a @@ '$.b == 1' from things;
--#
select @-1, |/4, 5!=6, 2<>3, -+-1, 1 operator(pg_catalog.+) 2;
--#
select 1.5, .5, 1., 1e10, 1.5e-3, 0.1E+4;
--#
select 1 ; 
--#
select (select (select ((1))));
--#
select * from json_populate_record(null::things, '{"a": ";"}');
--#
select f(a => 1, b := ';') from things;
--#
select array[[1,2],[3,4]], row(1, ';'), (row(1,2)).*;
--#
select a ~ '^[;]$', a !~* ';', a ~~ ';%', a similar to '(;|x)' from things;
--#
select interval '1 day;', date '2024-01-01', timestamp with time zone '2024-01-01 00:00+00', time ';' is null;
--#
select a at time zone 'utc;', extract(epoch from a), position(';' in b), overlay('a;b' placing ';' from 1 for 2) from things;
--#
select * from a as ";" natural join b ";;" where ";".x = ";;".y;
--#
select count(*) filter (where a > 1) over (partition by b order by c rows between 1 preceding and current row) from things;
--#
with recursive x(n) as (values (1) union all select n + 1 from x where n < 5) cycle n set c using p select * from x;
--#
insert into things (a, b) values (';', default), ('x', $$;$$) on conflict (a) do update set b = excluded.b || ';' returning *;
--#
merge into things t using other o on t.a = o.a when matched then update set b = ';' when not matched then do nothing;
--#
update things set (a, b) = (select ';', 2), c[1:2] = '{1,2}' where current of x;
--#
select a`b from (values (1)) v(a), (values (2)) w(b);
--#
create operator public.=== (leftarg = int, rightarg = int, function = int4eq, commutator = operator(public.===));
--#
create operator # (rightarg = text, function = f);
--#
create operator public.@#@ (rightarg = bigint, procedure = numeric_fac);
--#
comment on operator public.@#@ (none, bigint) is 'factorial;';
--#
select 2 ** 3, 1 <-> 2, 1 <=> 2, 1 &&& 2, a <<| b, a |>> b, a ~= b from things;
--#
select $1 + $2;
--#
select 1 where 1 in (1, 2) and (3, ';') in (select 1, 'x');
--#
values (1, ';'), (2, $$;$$);
--#
table things;
