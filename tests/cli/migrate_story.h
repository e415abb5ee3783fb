#pragma once

#include <filesystem>

#include "tests/cli/cli_story.h"

namespace drydock::test {

// `drydock migrate`, as an operator gives it: the folder m, and the SQLite file app.db.
class MigrateStory : public testing::Test {
  protected:
    MigrateStory() {
        sql("create table before_all (id integer)");
        std::filesystem::create_directory(program.folder() / "m");
    }
    void sql(const std::string& text) const {
        sqlite::Connection(program.folder() / "app.db", {.mode = sqlite::Mode::Create}).exec(text);
    }
    [[nodiscard]] std::string ask(const std::string& query) const {
        sqlite::Connection connection(program.folder() / "app.db",
                                      {.mode = sqlite::Mode::ReadOnly});
        sqlite::Statement row = connection.prepare(query);
        return row.step() ? to_text(row.column(0)) : "";
    }
    Ended run(const std::vector<std::string>& words, int exit) {
        Ended ended = program.run(words);
        EXPECT_EQ(ended.exit, exit) << ended.out << ended.err;
        return ended;
    }
    static void expect_in(const std::string& text, const std::string& part) {
        EXPECT_NE(text.find(part), std::string::npos) << part << "\nnot in\n" << text;
    }

    Program program;
};

}  // namespace drydock::test
