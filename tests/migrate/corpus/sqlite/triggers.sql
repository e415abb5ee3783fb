create table t (id integer primary key, a text, begin text, "end" text, changed text);
--#
create table log (what text, at text);
--#
create trigger t1 after insert on t begin
  insert into log values ('new;', datetime('now'));
end;
--#
create trigger if not exists t2 after update of a, begin on t for each row when new.a <> old.a begin
  update t set changed = case when new.a = ';' then 'x;' else case old.a when 'y' then 'z' end end where id = new.id;
  delete from log where what = 'end;';
  select case when 1 then raise(ignore) end;
end;
--#
create temp trigger t3 before delete on t begin select raise(abort, 'no; never') where old.a = ';'; end;
--#
CREATE TEMPORARY TRIGGER t4 AFTER DELETE ON main.t BEGIN
  -- a comment; with end;
  INSERT INTO log VALUES ('a', 'b'); /* end; */
  UPDATE log SET what = 'END;';
END;
--#
create view v as select a as x, case when a then 'begin;' end as y from t;
--#
create trigger t5 instead of insert on v begin
  insert into t (a) values (new.x);
end
;
--#
create trigger "t;6" after insert on t when exists (select 1 from log where what = ';') begin
  insert or ignore into log select 'a', 'b' union all select 'c', 'd';
  insert into log with x(n) as (values (1)) select n, ';' from x;
  replace into log values ('end', 'end');
end /* over */ ; -- so it is
--#
create trigger t7 after update on t begin select 1; select 2; select 3; end;
--#
create trigger begin after update on t begin select 1; end;
--#
create trigger t8 after insert on t begin
  insert into log (what) values (new.begin), (new."end");
end;
--#
create table trigger (begin int, trigger int);
--#
create table "create trigger begin" (a);
--#
create index temp on trigger (begin);
--#
drop trigger if exists t1;
--#
drop trigger "t;6";
--#
explain create trigger t9 after insert on t begin select 1; select 2; end;
--#
explain query plan select * from t where a = ';';
--#
explain query plan
create temp trigger t10 after insert on t begin select case 1 when 2 then 3 end; end;
--#
insert into t (a, begin) values ('x;', 'begin'), (';', 'end;');
--#
update t set a = 'y;' where a = 'x;';
--#
select case when a = ';' then 'begin' else 'end;' end as begin from t;
--#
begin;
--#
insert into log values (';', 'within');
--#
savepoint "a;b";
--#
release "a;b";
--#
commit;
--#
begin immediate transaction;
--#
end transaction;
--#
drop view v
