#include "engine/sql/alone_statement.h"

#include <algorithm>
#include <array>
#include <vector>

#include "engine/check.h"
#include "engine/error.h"
#include "engine/sql/placeholders.h"

namespace drydock::sql {
namespace {

using Kind = AloneStatement::Kind;

// Walks over the tokens of a statement.
class Words {
  public:
    explicit Words(const std::vector<Token>& tokens) : tokens_(tokens) {}

    // Steps over `word` when it stands here.
    bool take(std::string_view word) {
        if (at_ >= tokens_.size() || !tokens_[at_].is(word)) return false;
        ++at_;
        return true;
    }
    template <class... More>
    bool take(std::string_view word, More... more) {
        const std::size_t before = at_;
        if (take(word) && take(more...)) return true;
        at_ = before;
        return false;
    }
    // A parenthesised list, as in REINDEX (VERBOSE).
    void skip_parentheses() {
        if (at_ >= tokens_.size() || tokens_[at_].text != "(") return;
        while (at_ < tokens_.size() && tokens_[at_].text != ")") ++at_;
        ++at_;
    }
    // A name with its schema, as it is written; empty when none stands here.
    std::string name() {
        std::string found;
        while (at_ < tokens_.size() && is_name(tokens_[at_])) {
            found += tokens_[at_++].text;
            if (at_ >= tokens_.size() || tokens_[at_].text != ".") break;
            found += ".";
            ++at_;
        }
        return found;
    }
    // The content of a plain string.
    std::string text() {
        if (at_ >= tokens_.size() || tokens_[at_].kind != Token::Kind::String) return {};
        const std::string_view written = tokens_[at_].text;
        if (written.size() < 2 || written.front() != '\'') return {};
        ++at_;
        std::string content;
        for (std::size_t i = 1; i + 1 < written.size(); ++i) {
            content += written[i];
            if (written[i] == '\'') ++i;
        }
        return content;
    }
    [[nodiscard]] bool at_end() const { return at_ >= tokens_.size(); }

