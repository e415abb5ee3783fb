#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "engine/backup/job.h"
#include "engine/backup/sqlite_backup.h"
#include "engine/error.h"
#include "engine/files/confined.h"
#include "engine/sqlite/connection.h"
#include "tests/sqlite/temp_folder.h"

namespace drydock::backup {

inline constexpr std::int64_t kDay = 86'400'000'000;
// 2026-11-21T02:00:00Z
inline constexpr Timestamp kNight{1'795'226'400'000'000};

// A database app.db, a folder for backups, and verbs.
class BackupTest : public testing::Test {
  protected:
    BackupTest() {
        std::filesystem::create_directory(backups());
        outside(database(),
                "create table users (id integer primary key, name text, unique (name))");
        fill(database(), 1, 3000);
    }

    [[nodiscard]] std::string database() const { return real_ + "/app.db"; }
    [[nodiscard]] std::string backups() const { return real_ + "/backups"; }
    [[nodiscard]] std::string file(const std::string& name) const { return real_ + "/" + name; }

    static void outside(const std::string& path, const std::string& sql) {
        sqlite::Connection other(path, {.mode = sqlite::Mode::Create});
        other.exec(sql);
    }
    static void fill(const std::string& path, int from, int to) {
        outside(path, "with recursive n(i) as (select " + std::to_string(from) +
                          " union all select i + 1 from n where i < " + std::to_string(to) +
                          ") insert into users select i, printf('user %06d %s', i, "
                          "hex(zeroblob(40))) from n");
    }
    static std::int64_t number(const std::string& path, const std::string& query) {
        sqlite::Connection other(path, {.mode = sqlite::Mode::ReadOnly});
        sqlite::Statement statement = other.prepare(query);
        statement.step();
        return statement.column_int(0);
    }
    static std::string bytes(const std::string& path) {
        std::ifstream stream(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }
    // Overwrites bytes, as a broken disk would.
    static void damage(const std::string& path, std::int64_t offset, std::size_t length) {
        std::fstream stream(path, std::ios::in | std::ios::out | std::ios::binary);
        stream.seekp(offset);
        stream << std::string(length, '\x55');
    }
    static Error failure(const std::function<void()>& act) {
        try {
            act();
        } catch (const Error& error) {
            return error;
        }
        return {ErrorCode::Check, "nothing failed"};
    }

    Found take(Timestamp at, bool compress = false) {
        return take_backup(job_, {.source = database(),
                                  .folder = backups(),
                                  .at = at,
                                  .compress = compress,
                                  .seal_with = {}});
    }

    tests::TempFolder folder_;
    std::string real_ = std::filesystem::canonical(folder_.path()).string();
    files::OpenDatabases databases_;
    files::Confined files_{{real_}, real_, databases_};
    std::vector<std::string> warnings_;
    Job job_{.files = files_,
             .run = "01RUN",
             .check_stop = [] {},
             .must_stop = [] { return false; },
             .progress = [](std::int64_t, std::int64_t, std::string_view) {},
             .warn = [this](std::string_view text) { warnings_.emplace_back(text); }};
};

}  // namespace drydock::backup
