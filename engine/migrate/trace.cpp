#include "engine/migrate/trace.h"

#include <algorithm>
#include <array>

#include "engine/migrate/deed.h"
#include "engine/sql/placeholders.h"

namespace drydock::migrate {
namespace {

using sql::Dialect;

constexpr std::string_view kObjectOnServer = "select 1 where to_regclass($1) is not null";
constexpr std::string_view kObjectInFile =
    "select 1 from sqlite_schema where lower(name) = lower($1)";
constexpr std::string_view kColumnOnServer = R"(
select 1 from pg_attribute
 where attrelid = to_regclass($1) and attname = $2 and attnum > 0 and not attisdropped)";
constexpr std::string_view kColumnInFile =
    "select 1 from pragma_table_info($1) where lower(name) = lower($2)";

// "audit.log" as the server reads it back: "audit"."log".
std::string quoted(std::string_view name) {
    std::string text;
    while (true) {
        const std::size_t end = std::min(name.find('.'), name.size());
        text += sql::quoted_identifier(name.substr(0, end), Dialect::Postgres);
        if (end == name.size()) return text;
        text += '.';
        name.remove_prefix(end + 1);
    }
}

class Looking {
  public:
    explicit Looking(sql::Database& database) : database_(database) {}

    [[nodiscard]] bool object(const std::string& name) const {
        return found(server() ? kObjectOnServer : kObjectInFile, {server() ? quoted(name) : name});
    }
    [[nodiscard]] bool column(const std::string& table, const std::string& name) const {
        return found(server() ? kColumnOnServer : kColumnInFile,
                     {server() ? quoted(table) : table, name});
    }

  private:
    [[nodiscard]] bool server() const { return database_.dialect() == Dialect::Postgres; }
    [[nodiscard]] bool found(std::string_view query, std::vector<Value> values) const {
        return database_.run(query, {.positional = std::move(values), .named = {}},
                             sql::Access::Read, {}) > 0;
    }

    sql::Database& database_;
};

Trace is(bool there) {
    return there ? Trace::There : Trace::NotThere;
}

// Those that have a name beside tables in the catalog.
bool is_relation(std::string_view object) {
    constexpr std::array<std::string_view, 5> kRelations{"table", "index", "view",
                                                         "materialized view", "sequence"};
    return std::ranges::find(kRelations, object) != kRelations.end();
}

Trace of_table(const Looking& looking, const Deed& deed) {
    if (deed.actions.empty()) return Trace::Unknown;
    std::optional<Trace> all;
    for (const Action& action : deed.actions) {
        const bool adds = action.kind == Action::Kind::AddColumn;
        if (!adds && action.kind != Action::Kind::DropColumn) return Trace::Unknown;
        const Trace one = is(looking.column(deed.table, action.name) == adds);
        if (all && *all != one) return Trace::Unknown;
        all = one;
    }
    return *all;
}

}  // namespace

Trace trace_of(sql::Database& database, const Statement& statement) {
    const Deed deed = deed_of(statement.tokens);
    const Looking looking(database);
    using Kind = Deed::Kind;
    switch (deed.kind) {
        case Kind::CreateTable:
        case Kind::CreateIndex:
            if (deed.name.empty() || deed.temporary) return Trace::Unknown;
            return is(looking.object(deed.name));
        case Kind::Create:
            if (!is_relation(deed.object) || deed.replaces || deed.temporary)
                return Trace::Unknown;
            return is(looking.object(deed.name));
        case Kind::Drop:
            if (!is_relation(deed.object)) return Trace::Unknown;
            return is(std::ranges::none_of(
                deed.names, [&](const std::string& name) { return looking.object(name); }));
        case Kind::AlterTable: return of_table(looking, deed);
        default: return Trace::Unknown;
    }
}

}  // namespace drydock::migrate
