#include "engine/backup/compare.h"

#include <algorithm>
#include <set>

#include "engine/backup/copy.h"
#include "engine/error.h"
#include "engine/sql/placeholders.h"
#include "engine/sqlite/connection.h"

namespace drydock::backup {
namespace {

using Names = std::set<std::string>;

Names names_of(sqlite::Connection& both, const std::string& query, std::string_view argument) {
    Names names;
    sqlite::Statement statement = both.prepare(query);
    if (statement.parameter_count() > 0) statement.bind(1, argument);
    while (statement.step())
        names.emplace(statement.column_text(0));
    return names;
}

Names tables_of(sqlite::Connection& both, const std::string& side) {
    return names_of(
        both,
        "select name from " + side +
            ".sqlite_schema where type = 'table' and name not like 'sqlite\\_%' escape '\\' "
            "and name <> 'drydock_receipts' and sql not like 'create virtual %'",
        {});
}

Names columns_of(sqlite::Connection& both, const std::string& side, const std::string& table) {
    return names_of(both, "select name from pragma_table_xinfo(?, '" + side + "') where hidden = 0",
                    table);
}

std::int64_t count(sqlite::Connection& both, const std::string& query) {
    sqlite::Statement statement = both.prepare("select count(*) from (" + query + ")");
    statement.step();
    return statement.column_int(0);
}

TableDifference compare_table(sqlite::Connection& both, const std::string& table) {
    TableDifference difference{.table = table};
    const Names left = columns_of(both, "main", table);
    const Names right = columns_of(both, "other", table);
    difference.other_columns = left != right;
    std::string columns;
    for (const std::string& column : left) {
        if (!right.contains(column)) continue;
        columns += (columns.empty() ? "" : ", ") + sql::quoted_identifier(column);
    }
    const std::string name = sql::quoted_identifier(table);
    if (columns.empty()) {
        difference.only_left = count(both, "select 1 from main." + name);
        difference.only_right = count(both, "select 1 from other." + name);
        return difference;
    }
    const std::string of_left = "select " + columns + " from main." + name;
    const std::string of_right = "select " + columns + " from other." + name;
    difference.only_left = count(both, of_left + " except " + of_right);
    difference.only_right = count(both, of_right + " except " + of_left);
    return difference;
}

}  // namespace

Comparison compare(Job& job, const std::string& left, const std::string& right) {
    const PlainCopy left_copy(job, left, left + ".compare");
    const PlainCopy right_copy(job, right, right + ".compare");
    sqlite::Connection both(left_copy.path(), {.mode = sqlite::Mode::ReadOnly});
    both.set_stop(job.must_stop);
    // The attached file is opened as the connection is: read-only.
    both.prepare("attach ? as other").bind(1, std::string_view(right_copy.path())).run();
    const Names of_left = tables_of(both, "main");
    const Names of_right = tables_of(both, "other");
    Names all = of_left;
    all.insert(of_right.begin(), of_right.end());
    Comparison comparison;
    for (const std::string& table : all) {
        job.check_stop();
        const std::string name = sql::quoted_identifier(table);
        TableDifference difference{.table = table};
        if (!of_right.contains(table)) {
            difference.only_left = count(both, "select 1 from main." + name);
        } else if (!of_left.contains(table)) {
            difference.only_right = count(both, "select 1 from other." + name);
        } else {
            difference = compare_table(both, table);
        }
        comparison.only_left += difference.only_left;
        comparison.only_right += difference.only_right;
        const bool same = of_left.contains(table) && of_right.contains(table) &&
                          difference.only_left == 0 && difference.only_right == 0 &&
                          !difference.other_columns;
        if (!same) comparison.tables.push_back(std::move(difference));
    }
    return comparison;
}

std::string summary(const Comparison& comparison) {
    if (comparison.tables.empty()) return "the same rows in every table";
    std::string text;
    for (const TableDifference& table : comparison.tables) {
        text += (text.empty() ? "" : "; ") + table.table + ": " + std::to_string(table.only_left) +
                " only left, " + std::to_string(table.only_right) + " only right";
        if (table.other_columns) text += ", other columns";
    }
    return text;
}

}  // namespace drydock::backup
