create index idx_threats_threat_model_id_created_at on threats (threat_model_id, created_at desc);
create index idx_documents_threat_model_id on documents (threat_model_id);
create index idx_sources_threat_model_id on sources (threat_model_id);
create index idx_metadata_entity_type_entity_id on metadata (entity_type, entity_id);
create index idx_threat_model_access_user_email on threat_model_access (user_email);
