#pragma once

#include <utility>

#include "engine/postgres/values.h"
#include "engine/sql/postgres_database.h"
#include "engine/sql/split.h"

// What the sources of PostgresDatabase share of reads.
namespace drydock::sql {

// A query or a change of rows: what is known of types stays true after it, and it is no COPY.
[[nodiscard]] bool only_touches_rows(const ScriptStatement& statement);

class ServerRow final : public Row {
  public:
    explicit ServerRow(const postgres::ResultRow& row) : row_(row) {}
    [[nodiscard]] std::size_t size() const override { return row_.size(); }
    [[nodiscard]] std::string_view name(std::size_t column) const override {
        return row_.name(column);
    }
    [[nodiscard]] ValueView view(std::size_t column) const override {
        if (row_.is_null(column)) return {};
        return postgres::decode(row_.type(column), row_.text(column));
    }
    [[nodiscard]] std::optional<std::string_view> text(std::size_t column,
                                                       std::string&) const override {
        if (row_.is_null(column)) return std::nullopt;
        return row_.text(column);
    }

  private:
    const postgres::ResultRow& row_;
};

// Ends a read whatever it is left by, Lua's own unwinding included.
class PostgresDatabase::Reading final {
  public:
    // An empty frame opens nothing.
    Reading(PostgresDatabase& database, ReadFrame frame)
        : database_(database), frame_(std::move(frame)), open_(!frame_.begin.empty()) {
        if (open_) database_.connection_.exec(frame_.begin);
    }
    ~Reading() {
        try {
            end();
        } catch (const Error&) {
            // The session is gone, and the next statement says so.
        }
    }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;
    void end() {
        if (std::exchange(open_, false)) database_.connection_.exec_after_stop(frame_.end);
    }

  private:
    PostgresDatabase& database_;
    ReadFrame frame_;
    bool open_;
};

}  // namespace drydock::sql
