#include "engine/sql/copy.h"

namespace drydock::sql {

InsertStatement insert_statement(std::string_view table, const std::vector<std::string>& columns) {
    InsertStatement made;
    std::string names, values;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const std::string number = std::to_string(i);
        if (i > 0) names += ", ", values += ", ";
        names += ":\"c" + number + "\"";
        values += ":v" + number;
        made.arguments.named["c" + number] = columns[i];
    }
    made.arguments.named["table"] = table;
    made.text = "insert into :\"table\" (" + names + ") values (" + values + ")";
    return made;
}

std::int64_t insert_rows(Database& database, std::string_view table,
                         const std::vector<std::string>& columns,
                         const Database::RowSource& next) {
    InsertStatement insert = insert_statement(table, columns);
    std::vector<Value> row(columns.size());
    std::int64_t copied = 0;
    while (next(row)) {
        for (std::size_t i = 0; i < row.size(); ++i)
            insert.arguments.named["v" + std::to_string(i)] = std::move(row[i]);
        copied += database.run(insert.text, insert.arguments, Access::Write, {});
    }
    return copied;
}

void append_copy_field(std::string& line, const std::optional<std::string>& text) {
    if (!text) {
        line += "\\N";
        return;
    }
    for (const char c : *text) {
        switch (c) {
            case '\\': line += "\\\\"; break;
            case '\t': line += "\\t"; break;
            case '\n': line += "\\n"; break;
            case '\r': line += "\\r"; break;
            default: line += c;
        }
    }
}

}  // namespace drydock::sql
