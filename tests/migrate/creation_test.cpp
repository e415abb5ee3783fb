#include "engine/migrate/creation.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "engine/error.h"
#include "engine/migrate/folder.h"
#include "tests/doubles/temp_folder.h"

namespace drydock::migrate {
namespace {

const Timestamp kNow{1'795'309'445'000'000};  // 2026-11-22T01:04:05Z

// A folder in which migrations are made and read again.
class Creation : public testing::Test {
  protected:
    std::vector<NewFile> next(const std::string& name, Timestamp now = kNow) {
        return next_migration(folder_, name, now);
    }
    // Makes the files and reads the folder.
    std::string make(const std::string& name, Timestamp now = kNow) {
        std::string paths;
        for (const NewFile& file : next(name, now)) {
            put(file.path, file.text);
            paths += (paths.empty() ? "" : " ") + file.path;
        }
        read();
        return paths;
    }
    void put(const std::string& path, const std::string& text) {
        const std::filesystem::path place = std::filesystem::path(place_.path()) / path;
        std::filesystem::create_directories(place.parent_path());
        std::ofstream(place) << text;
    }
    void read() {
        ReadOptions options;
        options.format = folder_.format;
        ReadResult result = read_folder(place_.path(), options);
        ASSERT_TRUE(result.folder) << runbook::to_text(result.problems.front());
        folder_ = std::move(*result.folder);
    }
    void of(Format format) { folder_.format = format; }

    TempFolder place_;
    Folder folder_;
};

TEST_F(Creation, EachFormatGetsFilesThatAreReadAgain) {
    const std::vector<std::tuple<Format, std::string, std::string>> formats{
        {Format::GolangMigrate, "000001_add_a.up.sql 000001_add_a.down.sql",
         "000002_add_b.up.sql 000002_add_b.down.sql"},
        {Format::SqlMigrate, "001_add_a.sql", "002_add_b.sql"},
        {Format::Goose, "00001_add_a.sql", "00002_add_b.sql"},
        {Format::Dbmate, "20261122010405_add_a.sql", "20261122010406_add_b.sql"},
        {Format::Flyway, "V1__add_a.sql", "V2__add_b.sql"},
        {Format::Diesel, "2026-11-22-010405_add_a/up.sql 2026-11-22-010405_add_a/down.sql",
         "2026-11-22-010406_add_b/up.sql 2026-11-22-010406_add_b/down.sql"}};
    for (const auto& [format, first, second] : formats) {
        SCOPED_TRACE(format_name(format));
        for (const auto& entry : std::filesystem::directory_iterator(place_.path()))
            std::filesystem::remove_all(entry);
        folder_ = {};
        of(format);
        EXPECT_EQ(make("add_a"), first);
        EXPECT_EQ(make("add_b", Timestamp{kNow.micros + 1'000'000}), second);
        EXPECT_EQ(folder_.migrations.size(), 2U);
    }
}

TEST_F(Creation, TheNumberIsTheNextOneAsWideAsTheLast) {
    put("0099_add_a.up.sql", "select 1;");
    put("0100_add_b.up.sql", "select 1;");
    read();
    EXPECT_EQ(next("add_c").front().path, "0101_add_c.up.sql");
    put("9999_add_d.up.sql", "select 1;");
    read();
    EXPECT_EQ(next("add_c").front().path, "10000_add_c.up.sql");
}

TEST_F(Creation, AProgramBetweenThemHasItsNumber) {
    of(Format::Goose);
    put("00001_add_a.sql", "-- +goose Up\nselect 1;\n");
    put("00002_add_b.go", "package migrations");
    read();
    EXPECT_EQ(next("add_c").front().path, "00003_add_c.sql");
}

TEST_F(Creation, DatesGoOnAsDates) {
    put("20240102030405_add_a.up.sql", "select 1;");
    read();
    EXPECT_EQ(next("add_c").front().path, "20261122010405_add_c.up.sql");
}

TEST_F(Creation, AVersionOfSeveralPartsGoesOnInItsLast) {
    of(Format::Flyway);
    put("V1.9__add_a.sql", "select 1;");
    put("U1.9__add_a.sql", "select 1;");
    read();
    EXPECT_EQ(make("add_b"), "V1.10__add_b.sql U1.10__add_b.sql");
}

TEST_F(Creation, WhatIsTakenOrCannotComeAfterIsRefused) {
    put("20991231235959_add_a.up.sql", "select 1;");
    read();
    EXPECT_THROW((void)next("add_a"), Error);
    EXPECT_THROW((void)next("add_b"), Error);
    for (const char* name : {"", "Add", "add tags", "_add", "add_", "a__b", "../add", "add;drop"})
        EXPECT_THROW((void)next(name), Error) << name;
}

}  // namespace
}  // namespace drydock::migrate
