// Statements made up at random from what is hard to cut, joined into a file: each must come back as
// it was, and the servers must see each as one.

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <vector>

#include "engine/sql/split.h"
#include "tests/migrate/judges.h"

namespace drydock::migrate {
namespace {

class Generator {
  public:
    Generator(unsigned seed, sql::Dialect dialect)
        : random_(seed), postgres_(dialect == sql::Dialect::Postgres) {}

    // A statement that any database runs, without semicolon; `number` makes its names unique.
    std::string statement(int number) {
        switch (below(8)) {
            case 0: return routine(number);
            case 1: return "create table t" + std::to_string(number) + gap() + "(a" + gap() +
                           "text default " + string() + ")";
            default: return query();
        }
    }

    // What may stand between statements.
    std::string between() {
        std::string text;
        for (unsigned i = below(4); i > 0; --i) text += below(3) == 0 ? ";" : gap();
        return text;
    }

  private:
    unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }

    std::string letters(std::string_view without) {
        constexpr std::array<std::string_view, 17> kLetters{
            "a", ";", "\\", "$", "$$", "--", "/*", "*/", "\"", "\n", "\t", "é", "🚢", "[", "`",
            "'", "end;"};
        std::string text;
        for (unsigned i = below(9); i > 0; --i) {
            const std::string_view piece = kLetters[below(kLetters.size())];
            if (piece.find_first_of(without) == std::string_view::npos) text += piece;
        }
        return text;
    }

    static std::string doubled(const std::string& text, char quote) {
        std::string made;
        for (const char c : text) {
            made += c;
            if (c == quote) made += c;
        }
        return made;
    }

    std::string plain() { return "'" + doubled(letters(""), '\'') + "'"; }

    std::string string() {
        if (!postgres_) return below(4) == 0 ? "x'3b27'" : plain();
        switch (below(6)) {
            case 0: return dollars();
            case 1: return "E" + escaped();
            case 2: return "e" + escaped() + "\n" + (below(2) == 0 ? "-- x;'\n" : "") + escaped();
            case 3: return "U&'\\003b" + doubled(letters("\\"), '\'') + "'";
            default: return plain();
        }
    }

    std::string escaped() {
        std::string made;
        for (const char c : letters("")) {
            if (c == '\\') {
                made += "\\\\";
            } else if (c == '\'') {
                made += below(2) == 0 ? "\\'" : "''";
            } else {
                made += c;
            }
        }
        return "'" + made + "'";
    }

    std::string dollars() {
        constexpr std::array<std::string_view, 4> kTags{"$$", "$a$", "$A_1$", "$é$"};
        const std::string tag(kTags[below(kTags.size())]);
        std::string body = letters("$") + (tag == "$$" ? "" : "$$;") + letters("$");
        return tag + body + tag;
    }

    std::string comment() {
        if (below(2) == 0) return "--" + letters("\n") + "\n";
        std::string body = letters("*/");
        if (postgres_ && below(2) == 0) body += "/*" + letters("*/") + "*/;";
        if (!postgres_ && below(2) == 0) body += "/*;";
        return "/*" + body + " */";
    }

    std::string gap() {
        std::string text = below(3) == 0 ? "\n" : " ";
        if (below(4) == 0) text += comment() + " ";
        return text;
    }

    std::string name() {
        std::string inner = letters("\"");
        if (postgres_ || below(3) == 0) return "\"n" + inner + "\"";
        if (below(2) == 0) return "`n" + doubled(inner, '`') + "`";
        return "[n" + letters("]\"") + "]";
    }

    std::string piece() {
        switch (below(7)) {
            case 0: return "1 as" + gap() + name();
            case 1: return "case when 1 = 1 then" + gap() + string() + " end";
            case 2: return "(" + gap() + string() + gap() + ")";
            case 3: return postgres_ ? "('{1,2}'::int[])[1:2]" : "1.5e3";
            case 4: return std::to_string(below(100)) + gap() + "- -" + std::to_string(below(9));
            default: return string();
        }
    }

    std::string query() {
        std::string text = "select" + gap() + piece();
        for (unsigned i = below(4); i > 0; --i) text += gap() + "," + gap() + piece();
        return text;
    }

    std::string routine(int number) {
        const std::string name = "r" + std::to_string(number);
        std::string text = "create" + gap();
        if (postgres_) {
            text += "procedure " + name + "()" + gap() + "begin" + gap() + "atomic";
        } else {
            text += (below(2) == 0 ? "temp" + gap() : "") + "trigger " + name;
            text += " after insert on base begin";
        }
        for (unsigned i = below(3) + 1; i > 0; --i) text += gap() + query() + gap() + ";";
        return text + gap() + "end";
    }

    std::mt19937 random_;
    bool postgres_;
};

struct Made {
    std::vector<std::string> statements;
    std::string text;
};

Made made(unsigned seed, sql::Dialect dialect, int count) {
    Generator generator(seed, dialect);
    Made all;
    if (dialect == sql::Dialect::Sqlite) {
        all.statements.emplace_back("create table base (a)");
        all.text = "create table base (a);";
    }
    for (int i = 0; i < count; ++i) {
        all.statements.push_back(generator.statement(i));
        all.text += generator.between() + all.statements.back() + generator.between() + ";";
    }
    return all;
}

void expect_all_back(const Made& made, sql::Dialect dialect) {
    const sql::SplitText found = sql::split_file(made.text, dialect);
    EXPECT_TRUE(found.problems.empty()) << found.problems.front().message;
    ASSERT_EQ(found.statements.size(), made.statements.size());
    for (std::size_t i = 0; i < made.statements.size(); ++i)
        ASSERT_EQ(found.statements[i].text, made.statements[i]);
}

TEST(Generated, StatementsForPostgresComeBackAndEachIsOne) {
    PostgresJudge server;
    for (unsigned seed = 1; seed <= 40; ++seed) {
        SCOPED_TRACE(seed);
        const Made file = made(seed, sql::Dialect::Postgres, 100);
        expect_all_back(file, sql::Dialect::Postgres);
        if (seed > 10) continue;
        for (const sql::FileStatement& statement :
             sql::split_file(file.text, sql::Dialect::Postgres).statements)
            ASSERT_EQ(server.refusal(statement), "") << statement.text;
    }
}

TEST(Generated, StatementsForSqliteComeBackAndEndWhereItEndsThem) {
    for (unsigned seed = 1; seed <= 40; ++seed) {
        SCOPED_TRACE(seed);
        const Made file = made(seed, sql::Dialect::Sqlite, 100);
        expect_all_back(file, sql::Dialect::Sqlite);
        SqliteJudge judge;
        ASSERT_EQ(judge.ends(file.text), our_ends(file.text));
    }
}

}  // namespace
}  // namespace drydock::migrate
