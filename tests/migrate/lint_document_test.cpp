// docs/lint.md is made from the rules. UPDATE_GOLDEN=1 makes it anew.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "engine/migrate/lint.h"

namespace drydock::migrate {
namespace {

constexpr std::string_view kHead =
    "# What lint finds\n"
    "\n"
    "Lint reads migrations and tells what is risky or wrong in them: which statement locks which "
    "table, and for how\n"
    "long; what fails, what breaks programs that run, what cannot be taken back. It reads the "
    "words of the statements\n"
    "and no database; what `DO` blocks and functions do is not seen.\n"
    "\n"
    "A finding has the rule's name, a level, and a place. *error*: it fails, or does not do what "
    "it says. *warning*: it\n"
    "blocks, loses or breaks something that is in use. *info*: there is a better way.\n"
    "\n"
    "What the migrations in question make themselves is new: nobody waits for a lock on it, and "
    "nothing is said of one.\n"
    "Where the first migration that is not applied is known, it and all after it are one plan; "
    "else each file is a plan\n"
    "of its own. Where the sizes of tables are known, locks on small ones (below 1 MiB) are passed "
    "over. Where the\n"
    "version of the server is not known, it is taken for one that still gets fixes.\n"
    "\n"
    "What takes a migration back is looked at for transactions and, where asked, repetition; "
    "that it drops what was\n"
    "made is its purpose.\n"
    "\n"
    "A comment passes over a rule in the statement on its line, or the next one after it; for a "
    "rule of the file\n"
    "(missing-down) it stands anywhere in it:\n"
    "\n"
    "```sql\n"
    "-- drydock: allow drop-column no release since 4.2 reads it\n"
    "alter table users drop column nickname;\n"
    "```\n";

std::string row(const Rule& rule) {
    const std::string name(rule.name);
    return "| [" + name + "](#" + name + ") | " + std::string(level_name(rule.level)) + " | " +
           (rule.where == Where::Both       ? "both"
            : rule.where == Where::Postgres ? "PostgreSQL"
                                            : "SQLite") +
           " | " + std::string(rule.summary) + (rule.optional ? " (only when asked for)" : "") +
           " |\n";
}

// Words in lines of at most 120 columns.
std::string wrapped(std::string_view words) {
    std::istringstream in{std::string(words)};
    std::string text;
    std::size_t column = 0;
    for (std::string word; in >> word;) {
        if (column > 0 && column + 1 + word.size() > 118) {
            text += "\n";
            column = 0;
        }
        if (column > 0) text += " ";
        text += word;
        column += word.size() + 1;
    }
    return text + "\n";
}

std::string document() {
    std::string text(kHead);
    text += "\n| rule | level | where | what it finds |\n|---|---|---|---|\n";
    for (const Rule* const rule : rules()) text += row(*rule);
    for (const Rule* const rule : rules()) {
        text += "\n## " + std::string(rule->name) + "\n\n" + wrapped(rule->why) +
                "\nFound:\n\n```sql\n" + std::string(rule->bad) + "```\n\nNot found:\n\n```sql\n" +
                std::string(rule->good) + "```\n";
    }
    return text;
}

TEST(LintDocument, HoldsEachRule) {
    const std::string path = DRYDOCK_DOCS "/lint.md";
    if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(path) << document();
    std::ostringstream written;
    written << std::ifstream(path).rdbuf();
    EXPECT_EQ(written.str(), document()) << "UPDATE_GOLDEN=1 makes it anew";
}

}  // namespace
}  // namespace drydock::migrate
