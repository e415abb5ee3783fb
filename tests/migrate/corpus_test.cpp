// Statements that are hard to cut, as the servers themselves see them.

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "engine/error.h"
#include "engine/sql/split.h"
#include "tests/migrate/judges.h"

namespace drydock::migrate {
namespace {

namespace fs = std::filesystem;

struct CorpusFile {
    std::string name;
    std::string text;
    std::vector<std::size_t> parts;  // where each begins; each holds exactly one statement
};

std::vector<CorpusFile> corpus(const std::string& dialect) {
    std::vector<CorpusFile> files;
    for (const auto& entry : fs::directory_iterator(DRYDOCK_CORPUS "/" + dialect)) {
        std::ifstream file(entry.path(), std::ios::binary);
        std::ostringstream text;
        text << file.rdbuf();
        CorpusFile one{.name = entry.path().filename(), .text = text.str(), .parts = {0}};
        for (std::size_t at = one.text.find("\n--#"); at != std::string::npos;
             at = one.text.find("\n--#", at + 1))
            one.parts.push_back(at + 1);
        files.push_back(std::move(one));
    }
    std::ranges::sort(files, {}, &CorpusFile::name);
    return files;
}

// The part of the file that holds its byte `at`.
std::size_t part_of(const CorpusFile& file, const char* at) {
    const auto offset = static_cast<std::size_t>(at - file.text.data());
    return static_cast<std::size_t>(std::ranges::upper_bound(file.parts, offset) -
                                    file.parts.begin()) -
           1;
}

// As many statements as parts, each within its own.
std::size_t expect_one_each(const CorpusFile& file, sql::Dialect dialect) {
    const sql::SplitText found = sql::split_file(file.text, dialect);
    for (const sql::SplitProblem& problem : found.problems)
        ADD_FAILURE() << file.name << " byte " << problem.offset << ": " << problem.message;
    std::size_t part = 0;
    for (const sql::FileStatement& statement : found.statements) {
        EXPECT_EQ(part_of(file, statement.text.data()), part)
            << file.name << ": " << statement.text;
        EXPECT_EQ(part_of(file, statement.text.data() + statement.text.size() - 1), part)
            << file.name << ": " << statement.text;
        ++part;
    }
    EXPECT_EQ(part, file.parts.size()) << file.name;
    return part;
}

TEST(Corpus, IsCutForPostgresAsTheServerSeesIt) {
    PostgresJudge server;
    std::size_t statements = 0;
    for (const CorpusFile& file : corpus("postgres")) {
        statements += expect_one_each(file, sql::Dialect::Postgres);
        for (const sql::FileStatement& statement :
             sql::split_file(file.text, sql::Dialect::Postgres).statements) {
            const std::string refusal = server.refusal(statement);
            EXPECT_EQ(refusal, "") << file.name << ": " << statement.text;
        }
    }
    EXPECT_GE(statements, 120U);
}

TEST(Corpus, IsCutForSqliteAsItsOwnParserCutsIt) {
    std::size_t statements = 0;
    for (const CorpusFile& file : corpus("sqlite")) {
        statements += expect_one_each(file, sql::Dialect::Sqlite);
        SqliteJudge judge;
        EXPECT_EQ(judge.ends(file.text), our_ends(file.text)) << file.name;
    }
    EXPECT_GE(statements, 120U);
}

}  // namespace
}  // namespace drydock::migrate
