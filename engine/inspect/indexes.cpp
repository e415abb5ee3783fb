#include "engine/inspect/indexes.h"

#include <algorithm>
#include <array>
#include <map>

#include "engine/inspect/health.h"
#include "engine/sql/lexer.h"
#include "engine/sql/placeholders.h"

namespace drydock::inspect {
namespace {

using Kind = IndexFinding::Kind;
using Columns = std::vector<std::string>;

constexpr std::string_view kIndexes = R"(
select l.name, m.tbl_name, l."unique", l.origin = 'c', i.sql
  from sqlite_schema m, pragma_index_list(m.name) l
  left join sqlite_schema i on i.type = 'index' and i.name = l.name
 where m.type = 'table' order by m.tbl_name, l.name)";

constexpr std::string_view kColumns = R"(
select cid, name, "desc", coll from pragma_index_xinfo(?) where key = 1 order by seqno)";

// Columns of each foreign key, in order.
constexpr std::string_view kKeys = R"(
select m.name, k.id, k."table", k."from"
  from sqlite_schema m, pragma_foreign_key_list(m.name) k
 where m.type = 'table' order by m.name, k.id, k.seq)";

// The one column that is the row's number, if the table has one: then it needs no index of it.
constexpr std::string_view kRowId = R"(
select name from pragma_table_xinfo(?) where pk = 1 and upper(type) = 'INTEGER'
   and (select count(*) from pragma_table_xinfo(?) where pk > 0) = 1
   and (select wr = 0 from pragma_table_list where schema = 'main' and name = ?))";

constexpr std::int64_t kMuchChanged = 10;  // times more, or fewer

std::string joined(const Columns& columns) {
    std::string text;
    for (const std::string& column : columns) text += (text.empty() ? "" : ", ") + column;
    return text;
}

bool starts_with(const Columns& longer, const Columns& shorter) {
    return longer.size() >= shorter.size() &&
           std::equal(shorter.begin(), shorter.end(), longer.begin());
}

std::string text_of(std::vector<sql::Token>::const_iterator from,
                    std::vector<sql::Token>::const_iterator to) {
    std::string text;
    for (; from != to; ++from) text += (text.empty() ? "" : " ") + std::string(from->text);
    return text;
}

// CREATE INDEX as it stands in the schema, taken apart at its outermost brackets.
struct Written {
    Columns columns;
    std::string where;
};

Written take_apart(std::string_view create) {
    Written written;
    const std::vector<sql::Token> tokens = sql::lex(create, sql::Dialect::Sqlite);
    int depth = 0;
    auto from = tokens.begin();
    for (auto at = tokens.begin(); at != tokens.end(); ++at) {
        const bool list = written.where.empty() && depth == 1;
        if (at->text == "(" && depth++ == 0)
            from = at + 1;
        else if (at->text == ")" && --depth == 0)
            written.columns.push_back(text_of(from, at));
        else if (at->text == "," && list) {
            written.columns.push_back(text_of(from, at));
            from = at + 1;
        } else if (depth == 0 && at->is("where")) {
            written.where = text_of(at + 1, tokens.end());
            break;
        }
    }
    return written;
}

void add_columns(Looking& looking, IndexFacts& index, const Written& written) {
    sqlite::Statement columns = looking.connection().prepare(kColumns);
    columns.bind(1, std::string_view(index.name));
    for (std::size_t i = 0; columns.step(); ++i) {
        std::string column(columns.column_text(1));
        if (columns.column_int(0) == -2 && i < written.columns.size())
            column = written.columns[i];  // an expression: its collation stands in it
        else if (columns.column_text(3) != "BINARY")
            column += " collate " + std::string(columns.column_text(3));
        if (columns.column_int(2) == 1) column += " desc";
        index.columns.push_back(std::move(column));
    }
}

// The first number of a row of sqlite_stat1 is how many rows the table had.
std::map<std::string, std::int64_t> statistics(Looking& looking) {
    std::map<std::string, std::int64_t> rows;
    if (looking.number("select count(*) from sqlite_schema where name = 'sqlite_stat1'") == 0)
        return rows;
    sqlite::Statement known =
        looking.connection().prepare("select idx, cast(stat as integer) from sqlite_stat1");
    while (known.step()) rows.emplace(known.column_text(0), known.column_int(1));
    return rows;
}

std::string with_columns(const IndexFacts& index) {
    return index.name + " (" + joined(index.columns) + ")" +
           (index.where.empty() ? "" : " where " + index.where);
}

// Of two with the same columns the one that can go: not what keeps rows unique, not SQLite's own.
bool goes_before(const IndexFacts& one, const IndexFacts& other) {
    if (one.unique != other.unique) return !one.unique;
    if (one.declared != other.declared) return one.declared;
    return one.name > other.name;
}

void judge_pair(const IndexFacts& one, const IndexFacts& other,
                std::vector<IndexFinding>& findings) {
    if (one.name == other.name || one.table != other.table || one.where != other.where) return;
    const bool told = std::ranges::find(findings, one.name, &IndexFinding::index) != findings.end();
    if (told) return;
    if (!one.declared || !starts_with(other.columns, one.columns)) return;
    const bool same = one.columns.size() == other.columns.size();
    if (same && goes_before(one, other)) {
        findings.push_back(
            {Kind::Duplicate, one.table, one.name,
             with_columns(one) + " is the same as " + with_columns(other) + ": it can be dropped"});
    } else if (!same && !one.unique) {
        findings.push_back({Kind::Prefix, one.table, one.name,
                            with_columns(one) + " is the beginning of " + with_columns(other) +
                                ": it can be dropped"});
    }
}