  private:
    static bool is_name(const Token& token) {
        return token.kind == Token::Kind::Word || token.kind == Token::Kind::QuotedName;
    }
    const std::vector<Token>& tokens_;
    std::size_t at_ = 0;
};

AloneStatement known(Kind kind, std::string name, std::string table = {}, std::string value = {}) {
    if (name.empty()) return {};
    return {.kind = kind,
            .name = std::move(name),
            .table = std::move(table),
            .value = std::move(value)};
}

AloneStatement created(Words& words) {
    if (words.take("database")) return known(Kind::CreateDatabase, words.name());
    words.take("unique");
    if (!words.take("index")) return {};
    words.take("concurrently");
    words.take("if", "not", "exists");
    if (words.take("on")) return {};  // the server gives it a name
    std::string name = words.name();
    if (!words.take("on")) return {};
    words.take("only");
    std::string table = words.name();
    if (table.empty()) return {};
    return known(Kind::CreateIndex, std::move(name), std::move(table));
}

AloneStatement dropped(Words& words) {
    const bool index = words.take("index");
    if (!index && !words.take("database")) return {};
    words.take("concurrently");
    words.take("if", "exists");
    std::string name = words.name();
    // Several at once are not possible alone; a list is for the server to refuse.
    return known(index ? Kind::DropIndex : Kind::DropDatabase, std::move(name));
}

AloneStatement reindexed(Words& words) {
    words.skip_parentheses();
    const bool one = words.take("index") || words.take("table");
    if (!one || !words.take("concurrently")) return {.kind = Kind::Repeatable};
    return known(Kind::Reindex, words.name());
}

AloneStatement altered(Words& words) {
    if (words.take("system")) return {.kind = Kind::Repeatable};
    if (!words.take("type")) return {};
    std::string type = words.name();
    if (!words.take("add", "value")) return {};
    words.take("if", "not", "exists");
    std::string label = words.text();
    if (label.empty()) return {};
    return known(Kind::AddEnumValue, std::move(type), {}, std::move(label));
}

AloneStatement on_postgres(Words& words) {
    if (words.take("create")) return created(words);
    if (words.take("drop")) return dropped(words);
    if (words.take("reindex")) return reindexed(words);
    if (words.take("alter")) return altered(words);
    constexpr std::array<std::string_view, 5> kAgain{"vacuum", "analyze", "cluster", "refresh",
                                                     "checkpoint"};
    if (std::ranges::any_of(kAgain, [&](std::string_view word) { return words.take(word); }))
        return {.kind = Kind::Repeatable};
    return {};
}

AloneStatement on_sqlite(Words& words) {
    constexpr std::array<std::string_view, 4> kAgain{"vacuum", "analyze", "reindex", "pragma"};
    if (std::ranges::any_of(kAgain, [&](std::string_view word) { return words.take(word); }))
        return {.kind = Kind::Repeatable};
    return {};
}

// True when the question, with these values, has an answer that is not false or NULL.
bool holds(Database& database, std::string_view question, std::vector<Value> values) {
    bool found = false;
    database.run(question, {.positional = std::move(values), .named = {}}, Access::Read,
                 [&](const Row& row) {
                     found = row.value(0) == Value(true);
                     return false;
                 });
    return found;
}

constexpr std::string_view kIndexThere = R"(
select true from pg_index i join pg_class c on c.oid = i.indexrelid
 where i.indrelid = to_regclass($2)
   and c.relname = (parse_ident($1))[array_length(parse_ident($1), 1)])";
constexpr std::string_view kIndexInvalid = " and not (i.indisvalid and i.indisready)";
constexpr std::string_view kDatabaseThere =
    "select true from pg_database where datname = (parse_ident($1))[1]";
constexpr std::string_view kEnumValueThere =
    "select true from pg_enum where enumtypid = to_regtype($1) and enumlabel = $2";
constexpr std::string_view kNameThere = "select to_regclass($1) is not null";
// What a REINDEX CONCURRENTLY that did not end has left: copies of the indexes of that table, or of
// that one index.
constexpr std::string_view kReindexLeft = R"(
select c.oid::regclass::text from pg_index i join pg_class c on c.oid = i.indexrelid
 where not i.indisvalid and c.relname ~ '_ccnew[0-9]*$'
   and (i.indrelid = to_regclass($1)
        or i.indrelid = (select indrelid from pg_index where indexrelid = to_regclass($1)))
 order by 1)";
constexpr std::string_view kIndexName = R"(
select c.oid::regclass::text from pg_index i join pg_class c on c.oid = i.indexrelid
 where i.indrelid = to_regclass($2)
   and c.relname = (parse_ident($1))[array_length(parse_ident($1), 1)])";
// The same database, user and program, and the very same statement.
constexpr std::string_view kSessionsOfIt = R"(
select pid from pg_stat_activity
 where pid <> pg_backend_pid() and datname = current_database() and usesysid = (select usesysid from pg_stat_activity
                                                where pid = pg_backend_pid())
   and application_name = current_setting('application_name')
   and state = 'active' and left(query, 900) = left($1, 900))";
constexpr int kEndTries = 200;

std::vector<std::string> names_of(Database& database, std::string_view question,
                                  std::vector<Value> values) {
    std::vector<std::string> names;
    database.run(question, {.positional = std::move(values), .named = {}}, Access::Read,
                 [&](const Row& row) {
                     names.push_back(to_text(row.value(0)));
                     return true;
                 });
    return names;
}

// The server goes on with a statement whose client has died until it notices.
void end_its_sessions(Database& database, std::string_view text) {
    for (int tries = 0; tries < kEndTries; ++tries) {
        const std::vector<std::string> left = names_of(database, kSessionsOfIt, {text});
        if (left.empty()) return;
        for (const std::string& pid : left)
            database.run("select pg_terminate_backend(" + pid + "), pg_sleep(0.05)", {},
                         Access::Read, {});
    }
    throw Error(ErrorCode::Busy,
                "a session that an attempt before this one left still runs the statement",
                "look at it in pg_stat_activity, end it with pg_terminate_backend(pid), then "
                "drydock resume");
}

}  // namespace

