// Whatever word a user can meet has its text.

#include "engine/handbook/word.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "bindings/lua_runner.h"
#include "bindings/lua_value.h"
#include "bindings/pattern.h"
#include "engine/error.h"
#include "engine/handbook/exit_codes.h"
#include "engine/handbook/tables.h"
#include "engine/run/event.h"
#include "engine/runbook/declaration.h"
#include "engine/runbook/effect.h"
#include "engine/runbook/reader.h"
#include "tests/handbook/documents.h"

namespace drydock::handbook {
namespace {

const Word* find(std::string_view topic, std::string_view name, std::string_view of = {}) {
    for (const Word& word : words()) {
        if (word.topic == topic && word.name == name && (of.empty() || word.of == of)) return &word;
    }
    return nullptr;
}

void expect_word(std::string_view topic, std::string_view name, std::string_view of = {}) {
    const Word* word = find(topic, name, of);
    ASSERT_NE(word, nullptr) << topic << " " << name << " has no text";
    EXPECT_GE(word->text.size(), 10U) << name;
}

TEST(Words, HaveEveryKeyOfEveryTableWithAMeaning) {
    for (const runbook::KeyTable* table : tables()) {
        for (const runbook::Key& key : table->keys) {
            EXPECT_GE(key.meaning.size(), 8U) << table->place << "." << key.name;
            expect_word("key", key.name, table->place);
            EXPECT_EQ(find_words(std::string(table->place) + "." + std::string(key.name)).size(),
                      1U);
        }
    }
}

// Connections are read by kind, not by a table: both must know the same keys.
TEST(Words, KnowTheKeysThatTheReaderOfConnectionsKnows) {
    using runbook::Connection;
    const std::pair<Connection::Kind, const runbook::KeyTable*> kinds[] = {
        {Connection::Kind::Sqlite, &runbook::sqlite_keys()},
        {Connection::Kind::Postgres, &runbook::postgres_keys()},
        {Connection::Kind::Redis, &runbook::redis_keys()}};
    std::set<std::string> all{"like"};
    for (const auto& [kind, table] : kinds) {
        std::vector<std::string> listed;
        for (const runbook::Key& key : table->keys) listed.emplace_back(key.name);
        std::ranges::sort(listed);
        EXPECT_EQ(listed, runbook::connection_settings(kind));
        all.insert(listed.begin(), listed.end());
    }
    std::set<std::string> like;
    for (const runbook::Key& key : runbook::like_keys().keys) like.emplace(key.name);
    EXPECT_EQ(like, all);
}

TEST(Words, HaveEveryTypeAndEffect) {
    for (int i = 0; i <= static_cast<int>(runbook::Type::Any); ++i)
        expect_word("type", runbook::type_name(static_cast<runbook::Type>(i)));
    for (int i = 0; i <= static_cast<int>(runbook::Effect::Unsafe); ++i)
        expect_word("effect", runbook::effect_name(static_cast<runbook::Effect>(i)));
}

TEST(Words, HaveEveryKindOfError) {
    std::size_t errors = 0;
    for (int i = 0; i <= static_cast<int>(ErrorCode::Lua); ++i, ++errors)
        expect_word("error", error_name(static_cast<ErrorCode>(i)));
    EXPECT_EQ(std::ranges::count(words(), "error", &Word::topic), errors);
}

TEST(Words, HaveEveryExitStatusAsTheOperatorsHandbookLists) {
    std::set<int> listed;
    for (const ExitCode& one : exit_codes()) listed.insert(one.code);
    for (int i = 0; i <= static_cast<int>(ErrorCode::Lua); ++i)
        EXPECT_TRUE(listed.contains(exit_status(static_cast<ErrorCode>(i)))) << i;
    std::set<int> documented;
    std::istringstream lines(content(project() / "docs/operating.md"));
    bool table = false;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("## ")) table = line == "## Exit codes";
        if (table && line.starts_with("| ") && std::isdigit(line[2]) != 0)
            documented.insert(std::stoi(line.substr(2)));
    }
    EXPECT_EQ(documented, listed);
}

TEST(Words, HaveEveryStatus) {
    using run::RunStatus, run::StepStatus;
    for (int i = 0; i <= static_cast<int>(RunStatus::Cancelled); ++i)
        expect_word("status", run::name_of(static_cast<RunStatus>(i)), "run");
    for (int i = 0; i <= static_cast<int>(StepStatus::Undone); ++i)
        expect_word("status", run::name_of(static_cast<StepStatus>(i)), "step");
}

template <std::size_t... I>
std::set<std::string> event_kinds(std::index_sequence<I...>) {
    return {std::string(std::variant_alternative_t<I, run::Payload>::kKind)...};
}

TEST(Words, HaveEveryKindOfEvent) {
    const auto kinds = event_kinds(std::make_index_sequence<std::variant_size_v<run::Payload>>());
    for (const std::string& kind : kinds) expect_word("event", kind);
    EXPECT_EQ(std::ranges::count(words(), "event", &Word::topic), kinds.size());
}

TEST(Words, SayTheLimitsThatHold) {
    const auto form = [](std::string_view name) {
        const Word* word = find("limit", name);
        return word == nullptr ? "no text of " + std::string(name) : word->form;
    };
    const auto size = [](std::size_t bytes) { return std::to_string(bytes >> 20) + " MiB"; };
    const bindings::RunnerLimits runner;
    EXPECT_EQ(form("step_memory"), size(runner.step_memory_bytes));
    EXPECT_EQ(form("expression_memory"), size(runner.expression_memory_bytes));
    EXPECT_EQ(form("expression_instructions"), std::to_string(runner.expression_instructions));
    EXPECT_EQ(form("text_size"), size(bindings::kMaxTextBytes));
    EXPECT_EQ(form("value_depth"), std::to_string(bindings::kMaxDepth));
    EXPECT_EQ(form("value_nodes"), std::to_string(bindings::kMaxNodes));
    EXPECT_EQ(form("pattern_steps"), std::to_string(bindings::Pattern::kMaxSteps));
    const runbook::SourceLimits source;
    EXPECT_EQ(form("document_size"), size(source.bytes));
    EXPECT_EQ(form("document_depth"), std::to_string(source.depth));
    EXPECT_EQ(form("document_nodes"), std::to_string(source.nodes));
}

TEST(Words, AreFoundByNameAndByPlace) {
    EXPECT_GE(find_words("timeout").size(), 2U);  // a key of a step, a kind of an error
    ASSERT_EQ(find_words("step.timeout").size(), 1U);
    EXPECT_TRUE(find_words("step.nothing").empty());
    EXPECT_FALSE(keys_of("window").empty());
    EXPECT_TRUE(keys_of("timeout").empty());
}

}  // namespace
}  // namespace drydock::handbook