void judge_row_ids(Looking& looking, const std::vector<IndexFacts>& indexes,
                   std::vector<IndexFinding>& findings) {
    for (const IndexFacts& index : indexes) {
        if (!index.declared || index.columns.size() != 1 || !index.where.empty()) continue;
        sqlite::Statement row_id = looking.connection().prepare(kRowId);
        for (int i = 1; i <= 3; ++i) row_id.bind(i, std::string_view(index.table));
        if (!row_id.step() || row_id.column_text(0) != index.columns.front()) continue;
        findings.push_back({Kind::RowId, index.table, index.name,
                            with_columns(index) + " repeats the order of the table itself: it can "
                                                  "be dropped"});
    }
}

// Deleting or changing a parent looks for its children: without an index in the whole table.
void judge_key(const std::string& table, const std::string& parent, const Columns& columns,
               const std::vector<IndexFacts>& indexes, std::vector<IndexFinding>& findings) {
    const bool covered = std::ranges::any_of(indexes, [&](const IndexFacts& index) {
        return index.table == table && index.where.empty() && starts_with(index.columns, columns);
    });
    if (covered) return;
    findings.push_back({Kind::MissingForKey,
                        table,
                        {},
                        table + " (" + joined(columns) + ") refers to " + parent +
                            " and has no index: deleting from " + parent + " reads all of " +
                            table});
}

void judge_keys(Looking& looking, const std::vector<IndexFacts>& indexes,
                std::vector<IndexFinding>& findings) {
    sqlite::Statement keys = looking.connection().prepare(kKeys);
    std::string table, parent;
    std::int64_t id = -1;
    Columns columns;
    const auto finish = [&] {
        if (columns.empty()) return;
        sqlite::Statement row_id = looking.connection().prepare(kRowId);
        for (int i = 1; i <= 3; ++i) row_id.bind(i, std::string_view(table));
        const bool is_row_id =
            columns.size() == 1 && row_id.step() && row_id.column_text(0) == columns.front();
        if (!is_row_id) judge_key(table, parent, columns, indexes, findings);
    };
    while (keys.step()) {
        if (keys.column_text(0) != table || keys.column_int(1) != id) {
            finish();
            columns.clear();
        }
        table = keys.column_text(0);
        id = keys.column_int(1);
        parent = keys.column_text(2);
        columns.emplace_back(keys.column_text(3));
    }
    finish();
}

void judge_statistics(Looking& looking, const std::vector<IndexFacts>& indexes,
                      std::vector<IndexFinding>& findings) {
    if (looking.number("select count(*) from sqlite_schema where name = 'sqlite_stat1'") == 0) {
        if (!indexes.empty())
            findings.push_back({Kind::NoStatistics, {}, {},
                                "ANALYZE was never run: the planner guesses which index is best"});
        return;
    }
    std::map<std::string, std::int64_t> rows;
    for (const IndexFacts& index : indexes) {
        if (!rows.contains(index.table)) {
            rows[index.table] =
                looking.number("select count(*) from " + sql::quoted_identifier(index.table));
        }
        const std::int64_t now = rows[index.table];
        // ANALYZE writes nothing of an empty table, and a partial index counts other rows.
        if (!index.rows_at_analyze && now > 0) {
            findings.push_back(
                {Kind::NoStatistics, index.table, index.name,
                 "nothing is known of " + index.name + ": ANALYZE lets the planner know it"});
        }
        if (!index.rows_at_analyze || !index.where.empty()) continue;
        const std::int64_t then = *index.rows_at_analyze;
        if (now < then * kMuchChanged && then < now * kMuchChanged) continue;
        findings.push_back({Kind::OldStatistics, index.table, index.name,
                            index.table + " had " + std::to_string(then) +
                                " rows at the last ANALYZE, now " + std::to_string(now) +
                                ": ANALYZE renews what the planner knows"});
    }
}

}  // namespace

std::string_view kind_name(Kind kind) {
    switch (kind) {
        case Kind::Duplicate: return "duplicate";
        case Kind::Prefix: return "prefix";
        case Kind::RowId: return "row_id";
        case Kind::MissingForKey: return "missing_for_key";
        case Kind::NoStatistics: return "no_statistics";
        case Kind::OldStatistics: break;
    }
    return "old_statistics";
}

std::vector<IndexFacts> indexes_of(Looking& looking) {
    std::vector<IndexFacts> indexes;
    const std::map<std::string, std::int64_t> known = statistics(looking);
    const std::vector<std::string> tables = tables_of(looking);
    sqlite::Statement found = looking.connection().prepare(kIndexes);
    while (found.step()) {
        IndexFacts index{.name = std::string(found.column_text(0)),
                         .table = std::string(found.column_text(1)),
                         .unique = found.column_int(2) == 1,
                         .declared = found.column_int(3) == 1};
        if (std::ranges::find(tables, index.table) == tables.end()) continue;
        const Written written = take_apart(found.column_text(4));
        index.where = written.where;
        add_columns(looking, index, written);
        if (const auto rows = known.find(index.name); rows != known.end())
            index.rows_at_analyze = rows->second;
        indexes.push_back(std::move(index));
    }
    return indexes;
}

std::vector<IndexFinding> judge(Looking& looking, const std::vector<IndexFacts>& indexes) {
    std::vector<IndexFinding> findings;
    for (const IndexFacts& one : indexes) {
        for (const IndexFacts& other : indexes) judge_pair(one, other, findings);
    }
    judge_row_ids(looking, indexes, findings);
    judge_keys(looking, indexes, findings);
    judge_statistics(looking, indexes, findings);
    return findings;
}

}  // namespace drydock::inspect
