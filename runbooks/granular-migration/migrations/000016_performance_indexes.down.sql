drop index idx_threat_model_access_user_email;
drop index idx_metadata_entity_type_entity_id;
drop index idx_sources_threat_model_id;
drop index idx_documents_threat_model_id;
drop index idx_threats_threat_model_id_created_at;
update schema_migrations set version = 15;
