// How long it takes to know what 2,000 files of migrations are: read, told apart, cut into their
// statements, hashed; and what lint finds in them. Against reading their bytes and nothing else.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "engine/check.h"
#include "engine/migrate/folder.h"
#include "engine/migrate/lint.h"
#include "tests/bench/measure.h"
#include "tests/doubles/temp_folder.h"

namespace drydock::bench {
namespace {

constexpr int kMigrations = 1'000;  // two files each
constexpr int kRounds = 9;
constexpr double kWantedSeconds = 0.5;
constexpr int kLongStatements = 60'000;
constexpr double kWantedLintSeconds = 1;  // reading included

std::string table(int number) {
    const std::string name = "things_" + std::to_string(number);
    return "-- What belongs to " + name + "; and why.\ncreate table " + name +
           " (\n    id bigint generated always as identity primary key,\n    name text not null "
           "default 'it''s; fine' check (length(name) < 200),\n    made timestamptz not null "
           "default now(),\n    price numeric(10, 2)\n);\n\ncreate index " +
           name + "_name on " + name + " (lower(name), made desc);\n";
}

std::string function(int number) {
    return "create or replace function touch_" + std::to_string(number) +
           "() returns trigger as $body$\nbegin\n    /* not; here */\n    new.made := now();\n    "
           "return new;\nend;\n$body$ language plpgsql;\n\ninsert into settings (key, value) "
           "values ('a', 'b;c'), ('d', E'e\\'f'), ('g', $$h;i$$);\n";
}

void write(const TempFolder& folder, const std::string& name, const std::string& text) {
    std::ofstream(folder.file(name), std::ios::binary) << text;
}

// One file that brings many rows and alters many tables: looked at in time that grows with it.
void lint_long_file() {
    const TempFolder folder;
    std::string text;
    for (int number = 0; number < kLongStatements / 3; ++number) {
        const std::string digits = std::to_string(number);
        text += "update t set a = " + digits + " where id = " + digits +
                ";\ninsert into u select " + digits + ";\n";
    }
    for (int number = 0; number < kLongStatements / 3; ++number)
        text += "alter table t" + std::to_string(number) + " add x int;\n";
    write(folder, "1_long.up.sql", text);
    const migrate::ReadResult found = migrate::read_folder(folder.path(), {});
    CHECK(found.folder.has_value());
    const double looked = median_seconds(
        kRounds, [&] { CHECK(!migrate::lint(*found.folder, {}).empty()); });
    report("a file of 60,000 statements linted", looked, "s", "under 1",
           looked < kWantedLintSeconds);
}

}  // namespace

void migrate_bench() {
    const TempFolder folder;
    std::size_t bytes = 0;
    for (int number = 1; number <= kMigrations; ++number) {
        const std::string name = std::to_string(number) + "_things";
        const std::string up = table(number) + function(number) + table(number + kMigrations);
        write(folder, name + ".up.sql", up);
        write(folder, name + ".down.sql",
              "drop table if exists things_" + std::to_string(number) + ";\n");
        bytes += up.size();
    }
    const double raw = median_seconds(kRounds, [&] {
        std::size_t seen = 0;
        for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
            std::ifstream file(entry.path(), std::ios::binary);
            seen += std::string(std::istreambuf_iterator<char>(file), {}).size();
        }
        CHECK(seen > bytes);
    });
    const double read = median_seconds(kRounds, [&] {
        const migrate::ReadResult found = migrate::read_folder(folder.path(), {});
        CHECK(found.folder && found.folder->migrations.size() == kMigrations);
    });
    report("2,000 files of migrations read and cut", read, "s", "under 0.5",
           read < kWantedSeconds);
    const double looked = median_seconds(kRounds, [&] {
        const migrate::ReadResult found = migrate::read_folder(folder.path(), {});
        CHECK(found.folder && migrate::lint(*found.folder, {}).size() >= kMigrations);
    });
    report("2,000 files of migrations read and linted", looked, "s", "under 1",
           looked < kWantedLintSeconds);
    lint_long_file();
    note(std::to_string(bytes >> 10) + " KiB; their bytes alone: " + std::to_string(raw) + " s");
}

}  // namespace drydock::bench
