#include "engine/sql/copy.h"

#include "engine/sql/placeholders.h"

namespace drydock::sql {

std::string quoted_table(std::string_view table, Dialect dialect) {
    const std::size_t dot = dialect == Dialect::Postgres ? table.find('.') : table.npos;
    if (dot == table.npos) return quoted_identifier(table, dialect);
    return quoted_identifier(table.substr(0, dot), dialect) + "." +
           quoted_identifier(table.substr(dot + 1), dialect);
}

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
                         const std::vector<std::string>& columns, const Database::RowSource& next) {
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

std::string blob_text(std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text = "\\x";
    text.reserve(2 + bytes.size() * 2);
    for (const char c : bytes) {
        text += kDigits[static_cast<unsigned char>(c) >> 4];
        text += kDigits[static_cast<unsigned char>(c) & 15];
    }
    return text;
}

void append_copy_field(std::string& line, std::optional<std::string_view> text) {
    if (!text) {
        line += "\\N";
        return;
    }
    if (text->find_first_of("\\\t\n\r") == text->npos) {
        line += *text;
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
