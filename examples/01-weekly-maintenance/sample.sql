-- A scanner's database as it looks after a while: a cache of which two thirds have expired.
pragma journal_mode = wal;

create table projects (id integer primary key, name text not null unique);
insert into projects (name) values ('harbour'), ('quay'), ('slipway');

create table vulnerability_cache (
  cve_id           text primary key,
  summary          text not null,
  cache_expires_at text not null
);
with recursive n (i) as (select 1 union all select i + 1 from n where i < 60000)
insert into vulnerability_cache
select printf('CVE-%05d', i),
       printf('%0100d', i),
       case when i % 3 = 0 then '2999-01-01 00:00:00' else '2020-01-01 00:00:00' end
  from n;

create table scans (
  id         integer primary key,
  project_id integer not null references projects (id),
  cve_id     text not null
);
create index scans_by_project on scans (project_id);
insert into scans (project_id, cve_id)
select 1 + (rowid % 3), cve_id from vulnerability_cache where rowid % 6 = 0;
