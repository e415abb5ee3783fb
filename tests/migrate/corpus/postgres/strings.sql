-- Each part between lines of --# is exactly one statement.
select ';';
--#
select 'it''s; fine', '''', ''';';
--#
select E'it\'s; \\';
--#
select e'\\', ';';
--#
select E'\\\';\'';
--#
select 'back\', ';', '\';
--#
select E'a'
  'it\'s; still';
--#
select 'a' -- not yet;
  -- nor here;
  'b;';
--#
select E'x' -- a comment with ' in it
       '\';';
--#
select U&'d\0061t\+000061;', U&'\\;';
--#
select U&'d!0061;' uescape '!';
--#
select U&"d\0061t;a" from (select 1 as "data;") x(U&"d\0061t;a");
--#
select b'1', x'AF', n'national;';
--#
select '--', '/*', '*/', '$$', '\.';
--#
select '
;
\.
-- +goose Down
';
--#
select "a;b" from (select 1 as "a;b") t;
--#
select "a""b;" from (select 1 as "a""b;") t;
--#
select 'é;ü', '日本;語', '🚢;';
--#
select 1 as größe, 2 as 表, 3 as "🚢;";
--#
select 'tab	;	tab';
--#
select '';
--#
select $$;$$;
--#
select $$it's; "fine" -- no /* comment$$;
--#
select $a$ $b$ ; $b$ $$ ; $$ $a$;
--#
select $_1$;$_1$, $é$;$é$, $Tag$;$tag$;$Tag$;
--#
select $a$ $a ; $ a$ $a$;
--#
select $$a$$||$$;$$;
--#
select a$b$c from (select 1 as a$b$c) x;
--#
select 1 as b$c$;
--#
select ('{}'::jsonb)['a];'], ('{}'::jsonb)['b' || ']'];
--#
select f1$$1 from (select 1 as f1$$1) x;
--#
select $fn$ $1; $2; $fn$;
--#
select $outer$ do $inner$ begin; end; $inner$; $outer$;
--#
select $$
-- a comment; in a body
/* not closed;
'
"
$$;
--#
select concat('a;', E'\n;', $$;$$, U&';', "t;"."c;") from (select ';' as "c;") "t;";
