#include "engine/sql/copy_out.h"

#include <optional>

#include "engine/sql/copy.h"
#include "engine/sql/placeholders.h"

namespace drydock::sql {
namespace {

constexpr std::size_t kPiece = 256 << 10;

void append_csv_field(std::string& line, std::optional<std::string_view> text) {
    if (!text) return;
    // Alone on a line, \. would end the data.
    const bool plain = !text->empty() && *text != "\\." &&
                       text->find_first_of("\",\n\r") == std::string_view::npos;
    if (plain) {
        line += *text;
        return;
    }
    line += '"';
    for (const char c : *text) {
        if (c == '"') line += '"';
        line += c;
    }
    line += '"';
}

// Makes lines and gives them away when there are enough for a piece.
class LineWriter final {
  public:
    LineWriter(CopyFormat format, const PieceSink& sink) : format_(format), sink_(sink) {}

    void header(const std::vector<std::string>& names) {
        for (std::size_t i = 0; i < names.size(); ++i) field(i, names[i]);
        lines_ += '\n';
    }
    void row(const Row& row) {
        for (std::size_t i = 0; i < row.size(); ++i) field(i, row.text(i, room_));
        lines_ += '\n';
        ++rows_;
        if (lines_.size() >= kPiece) give();
    }
    // The last piece.
    void finish() {
        if (!lines_.empty()) give();
    }

  private:
    void field(std::size_t column, std::optional<std::string_view> text) {
        if (format_ == CopyFormat::Csv) {
            if (column > 0) lines_ += ',';
            append_csv_field(lines_, text);
        } else {
            if (column > 0) lines_ += '\t';
            append_copy_field(lines_, text);
        }
    }
    void give() {
        sink_(lines_, rows_);
        lines_.clear();
    }

    CopyFormat format_;
    const PieceSink& sink_;
    std::string lines_;
    std::string room_;
    std::int64_t rows_ = 0;
};

}  // namespace

std::string select_all(std::string_view table, const std::vector<std::string>& columns,
                       Dialect dialect) {
    std::string names;
    for (const std::string& column : columns)
        names += (names.empty() ? "" : ", ") + quoted_identifier(column, dialect);
    return "select " + (names.empty() ? "*" : names) + " from " + quoted_table(table, dialect);
}

std::int64_t copy_out(StepSession& session, const CopyOut& wanted, const PieceSink& sink) {
    LineWriter writer(wanted.format, sink);
    if (wanted.header) writer.header(session.column_names(wanted.statement, wanted.arguments));
    const std::int64_t rows =
        session.each(wanted.statement, wanted.arguments, [&](const Row& row) {
            writer.row(row);
            return true;
        });
    writer.finish();
    return rows;
}

}  // namespace drydock::sql
