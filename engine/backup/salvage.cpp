#include "engine/backup/salvage.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "engine/error.h"
#include "engine/sql/placeholders.h"
#include "engine/sqlite/connection.h"
#include "engine/sqlite/errors.h"

namespace drydock::backup {
namespace {

constexpr std::int64_t kLastRowid = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kRowsBetweenStops = 1000;

constexpr std::string_view kSchema = R"(
select type, name, tbl_name, sql from sqlite_schema
 where sql is not null and name not like 'sqlite\_%' escape '\')";

struct SchemaEntry {
    std::string type;
    std::string name;
    std::string table;
    std::string sql;
    [[nodiscard]] bool is_virtual() const {
        constexpr std::string_view kVirtual = "create virtual ";
        return sql.size() > kVirtual.size() &&
               std::equal(kVirtual.begin(), kVirtual.end(), sql.begin(), [](char low, char c) {
                   return low == (c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
               });
    }
};

// Runs `read`; false when the file was too damaged for it. Every other failure goes on.
template <class Read>
bool readable(const Read& read) {
    try {
        read();
        return true;
    } catch (const Error& error) {
        if (sqlite::is_damage(error) || error.code_text() == "SQLITE_IOERR_SHORT_READ")
            return false;
        throw;
    }
}

// Copies the rows of one table.
class TableSalvage final {
  public:
    TableSalvage(Job& job, sqlite::Connection& from, sqlite::Connection& to,
                 const std::string& table)
        : job_(job), from_(from), to_(to), table_(table), name_(sql::quoted_identifier(table)) {}

    void run(Salvaged& result) {
        std::string columns;
        std::string places;
        list_columns(columns, places);
        insert_.emplace(to_.prepare("insert or ignore into " + name_ + " (" + columns +
                                    ") values (" + places + ")"));
        rowid_ = has_rowid();
        if (rowid_) {
            copy_by_rowid(columns);
        } else {
            copy_from_both_ends(columns);
        }
        result.rows_read += rows_;
        if (!damaged_) return;
        const auto total = count_by_index();
        const std::int64_t lost = total ? std::max<std::int64_t>(*total - rows_, 0) : gap_;
        if (!total) result.lost_is_exact = false;
        result.rows_lost += lost;
        const std::string told = total  ? std::to_string(lost)
                               : rowid_ ? "at most " + std::to_string(lost)
                                        : "an unknown number";
        result.problems.push_back("table " + table_ + ": " + std::to_string(rows_) +
                                  " rows read, " + told + " lost");
    }

  private:
    void list_columns(std::string& columns, std::string& places) {
        sqlite::Statement info =
            to_.prepare("select name from pragma_table_xinfo(?) where hidden = 0");
        info.bind(1, std::string_view(table_));
        while (info.step()) {
            columns += (columns.empty() ? "" : ", ") + sql::quoted_identifier(info.column_text(0));
            places += places.empty() ? "?" : ", ?";
            ++width_;
        }
    }

    bool has_rowid() {
        sqlite::Statement info =
            to_.prepare("select wr from pragma_table_list where schema = 'main' and name = ?");
        info.bind(1, std::string_view(table_));
        return info.step() && info.column_int(0) == 0;
    }

    void keep(const sqlite::Statement& row, int first) {
        for (int i = 0; i < width_; ++i)
            copy_column(row, first + i, i + 1);
        insert_->run();
        rows_ += to_.changes();
        if (++since_stop_ < kRowsBetweenStops) return;
        since_stop_ = 0;
        job_.progress(rows_, 0, "rows of " + table_);
        job_.check_stop();
    }

    void copy_column(const sqlite::Statement& row, int column, int parameter) {
        switch (row.column_type(column)) {
            case sqlite::ColumnType::Integer:
                insert_->bind(parameter, row.column_int(column));
                break;
            case sqlite::ColumnType::Real: insert_->bind(parameter, row.column_real(column)); break;
            case sqlite::ColumnType::Text: insert_->bind(parameter, row.column_text(column)); break;
            case sqlite::ColumnType::Blob:
                insert_->bind_blob(parameter, row.column_blob(column));
                break;
            case sqlite::ColumnType::Null: insert_->bind_null(parameter); break;
        }
    }

