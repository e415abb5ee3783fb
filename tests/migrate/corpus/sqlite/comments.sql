-- A comment; with a semicolon.
/* and; another */ select 1;
--#
select 1 -- one;
+ 1;
--#
select 1 /* ; /* not nested; */ ;
--#
select /* a */ 2 /* b; */ -- last;
;
--#
;;; select 3 ;;;
--#
select 4 /* ' ; */, '/*', ';';
--#
select 5 -- '
;
--#
select 6 /* " [ ` ; */;
--#
select 7 --
;
--#
select 8---1;
+ 0;
--#
select 9 - -1;
--#
select 10 /**/;
--#
select 11 /***/ + /* **/ 1;
--#
select 12 /*/ ; */;
--#
select 13 -- /* ;
;
--#
select 14 /* -- */ ;
--#
select 15
-- +migrate Down;
;
--#
select 16 /* line
; line
*/ + 1
