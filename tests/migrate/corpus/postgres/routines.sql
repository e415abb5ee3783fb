create function one() returns int language sql as 'select 1;';
--#
create function two() returns int as $$
begin
  return 2;
end;
$$ language plpgsql;
--#
create or replace function three(a int default 3, b text default ';') returns int
  language plpgsql as $body$
declare
  x int := 1;
begin
  if a > 1 then
    execute 'select 1;';
    execute $q$ select ';' $q$;
    raise notice 'a; %', $$;$$;
  end if;
  return x;
end
$body$;
--#
do $$ begin perform 1; perform 2; end $$;
--#
do language plpgsql 'begin perform 1; end';
--#
do $do$
begin
  if not exists (select 1 from pg_type where typname = 'mood') then
    create type mood as enum ('a;', 'b');
  end if;
exception when duplicate_object then null;
end $do$;
--#
create function four() returns int begin atomic select 1; select 4; end;
--#
create function five(a int) returns int language sql
begin atomic
  select case when a > 1 then 1 else 2 end;
  select case a when 1 then case when true then 1 end else 0 end;
  select 5;
end;
--#
create or replace procedure six()
begin atomic
end;
--#
create procedure seven() language sql begin atomic
  ;
  select 1;;
end;
--#
create function eight() returns setof int begin atomic
  select 1 as "end;";
  select 2 as "case";
  select (case when true then 1 end);
  select ';'; -- end;
  /* end; */
end;
--#
create function nine() returns int begin atomic select 1 as end; select x.case from (select 1 as case) x; end;
--#
create function ten(a int) returns int return a + 1;
--#
create function "begin"() returns int language sql as $$ select 1; $$;
--#
create function eleven(atomic int) returns int language sql as 'select 1;' set search_path = 'a;b', public;
--#
create or replace function twelve() returns trigger as $$
begin
  new.changed := now();
  return new;
end;
$$ language 'plpgsql';
--#
create trigger t before update on things for each row execute function twelve();
--#
create constraint trigger t2 after insert or update of a, b on things deferrable initially deferred
  for each row when (new.a <> ';' and (new.b).c is not null) execute procedure twelve('a;', $$b;$$);
--#
create event trigger e on ddl_command_start when tag in ('CREATE;TABLE', 'x') execute function twelve();
--#
create aggregate total (int) (sfunc = int4pl, stype = int, initcond = '0;');
--#
create rule r1 as on insert to things do also notify changed;
--#
create rule r2 as on update to things do instead (
  insert into log values (old.a, ';');
  update other set a = new.a where b = (select max(c) from (select 1 as c) x);
);
--#
create or replace rule r3 as on delete to things where old.a > 1 do instead (delete from other; select 1;;);
--#
create rule r4 as on delete to things do instead nothing;
--#
create policy p on things for all to public using (a = current_setting('x;y')::int) with check (true);
--#
create view v as select case when a then 'begin' else 'end;' end as begin from things;
--#
begin;
--#
start transaction isolation level serializable;
--#
savepoint a;
--#
release savepoint a;
--#
rollback to a;
--#
commit;
--#
begin; -- not atomic
--#
end;
--#
call six();
--#
create function last_one() returns void language c as 'a;b', 'c;d'
