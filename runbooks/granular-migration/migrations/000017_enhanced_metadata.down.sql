alter table metadata drop constraint metadata_entity_type_check;
alter table metadata drop column modified_at;
drop table entity_types;