    void copy_by_rowid(const std::string& columns) {
        sqlite::Statement rows = from_.prepare("select rowid, " + columns + " from " + name_ +
                                               " not indexed where rowid >= ? order by rowid");
        std::int64_t next = std::numeric_limits<std::int64_t>::min();
        for (;;) {
            const bool whole = readable([&] {
                rows.bind(1, next);
                while (rows.step()) {
                    const std::int64_t rowid = rows.column_int(0);
                    keep(rows, 1);
                    if (rowid == kLastRowid) break;
                    next = rowid + 1;
                }
                rows.reset();
            });
            if (whole) return;
            damaged_ = true;
            const auto edge = beyond_damage(next);
            if (!edge) return;
            gap_ += *edge - next;
            next = *edge;
        }
    }

    // Whether a row at or after `rowid` can be read; which one.
    std::optional<std::int64_t> first_from(std::int64_t rowid) {
        std::optional<std::int64_t> found;
        const bool read = readable([&] {
            if (!seek_)
                seek_.emplace(
                    from_.prepare("select rowid, * from " + name_ +
                                  " not indexed where rowid >= ? order by rowid limit 1"));
            seek_->bind(1, rowid);
            if (seek_->step()) found = seek_->column_int(0);
            seek_->reset();
        });
        return read ? found : std::nullopt;
    }

    // The first row id after the damage that begins at `bad`; nothing when no row is behind it.
    std::optional<std::int64_t> beyond_damage(std::int64_t bad) {
        if (bad == std::numeric_limits<std::int64_t>::min()) bad = smallest_guess();
        std::int64_t low = bad;
        constexpr std::int64_t kLongestLeap = std::int64_t{1} << 61;  // its double still fits
        for (std::int64_t leap = 1; leap <= kLongestLeap && bad <= kLastRowid - leap; leap *= 2) {
            const std::int64_t high = bad + leap;
            if (first_from(high)) return nearest(low, high);
            low = high;
            job_.check_stop();
        }
        gap_ += std::max<std::int64_t>(largest_guess() - bad, 0);
        return std::nullopt;
    }

    // The smallest row id above `low` from which reading works, by halving.
    std::int64_t nearest(std::int64_t low, std::int64_t high) {
        while (high - low > 1) {
            const std::int64_t middle = low + (high - low) / 2;
            (first_from(middle) ? high : low) = middle;
        }
        return high;
    }

    // When the very first page fails, row ids most likely begin at 1.
    std::int64_t smallest_guess() {
        std::int64_t least = 0;
        readable([&] {
            sqlite::Statement smallest = from_.prepare("select min(rowid) from " + name_);
            if (smallest.step()) least = std::min(least, smallest.column_int(0));
        });
        return least;
    }

    std::int64_t largest_guess() {
        std::int64_t most = 0;
        readable([&] {
            sqlite::Statement largest = from_.prepare("select max(rowid) from " + name_);
            if (largest.step()) most = largest.column_int(0);
        });
        return most;
    }

    void copy_from_both_ends(const std::string& columns) {
        std::string key;
        sqlite::Statement info =
            to_.prepare("select name from pragma_table_xinfo(?) where pk > 0 order by pk");
        info.bind(1, std::string_view(table_));
        while (info.step())
            key += (key.empty() ? "" : ", ") + sql::quoted_identifier(info.column_text(0));
        if (copy_ordered(columns, key)) return;
        damaged_ = true;
        std::string backwards;
        for (std::size_t from = 0; from < key.size();) {
            const std::size_t comma = std::min(key.find(", ", from), key.size());
            backwards += (backwards.empty() ? "" : ", ") + key.substr(from, comma - from) + " desc";
            from = comma + 2;
        }
        copy_ordered(columns, backwards);
    }

    bool copy_ordered(const std::string& columns, const std::string& order) {
        return readable([&] {
            sqlite::Statement rows =
                from_.prepare("select " + columns + " from " + name_ + " order by " + order);
            while (rows.step())
                keep(rows, 0);
        });
    }

    // How many rows there were, told by a whole index that holds all of them. For count(*) SQLite
    // would choose the table itself, in spite of INDEXED BY.
    std::optional<std::int64_t> count_by_index() {
        std::optional<std::int64_t> count;
        if (!rowid_) return count;
        sqlite::Statement indexes =
            to_.prepare("select name from pragma_index_list(?) where partial = 0");
        indexes.bind(1, std::string_view(table_));
        while (!count && indexes.step()) {
            const std::string index = sql::quoted_identifier(indexes.column_text(0));
            readable([&] {
                sqlite::Statement rows =
                    from_.prepare("select count(rowid) from " + name_ + " indexed by " + index);
                if (rows.step()) count = rows.column_int(0);
            });
        }
        return count;
    }

