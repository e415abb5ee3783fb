// A table that a team's own program keeps: a row for each migration that is applied, known by its
// number, its version or its file's name, maybe with a checksum of the file and a time. Nobody but
// that program knows how the table is made, so it has to be there; other columns have defaults.

#include <algorithm>
#include <charconv>
#include <map>

#include "engine/error.h"
#include "engine/migrate/checksum.h"
#include "engine/migrate/tool_table.h"
#include "engine/sql/placeholders.h"

namespace drydock::migrate {
namespace {

std::string checksum_of(const Migration& migration, HomeGrown::Checksum algorithm) {
    const std::string& bytes = migration.up.file->text;
    switch (algorithm) {
        case HomeGrown::Checksum::Sha1: return crypto::legacy_hex(crypto::Legacy::Sha1, bytes);
        case HomeGrown::Checksum::Md5: return crypto::legacy_hex(crypto::Legacy::Md5, bytes);
        case HomeGrown::Checksum::Crc32: {
            const std::uint32_t sum = crc32_ieee(bytes);
            std::string big_endian;
            for (int shift = 24; shift >= 0; shift -= 8)
                big_endian += static_cast<char>((sum >> static_cast<unsigned>(shift)) & 0xFFU);
            return crypto::to_hex(big_endian);
        }
        case HomeGrown::Checksum::Sha256: break;
    }
    return crypto::to_hex(migration.digest);
}

// As a program may have written it: in hex of either case, or a CRC-32 as a number of either sign.
bool is_checksum(const Value& held, const std::string& hex) {
    if (const auto* const number = held.find<std::int64_t>()) {
        std::uint32_t sum = 0;
        std::from_chars(hex.data(), hex.data() + hex.size(), sum, 16);
        return static_cast<std::uint32_t>(*number) == sum;
    }
    const auto* const text = held.find<std::string>();
    return text != nullptr && std::ranges::equal(*text, hex, {}, [](char c) {
               return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
           });
}

class HomeGrownHistory final : public ToolHistory {
  public:
    HomeGrownHistory(sql::Database& database, const Folder& folder, const ToolSettings& settings)
        : how_(*settings.home_grown), table_(database, settings.table) {
        for (const Migration& migration : folder.migrations) {
            if (how_.key == HomeGrown::Key::FileName) {
                files_[migration.up.file->path] = &migration;
                continue;
            }
            files_[migration.version.text] = &migration;
            if (migration.version.parts.size() == 1)
                files_[std::to_string(migration.version.number())] = &migration;
        }
    }

    [[nodiscard]] std::string table() const override { return table_.text(); }

    [[nodiscard]] ToolState read() override {
        ToolState state;
        const std::vector<std::string> columns = table_.columns();
        state.there = !columns.empty();
        if (!state.there) return state;
        for (const std::string* name : named()) require(columns, *name);
        const std::string statement = "select " + column(how_.key_column) + ", " +
                                      column(how_.checksum_column) + ", " +
                                      column(how_.applied_at_column) + " from {} order by " +
                                      column(how_.applied_at_column, "1") + ", 1";
        table_.read(statement, [&](const sql::Row& row) {
            take(row, state);
            return true;
        });
        return state;
    }

    [[nodiscard]] std::vector<sql::AdvisoryKey> locks() override { return {}; }

    void begin(const Passage& /*passage*/) override {}
    void end(const Passage& passage) override {
        if (table_.columns().empty()) {
            throw Error(ErrorCode::Refused,
                        "the table " + table_.text() + " of the migrations' history is not there",
                        "let the program make it whose table it is, then go on");
        }
        const Migration& migration = *passage.migration;
        if (passage.way == Passage::Way::Down) {
            table_.write("delete from {} where " + column(how_.key_column) + " = $1",
                         {key_of(migration)});
            return;
        }
        std::string columns = column(how_.key_column);
        std::string places = "$1";
        std::vector<Value> values{key_of(migration)};
        if (!how_.checksum_column.empty()) {
            columns += ", " + column(how_.checksum_column);
            places += ", $2";
            values.emplace_back(checksum_of(migration, how_.checksum));
        }
        if (!how_.applied_at_column.empty()) {
            columns += ", " + column(how_.applied_at_column);
            places += ", current_timestamp";
        }
        table_.write("insert into {} (" + columns + ") values (" + places + ")",
                     std::move(values));
    }

    void unmark(const Migration* /*newest*/) override {}
    void accept(const Migration& migration) override {
        if (how_.checksum_column.empty()) return;
        table_.write("update {} set " + column(how_.checksum_column) + " = $2 where " +
                         column(how_.key_column) + " = $1",
                     {key_of(migration), checksum_of(migration, how_.checksum)});
    }

  private:
    [[nodiscard]] std::vector<const std::string*> named() const {
        std::vector<const std::string*> names;
        for (const std::string* name :
             {&how_.key_column, &how_.checksum_column, &how_.applied_at_column}) {
            if (!name->empty()) names.push_back(name);
        }
        return names;
    }

    void require(const std::vector<std::string>& columns, std::string name) const {
        const std::string wanted = "has no column " + name;
        std::ranges::transform(name, name.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
        if (std::ranges::find(columns, name) == columns.end()) table_.refuse(columns, wanted);
    }

    [[nodiscard]] std::string column(const std::string& name,
                                     const std::string& otherwise = "null") const {
        return name.empty() ? otherwise : sql::quoted_identifier(name, table_.dialect());
    }

    [[nodiscard]] Value key_of(const Migration& migration) const {
        switch (how_.key) {
            case HomeGrown::Key::Number:
                return static_cast<std::int64_t>(migration.version.number());
            case HomeGrown::Key::Version: return migration.version.text;
            case HomeGrown::Key::FileName: break;
        }
        return migration.up.file->path;
    }

    // A number may be written with noughts before it or without, whatever the file does.
    [[nodiscard]] const Migration* file_of(const std::string& held) const {
        if (const auto found = files_.find(held); found != files_.end()) return found->second;
        if (how_.key == HomeGrown::Key::FileName) return nullptr;
        const std::size_t from = held.find_first_not_of('0');
        const auto found = files_.find(from == held.npos ? held : held.substr(from));
        return found == files_.end() ? nullptr : found->second;
    }

    void take(const sql::Row& row, ToolState& state) const {
        const std::string held = to_text(row.value(0));
        const Migration* const migration = file_of(held);
        const std::string& key = migration == nullptr ? held : migration->key;
        state.applied.push_back(key);
        if (const Value time = row.value(2); !time.is_null()) state.times[key] = to_text(time);
        const Value checksum = row.value(1);
        if (migration == nullptr || checksum.is_null()) return;
        state.same_file[key] = is_checksum(checksum, checksum_of(*migration, how_.checksum));
    }

    HomeGrown how_;
    ToolTable table_;
    std::map<std::string, const Migration*> files_;  // by what the key may be
};

}  // namespace

std::unique_ptr<ToolHistory> home_grown_history(sql::Database& database, const Folder& folder,
                                                const ToolSettings& settings) {
    return std::make_unique<HomeGrownHistory>(database, folder, settings);
}

}  // namespace drydock::migrate
