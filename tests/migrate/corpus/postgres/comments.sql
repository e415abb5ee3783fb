-- A comment; with a semicolon, before the first statement.
/* and; another */ select 1;
--#
select 1 -- one;
+ 1;
--#
select 1 /* ; */ + /* /* nested; */ ; */ 1;
--#
select /* a */ /* b; */ 1 -- last
;
--#
;;; select 2 ;;;
--#
/* /* */ ; /* /* ; */ */ */ select 3;
--#
select '/*', 4 /* ' ; */;
--#
select 5 /* $$ ; */, $$ /* $$;
--#
select 6 -- '
;
--#
select 7 -- $$
; -- $$
--#
select 8 --
;
--#
select 9---1;
+ 0;
--#
select 10 - -1;
--#
select 11 /**/;
--#
select 12 /***/ + /* **/ 1;
--#
select 13 /*/ ; */;
--#
select 14 /* * / ; */;
--#
select 15 --/* ;
;
--#
select 16 /* -- */ ;
--#
select 17
-- +migrate Down;
/* \. */
;
--#
select 18 -- a carriage return alone ends this comment as well
;
--#
select 19 -- ended;, 20;
--#
select 21;
--#
select22;
