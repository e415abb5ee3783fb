-- What pg_dump writes.
SET statement_timeout = 0;
--#
SELECT pg_catalog.set_config('search_path', '', false);
--#
COPY public.things (id, a, "c;d") FROM stdin;
1	it's; "x" -- no comment	\N
2	/* $$ ; \\. ( 	é
\.
--#
select pg_catalog.setval('public.s', 10, true);
--#
COPY public.empty (id) FROM stdin;
\.
--#
copy t from stdin with (format csv, header, delimiter ';', quote '"');
a;b
"x
;";"it's"
"(";2
\.
--#
copy t (a) from stdin csv quote '''' ; -- a comment; here
1
 \.
x\.
\.
--#
copy (select ';' as a from things) to stdout;
--#
copy t from '/nowhere/f;g.csv' with (format csv);
--#
copy t from program 'cat; true' (format text);
--#
copy binary_things (a) from stdin delimiter '|' null ';';
1|;
create table not_a_statement (a int);
\.
--#
/* before */ copy t from stdin;
begin;
\.
--#
select 1;
--#
copy t from stdin where a > 1 and b in (';', $$;$$);
1	2
