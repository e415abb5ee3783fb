#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "engine/migrate/lint.h"
#include "tests/migrate/folder_fixture.h"

namespace drydock::migrate {

// A folder of migrations, and what lint finds in it.
class Lint : public MigrationFolder {
  protected:
    // Everything that is found in a folder that has this one file, as "rule line:column".
    Texts all(const std::string& text) {
        std::filesystem::remove_all(folder_.file("one"));
        std::string name = "1_add_things.up.sql";
        if (text.find("-- migrate:up") != std::string::npos) name = "1_add_things.sql";
        if (text.starts_with("-- 0")) name = text.substr(3, text.find('\n') - 3);
        write("one/" + name, text);
        const ReadResult read = read_folder(folder_.file("one"), options);
        if (!read.folder) {
            for (const auto& problem : read.problems) ADD_FAILURE() << runbook::to_text(problem);
            return {};
        }
        return told(lint(*read.folder, wanted));
    }
    static Texts told(const std::vector<Finding>& findings) {
        Texts texts;
        for (const Finding& one : findings) {
            EXPECT_FALSE(one.message.empty());
            EXPECT_FALSE(one.hint.empty()) << one.message;
            EXPECT_NE(find_rule(one.rule), nullptr) << one.rule;
            texts.push_back(std::string(one.rule) + " " + std::to_string(one.place.line) + ":" +
                            std::to_string(one.place.column));
        }
        return texts;
    }
    // Where `rule` speaks, as "line:column line:column".
    std::string places(const std::string& rule, const std::string& text) {
        std::string found;
        for (const std::string& one : all(text)) {
            if (!one.starts_with(rule + " ")) continue;
            found += (found.empty() ? "" : " ") + one.substr(rule.size() + 1);
        }
        return found;
    }
    void on_sqlite() { options.dialect = wanted.dialect = sql::Dialect::Sqlite; }

    LintOptions wanted;
};

}  // namespace drydock::migrate
