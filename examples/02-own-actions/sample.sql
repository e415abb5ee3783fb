create table tenants (name text primary key, state text not null default 'active');
insert into tenants (name) values ('acme'), ('birch'), ('cedar');
update tenants set state = 'leaving' where name in ('acme', 'cedar');
create table documents (id integer primary key, tenant text not null, title text not null);
insert into documents (tenant, title) values
  ('acme', 'Offer'), ('acme', 'Invoice'), ('birch', 'Plan'), ('cedar', 'Letter');
