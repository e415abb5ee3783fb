#include "engine/inspect/plans.h"

#include <algorithm>
#include <array>
#include <map>

#include "engine/inspect/health.h"
#include "engine/sql/lexer.h"
#include "engine/sql/placeholders.h"

namespace drydock::inspect {
namespace {

using Kind = PlanFinding::Kind;

// What has a plan. Others (PRAGMA above all) may act while they are compiled.
constexpr std::array<std::string_view, 7> kQueries{"select",  "insert", "update", "delete",
                                                   "replace", "with",   "values"};

std::string unquoted(std::string_view name) {
    const bool quoted =
        name.size() > 1 && std::string_view("\"`[").find(name.front()) != std::string_view::npos;
    return std::string(quoted ? name.substr(1, name.size() - 2) : name);
}

std::string lower(std::string_view text) {
    std::string made(text);
    for (char& c : made) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return made;
}

std::string on_one_line(std::string_view sql) {
    std::string line;
    for (const char c : sql) {
        const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
        if (!blank)
            line += c;
        else if (!line.empty() && line.back() != ' ')
            line += ' ';
    }
    return line;
}

// Plans call a table by its alias: "from users as u", "join users u".
class Names final {
  public:
    Names(const std::vector<sql::Token>& tokens, const std::vector<std::string>& tables) {
        std::map<std::string, std::string> known;
        for (const std::string& table : tables) known[lower(table)] = table;
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            const auto table = known.find(lower(unquoted(tokens[i].text)));
            if (table == known.end()) continue;
            tables_[table->first] = table->second;
            const std::size_t alias = i + (i + 1 < tokens.size() && tokens[i + 1].is("as") ? 2 : 1);
            if (alias >= tokens.size()) continue;
            const auto kind = tokens[alias].kind;
            if (kind != sql::Token::Kind::Word && kind != sql::Token::Kind::QuotedName) continue;
            // Where none follows this is a keyword, and no plan names one.
            tables_.try_emplace(lower(unquoted(tokens[alias].text)), table->second);
        }
    }
    // "" for what is no table: a subquery, a virtual table.
    [[nodiscard]] std::string table(std::string_view shown) const {
        const auto found = tables_.find(lower(shown));
        return found == tables_.end() ? std::string() : found->second;
    }

  private:
    std::map<std::string, std::string> tables_;
};

// "SCAN u USING INDEX users_by_name" → u, users_by_name. A name may hold blanks; the words around
// it do not.
std::string between(std::string_view text, std::string_view before, std::string_view after) {
    const std::size_t from = text.find(before);
    if (from == std::string_view::npos) return {};
    text.remove_prefix(from + before.size());
    return std::string(text.substr(0, text.find(after)));
}

class Reader final {
  public:
    Reader(Looking& looking, const Names& names, StatementPlan& plan)
        : looking_(looking), names_(names), plan_(plan) {}

    void read(const std::string& step) {
        plan_.steps.push_back(step);
        if (step.starts_with("SCAN ")) scan(step);
        if (step.starts_with("USE TEMP B-TREE")) {
            const std::string purpose = between(step, "USE TEMP B-TREE ", "\n");
            add(Kind::TemporaryTree, {},
                "the rows are put in order outside any index (" + purpose +
                    "): an index in that order spares it");
        }
        if (step.find("USING AUTOMATIC ") != std::string::npos) automatic(step);
        for (const std::string_view use : {" USING INDEX ", " USING COVERING INDEX "}) {
            const std::string index = between(step, use, " (");
            if (!index.empty()) plan_.indexes.insert(index);
        }
    }

  private:
    void scan(const std::string& step) {
        // Over a whole index: no row is read that the order or the columns would not need.
        if (step.find(" USING ") != std::string::npos) return;
        const std::string table = names_.table(between(step, "SCAN ", "\n"));
        if (table.empty()) return;
        add(Kind::FullScan, table, "every row of " + table + " is read");
    }
    void automatic(const std::string& step) {
        const std::string table = names_.table(between(step, "SEARCH ", " USING "));
        if (table.empty()) return;
        add(Kind::AutomaticIndex, table,
            "an index of " + table + " " + between(step, " INDEX ", "\n") +
                " is made for this statement, each time: make it once");
    }
    void add(Kind kind, const std::string& table, std::string what) {
        std::int64_t rows = 0;
        if (!table.empty())
            rows = looking_.number("select count(*) from " + sql::quoted_identifier(table));
        plan_.findings.push_back(
            {.kind = kind, .table = table, .rows = rows, .what = std::move(what)});
    }

    Looking& looking_;
    const Names& names_;
    StatementPlan& plan_;
};

void explain(Looking& looking, const sql::ScriptStatement& statement,
             const std::vector<std::string>& tables, StatementPlan& plan) {
    const bool query = std::ranges::any_of(
        kQueries, [&](std::string_view word) { return statement.tokens.front().is(word); });
    if (!query) return;
    plan.is_query = true;
    const Names names(statement.tokens, tables);
    Reader reader(looking, names, plan);
    try {
        sqlite::Statement steps =
            looking.connection().prepare("explain query plan " + std::string(statement.text));
        while (steps.step()) reader.read(std::string(steps.column_text(3)));
    } catch (const Error& error) {
        if (error.code() != ErrorCode::Sql)
            throw with_evidence(looking.path(), looking.file(), error);
        plan.problem = error.message();
    }
}

}  // namespace

std::string_view kind_name(Kind kind) {
    switch (kind) {
        case Kind::FullScan: return "full_scan";
        case Kind::TemporaryTree: return "temporary_tree";
        case Kind::AutomaticIndex: break;
    }
    return "automatic_index";
}

std::vector<StatementPlan> plans_of(Looking& looking, std::string_view text) {
    std::vector<StatementPlan> plans;
    const std::vector<std::string> tables = tables_of(looking);
    for (const sql::ScriptStatement& statement : sql::split(text, sql::Dialect::Sqlite)) {
        const auto before =
            text.substr(0, static_cast<std::size_t>(statement.text.data() - text.data()));
        StatementPlan plan{.line = std::ranges::count(before, '\n') + 1,
                           .sql = on_one_line(statement.text)};
        explain(looking, statement, tables, plan);
        plans.push_back(std::move(plan));
    }
    return plans;
}

std::vector<IndexFacts> unused(const std::vector<IndexFacts>& indexes,
                               const std::vector<StatementPlan>& plans) {
    std::vector<IndexFacts> found;
    for (const IndexFacts& index : indexes) {
        const bool used = std::ranges::any_of(
            plans, [&](const StatementPlan& plan) { return plan.indexes.contains(index.name); });
        if (index.declared && !index.unique && !used) found.push_back(index);
    }
    return found;
}

}  // namespace drydock::inspect
