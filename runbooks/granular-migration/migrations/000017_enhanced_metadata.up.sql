create table entity_types (name text primary key, title text not null);
alter table metadata add column modified_at timestamptz;
alter table metadata add constraint metadata_entity_type_check
  check (entity_type in ('threat_model', 'threat', 'diagram', 'document', 'source'));