    Job& job_;
    sqlite::Connection& from_;
    sqlite::Connection& to_;
    std::string table_;
    std::string name_;
    int width_ = 0;
    bool rowid_ = true;
    std::optional<sqlite::Statement> insert_;
    std::optional<sqlite::Statement> seek_;
    std::int64_t rows_ = 0;
    std::int64_t gap_ = 0;
    std::int64_t since_stop_ = 0;
    bool damaged_ = false;
};

std::vector<SchemaEntry> read_schema(sqlite::Connection& from) {
    std::vector<SchemaEntry> entries;
    sqlite::Statement schema = from.prepare(kSchema);
    while (schema.step()) {
        entries.push_back({.type = std::string(schema.column_text(0)),
                           .name = std::string(schema.column_text(1)),
                           .table = std::string(schema.column_text(2)),
                           .sql = std::string(schema.column_text(3))});
    }
    return entries;
}

void copy_settings(sqlite::Connection& from, sqlite::Connection& to) {
    for (const char* const name : {"page_size", "encoding", "user_version", "application_id"}) {
        readable([&] {
            sqlite::Statement value = from.prepare("pragma " + std::string(name));
            if (value.step())
                to.exec("pragma " + std::string(name) + " = '" + std::string(value.column_text(0)) +
                        "'");
        });
    }
}

// Makes an entry in the copy; what cannot be made (a unique index over rows that came twice) is
// told.
void make(sqlite::Connection& to, const SchemaEntry& entry, Salvaged& result) {
    try {
        if (!entry.is_virtual()) return to.exec(entry.sql);
        // Its shadow tables are there as plain tables, so that CREATE would refuse: entered by
        // hand.
        to.exec("pragma writable_schema = on");
        to.prepare(
              "insert into sqlite_schema (type, name, tbl_name, rootpage, sql) values ('table', ?, "
              "?, 0, ?)")
            .bind(1, std::string_view(entry.name))
            .bind(2, std::string_view(entry.table))
            .bind(3, std::string_view(entry.sql))
            .run();
        to.exec("pragma writable_schema = off");
    } catch (const Error& error) {
        if (error.code() != ErrorCode::Sql) throw;
        result.problems.push_back(entry.type + " " + entry.name + ": " + error.message());
    }
}

}  // namespace

Salvaged salvage(Job& job, const std::string& from, const std::string& to) {
    Salvaged result;
    result.path = to;
    job.files.write(to, "");
    sqlite::Connection source(
        from, {.mode = sqlite::Mode::ReadOnly, .busy_timeout = Microseconds(5'000'000)});
    sqlite::Connection copy(to, {});
    source.set_stop(job.must_stop);
    std::vector<SchemaEntry> schema;
    try {
        schema = read_schema(source);
    } catch (const Error& error) {
        throw Error(ErrorCode::File, "not even the list of tables can be read: " + error.message(),
                    "go back to a backup", error.code_text());
    }
    copy_settings(source, copy);
    copy.exec("begin");
    const auto each = [&](bool wanted_table, const auto& use) {
        for (const SchemaEntry& entry : schema) {
            const bool plain_table = entry.type == "table" && !entry.is_virtual();
            if (plain_table == wanted_table) use(entry);
        }
    };
    each(true, [&](const SchemaEntry& entry) { make(copy, entry, result); });
    each(true, [&](const SchemaEntry& entry) {
        TableSalvage(job, source, copy, entry.name).run(result);
    });
    each(false, [&](const SchemaEntry& entry) { make(copy, entry, result); });
    copy.exec("commit");
    return result;
}

std::string summary(const Salvaged& salvaged) {
    std::string text = std::to_string(salvaged.rows_read) + " rows read, " +
                       (salvaged.lost_is_exact ? "" : "about ") +
                       std::to_string(salvaged.rows_lost) + " lost";
    for (const std::string& problem : salvaged.problems)
        text += "; " + problem;
    return text;
}

}  // namespace drydock::backup
