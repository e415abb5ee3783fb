// The schemas for editors say what the reader says, as far as a schema can.

#include "engine/handbook/schema.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "engine/error.h"
#include "engine/json/json.h"
#include "tests/handbook/documents.h"

namespace drydock::handbook {
namespace {

TEST(Schema, IsPublishedAsTheTablesOfTheReaderSay) {
    for (const std::string_view kind : schema_kinds()) {
        const std::filesystem::path path =
            project() / "docs/schema" / (std::string(kind) + ".json");
        const std::string made = json::write_pretty(schema_of(kind)) + "\n";
        if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(path) << made;
        EXPECT_EQ(content(path), made) << "UPDATE_GOLDEN=1 makes it anew";
    }
}

TEST(Schema, IsThereForKnownKindsOnly) {
    EXPECT_THROW((void)schema_of("database"), Error);
}

TEST(Schema, AcceptsEveryDocumentThatTheReaderAccepts) {
    const std::vector<Written> documents = sound_documents();
    EXPECT_GE(documents.size(), 20U);
    const std::vector<std::string> answers = ask_schema(documents);
    for (std::size_t i = 0; i < documents.size(); ++i) {
        EXPECT_EQ(answers[i], "") << documents[i].name;
        for (const runbook::Diagnostic& one : read_keys(documents[i]))
            ADD_FAILURE() << to_text(one);
    }
}

// What a schema cannot see: names, places, what Lua means. The list is exact both ways.
TEST(Schema, RefusesEveryBrokenDocumentButThoseThatOnlyTheReaderCan) {
    const std::filesystem::path list = project() / "tests/runbook/broken/only_the_reader.txt";
    std::set<std::string> left_to_reader;
    std::istringstream lines(content(list));
    for (std::string line; std::getline(lines, line);) left_to_reader.insert(line);
    const std::vector<Written> documents = broken_documents();
    const std::vector<std::string> answers = ask_schema(documents);
    std::set<std::string> accepted;
    for (std::size_t i = 0; i < documents.size(); ++i) {
        if (answers[i].empty()) accepted.insert(documents[i].name);
    }
    if (std::getenv("UPDATE_GOLDEN") != nullptr) {
        std::ofstream out(list);
        for (const std::string& name : accepted) out << name << "\n";
    }
    EXPECT_EQ(accepted, left_to_reader);
}

}  // namespace
}  // namespace drydock::handbook