AloneStatement alone_statement(std::string_view statement, Dialect dialect) {
    const auto statements = split(statement, dialect);
    if (statements.size() != 1) return {};
    Words words(statements.front().tokens);
    return dialect == Dialect::Sqlite ? on_sqlite(words) : on_postgres(words);
}

bool is_in_catalog(const AloneStatement& statement) {
    return statement.kind != Kind::Other && statement.kind != Kind::Repeatable &&
           statement.kind != Kind::Reindex;
}

Effect effect_of(Database& database, const AloneStatement& statement) {
    const auto whole = [](bool is) { return is ? Effect::Whole : Effect::None; };
    switch (statement.kind) {
        case Kind::CreateIndex:
            if (holds(database, std::string(kIndexThere) + std::string(kIndexInvalid),
                      {statement.name, statement.table}))
                return Effect::Half;
            return whole(holds(database, kIndexThere, {statement.name, statement.table}));
        case Kind::DropIndex: return whole(!holds(database, kNameThere, {statement.name}));
        case Kind::CreateDatabase: return whole(holds(database, kDatabaseThere, {statement.name}));
        case Kind::DropDatabase: return whole(!holds(database, kDatabaseThere, {statement.name}));
        case Kind::AddEnumValue:
            return whole(holds(database, kEnumValueThere, {statement.name, statement.value}));
        case Kind::Reindex:
            return names_of(database, kReindexLeft, {statement.name}).empty() ? Effect::None
                                                                              : Effect::Half;
        case Kind::Repeatable: return Effect::None;
        case Kind::Other: break;
    }
    CHECK(!"of Other nobody knows");
    return Effect::None;
}

bool settle_alone(Database& database, const AloneStatement& statement, std::string_view text) {
    if (database.dialect() == Dialect::Sqlite) return false;  // it ended with its process
    end_its_sessions(database, text);
    const Effect effect = effect_of(database, statement);
    if (effect != Effect::Half) return effect == Effect::Whole;
    const std::vector<std::string> left =
        statement.kind == Kind::Reindex
            ? names_of(database, kReindexLeft, {statement.name})
            : names_of(database, kIndexName, {statement.name, statement.table});
    for (const std::string& index : left)
        database.run("drop index concurrently " + index, {}, Access::Alone, {});
    return false;
}

// What is wrong with it the driver says.
std::string alone_text(const Database& database, std::string_view statement,
                       const Arguments& arguments) {
    const auto statements = split(statement, database.dialect());
    if (statements.size() != 1) return std::string(statement);
    return with_identifiers(statements.front(), arguments, database.dialect());
}

std::int64_t run_alone(const std::string& connection, Database& database, const SessionHooks& hooks,
                       const std::string& text, bool may_have_begun,
                       const std::function<std::int64_t()>& send) {
    const AloneStatement alone = alone_statement(text, database.dialect());
    const bool begun =
        may_have_begun || (hooks.began_before && hooks.began_before(connection, text));
    if (begun && alone.kind != Kind::Other && settle_alone(database, alone, text)) {
        if (hooks.notice) hooks.notice("info", "found done by an earlier attempt: " + text);
        return 0;
    }
    Value::Map record{{"sql", text}};
    // What is there already was not made by this attempt: the catalog will prove nothing.
    if (is_in_catalog(alone) && effect_of(database, alone) != Effect::None)
        record.emplace("there_before", true);
    const std::int64_t effect = hooks.begin_effect("exec_alone", connection, std::move(record));
    try {
        const std::int64_t rows = send();
        hooks.end_effect(effect, true, {});
        return rows;
    } catch (const Error& error) {
        hooks.end_effect(effect, false, error.code_text());
        throw;
    }
}

}  // namespace drydock::sql
