PRAGMA foreign_keys=OFF;
--#
BEGIN TRANSACTION;
--#
CREATE TABLE goods (id INTEGER, 'quoted;name' TEXT, "select" INT, [from;where] BLOB);
--#
INSERT INTO goods VALUES(1,'-- no; comment',NULL,X'00ff3b');
--#
INSERT INTO goods VALUES(2,replace('a\nb;c','\n',char(10)),-1.5e-07,x'');
--#
INSERT INTO "goods" ("id", 'quoted;name') VALUES (4, 'BEGIN; SELECT 1; END;');
--#
CREATE TABLE IF NOT EXISTS "go;ods" AS SELECT id AS "i;d", `select` FROM goods WHERE [from;where] IS NOT x'3b';
--#
CREATE TRIGGER [tr;1] AFTER UPDATE OF "select" ON goods WHEN new."select" IS NOT old."select" BEGIN
    UPDATE goods SET 'quoted;name' = CASE WHEN new.id = 1 THEN ';' END WHERE id = new.id;
    INSERT INTO goods SELECT id, ';', CASE id WHEN 1 THEN CASE WHEN 2 THEN 3 END END, NULL FROM goods LIMIT 0;
END;
--#
UPDATE goods SET "select" = "select" + 1 WHERE id = 1;
--#
CREATE INDEX "i;2" ON goods (id) WHERE "quoted;name" LIKE '%;%' -- partial;
;
--#
COMMIT;
