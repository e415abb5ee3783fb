PRAGMA foreign_keys=OFF;
--#
BEGIN TRANSACTION;
--#
CREATE TABLE IF NOT EXISTS "users" (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL DEFAULT ';' CHECK (name <> '--;' AND length(name) > 0),
  full TEXT GENERATED ALWAYS AS (name || ';') VIRTUAL,
  age INT DEFAULT (1 + 2),
  at DATETIME DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (name, age) ON CONFLICT REPLACE
);
--#
CREATE TABLE posts (id INTEGER PRIMARY KEY, "user;id" INT REFERENCES users (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED) STRICT;
--#
create table w (k text primary key, v blob) without rowid;
--#
INSERT INTO users (id, name) VALUES(1,'it''s;');
--#
INSERT INTO users (id, name, age) VALUES(2,'line
break;',3) ON CONFLICT (id) DO UPDATE SET name = excluded.name || ';' RETURNING id, ';';
--#
insert or ignore into users (id, name) select id, ';' from users where name like ';%' union all select 9, 'nine;' limit 1 offset 0;
--#
COMMIT;
--#
create unique index "i;x" on users (name collate nocase desc, age) where name <> ';';
--#
create index if not exists i2 on users (lower(name), length(name || ';'));
--#
alter table users add column note text default 'a;b';
--#
alter table users rename column note to "note;d";
--#
alter table users drop column "note;d";
--#
alter table posts rename to "posts;old";
--#
create temp table x as select 1 as a, ';' as b;
--#
create view vw ("c;1", c2) as with r(n) as (values (1) union all select n + 1 from r where n < 3) select n, ';' from r;
--#
with recursive r(n) as (select 1 union all select n + 1 from r where n < 5) update users set age = (select max(n) from r) where name = ';';
--#
update users set (name, age) = ('x;', 1) from (select 2 as id) s where users.id = s.id returning *;
--#
delete from users where id in (select id from users where name = ';' order by id limit 1);
--#
create virtual table fts using fts5 (body, tokenize = 'porter ascii', content = '');
--#
insert into fts (rowid, body) values (1, 'a; b');
--#
select count(*) filter (where id > 1) over (partition by name order by id rows between 1 preceding and current row exclude ties) from users;
--#
select * from users as ";" left join w as [;] on ";".name = [;].k;
--#
select 1 in (1, 2), (1, ';') in (select 1, 'x'), not exists (select ';');
--#
select cast(';' as text), iif(1, ';', 'x'), 1 is not distinct from 2, 5 % 3, 1 << 2, ~1, 1 <> 2, 'a' glob ';*';
--#
select 1.5, .5, 1., 1e3, 0x1F, 1.5e-3;
--#
select ((((1))));
--#
pragma table_info("users");
--#
PRAGMA main.user_version = 7;
--#
pragma foreign_key_check;
--#
analyze;
--#
reindex users;
--#
attach ':memory:' as "aux;db";
--#
create table "aux;db".t (a);
--#
detach "aux;db";
--#
vacuum;
--#
drop index if exists main."i;x";
--#
drop table if exists "posts;old";
--#
PRAGMA foreign_keys=ON;
--#
savepoint s;
--#
rollback to s;
--#
release savepoint s;
--#
select max(a), min(';') from x group by b having count(*) > 0 window win as (order by a);
--#
select * from (values (1, ';'), (2, 'b')) order by 1 desc nulls last;
--#
create table last (a text default ';')
