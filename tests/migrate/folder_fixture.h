#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "engine/migrate/folder.h"
#include "tests/doubles/temp_folder.h"

namespace drydock::migrate {

// A folder of migrations as a team has it, and what is read from it.
class MigrationFolder : public ::testing::Test {
  protected:
    using Texts = std::vector<std::string>;

    void write(const std::string& name, const std::string& text) {
        const std::filesystem::path path = folder_.file(name);
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << text;
    }

    [[nodiscard]] ReadResult read() const { return read_folder(folder_.path(), options); }

    // The folder, of which nothing is wrong.
    [[nodiscard]] Folder good() const {
        ReadResult result = read();
        EXPECT_TRUE(result.folder.has_value());
        for (const runbook::Diagnostic& problem : result.problems)
            ADD_FAILURE() << runbook::to_text(problem);
        return result.folder.value_or(Folder{});
    }

    // What is wrong with it, as "name:line:column: message", without the path of the folder.
    [[nodiscard]] Texts problems() const {
        const ReadResult result = read();
        EXPECT_FALSE(result.folder.has_value());
        return told(result.problems);
    }
    [[nodiscard]] Texts told(const runbook::Diagnostics& found) const {
        Texts texts;
        for (const runbook::Diagnostic& one : found) {
            EXPECT_FALSE(one.hint.empty()) << one.message;
            EXPECT_TRUE(one.path.starts_with(folder_.path())) << one.path;
            std::string place =
                one.path.size() > folder_.path().size()
                    ? one.path.substr(folder_.path().size() + 1)
                    : std::string(".");
            if (one.place.line > 0) {
                place += ":" + std::to_string(one.place.line) + ":" +
                         std::to_string(one.place.column);
            }
            texts.push_back(place + ": " + one.message);
        }
        return texts;
    }

    static Texts texts(const Script& script) {
        Texts found;
        for (const Statement& statement : script.statements) found.emplace_back(statement.text);
        return found;
    }
    static Texts keys(const Folder& folder) {
        Texts found;
        for (const Migration& migration : folder.migrations) found.push_back(migration.key);
        return found;
    }

    ReadOptions options;
    TempFolder folder_;
};

}  // namespace drydock::migrate
